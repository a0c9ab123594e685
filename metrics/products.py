"""Repeat buying of products: the same product again, and from the trial to the main product (引き上げ).

「バックエンドから構築せよ」: what trial buyers come to is told before anything about how many were won.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import narwhals as nw

from metrics.lives import KEY, Materialise
from metrics.purchases import Frame
from metrics.shop_line import ShopLine, share

HORIZONS = (90, 365)
PRODUCTS_TOLD = 50


@dataclass(frozen=True, slots=True)
class ProductRules:
    """Products by id or by title, as they stand in the shop: `front_end` are trial offers, `back_end` what
    those are meant to lead to. A title is compared without regard to case."""

    front_end: tuple[str, ...] = ()
    back_end: tuple[str, ...] = ()


def product_lines(
    valid: Frame, order_lines: Frame, *, as_of_day: int, rules: ProductRules, materialise: Materialise
) -> list[ShopLine]:
    """From trial to main product first, then the same product again: all products, and those most bought.

    trial_conversion = of the trial buyers, the share who bought a back-end product on the day of their first
    front-end purchase or within H days after. A trial buyer has bought a front-end product, and no back-end
    product on an earlier day. product_repeat = of the people who bought a product, the share who bought it
    again on a later day within H days of the first; over all products a person counts once per product.
    Only mature cohorts: first purchases H days or longer ago. Lines of an amount of 0 or a quantity of 0
    (gifts, lines taken out) are no purchase of their product. `part` is "90 days" or "90 days: <id> <title>"
    (the 50 products with most buyers); no value where the base is empty or the lists are not set.
    In: `purchases.valid_purchases`; `order_lines` with the order key, `product_id`, `title` (text, null:
    unknown), `quantity` (int), `amount` (decimal, null: unknown).

    Metric: trial_conversion · From trial to main product · 引き上げ率
    Metric: product_repeat · Same product again · 商品リピート率
    Unit: share
    Source: rules A7 and A15; tsuhan-soken.com (引き上げ率)
    Since: 0.2.0 (2026-11-22)
    Verdict: kept (A7, A15); the horizon is ours
    Settings: products.front_end, products.back_end, metrics.products, purchases.count_unpaid,
        purchases.exclude.*
    """
    bought = materialise(products_bought(valid, order_lines, rules))
    lines = []
    for horizon in HORIZONS:
        row = trial_counts(bought, as_of_day=as_of_day, horizon_days=horizon).collect().row(0)
        base, raised = (int(value or 0) for value in row)
        # Where nothing is named as what trials lead to, nobody could come to it: that is no 0 %.
        told = share(raised, base) if rules.back_end else None
        lines.append(ShopLine("trial_conversion", f"{horizon} days", told, base))
    gaps = materialise(product_gaps(bought))
    for horizon in HORIZONS:
        counts = materialise(product_repeat_counts(gaps, as_of_day=as_of_day, horizon_days=horizon))
        lines.extend(_repeat_lines(counts, f"{horizon} days"))
    return lines


def products_bought(valid: Frame, order_lines: Frame, rules: ProductRules) -> Frame:
    """What was bought on which day: `person_id`, `day`, `product_id`, `title`, `front`, `back` (boolean)."""
    owners = valid.filter(~nw.col("person_id").is_null()).select(*KEY, "person_id", day=nw.col("ordered_day"))
    named = owners.join(_counting(order_lines), on=KEY, how="inner")
    return named.select(
        "person_id",
        "day",
        "product_id",
        "title",
        front=_among(rules.front_end),
        back=_among(rules.back_end),
    )


def trial_only(valid: Frame, order_lines: Frame, rules: ProductRules) -> Frame:
    """People who have bought nothing but front-end products. Out: `person_id`.

    An order without a line that says what it was is taken for more than a trial.
    """
    owners = valid.filter(~nw.col("person_id").is_null()).select(*KEY, "person_id")
    lines = _counting(order_lines).select(*KEY, trial=_among(rules.front_end).cast(nw.Int64))
    orders = lines.group_by(*KEY).agg(nw.col("trial").min())
    return (
        owners.join(orders, on=KEY, how="left")
        .with_columns(nw.col("trial").fill_null(0))
        .group_by("person_id")
        .agg(nw.col("trial").min())
        .filter(nw.col("trial") == 1)
        .select("person_id")
    )


def trial_counts(bought: Frame, *, as_of_day: int, horizon_days: int) -> Frame:
    """One row: `trial` buyers whose first trial is `horizon_days` or longer ago, `raised` of these."""
    front, back = (nw.when(nw.col(name)).then(nw.col("day")) for name in ("front", "back"))
    people = (
        bought.select("person_id", front_day=front, back_day=back)
        .group_by("person_id")
        .agg(nw.col("front_day").min(), nw.col("back_day").min())
        .filter(
            nw.col("front_day") <= as_of_day - horizon_days,
            nw.col("back_day").is_null() | (nw.col("back_day") >= nw.col("front_day")),
        )
    )
    raised = (nw.col("back_day") - nw.col("front_day") <= horizon_days).fill_null(False)
    return people.select(nw.len().cast(nw.Int64).alias("trial"), raised.cast(nw.Int64).sum().alias("raised"))


def product_gaps(bought: Frame) -> Frame:
    """Of each person and product, `first_day` and `next_day` (null: not bought again on a later day).

    Out: `product_id`, `title`, `person_id`, the days; lines of an unknown product are left out.
    """
    person = ["product_id", "person_id"]
    named = bought.filter(~nw.col("product_id").is_null())
    first = named.group_by(*person).agg(nw.col("title").max(), first_day=nw.col("day").min())
    later = (
        named.select(*person, "day")
        .join(first.select(*person, "first_day"), on=person, how="inner")
        .filter(nw.col("day") > nw.col("first_day"))
        .group_by(*person)
        .agg(next_day=nw.col("day").min())
    )
    return first.join(later, on=person, how="left")


def product_repeat_counts(gaps: Frame, *, as_of_day: int, horizon_days: int) -> Frame:
    """Per product: `product_id`, `title`, `buyers` (mature), `again` of these. In: `product_gaps`."""
    again = (nw.col("next_day") - nw.col("first_day") <= horizon_days).fill_null(False)
    return (
        gaps.filter(nw.col("first_day") <= as_of_day - horizon_days)
        .select("product_id", "title", again=again.cast(nw.Int64))
        .group_by("product_id")
        .agg(nw.col("title").max(), nw.len().cast(nw.Int64).alias("buyers"), nw.col("again").sum())
    )


def _counting(order_lines: Frame) -> Frame:
    """Lines that are purchases of their product."""
    given_away = (nw.col("amount") <= 0).fill_null(False) | (nw.col("quantity") <= 0).fill_null(False)
    return order_lines.filter(~given_away).select(*KEY, "product_id", "title")


def _among(products: tuple[str, ...]) -> nw.Expr:
    """Whether a line's product is one of those named by id or title; false where neither is known."""
    if not products:
        return nw.lit(False)
    ids = [product.strip() for product in products]
    titles = [product.strip().lower() for product in products]
    named = nw.col("product_id").is_in(ids).fill_null(False)
    return named | nw.col("title").str.strip_chars().str.to_lowercase().is_in(titles).fill_null(False)


def _repeat_lines(counts: Frame, part: str) -> list[ShopLine]:
    total, again = counts.select(nw.col("buyers").sum(), nw.col("again").sum()).collect().row(0)
    lines = [ShopLine("product_repeat", part, share(int(again or 0), int(total or 0)), int(total or 0))]
    most = counts.sort("buyers", "product_id", descending=[True, False]).head(PRODUCTS_TOLD)
    for row in most.collect().iter_rows(named=True):
        buyers = Decimal(row["buyers"])
        name = f"{part}: {row['product_id']} {row['title'] or ''}".rstrip()
        lines.append(ShopLine("product_repeat", name, share(int(row["again"]), buyers), int(buyers)))
    return lines
