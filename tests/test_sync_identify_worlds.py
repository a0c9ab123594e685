"""What must hold of identity in every world: small random ones, also recomputed from the rules by hand."""

from __future__ import annotations

import random
from datetime import timedelta
from itertools import combinations
from typing import Any

import identity_definition as definition
import identity_worlds as worlds
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from identity_rows import FIRST, SHOP, decide, new_store, put, together, who

from sync.model import Record
from sync.store import Store

FEW = settings(max_examples=3, deadline=None)
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
            review = store.rows("SELECT * EXCLUDE (first_run) FROM match_review ORDER BY ALL")
            found.append((together(store), review))
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


def test_an_unrelated_record_changes_no_other_person() -> None:
    rng = random.Random(5)
    with new_store() as store:
        put(store, *many(rng, 200))
        who(store, "r1")
        before = everything(store)
        for day in (0, 3, 9):
            came = FIRST + timedelta(days=day)
            key = f"stranger{day}"
            stranger = Record("shopify", SHOP, "customer", key, came, email_key=key, phone_key=key)
            put(store, stranger._replace(phone_is_mobile=True, **worlds.name(rng.choice)))
            who(store, f"r{day + 2}")
        store.con.execute("DELETE FROM persons WHERE anchor_id LIKE 'stranger%'")
        store.con.execute("DELETE FROM members WHERE id LIKE 'stranger%'")
        assert everything(store) == before


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
        "(SELECT kind, person_id, other_id FROM person_log)",
    )
    return [store.rows(f"SELECT * FROM {table} ORDER BY ALL") for table in tables]
