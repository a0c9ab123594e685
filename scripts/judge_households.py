#!/usr/bin/env python3
"""Compare the persons of a store with the truth of a households scenario, and say what went wrong.

    python scripts/judge_households.py homes/zaiseki.duckdb homes/scenario [homes/scenario/later] [--json]

Pairs are pairs of live records. Precision: of the pairs that the store holds for one person, those that are;
recall: of the pairs that are one person, those the store holds. `findable` bounds recall: pairs that are tied
by any address, mobile number or link at all, if every one of them were read and believed.
A guest is known by its orders: a record of keys that several people ordered with is the first one's.
"""

import argparse
import csv
import json
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import duckdb

Key = tuple[str, str, str]
MOBILE = ("+8160", "+44740", "+49151", "+336", "+82102", "+1")
SHOWN = 12
MEMBERS = """
SELECT m.platform, m.object, o.id, m.person_id, m.rule
FROM members m JOIN (
    SELECT platform, account, object, id AS record, id FROM records WHERE object <> 'guest'
    UNION ALL
    SELECT r.platform, r.account, r.object, r.id, min(o.id) FROM records r JOIN orders o
        ON o.platform = r.platform AND o.account = r.account AND o.record_id IS NULL AND NOT o.deleted
        AND o.email_key IS NOT DISTINCT FROM r.email_key AND o.phone_key IS NOT DISTINCT FROM r.phone_key
    WHERE r.object = 'guest' GROUP BY ALL) o
ON o.platform = m.platform AND o.account = m.account AND o.object = m.object AND o.record = m.id"""


@dataclass(frozen=True, slots=True)
class Placed:
    """One live record: what is true of it, and where the store puts it."""

    key: Key
    true: dict[str, str]
    person: str
    rule: str


class Union:
    """Who belongs together, by any chain of pairs."""

    def __init__(self) -> None:
        self._above: dict[Hashable, Hashable] = {}

    def root(self, one: Hashable) -> Hashable:
        """The name of the group that `one` is in."""
        above = self._above.setdefault(one, one)
        while above != self._above[above]:
            above = self._above[above]
        self._above[one] = above
        return above

    def tie(self, one: Hashable, other: Hashable) -> None:
        """Put both into one group."""
        self._above[self.root(one)] = self.root(other)


def read_truth(*folders: Path) -> dict[Key, dict[str, str]]:
    """The rows of every `truth.csv` by (platform, object, id); a later folder replaces rows."""
    truth: dict[Key, dict[str, str]] = {}
    for folder in folders:
        with (folder / "truth.csv").open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                truth[row["platform"], row["object"], row["id"]] = row
    return truth


def judge(store: Path, *folders: Path) -> dict[str, Any]:
    """All figures and the worst kinds of errors. The store must not be open."""
    truth = read_truth(*folders)
    placed, unknown = _placed(store, truth)
    true_pairs = _pairs(one.true["person"] for one in placed)
    held_pairs = _pairs(one.person for one in placed)
    right = _pairs((one.true["person"], one.person) for one in placed)
    findable, people = _findable(placed), _people_by_value(placed)
    return {
        "records": len(placed),
        "unknown": dict(unknown),
        "people": len({one.true["person"] for one in placed}),
        "persons": len({one.person for one in placed}),
        "pairs": true_pairs,
        "precision": right / held_pairs if held_pairs else 1.0,
        "recall": right / true_pairs if true_pairs else 1.0,
        "findable": _pairs((one.true["person"], findable[one.key]) for one in placed) / (true_pairs or 1),
        "false_pairs": held_pairs - right,
        "missed_pairs": true_pairs - right,
        "conflicting": _conflicting(placed),
        "false": _kinds(_false(placed), _why_false),
        "missed": _kinds(_missed(placed), lambda a, b: _why_missed(a, b, findable, people)),
    }


def _people_by_value(placed: list[Placed]) -> dict[str, set[str]]:
    """Who has each value: the people of the truth by address and by number."""
    people: dict[str, set[str]] = defaultdict(set)
    for one in placed:
        people[one.true["email"]].add(one.true["person"])
        people[one.true["phone"]].add(one.true["person"])
    return people


def _placed(store: Path, truth: dict[Key, dict[str, str]]) -> tuple[list[Placed], Counter[str]]:
    """Every member whom the truth knows, and how many it does not know, by object: the accounts of
    households are in no truth, since they buy nothing unless their only contact went."""
    with duckdb.connect(str(store), read_only=True) as con:
        rows = con.execute(MEMBERS).fetchall()
        ((members,),) = con.execute("SELECT count(*) FROM members").fetchall()
    found: list[Placed] = []
    unknown: Counter[str] = Counter()
    for platform, kind, record, person, rule in rows:
        true = truth.get((platform, kind, record))
        if true is None:
            unknown[kind] += 1
        else:
            found.append(Placed((platform, kind, record), true, person, rule))
    if len(rows) != members:
        unknown["without a record"] += members - len(rows)
    return found, unknown


