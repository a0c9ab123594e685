"""Planning: which fields of which records differ from what the rules say, and whether that is surprising."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

import narwhals as nw

from metrics.guard import LEAST_RECORDS, GuardFacts, Hold, plan_facts, reasons_to_hold
from metrics.plan import RECORD, PlanSummary, Target, canonical_texts, differences, summarise
from metrics.plan_file import Difference, PlanUnreadable, digest_of, read_plan, write_plan
from metrics.segment import Thresholds
from sync import frames, runs
from sync.runs import Run
from sync.streams import STREAMS
from sync.twins import Twins
from zaiseki import approval
from zaiseki.balance import StreamLine
from zaiseki.errors import Stop
from zaiseki.job import Job
from zaiseki.left_alone import without_unsure
from zaiseki.outcome import TWINS
from zaiseki.scoring import Scores
from zaiseki.world import World

RECORD_FORMS = (
    ("shopify", re.compile(r"^gid://shopify/Customer/(\d+)$")),
    ("shopify", re.compile(r"^shopify:(\d+)$")),
    ("salesforce", re.compile(r"^([a-zA-Z0-9]{15}(?:[a-zA-Z0-9]{3})?)$")),
)

TWIN_SHARE = Decimal("0.05")
"""Of one system's orders: with more possible twins nobody can tell whether orders count twice."""

GUARDED = ("segment", "lapses_on")
"""What the guard reads of every record, whether or not this run writes it."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The differences, materialised in the store, and their counts; `held` is what the platforms hold,
    `records` how many of them differ, by connector."""

    changes: nw.LazyFrame[Any]
    held: nw.LazyFrame[Any]
    keys: tuple[str, ...]
    summary: PlanSummary
    records: Mapping[str, int]


def make_plan(job: Job, world: World) -> Plan:
    """Compare every writable record with the scores of its person. Raises `Stop` for an unknown `--only`."""
    store = job.store
    keys = tuple(field.key for field in world.fields if any(field.key in ks for ks in world.keys.values()))
    fields = [field for field in world.fields if field.key in keys]
    held = store.materialise(frames.held(store, tuple(dict.fromkeys((*keys, *GUARDED)))))
    texts = canonical_texts(nw.from_native(store.con.table("scores")), fields)
    targets = [
        Target(world.sites[connector].platform, world.sites[connector].account, name, frozenset(ks))
        for (connector, name), ks in world.keys.items()
    ]
    every = differences(held, texts, targets, keys, materialise=store.materialise)
    known = without_unsure(store, every, world.exclusion_unseen)
    changes = store.materialise(_chosen(job, known))
    return Plan(changes, held, keys, summarise(changes), _records(world, changes))


def reasons(
    job: Job,
    world: World,
    plan: Plan,
    scores: Scores,
    *,
    known_persons: int,
    lines: Mapping[str, StreamLine],
) -> tuple[Hold, ...]:
    """Why the plan must not be written without approval, or not before the settings tell what twins are."""
    last = _last_write(job)
    known = thresholds_of(last) if last and last.thresholds else None
    otherwise = approval.segments_otherwise(job.store, scores.thresholds, last=known, as_of=world.as_of)
    facts = GuardFacts(
        plan=plan_facts(plan.changes, plan.held, plan.keys, as_of=world.as_of, otherwise=otherwise),
        known_persons=known_persons,
        regrouped=_regrouped(job, last),
        thresholds=scores.thresholds,
        as_of=world.as_of,
        last_thresholds=known,
        calibrated=approval.calibrated(job.store, known),
        last_as_of=last.as_of if last else None,
        emptied_streams=_emptied(last, lines),
    )
    surprising = reasons_to_hold(facts, max_segment_moves=job.settings.write.max_segment_moves)
    return (*surprising, *_undecided_twins(job, scores.twins))


def _undecided_twins(job: Job, twins: Twins) -> tuple[Hold, ...]:
    """So many orders look as if they stood in both systems that counting them twice would be wrong."""
    salesforce = job.settings.salesforce
    if job.settings.purchases.duplicates or (salesforce and salesforce.order_reference):
        return ()
    fewer = min(twins.shopify_orders, twins.salesforce_orders)
    if twins.possible < LEAST_RECORDS or twins.possible <= TWIN_SHARE * fewer:
        return ()
    facts = {"count": twins.possible, "shopify": twins.shopify_orders, "salesforce": twins.salesforce_orders}
    return (Hold(TWINS, {name: str(fact) for name, fact in facts.items()}),)


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


def _records(world: World, changes: nw.LazyFrame[Any]) -> dict[str, int]:
    """How many records differ, by connector."""
    records = changes.select(*RECORD).unique().group_by("platform", "account").agg(nw.len().alias("count"))
    found = {(platform, account): int(count) for platform, account, count in records.collect().rows()}
    return {name: found.get((site.platform, site.account), 0) for name, site in world.sites.items()}


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
    """Platform and id of the writable record that `given` names; a Salesforce id has 15 characters or 18,
    and a Person Account two of them."""
    for platform, form in RECORD_FORMS:
        if found := form.match(given):
            rows = job.store.rows(_RECORD, platform, *found.groups() * 3)
            if rows:
                return platform, rows[0][0]
    raise Stop("record_unknown", record=given)


# The last three characters of a Salesforce id repeat what the first 15 say.
_RECORD = """
SELECT id FROM records
WHERE platform = ? AND write_target AND NOT deleted
    AND (? IN (id, alias_id) OR (platform = 'salesforce' AND (id[:15] = ? OR alias_id[:15] = ?)))"""


def _last_write(job: Job) -> Run | None:
    """The last run that wrote to everybody, on one platform at least."""
    return runs.last_confirmed(job.store)


def thresholds_of(run: Run) -> Thresholds:
    """The thresholds that a run scored with."""
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
    """Streams without a live row that had some when last written, other than those forgotten on request."""
    before = last.balance.get("streams", {}) if last else {}
    return tuple(
        name
        for name, line in lines.items()
        if not line.live
        and not _tells_of_touches(name)
        and before.get(name, {}).get("live", 0) > line.forgotten - before.get(name, {}).get("forgotten", 0)
    )


def _tells_of_touches(stream: str) -> bool:
    """Whether a stream brings what else happened; the last case or checkout may well be gone."""
    platform, _, name = stream.partition(".")
    found = STREAMS.get((platform.partition(":")[0], name))  # type: ignore[arg-type]  # any text may ask
    return found is not None and found.table == "touches"
