"""Who keeps the old values because nobody can see whether they are to be left alone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import narwhals as nw
import pyarrow as pa

from sync.store import Store

_PLACES = pa.schema([(name, pa.string()) for name in ("platform", "account", "object")])
_UNSURE = """
CREATE OR REPLACE TEMP TABLE unsure_persons AS
SELECT DISTINCT m.person_id FROM members m SEMI JOIN arriving USING (platform, account, object)"""


def without_unsure(
    store: Store, changes: nw.LazyFrame[Any], places: Iterable[tuple[str, str, str]]
) -> nw.LazyFrame[Any]:
    """`changes` (`metrics.plan.differences`) without those of persons of whom some record is of `places`
    (platform, account, object), and of all records there: nothing is written to any of them.

    Where a box is hidden an excluded person looks like any other, so no value may be brought up to date and
    none cleared before it is seen.
    """
    rows = [dict(zip(_PLACES.names, place, strict=True)) for place in sorted(places)]
    if not rows:
        return changes
    there = pa.Table.from_pylist(rows, schema=_PLACES)
    store.con.register("arriving", there)
    try:
        store.con.execute(_UNSURE)
    finally:
        store.con.unregister("arriving")
    unsure = nw.from_native(store.con.table("unsure_persons"))
    # A business account that buys nothing is nobody's record, and may be somebody's wish all the same.
    for platform, account, name in sorted(places):
        here = (nw.col("platform") == platform) & (nw.col("account") == account) & (nw.col("object") == name)
        changes = changes.filter(~here)
    return changes.join(unsure, on="person_id", how="anti")
