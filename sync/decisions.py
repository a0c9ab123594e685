"""What somebody decided of pairs and groups of records: in the store for the next run, and in a file of keyed
lines, so that a decision outlives the store.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

from sync.guests import refresh_guests
from sync.keyed_lines import KeyedFile, instant, stamp
from sync.keys import HashKey
from sync.owners import Accounts
from sync.store import Store

Verdict = Literal["accept", "reject"]
NO_OTHER = "-"
TRIED = "decision lines tried"
BATCH = 50_000


class Ref(NamedTuple):
    """A record of the store."""

    platform: str
    account: str
    object: str
    id: str


@dataclass(frozen=True, slots=True)
class Decision:
    """`accept`: the two records are one person; `reject`: they never are. Without `other` it speaks of the
    whole group that `one` anchors: it may be as large as it is, or stays apart."""

    verdict: Verdict
    one: Ref
    other: Ref | None
    at: datetime


def decide(store: Store, file: KeyedFile, decisions: Sequence[Decision]) -> None:
    """Keep decisions in the file and the store; the last one on a pair holds.

    Raises `StoreUnusable` where the file cannot be written: nothing is kept then.
    """
    # What a store that was lost cannot find yet stays to be looked for by the next run that read everything.
    settle(store, file, complete=False)
    settled = _tried(store, len(file.read()))
    file.append(_line(file.key, decision) for decision in decisions)
    with store.transaction():
        _put(store, decisions)
        if settled:  # the file is ahead only by what the store has just been told
            store.set_meta(TRIED, str(len(file.read())))


def settle(store: Store, file: KeyedFile, accounts: Accounts = "auto", *, complete: bool = True) -> int:
    """Bring the decisions of a store that was lost in line with the file; tells how many were found.

    `complete`: every record is read; guests, which may be decided on too, are derived here then. Hashing
    every record is dear, so it is done once for a file of so many lines: what is not found then is of records
    that no longer exist. Before that nothing is taken for gone.
    """
    lines = file.read()
    if _tried(store, len(lines)):
        return 0
    if complete:
        with store.transaction():
            refresh_guests(store, accounts)
    wanted = {line for _, one, other, _ in lines for line in (one, other)} - {NO_OTHER}
    refs = _resolved(store, file.key, wanted)
    found = [
        Decision(verdict, refs[one], refs.get(other), instant(at))  # type: ignore[arg-type]  # by the line's form
        for verdict, one, other, at in lines
        if one in refs and (other == NO_OTHER or other in refs)
    ]
    with store.transaction():
        _put(store, found)
        if complete:
            store.set_meta(TRIED, str(len(lines)))
    return len(found)


def ref_line(key: HashKey, ref: Ref) -> str:
    """The keyed hash of a record in a line; an account that becomes a person stays the same record."""
    return key.of("decision", f"{ref.platform}/{ref.account}/{ref.id}")


def _tried(store: Store, lines: int) -> bool:
    """Whether the store has been told all that a file of so many lines says."""
    return not lines or store.meta(TRIED) == str(lines)


def _line(key: HashKey, decision: Decision) -> tuple[str, ...]:
    other = ref_line(key, decision.other) if decision.other else NO_OTHER
    return decision.verdict, ref_line(key, decision.one), other, stamp(decision.at)


def _resolved(store: Store, key: HashKey, wanted: set[str]) -> dict[str, Ref]:
    found: dict[str, Ref] = {}
    for batch in _batches(store):
        for row in batch:
            ref = Ref(*row)
            line = ref_line(key, ref)
            if line in wanted:
                found[line] = ref
        if len(found) == len(wanted):
            break
    return found


def _batches(store: Store) -> Iterator[list[tuple[str, str, str, str]]]:
    cursor = store.con.cursor()
    try:
        cursor.execute("SELECT platform, account, object, id FROM records")
        while batch := cursor.fetchmany(BATCH):
            yield batch
    finally:
        cursor.close()


def _put(store: Store, decisions: Iterable[Decision]) -> None:
    for decision in decisions:
        one, other = sorted((decision.one, decision.other)) if decision.other else (decision.one, None)
        pair = [*one, *(other or (None,) * 4)]
        store.con.execute(_FORMER, pair)
        store.con.execute(
            f"INSERT INTO decisions VALUES ({', '.join('?' * 10)})", [*pair, decision.verdict, decision.at]
        )


_FORMER = """
DELETE FROM decisions WHERE platform = ? AND account = ? AND object = ? AND id = ?
    AND other_platform IS NOT DISTINCT FROM ? AND other_account IS NOT DISTINCT FROM ?
    AND other_object IS NOT DISTINCT FROM ? AND other_id IS NOT DISTINCT FROM ?"""
