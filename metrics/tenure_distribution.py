"""How long the shop's customers have been buying: the distribution of tenure (在籍期間)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import narwhals as nw

from metrics.positions import Counted, median_of, quartile_of
from metrics.purchases import Frame
from metrics.shop_line import ShopLine, mean, share

CLASSES = ((0, 0), (1, 89), (90, 209), (210, 364), (365, 729), (730, None))
"""First and last day of each class of tenure; the last class is open."""
_STEP = Decimal("0.001")


@dataclass(frozen=True, slots=True)
class TenureDistribution:
    """Tenure in days over `people`; all but that None where there is nobody.

    `median` is exact by position, the quartiles are the smallest tenure that a quarter (three quarters) do
    not exceed. `classes`: the people in each of `CLASSES`.
    """

    people: int
    mean: Decimal | None
    median: Decimal | None
    lower_quartile: int | None
    upper_quartile: int | None
    longest: int | None
    classes: tuple[int, ...]


def tenure_counts(buyers: Frame) -> Frame:
    """How many buyers have which tenure: `tenure_days`, `people`. In: `tenure.tenure`."""
    return buyers.group_by("tenure_days").agg(nw.len().cast(nw.Int64).alias("people"))


def distribution(counted: Counted) -> TenureDistribution:
    """The figures of (tenure, people) in ascending order of tenure."""
    people = sum(count for _, count in counted)
    return TenureDistribution(
        people=people,
        mean=mean(sum(days * count for days, count in counted), people, _STEP),
        median=median_of(counted),
        lower_quartile=quartile_of(counted, 1),
        upper_quartile=quartile_of(counted, 3),
        longest=counted[-1][0] if counted else None,
        classes=tuple(_within(counted, *bounds) for bounds in CLASSES),
    )


def tenure_lines(buyers: Frame) -> list[ShopLine]:
    """Tenure over all buyers (part "all") and over those who bought on another day too (part "repeaters").

    One-time buyers have a tenure of 0, which is a value: the figures over all and over repeaters say
    different things, so both stand. Quartiles and median are of people, never of purchases. Classes: parts
    "all 90-209", "all 730+", each the share of its whole.

    Metric: tenure_mean_days · Mean tenure · 平均在籍期間
    Metric: tenure_median_days · Median tenure · 在籍期間の中央値
    Metric: tenure_lower_quartile_days · Tenure, lower quartile · 在籍期間の第1四分位
    Metric: tenure_upper_quartile_days · Tenure, upper quartile · 在籍期間の第3四分位
    Metric: tenure_longest_days · Longest tenure · 最長の在籍期間
    Metric: tenure_class_share · Tenure by class · 在籍期間の分布
    Unit: tenure_class_share: share; else days
    Source: rule A3
    Since: 0.2.0 (2026-11-22)
    Verdict: guide value (A3)
    Settings: purchases.count_unpaid, purchases.exclude.*
    """
    everybody = sorted(tenure_counts(buyers).select("tenure_days", "people").collect().rows())
    repeaters = [(days, people) for days, people in everybody if days > 0]
    return [*_lines("all", distribution(everybody)), *_lines("repeaters", distribution(repeaters))]


def _lines(who: str, of: TenureDistribution) -> list[ShopLine]:
    figures = {
        "tenure_mean_days": of.mean,
        "tenure_median_days": of.median,
        "tenure_lower_quartile_days": of.lower_quartile,
        "tenure_upper_quartile_days": of.upper_quartile,
        "tenure_longest_days": of.longest,
    }
    classes = [
        ShopLine("tenure_class_share", f"{who} {class_name(*bounds)}", share(people, of.people), of.people)
        for bounds, people in zip(CLASSES, of.classes, strict=True)
    ]
    return [
        *(
            ShopLine(name, who, None if value is None else Decimal(value), of.people)
            for name, value in figures.items()
        ),
        *classes,
    ]


def class_name(first: int, last: int | None) -> str:
    """ "0", "1-89", "730+"."""
    if last is None:
        return f"{first}+"
    return str(first) if first == last else f"{first}-{last}"


def _within(counted: Counted, first: int, last: int | None) -> int:
    return sum(people for days, people in counted if days >= first and (last is None or days <= last))
