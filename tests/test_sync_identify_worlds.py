"""What must hold of identity in every world: small random ones, also recomputed from the rules by hand."""

from __future__ import annotations

import random
from datetime import timedelta
from itertools import combinations
from typing import Any

import identity_definition as definition
import identity_worlds as worlds
import pytest
from conftest import examples
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from identity_rows import FIRST, SHOP, decide, new_store, put, together, who

from sync.model import Record
from sync.store import Store

FEW = settings(examples(4), phases=(Phase.explicit, Phase.reuse, Phase.generate))
"""A smaller seed makes no smaller world: nothing is shrunk."""
SEEDS = st.integers(0, 1 << 32)


def many(rng: random.Random, count: int) -> list[Record]:
    """Worlds side by side in one store: that is quicker than a store each, and they must not mix."""
    return [r for n in range(count) for r in worlds.world(rng.choice, rng.randint(2, 10), f"w{n}/")]


RULES: list[tuple[int, dict[str, Any]]] = [
    (0, {}),
    (1, {}),
    (2, {"max_sharing": 1}),
    (3, {"max_sharing": 2, "max_members": 4}),
    (4, {"max_members": 3}),
    (5, {"max_members": 2}),
]


@pytest.mark.parametrize(("seed", "rules"), RULES)
def test_the_engine_says_what_the_rules_say(seed: int, rules: dict[str, Any]) -> None:
    rng = random.Random(seed)
    expected: dict[str, set[frozenset[str]]] = {}
    made: dict[str, list[Record]] = {}
    refused = {f"{prefix}shopify" for prefix in (f"w{n}/" for n in range(0, 250, 4))}
    all_rules = {**rules, "email_refused": frozenset(("shopify", account) for account in refused)}
    with new_store() as store:
        for number in range(250):
            prefix = f"w{number}/"
            made[prefix] = worlds.world(rng.choice, rng.randint(2, 10), prefix)
            decided = worlds.decisions(rng.choice, made[prefix])
            by_id = {record.id: record for record in made[prefix]}
            for day, (what, one, other) in enumerate(decided):
                decide(store, what, by_id[one], by_id[other] if other else None, day=day)
            expected[prefix] = definition.persons(made[prefix], decided, **all_rules)
        put(store, *(record for world in made.values() for record in world))
        who(store, **all_rules)
        found: dict[str, set[frozenset[str]]] = {prefix: set() for prefix in made}
        for ids in together(store):
            found[min(ids).partition("/")[0] + "/"].add(ids)
    for prefix, world in made.items():
        assert found[prefix] == expected[prefix], world


@pytest.mark.parametrize("seed", [7, 8])
def test_no_person_without_links_has_two_given_names_that_conflict(seed: int) -> None:
    rng = random.Random(seed)
    plain = {r.id: r._replace(linked_id=None, deleted=False, merged_into=None) for r in many(rng, 300)}
    with new_store() as store:
        put(store, *plain.values())
        who(store)
        persons = together(store)
    assert max(map(len, persons)) > 3
    for ids in persons:
        names = [name for record_id in ids if (name := definition.name_of(plain[record_id]))]
        assert not any(definition.given_conflict(a, b) for a, b in combinations(names, 2)), ids


@FEW
@given(seed=SEEDS)
def test_the_order_of_arrival_never_changes_who_belongs_together(seed: int) -> None:
    rng = random.Random(seed)
    records, found = many(rng, 60), []
    for arrival in (records, rng.sample(records, len(records))):
        with new_store() as store:
            run_twice(store, arrival, rng.randint(0, len(arrival)))
            found.append((together(store), waiting(store)))
    assert found[0] == found[1]


@FEW
@given(seed=SEEDS)
def test_the_same_sequence_gives_the_same_ids(seed: int) -> None:
    rng = random.Random(seed)
    records, found = many(rng, 60), []
    cut = rng.randint(0, len(records))
    for _ in range(2):
        with new_store() as store:
            run_twice(store, records, cut)
            found.append(everything(store))
    assert found[0] == found[1]


@FEW
@given(seed=SEEDS)
def test_running_twice_changes_nothing(seed: int) -> None:
    with new_store() as store:
        put(store, *many(random.Random(seed), 60))
        who(store, "r1")
        before = everything(store)
        again = who(store, "r2")
        assert everything(store) == before
        assert (again.new, again.joins, again.splits, again.gone) == (0, 0, 0, 0)


