"""Who moved between segments from one date to another (顧客区分の移動)."""

from __future__ import annotations

from decimal import Decimal

import narwhals as nw

from metrics.purchases import Frame
from metrics.segment_spans import segments_on
from metrics.shop_line import ShopLine, share

NEW, GONE = "new", "gone"


def migration(spans: Frame, *, from_day: int, to_day: int) -> Frame:
    """How many persons were in one segment on `from_day` and in which on `to_day`.

    In: `segment_spans.segment_spans` with an as-of day of `to_day` or later. Out: `from_segment`,
    `to_segment`, `people` (int). `from_segment` is `new` for whoever was no buyer on `from_day`;
    `to_segment` is `gone` for whoever is no buyer on `to_day` any more (every purchase taken back). Whoever
    was erased from the store is in no frame, so not in the matrix either. At most 11 x 11 rows.
    """
    then = segments_on(spans, from_day).select("person_id", then=nw.col("segment"), now=_no_segment())
    now = segments_on(spans, to_day).select("person_id", then=_no_segment(), now=nw.col("segment"))
    return (
        nw.concat([then, now], how="vertical")
        .group_by("person_id")
        .agg(nw.col("then").max(), nw.col("now").max())
        .select(from_segment=nw.col("then").fill_null(NEW), to_segment=nw.col("now").fill_null(GONE))
        .group_by("from_segment", "to_segment")
        .agg(nw.len().cast(nw.Int64).alias("people"))
    )


def migration_lines(spans: Frame, *, from_day: int, to_day: int) -> list[ShopLine]:
    """Who moved from which segment to which between two days, of the shop the last 180: people, and shares.

    `part` is "first_active>best_active", "new>…", "…>gone". Shares are of all who were in the row's segment
    on the first of the two days; a row nobody was in has no line. The row `new` shows where those who came in
    between stand now.

    Metric: migration_people · Segment migration · 顧客区分の移動
    Metric: migration_share · Segment migration, share of the row · 顧客区分の移動(行の割合)
    Unit: migration_people: people; migration_share: share
    Source: rule A17; MakeRepeater help, but a share without a base is none instead of 100 %
    Since: 0.2.0 (2026-11-22)
    Verdict: kept
    Settings: purchases.unit, purchases.count_unpaid, purchases.exclude.*, segment.*
    """
    cells = sorted(migration(spans, from_day=from_day, to_day=to_day).collect().rows())
    base: dict[str, int] = {}
    for was, _, people in cells:
        base[was] = base.get(was, 0) + people
    return [
        line
        for was, became, people in cells
        for line in (
            ShopLine("migration_people", f"{was}>{became}", Decimal(people), base[was]),
            ShopLine("migration_share", f"{was}>{became}", share(people, base[was]), base[was]),
        )
    ]


def _no_segment() -> nw.Expr:
    return nw.lit(None).cast(nw.String)
