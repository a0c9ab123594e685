"""What vanished, was emptied or was merged on a platform is found by its ids, in few requests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from conftest import write_scenario
from line_kept import KeptLine, first_sync, kept_after
from line_small import TOML, contacts, customers, orders
from line_support import Line

DAYS = {number: f"2026-10-{number + 1:02}T13:00:00Z" for number in range(1, 20)}
"""So many days after the first sync."""


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> KeptLine:
    """Customers 1 and 2, who bought, customer 3, who did not, and contact 1 with customer 1's address."""
    rows = {
        "shopify_customers": customers([1, 2, 3]),
        "shopify_orders": orders([1, 2], "2026-05-01"),
        "salesforce_Contact": contacts([1], Email="p1@example.com"),
    }
    folder = tmp_path_factory.mktemp("sweep")
    return kept_after(folder, write_scenario(folder / "world", rows, TOML), first_sync)


@pytest.fixture
def line(begun: KeptLine, tmp_path: Path) -> Iterator[Line]:
    with begun.again(tmp_path / "job") as made:
        yield made


def stored(line: Line, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(line.store), read_only=True) as con:
        return con.execute(query).fetchall()


def persons(line: Line) -> dict[str, str]:
    return dict(stored(line, "SELECT id, person_id FROM members"))


def cost(told: dict[str, Any]) -> int:
    return int(told["api"]["shopify"]["requests"] + told["api"]["salesforce"]["requests"])


def later(line: Line, tmp_path: Path, day: int, *changed: dict[str, object]) -> None:
    line.apply(tmp_path / f"day{day}", {"shopify_customers": list(changed)} if changed else {}, DAYS[day])


def test_a_customer_that_was_emptied_without_a_trace_loses_its_keys_within_a_week(
    line: Line, tmp_path: Path
) -> None:
    emptied = {"id": 1001, "email": "", "first_name": "", "updated_at": "2026-01-01T00:00:00Z"}
    later(line, tmp_path, 1, emptied)
    quiet = line.sync().json
    keyless = "SELECT id FROM records WHERE email_key IS NULL"
    assert stored(line, keyless) == [], "nothing has said so yet"
    later(line, tmp_path, 7)
    told = line.sync().json
    assert stored(line, keyless) == [("1001",)]
    assert told["balanced"] and told["people"]["splits"] == 1, "its address no longer ties it to the contact"
    assert cost(told) - cost(quiet) <= 8, "a request for the ids of each stream, and the write"
    later(line, tmp_path, 8)
    again = line.sync().json
    assert (cost(again), again["planned"]) == (cost(quiet), 0), "and none is made within the week"


def test_customers_merged_or_deleted_in_the_shop_are_found_in_the_next_run(
    line: Line, tmp_path: Path
) -> None:
    before = persons(line)
    later(
        line,
        tmp_path,
        1,
        {"id": 1001, "merged_into": "1002", "deleted": ""},
        {"id": 1003, "merged_into": "", "deleted": "true"},
    )
    told = line.sync("--approve").json
    assert told["streams"]["shopify.customers"]["live"] == 1
    assert stored(
        line, "SELECT id, merged_into, email_key IS NULL FROM records WHERE deleted ORDER BY id"
    ) == [
        ("1001", "1002", False),
        ("1003", None, True),
    ]
    after = persons(line)
    assert after["1002"] == before["1001"], "the id given first stays, on the record that stayed"
    assert after == {"1002": before["1001"], **{i: p for i, p in before.items() if i.startswith("003")}}
    assert (told["people"]["joins"], told["people"]["gone"]) == (1, 1)
    assert stored(
        line,
        "SELECT purchases FROM scores WHERE person_id = (SELECT person_id FROM members WHERE id = '1002')",
    ) == [(1,)], "both bought on the same day"
    quiet = line.sync().json
    assert (quiet["planned"], quiet["persons"], quiet["balanced"]) == (0, 1, True)


def test_a_full_read_sweeps_every_stream(line: Line, tmp_path: Path) -> None:
    line.apply(
        tmp_path / "emptied",
        {"shopify_customers": [{"id": 1002, "email": "", "updated_at": "2026-01-01T00:00:00Z"}]},
        DAYS[1],
    )
    line.sync("--full")
    assert stored(line, "SELECT id FROM records WHERE email_key IS NULL") == [("1002",)]
