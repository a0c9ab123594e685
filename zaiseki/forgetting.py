"""Forgetting a person: our fields are cleared on every record first, and only then the store forgets."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import narwhals as nw
import pyarrow as pa

from connectors.base import Connector, Site
from connectors.errors import ConnectorError
from metrics.writeback import WriteCount, write_back
from sync import bookmarks, erase, runs, whole_person, writes
from sync.decisions import Ref
from sync.erase import Erased
from sync.keys import fold_email
from sync.whole_person import Part
from zaiseki.errors import Stop
from zaiseki.job import Job
from zaiseki.named import name_of, record_named
from zaiseki.outcome import DONE, ERROR, IN_PART
from zaiseki.surveying import known_account

STATE = "forgotten"
"""How a run that forgot somebody is remembered; of whom is not."""


class Null(NamedTuple):
    """One field of one record that is to be blanked, and what it holds."""

    ref: Ref
    field: str
    old: str


@dataclass(frozen=True, slots=True)
class Forgotten:
    """How it ended: what became of the fields by connector, and what the store lost, None if nothing."""

    run_id: str
    parts: tuple[Part, ...]
    writes: Mapping[str, WriteCount]
    failures: Mapping[str, ConnectorError]
    erased: Erased | None = None

    @property
    def cleared(self) -> bool:
        """Whether every platform has confirmed that nothing of ours is left."""
        open_ = any(line.rejected or line.held for line in self.writes.values())
        return self.balanced and not self.failures and not open_

    @property
    def balanced(self) -> bool:
        """Whether every record that was to be cleared is accounted for."""
        return all(
            line.planned == line.written + line.unchanged + line.rejected + line.held
            for line in self.writes.values()
        )

    @property
    def exit_code(self) -> int:
        """0 forgotten, 1 a platform failed or the books do not balance, 3 a record refused to be cleared."""
        if self.failures or not self.balanced:
            return ERROR
        return DONE if self.erased else IN_PART

    def as_json(self) -> dict[str, Any]:
        """The object of `--json`."""
        total = {
            part: sum(getattr(line, part) for line in self.writes.values())
            for part in ("planned", "written", "unchanged", "rejected", "held")
        }
        return {
            "run_id": self.run_id,
            "members": [member(part) for part in self.parts],
            **total,
            "writes": {name: asdict(line) for name, line in self.writes.items()},
            "failures": {name: error.code for name, error in self.failures.items()},
            "erased": asdict(self.erased) if self.erased else None,
            "balanced": self.balanced,
            "exit_code": self.exit_code,
        }


def member(part: Part) -> dict[str, Any]:
    """One record as it is shown: what it is, why it belongs to the person, what will be cleared on it."""
    return {
        "record": name_of(part.ref),
        "platform": part.ref.platform,
        "object": part.ref.object,
        "rule": part.rule or "",
        "fields": sorted(part.held) if part.writable else [],
    }


def find(job: Job, *, record: str | None, email: str | None, everybody: bool = False) -> tuple[Part, ...]:
    """Everything that is to be forgotten: the person of a record, or the one who holds an address.

    Raises `Stop` where nothing is known of them, or where several people hold the address and `everybody`
    does not say that all of them are meant; the address is never repeated.
    """
    if record is not None:
        refs = [record_named(job.store, record)]
    else:
        folded = fold_email(email)
        if folded is None:
            raise Stop("email_invalid")
        refs = whole_person.holders(job.store, job.key.of("email", folded))
    if not refs:
        raise Stop("forget_nobody")
    parts = tuple(whole_person.parts_of(job.store, refs))
    if email is not None and not everybody:
        _must_be_one(parts, refs)
    return parts


def _must_be_one(parts: Sequence[Part], holders: Sequence[Ref]) -> None:
    """Raises `Stop`, naming a record of each, where the holders of an address are several people."""
    people = {
        part.person_id or part.ref: name_of(part.ref) for part in reversed(parts) if part.ref in holders
    }
    if len(people) > 1:
        raise Stop("forget_several", count=str(len(people)), records=", ".join(sorted(people.values())))


def forget(job: Job, parts: tuple[Part, ...]) -> Forgotten:
    """Clear our fields on every record that holds some; when all is confirmed, erase the persons.

    Where a record refuses or a platform fails nothing is erased. Raises `Stop` where a record cannot be
    reached or written at all, `ConnectorError` where a platform cannot be asked.
    """
    sites = {connector.name: _ask(job, connector) for connector in job.connectors}
    at = min(site.server_time for site in sites.values())
    planned = _planned(sites, parts)
    runs.begin(job.store, job.run_id, at)
    _save(job, planned, at)
    lines, failures, gone = _clear(job, sites, planned)
    done = Forgotten(job.run_id, parts, lines, failures)
    if done.cleared:
        erase.intend(job.store, [part.ref for part in parts], at, gone=gone)
        erased = erase.carry_out(job.store, job.forgotten())
        done = replace(done, erased=erased)
    _note(job, done, at)
    return done


def _ask(job: Job, connector: Connector) -> Site:
    """What a platform says of itself; nothing that a run which died has sent may arrive after our nulls."""
    account = known_account(job, connector)
    if account is None or writes.unsettled(job.store, connector.platform, account):
        connector.settle()
    if account is None:
        return connector.survey(dict.fromkeys(connector.streams))
    return connector.survey(bookmarks.of(job.store, connector.platform, account, connector.streams))


def _planned(sites: Mapping[str, Site], parts: tuple[Part, ...]) -> dict[str, list[Null]]:
    """The fields to blank, by connector. Raises `Stop` where they cannot be."""
    planned: dict[str, list[Null]] = {name: [] for name in sites}
    names = {(str(site.platform), site.account): name for name, site in sites.items()}
    for part in parts:
        if not (part.writable and part.held):
            continue
        ref = part.ref
        name = names.get((ref.platform, ref.account))
        if name is None:
            raise Stop("forget_unreachable", record=name_of(ref), account=ref.account)
        _must_be_clearable(sites[name], part)
        planned[name] += [Null(ref, key, part.held[key]) for key in sorted(part.held)]
    return planned


def _must_be_clearable(site: Site, part: Part) -> None:
    """Raises `Stop` for a field that we cannot write, or do not see any more: a metafield outlives its
    definition, and who hides a field has not emptied it."""
    name, platform = part.ref.object, site.platform.capitalize()
    unseen = sorted(part.held.keys() - site.present.get(name, frozenset()))
    if unseen:
        raise Stop("fields_missing", platform=platform, object=name, fields=", ".join(unseen))
    refused = sorted(part.held.keys() - site.writable.get(name, frozenset()))
    if refused:
        raise Stop("fields_not_writable", platform=platform, object=name, fields=", ".join(refused))


def _save(job: Job, planned: Mapping[str, list[Null]], at: datetime) -> None:
    nulls = [null for some in planned.values() for null in some]
    columns = {
        **{name: [getattr(null.ref, name) for null in nulls] for name in Ref._fields},
        "field": [null.field for null in nulls],
        "old": [null.old for null in nulls],
        "new": [None for _ in nulls],
    }
    table = pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()})
    con = job.store.con
    con.register("nulls", table)
    try:
        writes.save_plan(job.store, job.run_id, nw.from_native(con.table("nulls")), at=at)
    finally:
        con.unregister("nulls")


def _clear(
    job: Job, sites: Mapping[str, Site], planned: Mapping[str, list[Null]]
) -> tuple[dict[str, WriteCount], dict[str, ConnectorError], list[Ref]]:
    """What became of the records, which platforms failed, and which records are not there any more."""
    lines: dict[str, WriteCount] = {}
    failures: dict[str, ConnectorError] = {}
    gone: list[Ref] = []
    for connector in job.connectors:
        name, count = connector.name, len({null.ref for null in planned[connector.name]})
        job.step("progress_write", total=count, platform=name)
        line, failure = write_back(job.store, job.run_id, connector, sites[name].account, planned=count)
        found = erase.cleared_by_being_gone(job.store, job.run_id, connector.platform, sites[name].account)
        lines[name] = replace(
            line, unchanged=line.unchanged + len(found), rejected=line.rejected - len(found)
        )
        gone += found
        if failure:
            failures[name] = failure
    return lines, failures, gone


def _note(job: Job, done: Forgotten, at: datetime) -> None:
    """Keep with the runs that somebody was forgotten, and what it cost; not who."""
    told = {name: fact for name, fact in done.as_json().items() if name != "members"}
    runs.finish(
        job.store,
        job.run_id,
        state=STATE if done.erased else "failed",
        exit_code=done.exit_code,
        finished_at=at + timedelta(seconds=time.monotonic() - job.began),
        balance=told,
    )
