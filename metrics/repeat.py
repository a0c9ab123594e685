"""Repeat buying at the shop: who of a cohort came back, and how many of a year's buyers are repeaters.

Two different things, and named so: the repeat rate (リピート率) follows a cohort, those who came back out of
those who bought for the n-th time; the repeater ratio (リピーター率) looks at a period, the repeat buyers out
of all its buyers. What product they came back for does not matter here; `products` asks for that.
"""

from __future__ import annotations

from decimal import Decimal

import narwhals as nw

from metrics.purchases import Frame
from metrics.shop_line import ShopLine, share

HORIZONS = (90, 180, 365)
LAST_STEP = 5
"""F2 to F5 are told: from the fifth purchase on most people stay."""
PERIOD_DAYS = 365


def repeat_lines(steps: Frame, *, as_of_day: int, trial_only: Frame | None = None) -> list[ShopLine]:
    """Repeat rates F2 to F5 within 90, 180 and 365 days, and the repeater ratio of the last 365 days.

    Fn@H = of those whose (n-1)-th purchase is H days or longer ago, the share who bought for the n-th time
    within H days of it (day H included). Only mature cohorts: whoever had less than H days is in neither
    number. trial_only_buyers: who has only ever bought trial products (`products.front_end`); they are left
    out of Fn, and of nothing else. The repeater ratio is the share of all buyers of the last 365 days, those
    of trials included, who by then had bought at least twice, as the ratio of a month is of all its buyers.
    `part` is "F2@90" and so on; n = the people asked about, no value where there are none.

    In: `purchase_steps.purchase_steps` as of the same day; `trial_only` (`products.trial_only`): people to be
    left out of Fn, who have only ever bought trial products; how many they are is a line of its own.

    Metric: repeat_rate · Repeat rate within a horizon (F2, Fn) · リピート率(F2転換率・Fn転換率)
    Metric: repeater_ratio · Repeater ratio of the last 365 days · リピーター率(直近365日)
    Metric: trial_only_buyers · People who only bought trial products · お試し商品のみの購入者
    Unit: trial_only_buyers: people; else share
    Source: rule A16; tsuhan-marketing.com; no source fixes a horizon, so we must
    Since: 0.2.0 (2026-11-22)
    Verdict: kept (A16); the horizon is ours
    Settings: purchases.unit, purchases.count_unpaid, purchases.exclude.*
    Settings: products.front_end, metrics.products
    """
    lines, followed = [], steps
    if trial_only is not None:
        people = int(trial_only.select(nw.len().alias("people")).collect().item())
        lines.append(ShopLine("trial_only_buyers", "", Decimal(people), people))
        followed = steps.join(trial_only.select("person_id"), on="person_id", how="anti")
    counts = repeat_counts(followed, as_of_day=as_of_day).collect().rows(named=True)[0]
    for horizon in HORIZONS:
        for step in range(2, LAST_STEP + 1):
            base, back = (int(counts[f"{kind}_{step}_{horizon}"] or 0) for kind in ("base", "back"))
            lines.append(ShopLine("repeat_rate", f"F{step}@{horizon}", share(back, base), base))
    buyers, repeaters = repeater_counts(steps, as_of_day=as_of_day).collect().row(0)
    lines.append(ShopLine("repeater_ratio", "", share(int(repeaters or 0), int(buyers)), int(buyers)))
    return lines


def repeat_counts(steps: Frame, *, as_of_day: int) -> Frame:
    """One row: for each step n and horizon H the columns `base_n_H` and `back_n_H`.

    The n-th purchase lies on the same day as the (n-1)-th where that day's orders are counted singly and
    there are enough of them, else on the next purchase day.
    """
    columns = []
    day, next_day = nw.col("day"), nw.col("next_day")
    for horizon in HORIZONS:
        for step in range(2, LAST_STEP + 1):
            made = (nw.col("before") < step - 1) & (nw.col("after") >= step - 1)
            mature = made & (day <= as_of_day - horizon)
            soon = (nw.col("after") >= step) | (next_day <= day + horizon).fill_null(False)
            columns.append(mature.cast(nw.Int64).sum().alias(f"base_{step}_{horizon}"))
            columns.append((mature & soon).cast(nw.Int64).sum().alias(f"back_{step}_{horizon}"))
    return steps.select(*columns)


def repeater_counts(steps: Frame, *, as_of_day: int) -> Frame:
    """One row: `buyers` of the last 365 days, and the `repeaters` among them."""
    return (
        steps.group_by("person_id")
        .agg(nw.col("day").max().alias("last_day"), nw.col("after").max().alias("purchases"))
        .filter(nw.col("last_day") > as_of_day - PERIOD_DAYS)
        .select(
            nw.len().cast(nw.Int64).alias("buyers"),
            (nw.col("purchases") >= 2).cast(nw.Int64).sum().alias("repeaters"),
        )
    )
