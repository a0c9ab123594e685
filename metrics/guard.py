"""The guard: a surprising plan is held whole until somebody approves it. It decides on counted facts only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from decimal import Decimal

import narwhals as nw

from metrics.plan import RECORD
from metrics.purchases import Frame
from metrics.segment import Thresholds

LEAST_RECORDS = 50
"""A share says nothing about a handful: fewer affected records than this never hold a plan."""
BLANK_SHARE = Decimal("0.05")
REGROUPED_SHARE = Decimal("0.05")


@dataclass(frozen=True, slots=True)
class PlanFacts:
    """What a plan would do to the records whose segment is set on the platform (others are first fills).

    `filled`: their number. `moves`: how many of them change the segment otherwise than from active to
    lapsed on or after the lapse date they hold. `held`: how many hold each field; `blanked`: how many
    would lose it.
    """

    filled: int
    moves: int
    held: Mapping[str, int]
    blanked: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class GuardFacts:
    """Everything the guard looks at.

    `known_persons`: persons who had an id before this run; `regrouped`: how many of them were joined with
    another or split. `emptied_streams`: streams without a live row that had some before.
    `last_thresholds`, `last_as_of`: those of the last confirmed write, None where there is none.
    `calibrated`: the last thresholds with the values in place that `calibrate --accept` wrote, if it did.
    """

    plan: PlanFacts
    known_persons: int
    regrouped: int
    thresholds: Thresholds
    as_of: date
    last_thresholds: Thresholds | None = None
    calibrated: Thresholds | None = None
    last_as_of: date | None = None
    emptied_streams: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Hold:
    """One reason to hold a plan. `code` names a message, `details` fill it."""

    code: str
    details: Mapping[str, str] = field(default_factory=dict)


def plan_facts(
    changes: Frame, held: Frame, keys: Sequence[str], *, as_of: date, otherwise: Frame | None = None
) -> PlanFacts:
    """Count what the guard needs, set-wise.

    In: `changes` (`plan.differences`, materialised), `held` (as given to it, materialised), `keys`: the
    keys that are written. Reads `held_segment` and `held_lapses_on`. `otherwise` (`person_id`, `segment`):
    where new thresholds were approved, the segments without them; moves are counted as if those were
    written, so that the approval covers what the thresholds move and nothing else.
    """
    filled = held.filter(_is_set(nw.col("held_segment")))
    counts = filled.select(
        nw.len().alias("filled"),
        *(_is_set(nw.col(f"held_{key}")).cast(nw.Int64).sum().alias(key) for key in keys),
    )
    total, *per_key = counts.collect().row(0)
    blanked = (
        changes.filter(nw.col("new").is_null())
        .join(filled.select(*RECORD), on=list(RECORD), how="semi")
        .group_by("field")
        .agg(nw.len().alias("count"))
    )
    return PlanFacts(
        filled=int(total),
        moves=_unannounced_moves(_unmoved(changes, otherwise), filled, as_of),
        held={key: int(count or 0) for key, count in zip(keys, per_key, strict=True)},
        blanked=dict(sorted(blanked.collect().rows())),
    )


def reasons_to_hold(facts: GuardFacts, *, max_segment_moves: Decimal) -> tuple[Hold, ...]:
    """Why this plan must not be written without approval; empty where nothing is surprising.

    Held: more than `max_segment_moves` (a share) of the records whose segment is set move otherwise than
    on their announced date; one field goes blank on more than 5 %; joins or splits touch more than 5 % of
    the persons known before (each of these only from 50 affected on); a stream has gone empty; the
    thresholds are not those of the last confirmed write, unless each that changed has the very value that
    `calibrate --accept` wrote; the as-of date lies before its. See docs/operators.md.
    """
    plan = facts.plan
    holds = [Hold("stream_empty", {"stream": stream}) for stream in facts.emptied_streams]
    if _surprising(plan.moves, plan.filled, max_segment_moves):
        holds.append(Hold("segment_moves", _counted(plan.moves, plan.filled, max_segment_moves)))
    for key, count in plan.blanked.items():
        if _surprising(count, plan.held.get(key, 0), BLANK_SHARE):
            details = _counted(count, plan.held.get(key, 0), BLANK_SHARE)
            holds.append(Hold("field_blank", details | {"field": key}))
    if _surprising(facts.regrouped, facts.known_persons, REGROUPED_SHARE):
        details = _counted(facts.regrouped, facts.known_persons, REGROUPED_SHARE)
        holds.append(Hold("joins_splits", details))
    return (*holds, *_against_the_last_write(facts))


def _against_the_last_write(facts: GuardFacts) -> list[Hold]:
    holds = []
    if facts.last_thresholds is not None and not approved(
        facts.last_thresholds, facts.thresholds, facts.calibrated
    ):
        details = {"before": _words(facts.last_thresholds), "now": _words(facts.thresholds)}
        holds.append(Hold("thresholds", details))
    if facts.last_as_of is not None and facts.as_of < facts.last_as_of:
        days = {"before": facts.last_as_of.isoformat(), "now": facts.as_of.isoformat()}
        holds.append(Hold("as_of", days))
    return holds


def approved(last: Thresholds, now: Thresholds, calibrated: Thresholds | None) -> bool:
    """Whether every threshold is that of the last write, or the one that `calibrate --accept` wrote."""
    known = (asdict(last), asdict(calibrated or last))
    return all(value in (before[name] for before in known) for name, value in asdict(now).items())


def _unmoved(changes: Frame, otherwise: Frame | None) -> Frame:
    """`changes` with the segments that `otherwise` has in place of the new ones."""
    if otherwise is None:
        return changes
    without = nw.when(nw.col("new").is_null()).then(nw.col("new")).otherwise(nw.col("segment"))
    joined = changes.filter(nw.col("field") == "segment").join(otherwise, on="person_id", how="left")
    return joined.with_columns(new=without.fill_null(nw.col("new"))).filter(
        nw.col("new").is_null() | (nw.col("new") != nw.col("old")) | nw.col("old").is_null()
    )


def _unannounced_moves(changes: Frame, filled: Frame, as_of: date) -> int:
    """Segment changes other than X_active to X_lapsed with a held lapse date of `as_of` or earlier."""
    old, new, lapses = nw.col("old"), nw.col("new"), nw.col("held_lapses_on")
    announced = (
        old.str.ends_with("_active")
        & (new == old.str.replace_all("_active", "_lapsed", literal=True))
        & (lapses <= as_of.isoformat())
    )
    moved = (
        changes.filter(nw.col("field") == "segment", _is_set(old))
        .join(filled.select(*RECORD, "held_lapses_on"), on=list(RECORD), how="inner")
        .filter(~announced.fill_null(False))
    )
    return int(moved.select(nw.len().alias("count")).collect().item())


def _is_set(text: nw.Expr) -> nw.Expr:
    return text.fill_null("") != ""


def _surprising(count: int, base: int, share: Decimal) -> bool:
    return count >= LEAST_RECORDS and count > share * base


def _counted(count: int, base: int, share: Decimal) -> dict[str, str]:
    return {"count": str(count), "base": str(base), "share": str(share), "least": str(LEAST_RECORDS)}


def _words(thresholds: Thresholds) -> str:
    return (
        f"{thresholds.best_spend:f} / {thresholds.steady_days} / {thresholds.best_days}"
        f" / {thresholds.lapse_days}"
    )
