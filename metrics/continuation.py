"""Annual continuation (年間継続率): who of last year's buyers buys this year too, and who comes back."""

from __future__ import annotations

import narwhals as nw

from metrics.purchases import Frame
from metrics.shop_line import ShopLine, share

YEAR_DAYS = 365


def continuation_lines(valid: Frame, *, as_of_day: int) -> list[ShopLine]:
    """Continuation and return over the two years that end on the day asked about.

    Years are the 365 days (A-365, A] and (A-730, A-365], A the day asked about. Continuation = people who
    bought in both / people who bought in the earlier one. Returners bought this year and before the earlier
    one, but not in it; their rate is out of those who bought before the earlier year and not in it. There is
    no value where nobody bought in the base's time: a shop in its first year has no continuation yet.
    In: `purchases.valid_purchases` as of the same day; orders of nobody are left out.

    Metric: annual_continuation · Annual continuation · 年間継続率
    Metric: annual_return · Returners after a year's pause · 復帰率
    Unit: share
    Source: 楽楽リピート help, 新CPM (raku2bbc.com/faq/?p=27800)
    Since: 0.2.0 (2026-11-22)
    Verdict: kept (A14)
    Settings: purchases.count_unpaid, purchases.exclude.*
    """
    row = continuation_counts(valid, as_of_day=as_of_day).collect().rows(named=True)[0]
    count = {name: int(value or 0) for name, value in row.items()}
    continued = share(count["continued"], count["last_year"])
    returned = share(count["returned"], count["paused"])
    return [
        ShopLine("annual_continuation", "", continued, count["last_year"]),
        ShopLine("annual_return", "", returned, count["paused"]),
    ]


def continuation_counts(valid: Frame, *, as_of_day: int) -> Frame:
    """One row: `last_year`, `continued`, `paused` (bought earlier, not last year), `returned` of these."""
    day = nw.col("ordered_day")
    year_began, last_began = as_of_day - YEAR_DAYS, as_of_day - 2 * YEAR_DAYS
    people = (
        valid.filter(~nw.col("person_id").is_null())
        .with_columns(
            this=(day > year_began).cast(nw.Int64),
            last=((day > last_began) & (day <= year_began)).cast(nw.Int64),
            earlier=(day <= last_began).cast(nw.Int64),
        )
        .group_by("person_id")
        .agg(nw.col("this").max(), nw.col("last").max(), nw.col("earlier").max())
        .with_columns(paused=nw.col("earlier") * (1 - nw.col("last")))
    )
    return people.select(
        nw.col("last").sum().alias("last_year"),
        (nw.col("last") * nw.col("this")).sum().alias("continued"),
        nw.col("paused").sum().alias("paused"),
        (nw.col("paused") * nw.col("this")).sum().alias("returned"),
    )