def _pairs(groups: Iterable[Hashable]) -> int:
    return sum(n * (n - 1) // 2 for n in Counter(groups).values())


def _findable(placed: list[Placed]) -> dict[Key, Hashable]:
    """Which of one person's records hang together by anything at all."""
    union = Union()
    for one in placed:
        person = one.true["person"]
        union.tie(one.key, (person, "record", one.true["id"]))
        if one.true["email"]:
            union.tie(one.key, (person, "email", one.true["email"]))
        if one.true["phone"].startswith(MOBILE):
            union.tie(one.key, (person, "phone", one.true["phone"]))
        if one.true["link"]:
            union.tie(one.key, (person, "record", one.true["link"]))
    return {one.key: union.root(one.key) for one in placed}


def _conflicting(placed: list[Placed]) -> list[str]:
    """Persons in whom two given names of one script differ, as they were written.

    What an explicit link ties may differ, since the link says that it is one, and agrees with every record
    that bears one of its names.
    """
    links = Union()
    for one in placed:
        links.tie(one.key, one.true["id"])
        if one.true["link"]:
            links.tie(one.key, one.true["link"])
    names: dict[tuple[str, str], dict[Hashable, set[str]]] = defaultdict(lambda: defaultdict(set))
    for one in placed:
        script, _, name = one.true["given"].partition(":")
        if name:
            names[one.person, script][links.root(one.key)].add(name)
    return sorted(
        {
            person
            for (person, _), borne in names.items()
            if any(one.isdisjoint(other) for one, other in combinations(borne.values(), 2))
        }
    )


def _false(placed: list[Placed]) -> Iterable[tuple[Placed, Placed]]:
    for group in _grouped(placed, lambda one: one.person):
        yield from ((a, b) for a, b in combinations(group, 2) if a.true["person"] != b.true["person"])


def _missed(placed: list[Placed]) -> Iterable[tuple[Placed, Placed]]:
    for group in _grouped(placed, lambda one: one.true["person"]):
        yield from ((a, b) for a, b in combinations(group, 2) if a.person != b.person)


def _grouped(placed: list[Placed], by: Any) -> Iterable[list[Placed]]:
    groups: dict[str, list[Placed]] = defaultdict(list)
    for one in placed:
        groups[by(one)].append(one)
    return (group for group in groups.values() if len(group) > 1)


def _why_false(a: Placed, b: Placed) -> str:
    shared = [key for key in ("email", "phone") if a.true[key] and a.true[key] == b.true[key]]
    home = "of one household" if a.true["household"] == b.true["household"] else "strangers"
    named = sum(bool(one.true["given"]) for one in (a, b))
    return f"{home}, {' and '.join(shared) or 'nothing'} shared, {named} with a given name"


def _why_missed(a: Placed, b: Placed, findable: dict[Key, Hashable], people: dict[str, set[str]]) -> str:
    if findable[a.key] != findable[b.key]:
        return "nothing ties them"
    for key in ("given", "family"):
        (script, _, name), (other_script, _, other) = (one.true[key].partition(":") for one in (a, b))
        if name and other and script == other_script and name != other:
            return "names as written differ"
    if any(len(people[one.true[key]]) > 1 for one in (a, b) for key in ("email", "phone") if one.true[key]):
        return "their address or number is somebody else's too"
    shared = [key for key in ("email", "phone") if a.true[key] and a.true[key] == b.true[key]]
    return f"{' and '.join(shared) or 'a third record'} shared"


def _kinds(pairs: Iterable[tuple[Placed, Placed]], why: Any) -> dict[str, dict[str, Any]]:
    """Errors by kind, the most frequent first, each with examples."""
    kinds: dict[str, dict[str, Any]] = {}
    for a, b in pairs:
        kind = kinds.setdefault(why(a, b), {"pairs": 0, "examples": []})
        kind["pairs"] += 1
        if len(kind["examples"]) < SHOWN:
            kind["examples"].append(["/".join(a.key), a.rule, "/".join(b.key), b.rule])
    return dict(sorted(kinds.items(), key=lambda item: -item[1]["pairs"]))


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("store", type=Path)
    parser.add_argument("folders", type=Path, nargs="+", metavar="DIR", help="with a truth.csv each")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    told = judge(given.store, *given.folders)
    print(json.dumps(told) if given.json else "\n".join(lines(told)))


def lines(told: dict[str, Any]) -> Iterable[str]:
    """The figures as lines for people."""
    yield (
        f"{told['records']:,} records of {told['people']:,} people, {told['pairs']:,} pairs:"
        f" precision {told['precision']:.5f}, recall {told['recall']:.4f} (findable {told['findable']:.4f}),"
        f" {len(told['conflicting'])} persons with two given names"
    )
    for name in ("false", "missed"):
        for kind, found in list(told[name].items())[:6]:
            yield f"  {name}: {found['pairs']:6,}  {kind}"


if __name__ == "__main__":
    main()
