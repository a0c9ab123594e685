"""The shop month by month: who bought, what they spent, and how long the active have been buying."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal

import narwhals as nw

from metrics.calendar import month_name, month_of, with_months
from metrics.lapse import lapses_day
from metrics.lives import Materialise
from metrics.positions import median_of
from metrics.purchases import Frame, PurchaseRules
from metrics.shop_line import ShopLine, mean, share
from metrics.tenure import purchase_days

_DAYS = Decimal("0.001")
_SUMS = ("month", "buyers", "new_buyers", "repeat_buyers", "purchases", "orders", "net_sales")


@dataclass(frozen=True, slots=True)
class Month:
    """One calendar month (`month`: its number); orders of nobody stand in `orders` and `net_sales` only.

    `orders`: those of a known amount. A first purchase of which only the day is known is a purchase of a
    buyer, and no order to divide sales by.

    `new_buyers`: the first purchase of all lies in the month. `repeat_buyers`: made a purchase in the month
    that was not their first; whoever bought first and again within the month is in both. `purchases`: units
    (days or orders, as the settings say). `tenure`: (days, people) of the people active at the month's end.
    """

    month: int
    buyers: int = 0
    new_buyers: int = 0
    repeat_buyers: int = 0
    purchases: int = 0
    orders: int = 0
    net_sales: Decimal = Decimal(0)
    tenure: tuple[tuple[int, int], ...] = ()


def month_sums(days: Frame, *, rules: PurchaseRules) -> Frame:
    """The sums of each month with a purchase: `month` and the columns of `Month` but `tenure`.

    In: `dated_days`. One row per month.
    """
    bought, known = nw.col("bought"), ~nw.col("person_id").is_null()
    unit = nw.lit(1, nw.Int64) if rules.unit == "day" else nw.col("orders")
    units = nw.when(known).then(unit).otherwise(nw.lit(0, nw.Int64))
    persons = (
        days.with_columns(units=units, is_first=nw.col("ordered_day") == nw.col("first_day"))
        .group_by("person_id", "month")
        .agg(
            nw.col("units").sum().alias("bought"),
            nw.col("is_first").any().alias("is_new"),
            nw.col("priced").sum().alias("orders"),
            nw.col("net").sum(),
        )
    )
    counted = {
        "buyers": known,
        "new_buyers": known & nw.col("is_new"),
        "repeat_buyers": known & (~nw.col("is_new") | (bought > 1)),
    }
    return (
        persons.with_columns(**{name: held.cast(nw.Int64) for name, held in counted.items()})
        .group_by("month")
        .agg(
            *(nw.col(name).sum().cast(nw.Int64) for name in counted),
            bought.sum().cast(nw.Int64).alias("purchases"),
            nw.col("orders").sum().cast(nw.Int64),
            nw.col("net").sum().alias("net_sales"),
        )
    )


def dated_days(valid: Frame, buyers: Frame, *, materialise: Materialise) -> Frame:
    """`tenure.purchase_days` with the month of each, and of a person's days the first and the next one.

    In: `valid_purchases`, and `buyers`, `tenure.tenure` of the same.
    Out: `person_id` (null: nobody's), `ordered_day`, `orders`, `priced`, `net`, `month` (number),
    `first_day`, `next_day` (null after a person's last). Cheap to read.
    """
    first = buyers.select("person_id", first_day=nw.col("first_purchase_day"))
    following = materialise(
        purchase_days(valid)
        .join(first, on="person_id", how="left")
        .with_columns(next_day=nw.col("ordered_day").shift(-1).over("person_id", order_by="ordered_day"))
    )
    return with_months(following, {"month": "ordered_day"}, materialise=materialise)


def tenure_at_month_ends(days: Frame, *, as_of_day: int, lapse_days: int, materialise: Materialise) -> Frame:
    """Tenure of the people active at the ends of months: `month`, `to_month`, `tenure_days`, `people`.

    Each row holds for the ends of all months from `month` to before `to_month`; the end of the month of
    `as_of_day` is that day. Active: fewer than `lapse_days` since the last purchase; tenure as of that day.
    In: `dated_days`. Out: far fewer rows than days, equal ones counted together; materialised.
    """
    ends = nw.min_horizontal("next_day", lapses_day(nw.col("ordered_day"), lapse_days))
    standing = days.filter(~nw.col("person_id").is_null()).select(
        "month", tenure_days=nw.col("ordered_day") - nw.col("first_day"), ends_day=ends
    )
    standing = materialise(
        standing.group_by("month", "tenure_days", "ends_day").agg(nw.len().cast(nw.Int64).alias("people"))
    )
    this_month = month_of(as_of_day)
    until = nw.when(nw.col("ends_day") > as_of_day).then(nw.lit(this_month + 1, nw.Int64))
    return materialise(
        with_months(standing, {"end_month": "ends_day"}, materialise=materialise)
        .with_columns(to_month=until.otherwise(nw.col("end_month")))
        .filter(nw.col("month") < nw.col("to_month"))
        .group_by("month", "to_month", "tenure_days")
        .agg(nw.col("people").sum().cast(nw.Int64))
    )


def monthly(
    valid: Frame,
    buyers: Frame,
    *,
    as_of_day: int,
    months: int,
    rules: PurchaseRules,
    lapse_days: int,
    materialise: Materialise,
) -> list[Month]:
    """The last `months` calendar months up to that of `as_of_day` (which may be cut short), oldest first.

    Months before the first purchase are left out; one without any purchase afterwards stands with zeroes.
    All by what is known on `as_of_day`: a refund of today lowers the month its order was made in.
    In: `valid_purchases` and `tenure.tenure` as of `as_of_day`.
    """
    days = dated_days(valid, buyers, materialise=materialise)
    found = month_sums(days, rules=rules).select(*_SUMS).collect().rows()
    sums = {row[0]: dict(zip(_SUMS, row, strict=True)) for row in found}
    ends = tenure_at_month_ends(days, as_of_day=as_of_day, lapse_days=lapse_days, materialise=materialise)
    last = month_of(as_of_day)
    told = range(max(min(sums, default=last + 1), last - months + 1), last + 1)
    active = _active_tenure(ends, told)
    return [Month(**sums.get(month, {"month": month}), tenure=active[month]) for month in told]


def _active_tenure(ends: Frame, told: range) -> dict[int, tuple[tuple[int, int], ...]]:
    """(days, people) of each month of `told`, by the changes from each one's end to the next one's.

    What changed before the first one is summed up: as many rows as there are months and tenures, at most.
    """
    people, tenure_days, first = nw.col("people"), "tenure_days", nw.lit(told.start, nw.Int64)
    changes = (
        nw.concat(
            [
                ends.select(tenure_days, month=nw.max_horizontal("month", first), people=people),
                ends.select(tenure_days, month=nw.max_horizontal("to_month", first), people=-people),
            ],
            how="vertical",
        )
        .group_by("month", tenure_days)
        .agg(people.sum().cast(nw.Int64))
    )
    by_month: dict[int, list[tuple[int, int]]] = {}
    for month, days, change in changes.select("month", tenure_days, "people").collect().rows():
        by_month.setdefault(month, []).append((days, change))
    standing: Counter[int] = Counter()
    active = {}
    for month in told:
        standing.update(dict(by_month.get(month, [])))
        active[month] = tuple(sorted((days, count) for days, count in standing.items() if count))
    return active


def monthly_lines(found: list[Month], *, step: Decimal) -> list[ShopLine]:
    """The shop month by month; `part` is "2026-10".

    New buyers: their first purchase of all lies in the month. Repeat buyers: made a purchase in the month
    that was not their first; whoever bought first and again within the month is both. Mean net amount of an
    order = net sales / orders of a known amount, rounded half up to the currency's smallest amount; of a
    first purchase that a field tells, only the day is known. Active at the month's end, and their tenure:
    whose last purchase was less than L days ago. Repeater ratio (リピーター率) = repeat buyers / all buyers
    of the month. It is not the repeat rate (リピート率: of a cohort, who came back), and moves with the
    number of new buyers. No ratio and no mean where nobody bought. n = buyers; of amounts, orders of a known
    amount; of the active, these.

    In: `monthly`; `step`: the smallest amount of the reporting currency (1 for JPY, 0.01 for USD).

    Metric: month_buyers · Buyers in the month · 月間購入者数
    Metric: month_new_buyers · New buyers in the month · 月間新規購入者数
    Metric: month_repeat_buyers · Repeat buyers in the month · 月間リピート購入者数
    Metric: month_purchases · Purchases in the month · 月間購入回数
    Metric: month_net_sales · Net sales of the month · 月間純売上
    Metric: month_mean_order · Mean net amount of an order · 平均注文単価(返金控除後)
    Metric: month_repeater_ratio · Repeater ratio · リピーター率
    Metric: month_active_people · Active customers at the month's end · 月末の現役客数
    Metric: month_tenure_mean_days · Mean tenure of the active · 現役客の平均在籍期間
    Metric: month_tenure_median_days · Median tenure of the active · 現役客の在籍期間の中央値
    Unit: month_purchases: purchases; month_net_sales, month_mean_order: reporting currency
    Unit: month_repeater_ratio: share; month_tenure_mean_days, month_tenure_median_days: days; else people
    Source: rule A3; tsuhan-marketing.com (repeat rate and repeater ratio are two things)
    Since: 0.2.0 (2026-11-22)
    Verdict: kept
    Settings: purchases.unit, purchases.count_unpaid, purchases.exclude.*, segment.lapse_days
    """
    return [line for month in found for line in _lines(month, step)]


def _lines(of: Month, step: Decimal) -> list[ShopLine]:
    active = sum(people for _, people in of.tenure)
    total = sum(days * people for days, people in of.tenure)
    figures: list[tuple[str, int | Decimal | None, int]] = [
        ("month_buyers", of.buyers, of.buyers),
        ("month_new_buyers", of.new_buyers, of.buyers),
        ("month_repeat_buyers", of.repeat_buyers, of.buyers),
        ("month_purchases", of.purchases, of.buyers),
        ("month_net_sales", of.net_sales, of.orders),
        ("month_mean_order", mean(of.net_sales, of.orders, step), of.orders),
        ("month_repeater_ratio", share(of.repeat_buyers, of.buyers), of.buyers),
        ("month_active_people", active, active),
        ("month_tenure_mean_days", mean(total, active, _DAYS), active),
        ("month_tenure_median_days", median_of(of.tenure), active),
    ]
    part = month_name(of.month)
    return [
        ShopLine(name, part, None if value is None else Decimal(value), base) for name, value, base in figures
    ]
