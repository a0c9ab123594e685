"""What is missing (抜け・漏れ): sources that tell nothing, figures without data, figures without a target."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

import narwhals as nw

from metrics.purchases import Frame
from metrics.shop_line import ShopLine

TOUCH_SOURCES: Mapping[str, tuple[str, ...]] = {
    "consent": ("consent",),
    "abandoned_checkouts": ("abandoned_checkout",),
    "draft_orders": ("draft_order", "invoice_sent"),
    "leads": ("lead",),
    "opportunities": ("opportunity", "opportunity_stage"),
    "campaigns": ("campaign_sent", "campaign_response"),
    "cases": ("case",),
    "personal_contacts": ("activity",),
    "quality_returns": ("quality_return",),
    "survey_expectation": ("expectation",),
    "survey_nps": ("nps",),
    "reviews": ("stars",),
}
"""A source and the kinds of touches that come from it."""
NO_FIGURES = ("gap_", "target_", "return_model")
"""Ids that begin so are kept beside the figures: nobody misses one, or aims at it."""


def touch_sources(touches: Frame, *, as_of_day: int) -> dict[str, int]:
    """How many touches every source of `TOUCH_SOURCES` told up to `as_of_day`."""
    seen = touches.filter(nw.col("day") <= as_of_day)
    rows = seen.group_by("kind").agg(nw.len().cast(nw.Int64).alias("count")).select("kind", "count")
    counts = {kind: int(count) for kind, count in rows.collect().rows()}
    return {source: sum(counts.get(kind, 0) for kind in kinds) for source, kinds in TOUCH_SOURCES.items()}


def rows_of(frame: Frame | None) -> int:
    """How many rows a source has; 0 for one that is not read."""
    return 0 if frame is None else int(frame.select(nw.len().alias("rows")).collect().row(0)[0])


def gap_lines(
    lines: Sequence[ShopLine], sources: Mapping[str, int], targets: Iterable[str], known: Sequence[str]
) -> list[ShopLine]:
    """The list of what is missing.

    gap_source: one line a source, `part` its name; 1 where it tells nothing, else 0; n = its rows.
    gap_no_data: a line for every figure (`part`) of which no line has a value and a base; the
    value is 1, n = its lines without one. gap_no_target: a line for every figure with data that no target is
    set for; the value is 1, n = its lines with data. People without a next touch are a figure of their own
    (no_next_touch). Gaps, targets and the parameters of models are no figures to miss. In: `lines`,
    everything else of the shop; `targets`: names as in `targets.against_targets`.

    Metric: gap_source · Source that tells nothing · 情報のない連携元
    Metric: gap_no_data · Figure without data · データのない指標
    Metric: gap_no_target · Figure without a target · 目標のない指標
    Unit: 1 or 0
    Source: rule A22
    Since: 0.2.0 (2026-11-22)
    Verdict: kept (A22); stages are not invented, figures are looked at one by one
    Settings: targets
    """
    aimed = {target.split(" ", 1)[0] for target in targets}
    told, silent = dict.fromkeys(known, 0), dict.fromkeys(known, 0)
    for line in lines:
        has_data = line.value is not None and line.base > 0
        counts = told if has_data else silent
        if line.name in counts:
            counts[line.name] += 1
    looked_at = [name for name in known if not name.startswith(NO_FIGURES)]
    one = Decimal(1)
    return [
        *(ShopLine("gap_source", name, Decimal(int(not rows)), rows) for name, rows in sources.items()),
        *(ShopLine("gap_no_data", name, one, silent[name]) for name in looked_at if not told[name]),
        *(
            ShopLine("gap_no_target", name, one, told[name])
            for name in looked_at
            if told[name] and name not in aimed
        ),
    ]
