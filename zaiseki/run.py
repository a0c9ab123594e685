"""One run of the job, in the order in which it happens.

`run` is the whole product in eight words; each is a function of this file that calls one room further left.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import timedelta

from connectors.errors import ConnectorError
from metrics.guard import Hold
from metrics.writeback import WriteCount, write_back
from sync import attention, decisions, runs
from sync import identify as identity_of
from sync.identify import Identity, IdentityRules
from sync.pull import pull_stream
from sync.writes import save_plan, settle
from zaiseki import completeness, earlier, limits, planning, scoring, standing, surveying
from zaiseki.balance import Balance, StreamLine
from zaiseki.errors import Stop
from zaiseki.job import Job
from zaiseki.outcome import Outcome, still_held
from zaiseki.people import count_people
from zaiseki.planning import Plan
from zaiseki.platform_messages import errors_of
from zaiseki.scoring import Scores
from zaiseki.surveying import Source
from zaiseki.world import World

Lines = dict[str, StreamLine]


@dataclass(frozen=True, slots=True)
class Written:
    """What became of the plan, by connector; `failures` are those that could not be written completely."""

    lines: Mapping[str, WriteCount] = field(default_factory=dict)
    failures: Mapping[str, ConnectorError] = field(default_factory=dict)


def run(job: Job) -> Outcome:
    """Bring every field up to date or, where the job does not write, tell what that would change.

    Raises `zaiseki.errors.Stop` or `connectors.errors.ConnectorError` where something must be mended first
    or a platform cannot be read completely: what was stored stays, nothing is scored or written.
    """
    world, sources = pull(job)
    world, lines = normalise(job, world, sources)
    identity = identify(job, world)
    scores = score(job, world)
    changes = plan(job, world, scores)
    holds = guard(job, world, changes, lines=lines, identity=identity, scores=scores)
    written = write(job, world, scores, changes, holds)
    return account(
        job,
        world,
        lines=lines,
        identity=identity,
        scores=scores,
        changes=changes,
        holds=holds,
        written=written,
    )


def pull(job: Job) -> tuple[World, tuple[Source, ...]]:
    """Ask both platforms about themselves and open their streams; rows come when they are normalised."""
    earlier.must_be_there(job)
    world, sources = surveying.survey(job)
    runs.begin(job.store, job.run_id, world.started_at)
    return world, sources


def normalise(job: Job, world: World, sources: tuple[Source, ...]) -> tuple[World, Lines]:
    """Take every stream into the store, batch by batch, see that nothing is missing, and what was hidden.

    Raises `Stop` where a platform counts other rows than were read, whatever was tried.
    """
    lines = {source.name: _take_in(job, source) for source in sources} | earlier.read(job, world)
    missing = [
        f"{name}: {line.on_platform} there, {line.here()} read" for name, line in lines.items() if line.gap()
    ]
    if missing:
        raise Stop("unbalanced", lines="; ".join(missing), run=job.run_id)
    world = limits.found(job, world)
    surveying.remember(job, world)
    for platform, account in {(source.connector.platform, source.site.account) for source in sources}:
        settle(job.store, platform, account)
    return world, lines


def _take_in(job: Job, source: Source) -> StreamLine:
    job.step("progress_pull", total=source.expected, stream=source.name)
    sweep_days = job.settings.sync.sweep_days
    due = completeness.is_due(job.store, source, full=job.options.full, sweep_days=sweep_days)
    with errors_of(source.connector):
        counted = pull_stream(
            source.connector,
            source.site,
            job.store,
            account=source.account,
            stream=source.stream,
            run_id=job.run_id,
        )
        return completeness.check(job.store, source, counted, sweep_due=due)


def identify(job: Job, world: World) -> Identity:
    """Make one customer of the records of both platforms."""
    job.step("progress_identify")
    given, org = job.settings.identity, job.settings.salesforce
    accounts = org.accounts if org else "auto"
    decisions.settle(job.store, job.decisions(), accounts)
    rules = IdentityRules(
        max_sharing=given.max_sharing,
        max_members=given.max_members,
        email_refused=world.email_refused,
        names_unseen=world.names_unseen,
        accounts=accounts,
    )
    return identity_of.identify(job.store, run_id=job.run_id, at=world.started_at, rules=rules)


def score(job: Job, world: World) -> Scores:
    """Compute every score of every person, as of one day."""
    job.step("progress_score")
    return scoring.score(job, world)


def plan(job: Job, world: World, scores: Scores) -> Plan:
    """Compare with what the platforms hold; nothing is written yet."""
    job.step("progress_plan")
    changes = planning.make_plan(job, world)
    planning.save_plan_file(job, world, changes, scores)
    planning.must_equal_file(job, changes)
    return changes


def guard(
    job: Job, world: World, changes: Plan, *, lines: Lines, identity: Identity, scores: Scores
) -> tuple[Hold, ...]:
    """Refuse a surprising plan."""
    return planning.reasons(job, world, changes, scores, known_persons=identity.before, lines=lines)


def write(job: Job, world: World, scores: Scores, changes: Plan, holds: tuple[Hold, ...]) -> Written:
    """Send what changed, account by account; a failure of one does not stop the others."""
    planned = changes.records
    if not job.writing or still_held(holds, approved=job.options.approve):
        held = job.writing
        return Written({name: WriteCount(planned=n, held=n if held else 0) for name, n in planned.items()})
    scoring.accept_derived(job, world, scores)
    lines: dict[str, WriteCount] = {}
    failures: dict[str, ConnectorError] = {}
    save_plan(job.store, job.run_id, changes.changes, at=world.started_at)
    for connector in job.connectors:
        name, account = connector.name, world.sites[connector.name].account
        job.step("progress_write", total=planned[name], platform=name)
        lines[name], failure = write_back(job.store, job.run_id, connector, account, planned=planned[name])
        if failure:
            failures[name] = failure
    return Written(lines, failures)


def account(
    job: Job,
    world: World,
    *,
    lines: Lines,
    identity: Identity,
    scores: Scores,
    changes: Plan,
    holds: tuple[Hold, ...],
    written: Written,
) -> Outcome:
    """Add everything up, keep it with the run, and say how it ended."""
    outcome = Outcome(
        balance=_balance(job, world, lines=lines, identity=identity, scores=scores, written=written),
        summary=changes.summary,
        holds=holds,
        portfolio=scores.portfolio,
        failures=written.failures,
        unacknowledged=attention.unacknowledged(job.store, job.run_id),
        warnings=world.warnings,
        notes=scores.notes,
        writing=job.writing,
        approved=job.options.approve,
        chosen_only=bool(job.options.first or job.options.only),
    )
    _keep(job, world, scores, outcome)
    return outcome


def _keep(job: Job, world: World, scores: Scores, outcome: Outcome) -> None:
    """Leave the outcome with the run, for `status` and `why`."""
    runs.finish(
        job.store,
        job.run_id,
        state=outcome.state,
        exit_code=outcome.exit_code,
        finished_at=world.started_at + timedelta(seconds=outcome.balance.seconds),
        as_of=world.as_of,
        thresholds=planning.thresholds_as_text(scores.thresholds) if world.whole_history else None,
        balance=outcome.as_json(),
    )
    standing.remember(job.store)


def _balance(
    job: Job, world: World, *, lines: Lines, identity: Identity, scores: Scores, written: Written
) -> Balance:
    return Balance(
        run_id=job.run_id,
        as_of=world.as_of,
        seconds=time.monotonic() - job.began,
        streams=lines,
        people=count_people(job.store, identity, scores.twins),
        left_out=scores.left_out,
        writes=written.lines,
        writing=job.writing,
        api={connector.name: asdict(connector.usage) for connector in job.connectors},
    )
