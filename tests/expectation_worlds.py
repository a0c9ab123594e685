"""Invented people who buy and leave as the models say, drawn purchase by purchase; and real ones counted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from cdnow_purchases import RULES, sample, valid_rows
from metrics_engines import Engine

from metrics.expectation_counts import (
    Histories,
    Spends,
    history_counts,
    read_histories,
    read_spends,
    spend_counts,
)
from metrics.expectation_models import BG, Model
from metrics.repeat_spend import repeat_spend
from metrics.tenure import tenure

WEEK = 7


def each(rows: Sequence[tuple[int, int, int]]) -> Histories:
    """One person a row: repeats, tenure days, age days; not counted together."""
    columns = np.array(rows, dtype=np.int64).reshape(-1, 3).T
    return Histories(*columns, people=np.ones(len(rows), dtype=np.int64))


def together(histories: Histories) -> Histories:
    """The same people, those alike in one row."""
    columns = np.stack([histories.repeats, histories.tenure_days, histories.age_days])
    distinct, place = np.unique(columns, axis=1, return_inverse=True)
    return Histories(*distinct, people=np.bincount(place.ravel(), histories.people).astype(np.int64))


def drawn(
    model: Model, people: int, *, days: int, later: int = 0, spread: int = 1, seed: int = 1
) -> tuple[Histories, Any]:
    """Histories after up to `days` days (first purchases on the first `spread` of them), and what each
    person bought on the `later` days after. Purchases of one day are one, as everywhere."""
    luck = np.random.default_rng(seed)
    rates = luck.gamma(model.r, 1 / model.alpha, people) / WEEK
    leaves = luck.beta(model.a, model.b, people)
    ages = days - luck.integers(0, spread, people)
    rows, bought = [], []
    for rate, leave, age in zip(rates, leaves, ages, strict=True):
        on, stays, buys = 0.0, model.first == BG or luck.random() >= leave, [0]
        while stays and (on := on + luck.exponential(1 / rate)) < age + later:
            buys.append(int(on))
            stays = luck.random() >= leave
        seen = sorted({day for day in buys if day <= age})
        rows.append((len(seen) - 1, seen[-1], int(age)))
        bought.append(len({day for day in buys if day > age}))
    return each(rows), np.array(bought)


def sample_as_published() -> list[dict[str, Any]]:
    """The CDNOW sample; the published numbers count its 8 rows with an amount of 0 as purchases."""
    return [row | {"amount_unknown": True} for row in sample()]


def counted(engine: Engine, orders: list[dict[str, Any]], as_of: int) -> tuple[Histories, Spends]:
    """Histories and spends of `orders` as of a day."""
    valid = valid_rows(engine, orders, as_of)
    buyers = engine.materialise(tenure(valid, rules=RULES))
    return (
        read_histories(history_counts(buyers, as_of_day=as_of)),
        read_spends(spend_counts(repeat_spend(valid, buyers))),
    )
