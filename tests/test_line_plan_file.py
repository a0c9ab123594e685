"""Plans as files, and writing to a few: what was looked at is what is written, or nothing is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from conftest import write_scenario
from line_readback import READERS, SHOPIFY_TYPES, Held, Value, read_both
from line_small import LATER, TOML, contact_id, contacts, customers, orders, sales
from line_support import Line, small

CUSTOMERS, CONTACTS = 30, 12


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    """A shop and an org that nothing was written to yet; some people are prospects."""
    rows = {
        "shopify_customers": customers(range(CUSTOMERS)),
        "shopify_orders": orders(range(20), "2026-05-01"),
        "salesforce_Contact": contacts(range(CONTACTS)),
        "salesforce_Order": sales(range(6), "2026-06-01"),
    }
    with small(tmp_path / "job", write_scenario(tmp_path / "scenario", rows, TOML)) as line:
        line.provision()
        yield line


@pytest.fixture
def plan(line: Line) -> Path:
    """Where a plan may be written."""
    return line.folder / "plan.json"


def touched(line: Line) -> set[str]:
    """The ids of the records that hold anything of ours."""
    held = read_both(line.ready)
    return {record for part in held.values() for record, one in part.items() if any(one.values())}


def value(key: str, text: str | None) -> Value:
    """A text of a plan file as the value that an admin sees."""
    if text is None:
        return None
    kind = SHOPIFY_TYPES[key]
    return tuple(text.split(";")) if kind.startswith("list.") else READERS[kind](text)


def planned_values(path: Path) -> dict[str, Held]:
    """What a plan file says that the platforms will hold, where they hold nothing yet."""
    told = json.loads(path.read_text(encoding="utf-8"))
    held: dict[str, Held] = {"shopify": {}, "salesforce": {}}
    for one in told["records"]:
        values: dict[str, Value] = dict.fromkeys(SHOPIFY_TYPES)
        for key, both in one["fields"].items():
            assert both["old"] is None
            values[key] = value(key, both["new"])
        held[one["platform"]][one["id"]] = values
    return held


def test_a_plan_writes_nothing_and_the_sync_of_it_writes_exactly_that(line: Line, plan: Path) -> None:
    with line.watched() as tried:
        assert line.run("plan", "--exit-code").code == 2
        saved = line.run("plan", "--out", plan, "--json")
    assert (saved.code, tried) == (0, [])
    assert (saved.json["planned"], saved.json["written"], saved.json["held"]) == (42, 0, 0)
    assert touched(line) == set()
    assert plan.stat().st_mode & 0o777 == 0o600
    told = line.sync("--plan", plan).json
    assert (told["planned"], told["written"]) == (42, 42)
    held = read_both(line.ready)
    assert held == planned_values(plan)
    assert held["shopify"]["1000"] | {"person_id": "?"} == dict.fromkeys(SHOPIFY_TYPES) | {
        "person_id": "?",
        "first_purchase_on": date(2026, 5, 1),
        "last_purchase_on": date(2026, 5, 1),
        "tenure_days": 0,
        "purchases": 1,
        "net_spend": Decimal("10.00"),
        "segment": "first_active",
        "segment_since": date(2026, 5, 1),
        "lapses_on": date(2026, 12, 27),
        "satisfaction": "unknown",
        "funnel_stage": "action",
        "next_action": "follow_up_first",
        "channels": ("online",),
    }
    assert line.run("plan", "--exit-code").code == 0


def test_a_plan_is_refused_when_the_world_has_moved(line: Line, plan: Path) -> None:
    assert line.run("plan", "--out", plan).code == 0
    bought = orders([25], "2026-10-02", start=900, updated_at=LATER)
    line.apply(line.folder / "moved", {"shopify_orders": bought}, LATER)
    assert_refused(line, plan, 2, "plan_differs")
    assert line.run("plan", "--out", plan).code == 0
    assert line.sync("--plan", plan).json["written"] == 42


def test_a_plan_is_refused_when_somebody_changed_the_file(line: Line, plan: Path) -> None:
    assert line.run("plan", "--out", plan).code == 0
    plan.write_text(
        plan.read_text(encoding="utf-8").replace("first_active", "best_active", 1), encoding="utf-8"
    )
    assert_refused(line, plan, 1, "plan_altered")
    plan.write_text("{}", encoding="utf-8")
    assert_refused(line, plan, 1, "plan_unreadable")


def assert_refused(line: Line, plan: Path, code: int, reason: str) -> None:
    """`sync --plan` ends with `code` for `reason`, says what to do next, and writes nothing."""
    with line.watched() as tried:
        error: dict[str, Any] = line.sync("--plan", plan, code=code).json["error"]
    assert error["code"] == reason
    assert error["next_step"]
    assert tried == []
    assert touched(line) == set()


def test_first_writes_to_so_many_records_and_counts_only_those(line: Line) -> None:
    told = line.sync("--first", "7").json
    assert (told["planned"], told["written"], told["balanced"]) == (7, 7, True)
    few = touched(line)
    assert len(few) == 7
    assert line.sync("--first", "7").json["written"] == 7
    assert few < touched(line)
    assert len(touched(line)) == 14
    assert line.sync().json["written"] == 28
    assert len(touched(line)) == 42


def test_only_writes_to_one_record_and_counts_only_that(line: Line) -> None:
    forms = {
        "gid://shopify/Customer/1003": "1003",
        "shopify:1004": "1004",
        f"{contact_id(5)}AAA": f"{contact_id(5)}AAA",
        contact_id(6): f"{contact_id(6)}AAA",
    }
    for given in forms:
        told = line.sync("--only", given).json
        assert (told["planned"], told["written"], told["records"]) == (1, 1, 42)
    assert touched(line) == set(forms.values())
    assert line.sync("--only", "shopify:1003").json["planned"] == 0
    with line.watched() as tried:
        for given in ("shopify:99", "gid://shopify/Order/1", "003000000999999AAA"):
            error = line.sync("--only", given, code=1).json["error"]
            assert error["code"] == "record_unknown"
            assert given in error["message"]
    assert tried == []