@FEW
@given(seed=SEEDS, rules=st.sampled_from([{}, {"max_sharing": 1}, {"max_members": 3}]))
def test_an_unrelated_record_changes_no_other_person(seed: int, rules: dict[str, Any]) -> None:
    """It may be older or younger than all others and bear any of their names; it shares no key with them."""
    rng = random.Random(seed)
    with new_store() as store:
        put(store, *many(rng, 60))
        who(store, "r1", **rules)
        before = everything(store)
        for nth in range(2):
            put(store, stranger(rng, nth))
            who(store, f"r{nth + 2}", **rules)
        for table, column in (("persons", "anchor_id"), ("members", "id"), ("match_review", "id")):
            store.con.execute(f"DELETE FROM {table} WHERE {column} LIKE 'stranger%'")
        assert everything(store) == before


@FEW
@given(seed=SEEDS, rules=st.sampled_from([{}, {"max_sharing": 2}, {"max_members": 4}]))
def test_what_changes_or_vanishes_between_runs_leaves_what_a_fresh_store_finds(
    seed: int, rules: dict[str, Any]
) -> None:
    """Keys, names, links and merges come and go; nobody remembers what they were."""
    rng = random.Random(seed)
    states = history(rng, 60, 3)
    with new_store() as store:
        for nth, state in enumerate(states):
            store.con.execute("DELETE FROM records")
            put(store, *state)
            who(store, f"r{nth}", **rules)
        found = together(store), waiting(store)
    with new_store() as store:
        put(store, *states[-1])
        who(store, **rules)
        assert (together(store), waiting(store)) == found


def stranger(rng: random.Random, nth: int) -> Record:
    """A record with an address, a number or both that nobody else has."""
    key = f"stranger{nth}"
    number = rng.choice([None, key])
    came = FIRST + timedelta(days=rng.choice([-1, 0, 3, 9]))
    made = Record(rng.choice(["shopify", "salesforce"]), SHOP, "customer", key, came, email_key=key)
    return made._replace(phone_key=number, phone_is_mobile=bool(number) or None, **worlds.name(rng.choice))


def history(rng: random.Random, count: int, length: int) -> list[list[Record]]:
    """Worlds as they are in runs one after the other: some records change, some are gone, some come back."""
    sizes = [rng.randint(2, 10) for _ in range(count)]
    told = [
        [r for n, size in enumerate(sizes) for r in worlds.world(rng.choice, size, f"w{n}/")]
        for _ in range(length)
    ]
    first = {record.id: record for record in told[0]}
    now = [same_record(record, first) for record in told[0]]
    states = []
    for later in told:
        now = [
            same_record(new, first) if rng.random() < 0.4 else old
            for old, new in zip(now, later, strict=True)
        ]
        states.append([record for record in now if rng.random() > 0.1])
    return states


def same_record(record: Record, first: dict[str, Record]) -> Record:
    """What never changes of a record: where it stands, and since when. Merges stay on one platform."""
    own = first[record.id]
    record = record._replace(platform=own.platform, account=own.account, object=own.object)
    record = record._replace(created_at=own.created_at)
    if record.merged_into and first[record.merged_into].platform != record.platform:
        record = record._replace(deleted=False, merged_into=None)
    return record


def run_twice(store: Store, arrival: list[Record], cut: int) -> None:
    """What lies before `cut` comes in a first run, the rest in a second one."""
    for nth, part in enumerate((arrival[:cut], arrival[cut:])):
        if part:
            put(store, *part)
        who(store, f"r{nth}")


def everything(store: Store) -> list[list[tuple[Any, ...]]]:
    """All that identifying leaves in the store."""
    stamps = "anchor_at::VARCHAR AS anchor_at, assigned_at::VARCHAR AS assigned_at"
    tables = (
        f"(SELECT * REPLACE ({stamps}) FROM persons)",
        "members",
        "match_review",
        "review_members",
        "(SELECT kind, person_id, other_id FROM person_log)",
    )
    return [store.rows(f"SELECT * FROM {table} ORDER BY ALL") for table in tables]


def waiting(store: Store) -> list[list[tuple[Any, ...]]]:
    """What waits for somebody's decision, without the run that first saw it."""
    tables = ("(SELECT * EXCLUDE (first_run) FROM match_review)", "review_members")
    return [store.rows(f"SELECT * FROM {table} ORDER BY ALL") for table in tables]
