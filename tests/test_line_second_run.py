"""Runs after the first, on the whole demo: a quiet day, the days on which people lapse, and a lost store.

Here writing metafields does not move a customer's `updatedAt`; in the demo as it ships it does, see there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pytest
from conftest import write_scenario
from line_definition import AS_OF, Scenario, expected, read_scenario
from line_readback import Held, read_both
from line_small import LATER, TOML, contacts, customers, orders
from line_support import Line, Ran, demo_scenario, sandboxed, small

REQUESTS = 30
LAPSED_ON = date(1998, 10, 15)


@dataclass
class Story:
    """The demo, and what happened after its first sync, in this order.

    `again`: a second sync at once. `lapsed`: one on `LAPSED_ON`. `lost`: one after the store was lost.
    Of each how it ended; of those with nothing to write also how many requests the sandbox served and which
    writes were tried, of the others what an admin saw then.
    """

    scenario: Scenario
    ran: dict[str, Ran] = field(default_factory=dict)
    requests: dict[str, int] = field(default_factory=dict)
    held: dict[str, dict[str, Held]] = field(default_factory=dict)
    tried: dict[str, list[str]] = field(default_factory=dict)


def _go(story: Story, name: str, line: Line, *, writes: bool) -> None:
    if writes:
        story.ran[name] = line.sync()
        story.held[name] = read_both(line.ready)
        return
    with line.watched() as tried:
        story.ran[name] = line.sync()
        story.requests[name] = len(line.served())
    story.tried[name] = tried


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    folder = tmp_path_factory.mktemp("second")
    scenario = demo_scenario(folder / "scenario")
    toml = scenario / "scenario.toml"
    text = toml.read_text(encoding="utf-8")
    toml.write_text(
        text.replace("[shopify]\n", "[shopify]\nmetafield_writes_bump = false\n"), encoding="utf-8"
    )
    told = Story(read_scenario(scenario))
    with sandboxed(folder / "job", scenario) as line:
        line.provision()
        _go(told, "first", line, writes=True)
        _go(told, "again", line, writes=False)
        line.apply(folder / "later", {}, f"{LAPSED_ON}T12:00:00-04:00")
        _go(told, "lapsed", line, writes=True)
        line.lose()
        _go(told, "lost", line, writes=False)
    yield told


def test_the_second_sync_writes_nothing_in_at_most_thirty_requests(story: Story) -> None:
    told = story.ran["again"].json
    assert (told["planned"], told["written"], told["balanced"]) == (0, 0, True)
    assert story.requests["again"] <= REQUESTS
    assert story.requests["again"] == sum(api["requests"] for api in told["api"].values())
    assert story.tried["again"] == []


def test_nobody_was_read_again_whom_nothing_touched(story: Story) -> None:
    # Salesforce moves the stamp of every record it writes to; this shop does not.
    assert story.ran["again"].json["streams"]["shopify.customers"]["fetched"] < 1_000


def test_on_later_days_exactly_those_are_written_whose_announced_date_has_come(story: Story) -> None:
    before, then = (expected(story.scenario, as_of=day) for day in (AS_OF, LAPSED_ON))
    due = {
        (platform, record): {**values, **then[number]}
        for platform, records in story.held["first"].items()
        for record, values in records.items()
        if then[number := story.scenario.records[platform][record]] != before[number]
    }
    lapsed = sum(str(values["segment"]).endswith("_lapsed") for values in due.values())
    assert 0 < lapsed < len(due), "some are only to be written to before they lapse"
    changed = {
        (platform, record): values
        for platform, records in story.held["lapsed"].items()
        for record, values in records.items()
        if values != story.held["first"][platform][record]
    }
    assert changed == due
    told = story.ran["lapsed"].json
    assert (told["planned"], told["written"], told["as_of"]) == (len(due), len(due), str(LAPSED_ON))


def test_lapses_on_their_announced_day_are_never_a_surprise(story: Story) -> None:
    told = story.ran["lapsed"].json
    assert told["holds"] == []
    assert (
        told["written"] > 0.05 * told["records"]
    )  # so many moves would hold a plan if they were unannounced


def test_a_lost_store_costs_a_full_read_and_nothing_else(story: Story) -> None:
    told = story.ran["lost"].json
    assert (told["planned"], told["written"], told["balanced"], told["holds"]) == (0, 0, True, [])
    assert told["streams"]["shopify.customers"]["fetched"] == 20_086
    assert (told["persons"], told["people"]["new"]) == (23_570, 0)
    assert story.tried["lost"] == []


@pytest.mark.parametrize("bump", ["true", "false"])
def test_a_small_shop_is_quiet_too_whether_or_not_writes_move_the_owner(tmp_path: Path, bump: str) -> None:
    rows = {
        "shopify_customers": customers(range(30)),
        "shopify_orders": orders(range(20), "2026-05-01"),
        "salesforce_Contact": contacts(range(10)),
    }
    toml = f"{TOML}[shopify]\nmetafield_writes_bump = {bump}\n"
    with small(tmp_path / "job", write_scenario(tmp_path / "scenario", rows, toml)) as line:
        line.provision()
        assert line.sync().json["written"] == 40
        line.forget_requests()
        assert line.sync().json["planned"] == 0
        assert len(line.served()) <= REQUESTS


def test_person_ids_outlive_the_store_and_its_key(tmp_path: Path) -> None:
    shared = [f"p{number}@example.com" for number in range(5)]
    people = [row for number, email in enumerate(shared) for row in contacts([number], Email=email)]
    rows = {"shopify_customers": customers(range(8)), "salesforce_Contact": people}
    with small(tmp_path / "job", write_scenario(tmp_path / "scenario", rows, TOML)) as line:
        line.provision()
        assert line.sync().json["persons"] == 8
        # Who came first is gone from the shop: an id made anew would be another one.
        gone = [{"id": 1_000 + number, "deleted": "true"} for number in range(5)]
        line.apply(tmp_path / "gone", {"shopify_customers": gone}, LATER)
        line.sync()
        held = read_both(line.ready)
        for key in (False, True):
            line.lose(key=key)
            with line.watched() as tried:
                told = line.sync().json
            assert (told["planned"], told["written"], told["people"]["new"], tried) == (0, 0, 0, [])
        assert read_both(line.ready) == held
        assert len(held["salesforce"]) == 5


def test_the_watch_sees_a_write(tmp_path: Path) -> None:
    rows = {"shopify_customers": customers(range(3)), "salesforce_Contact": contacts(range(3))}
    with small(tmp_path / "job", write_scenario(tmp_path / "scenario", rows, TOML)) as line:
        line.provision()
        with line.watched() as tried:
            line.sync(code=1)
    assert any("graphql" in path for path in tried)
    assert any("composite/sobjects" in path for path in tried)
