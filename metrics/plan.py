"""The plan: what would change in which field of which record. Nothing is written here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import narwhals as nw

from connectors.base import Field
from metrics.lives import Materialise
from metrics.purchases import Frame

RECORD = ("platform", "account", "object", "id")
MOVERS = 10
"""How many segment moves a summary tells, the biggest first."""


@dataclass(frozen=True, slots=True)
class Target:
    """One kind of record of one platform account, and the keys of our fields that are written to it."""

    platform: str
    account: str
    object: str
    keys: frozenset[str]


@dataclass(frozen=True, slots=True)
class Move:
    """`count` records whose segment changes from `old` to `new`."""

    old: str
    new: str
    count: int


@dataclass(frozen=True, slots=True)
class PlanSummary:
    """`records`: records with a difference, by platform. `fields`: differences, by platform and key.

    `first_fills`: records whose segment is blank on the platform and would be set, by platform.
    `movers`: the biggest changes of a segment that is set; empty where nobody moves.
    """

    records: Mapping[str, int]
    fields: Mapping[tuple[str, str], int]
    first_fills: Mapping[str, int]
    movers: tuple[Move, ...]


def canonical_texts(scores: Frame, fields: Sequence[Field]) -> Frame:
    """Scores as the text that `connectors.base.Update` carries, null for none.

    In: `scores.score_persons`. Out: `person_id` and a text column `new_<key>` per field; dates
    `YYYY-MM-DD`, integers in plain digits, decimals with the field's full scale, lists joined with `;`.
    """
    return scores.select("person_id", **{f"new_{field.key}": _text(field) for field in fields})


def differences(
    held: Frame,
    texts: Frame,
    targets: Sequence[Target],
    keys: Sequence[str],
    *,
    materialise: Materialise,
) -> Frame:
    """Where the computed text differs from the one held, null-safe; an empty text is a null.

    In: `held` (`platform`, `account`, `object`, `id`, `person_id`, a text column `held_<key>` per key) with
    every live writable record; `texts` (`canonical_texts`); `targets`: which keys go where; `keys` in the
    order of the catalogue. Out: `platform`, `account`, `object`, `id`, `person_id`, `field`, `old`, `new`;
    one row per difference. A record of nobody, or of somebody without scores, is to be blank. A record of
    no target, or a key that its target does not take, has no row.
    """
    # Joined once: inside the union below every field would join again, each with a table of its own.
    joined = materialise(held.join(texts, on="person_id", how="left"))
    parts = [_differences_of(key, joined, targets) for key in keys if any(key in t.keys for t in targets)]
    if parts:
        return nw.concat(parts, how="vertical")
    nothing = nw.lit(None).cast(nw.String)
    return held.select(*RECORD, "person_id", field=nothing, old=nothing, new=nothing).head(0)


def summarise(changes: Frame) -> PlanSummary:
    """Count a plan. In: `differences`, materialised (it is read four times)."""
    records = changes.select(*RECORD).unique().group_by("platform").agg(nw.len().alias("count"))
    by_field = changes.group_by("platform", "field").agg(nw.len().alias("count"))
    segments = changes.filter(nw.col("field") == "segment")
    first = segments.filter(nw.col("old").is_null()).group_by("platform").agg(nw.len().alias("count"))
    moves = (
        segments.filter(~nw.col("old").is_null(), ~nw.col("new").is_null())
        .group_by("old", "new")
        .agg(nw.len().alias("count"))
    )
    movers = sorted(moves.collect().rows(), key=lambda row: (-row[2], row[0], row[1]))
    return PlanSummary(
        records=dict(sorted(records.collect().rows())),
        fields={(platform, key): count for platform, key, count in sorted(by_field.collect().rows())},
        first_fills=dict(sorted(first.collect().rows())),
        movers=tuple(Move(*row) for row in movers[:MOVERS]),
    )


def _text(field: Field) -> nw.Expr:
    column = nw.col(field.key)
    if field.kind == "decimal":
        return column.cast(nw.Decimal(38, field.scale)).cast(nw.String)
    if field.kind in ("integer", "date"):
        return column.cast(nw.String)
    return column


def _differences_of(key: str, joined: Frame, targets: Sequence[Target]) -> Frame:
    written = nw.any_horizontal(*(_is_in(t) for t in targets if key in t.keys), ignore_nulls=True)
    old, new = nw.col(f"held_{key}"), nw.col(f"new_{key}")
    return joined.filter(written, old.fill_null("") != new.fill_null("")).select(
        *RECORD, "person_id", field=nw.lit(key), old=nw.when(old != "").then(old), new=new
    )


def _is_in(target: Target) -> nw.Expr:
    return (
        (nw.col("platform") == target.platform)
        & (nw.col("account") == target.account)
        & (nw.col("object") == target.object)
    )
