"""New customers by source (新規顧客の獲得経路): advertising, organic, referral, or not known."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import narwhals as nw

from metrics.calendar import month_name, with_months
from metrics.lives import KEY, Materialise
from metrics.purchases import Frame
from metrics.shop_line import ShopLine, share

ADVERTISING, ORGANIC, REFERRAL, UNKNOWN = SOURCES = ("advertising", "organic", "referral", "unknown")
BY_VISIT = {"ad": ADVERTISING, "search": ORGANIC}
"""What the words say that an order's `visit` may be; every other one says neither."""


@dataclass(frozen=True, slots=True)
class SourceRules:
    """Which `utm_medium` says what (lower case). A medium that begins with one of `paid_prefixes` is paid.

    The names are those of Google's default channel groups. `silent` media say nothing: `(none)` is who came
    without any link.
    """

    advertising: tuple[str, ...] = (
        "cpc", "ppc", "cpm", "cpv", "cpa", "cpp", "retargeting",
        "display", "banner", "interstitial", "expandable", "affiliate", "affiliates", "ads", "ad",
    )  # fmt: skip
    paid_prefixes: tuple[str, ...] = ("paid",)
    organic: tuple[str, ...] = ("organic", "organic_search", "organic_social")
    silent: tuple[str, ...] = ("", "(none)", "none", "(not set)")


def acquisition(
    valid: Frame,
    buyers: Frame,
    edges: Frame,
    *,
    materialise: Materialise,
    rules: SourceRules | None = None,
) -> Frame:
    """Where every buyer came from, read at the first valid order alone.

    referral: a referrer is credited, whatever the link said. Else the first valid order's last visit tells:
    its `utm_medium` where it bears one, advertising, organic, or unknown where that is neither (mail, another
    site); without one its `visit`, advertising (`ad`) or organic (`search`). Unknown: whoever came directly
    or from any other site, and whose visit nobody knows (yet).
    The first valid order is the earliest of the first purchase day (by its time, then its id). The visit is
    the last one before it, as for referral links. A lead source of Salesforce names nothing but a referrer
    (`referral.referrer_source`): its labels are the merchant's own words and on no list of ours.

    In: `valid` (`purchases.valid_purchases` with `ordered_at`, `utm_medium` and, where it is known,
    `visit`), `buyers` (`tenure.tenure`), `edges` (`person_id` of who was referred). Out, one row per buyer:
    `person_id`, `first_purchase_day`, `source` (a code of `SOURCES`).

    Metric: acquisition_source · Source of a new customer · 獲得経路
    Unit: code
    Source: rule A26; media by the names of Google's default channel groups
    Since: 0.2.0 (2026-11-22)
    Verdict: kept
    Settings: purchases.count_unpaid, purchases.exclude.*
    Settings: referral.code_metafield, referral.code_tag, referral.code_pattern
    Settings: referral.salesforce_code_field, referral.referrer_field, referral.referrer_source
    """
    first = materialise(_first_visits(valid, buyers, rules or SourceRules(), materialise))
    referred = edges.select("person_id").unique("person_id").with_columns(credited=nw.lit(True))
    source = nw.when("credited").then(nw.lit(REFERRAL)).otherwise(nw.col("came").fill_null(UNKNOWN))
    return (
        buyers.select("person_id", "first_purchase_day")
        .join(first, on="person_id", how="left")
        .join(referred, on="person_id", how="left")
        .with_columns(nw.col("credited").fill_null(False))
        .select("person_id", "first_purchase_day", source=source)
    )


def _first_visits(valid: Frame, buyers: Frame, rules: SourceRules, materialise: Materialise) -> Frame:
    """`person_id` and `came`, the source, of those whose first order tells one; few beside all orders."""
    first = buyers.select("person_id", ordered_day=nw.col("first_purchase_day"))
    known = "visit" in valid.collect_schema().names()
    visit = nw.col("visit") if known else nw.lit(None, nw.String)
    mine = valid.select(*KEY, "person_id", "ordered_day", "ordered_at", "utm_medium", visit=visit)
    on_first_day = materialise(mine.join(first, on=["person_id", "ordered_day"], how="inner"))
    says = ~nw.col("utm_medium").is_null() | nw.col("visit").is_in(list(BY_VISIT))
    told = on_first_day.filter(says).select("person_id").unique("person_id")
    place = nw.col("order_id").cum_count().over("person_id", order_by=["ordered_at", *KEY])
    return (
        on_first_day.join(told, on="person_id", how="semi")
        .with_columns(place=place, medium=nw.col("utm_medium").str.strip_chars().str.to_lowercase())
        .filter(nw.col("place") == 1)
        .select("person_id", came=_source_of(nw.col("medium").fill_null(""), nw.col("visit"), rules))
    )


def _source_of(medium: nw.Expr, visit: nw.Expr, rules: SourceRules) -> nw.Expr:
    paid = medium.is_in(list(rules.advertising))
    for prefix in rules.paid_prefixes:
        paid = paid | medium.str.starts_with(prefix)
    source = (
        nw.when(paid)
        .then(nw.lit(ADVERTISING))
        .when(medium.is_in(list(rules.organic)))
        .then(nw.lit(ORGANIC))
        .when(~medium.is_in(list(rules.silent)))
        .then(nw.lit(UNKNOWN))
    )
    for word, meaning in BY_VISIT.items():
        source = source.when(visit == word).then(nw.lit(meaning))
    return source.otherwise(nw.lit(UNKNOWN))


def acquired_by_month(sources: Frame, *, materialise: Materialise) -> Frame:
    """New customers by month of the first purchase and source: `month` (`month_of`), `source`, `people`."""
    daily = sources.group_by("first_purchase_day", "source").agg(nw.len().cast(nw.Int64).alias("people"))
    dated = with_months(materialise(daily), {"month": "first_purchase_day"}, materialise=materialise)
    return dated.group_by("month", "source").agg(nw.col("people").sum())


def acquisition_lines(months: Frame) -> list[ShopLine]:
    """The sources' shares of new customers, for the shop and by month; `part` "2026-10 organic".

    The share of `unknown` stands beside the others: where it is large, these say little. n = new customers.

    In: `acquired_by_month`.

    Metric: new_by_source · New customers by source · 新規顧客の獲得経路の構成比
    Unit: share
    Source: rules A26 and B16
    Since: 0.2.0 (2026-11-22)
    Verdict: kept
    Settings: purchases.count_unpaid, purchases.exclude.*
    Settings: referral.code_metafield, referral.code_tag, referral.code_pattern
    Settings: referral.salesforce_code_field, referral.referrer_field, referral.referrer_source
    """
    rows = list(months.collect().rows(named=True))
    lines = _shares("", rows)
    for month in sorted({row["month"] for row in rows}):
        lines += _shares(month_name(month), [r for r in rows if r["month"] == month])
    return lines


def _shares(month: str, rows: Iterable[Mapping[str, Any]]) -> list[ShopLine]:
    found = dict.fromkeys(SOURCES, 0)
    for row in rows:
        found[row["source"]] += int(row["people"])
    people = sum(found.values())
    return [
        ShopLine("new_by_source", f"{month} {source}".strip(), share(count, people), people)
        for source, count in found.items()
    ]
