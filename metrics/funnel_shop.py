"""The funnel of the whole shop: from stage to stage, by the month in which people entered."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

import narwhals as nw

from metrics.calendar import month_name, with_months
from metrics.funnel import AUDIENCES
from metrics.funnel_signs import STAGES
from metrics.lives import Materialise
from metrics.purchases import Frame
from metrics.shop_line import ShopLine, share


def funnel_cohorts(stages: Frame, *, materialise: Materialise) -> Frame:
    """How many are at each stage, by the month of entry.

    In: `funnel.funnel` (`entered_day`, `funnel_stage`, `exited`). Out: `month` (int, see `month_of`; null
    where the day of entry is not known), `funnel_stage`, `people`, `exits` (those of them who left; ints).
    """
    days = (
        stages.with_columns(exits=nw.col("exited").cast(nw.Int64))
        .group_by("entered_day", "funnel_stage")
        .agg(nw.len().cast(nw.Int64).alias("people"), nw.col("exits").sum())
    )
    dated = with_months(materialise(days), {"month": "entered_day"}, materialise=materialise)
    return dated.group_by("month", "funnel_stage").agg(nw.col("people").sum(), nw.col("exits").sum())


def funnel_lines(cohorts: Frame) -> list[ShopLine]:
    """Stage by stage: who came further / who came so far, for the shop and for each month of entry.

    Everybody at a stage passed all before it: who bought at once went through the whole funnel. Who left
    (funnel_exits) stays where they had come to; exits are counted apart and lower no conversion by
    themselves. funnel_people: `part` is the stage, n = everybody known. funnel_conversion:
    "attention>interest", for a cohort "2026-10 attention>interest", n = who came so far. funnel_exits: "" or
    the month, n = everybody of it. target and prospect: how many are at attention and at interest and have
    not left, n = everybody known.

    Metric: funnel_people · People by funnel stage · 段階別の人数
    Metric: funnel_conversion · Stage conversion · 段階の通過率
    Metric: funnel_exits · Exits · 離脱(配信停止・失注)
    Metric: target · Targets · ターゲット
    Metric: prospect · Prospects · 見込み客
    Unit: funnel_conversion, funnel_exits: share; else people
    Source: rules B1 and B8
    Since: 0.2.0 (2026-11-22)
    Verdict: kept
    Settings: funnel.*, purchases.count_unpaid, purchases.exclude.*
    """
    rows = list(cohorts.collect().rows(named=True))
    everybody = sum(int(row["people"]) for row in rows)
    at, left = _summed(rows, "people"), _summed(rows, "exits")
    lines = [ShopLine("funnel_people", code, Decimal(at[code]), everybody) for code in STAGES]
    lines += [
        ShopLine(name, "", Decimal(at[code] - left[code]), everybody) for code, name in AUDIENCES.items()
    ]
    lines += _of_cohort("", rows)
    for month in sorted({row["month"] for row in rows if row["month"] is not None}):
        cohort = [row for row in rows if row["month"] == month]
        lines += _of_cohort(month_name(month), cohort)
    return lines


def _of_cohort(month: str, rows: Iterable[Mapping[str, Any]]) -> list[ShopLine]:
    rows = list(rows)
    at = _summed(rows, "people")
    people, exits = sum(at.values()), sum(_summed(rows, "exits").values())
    lines, reached = [], people
    for here, further in itertools.pairwise(STAGES):
        part = f"{month} {here}>{further}".strip()
        passed = reached - at[here]
        lines.append(ShopLine("funnel_conversion", part, share(passed, reached), reached))
        reached = passed
    return [*lines, ShopLine("funnel_exits", month, share(exits, people), people)]


def _summed(rows: Iterable[Mapping[str, Any]], name: str) -> dict[str, int]:
    found = dict.fromkeys(STAGES, 0)
    for row in rows:
        found[row["funnel_stage"]] += int(row[name])
    return found
