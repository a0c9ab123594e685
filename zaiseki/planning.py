"""Planning: which fields of which records differ from what the rules say, and whether that is surprising."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

import narwhals as nw

from metrics.guard import GuardFacts, Hold, plan_facts, reasons_to_hold
from metrics.plan import RECORD, PlanSummary, Target, canonical_texts, differences, summarise
from metrics.plan_file import Difference, PlanUnreadable, digest_of, read_plan, write_plan
from metrics.segment import Thresholds
from sync import frames, runs
from sync.runs import Run
from zaiseki.balance import StreamLine
from zaiseki.errors import Stop
from zaiseki.job import Job
from zaiseki.scoring import Scores
from zaiseki.world import World

RECORD_FORMS = (
    ("shopify", re.compile(r"^gid://shopify/Customer/(\d+)$")),
    ("shopify", re.compile(r"^shopify:(\d+)$")),
    ("salesforce", re.compile(r"^([a-zA-Z0-9]{15}(?:[a-zA-Z0-9]{3})?)$")),
)

GUARDED = ("segment", "lapses_on")
"""What the guard reads of every record, whether or not this run writes it."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The differences, materialised in the store, and their counts; `held` is what the platforms hold."""

    changes: nw.LazyFrame[Any]
    held: nw.LazyFrame[Any]
    keys: tuple[str, ...]
    summary: PlanSummary


def make_plan(job: Job, world: World) -> Plan:
    """Compare every writable record with the scores of its person. Raises `Stop` for an unknown `--only`."""
    store = job.store
    keys = tuple(field.key for field in world.fields if any(field.key in ks for ks in world.keys.values()))
    fields = [field for field in world.fields if field.key in keys]
    held = store.materialise(frames.held(store, tuple(dict.fromkeys((*keys, *GUARDED)))))
    texts = canonical_texts(nw.from_native(store.con.table("scores")), fields)
    targets = [
        Target(platform, world.sites[platform].account, name, frozenset(ks))
        for (platform, name), ks in world.keys.items()
    ]
    every = differences(held, texts, targets, keys, materialise=store.materialise)
    changes = store.materialise(_chosen(job, every))
    return Plan(changes, held, keys, summarise(changes))


def reasons(
    job: Job,
    world: World,
    plan: Plan,
    *,
    thresholds: Thresholds,
    known_persons: int,
    lines: Mapping[str, StreamLine],
) -> tuple[Hold, ...]:
    """Why the plan must not be written without approval."""
    last = _last_write(job)
    known = _thresholds_of(last) if last and last.thresholds else None
    facts = GuardFacts(
        plan=plan_facts(plan.changes, plan.held, plan.keys, as_of=world.as_of),
        known_persons=known_persons,
        regrouped=_regrouped(job, last),
        thresholds=thresholds,
        as_of=world.as_of,
        last_thresholds=known,
        last_as_of=last.as_of if last else None,
        emptied_streams=_emptied(last, lines),
    )
    return reasons_to_hold(facts, max_segment_moves=job.settings.write.max_segment_moves)


def plan_rows(job: Job, plan: Plan) -> Iterator[Difference]:
    """The differences, those of one record next to each other, streamed."""
    columns = ", ".join((*RECORD, "field", "old", "new"))
    cursor = job.store.con.execute(
        f"SELECT {columns} FROM ({plan.changes.to_native().sql_query()}) ORDER BY {', '.join(RECORD)}, field"
    )
    while rows := cursor.fetchmany(10_000):
        yield from rows


def save_plan_file(job: Job, world: World, plan: Plan, scores: Scores) -> None:
    """Write `--out`. Raises `Stop` where that file cannot be made."""
    path = job.options.plan_out
    if path is None:
        return
    facts = {"run_id": job.run_id, "as_of": str(world.as_of), **thresholds_as_text(scores.thresholds)}
    try:
        write_plan(path, facts, plan_rows(job, plan))
    except OSError as error:
        raise Stop("plan_unwritable", path=str(path), cause=type(error).__name__) from error


def must_equal_file(job: Job, plan: Plan) -> None:
    """Refuse unless the present plan is exactly the one handed in with `--plan`."""
    path = job.options.plan_file
    if path is None:
        return
    try:
        before = read_plan(path)
    except PlanUnreadable as error:
        raise Stop(error.code, path=str(path), cause=type(error.__cause__ or error).__name__) from error
    except OSError as error:
        raise Stop("plan_unreadable", path=str(path), cause=type(error).__name__) from error
    now = digest_of(plan_rows(job, plan))
    if (now.text, now.count) != (before.digest, before.differences):
        raise Stop(
            "plan_differs",
            exit_code=2,
            path=str(path),
            before=str(before.differences),
            now=str(now.count),
        )


def thresholds_as_text(thresholds: Thresholds) -> dict[str, str]:
    """Thresholds as they are kept with a run and in a plan file."""
    return {key: str(value) for key, value in asdict(thresholds).items()}


def _chosen(job: Job, changes: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """The differences of the records chosen with `--first` or `--only`."""
    if job.options.only:
        platform, known = _record(job, job.options.only)
        return changes.filter(nw.col("platform") == platform, nw.col("id") == known)
    if job.options.first:
        some = changes.select(*RECORD).unique().sort(*RECORD).head(job.options.first)
        return changes.join(some, on=list(RECORD), how="semi")
    return changes


def _record(job: Job, given: str) -> tuple[str, str]:
    """Platform and id of the writable record that `given` names; a Salesforce id has 15 characters or 18."""
    for platform, form in RECORD_FORMS:
        if found := form.match(given):
            rows = job.store.rows(_RECORD, platform, *found.groups() * 2)
            if rows:
                return platform, rows[0][0]
    raise Stop("record_unknown", record=given)


# The last three characters of a Salesforce id repeat what the first 15 say.
_RECORD = """
SELECT id FROM records
WHERE platform = ? AND (id = ? OR (platform = 'salesforce' AND id[:15] = ?))
    AND write_target AND NOT deleted"""


def _last_write(job: Job) -> Run | None:
    """The last run that wrote to everybody, on one platform at least."""
    return runs.last_confirmed(job.store)


def _thresholds_of(run: Run) -> Thresholds:
    kept = run.thresholds
    return Thresholds(
        Decimal(str(kept["best_spend"])),
        int(kept["steady_days"]),
        int(kept["best_days"]),
        int(kept["lapse_days"]),
    )


def _regrouped(job: Job, last: Run | None) -> int:
    """Persons joined or split since the last write: a plan in between has already settled who they are."""
    if last is None:
        return 0
    ((count,),) = job.store.rows(
        """SELECT count(DISTINCT other_id) FROM person_log WHERE kind IN ('join', 'split')
        AND run_id IN (SELECT run_id FROM runs WHERE started_at >= ? AND run_id <> ?)""",
        last.started_at,
        last.run_id,
    )
    return int(count)


def _emptied(last: Run | None, lines: Mapping[str, StreamLine]) -> tuple[str, ...]:
    """Streams without a live row that had some when last written."""
    before = last.balance.get("streams", {}) if last else {}
    return tuple(
        name for name, line in lines.items() if not line.live and before.get(name, {}).get("live", 0)
    )
