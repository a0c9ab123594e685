"""The demo from end to end: what an admin sees, held against the data, published numbers and the store."""

from __future__ import annotations

import csv
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import duckdb
import pytest
from line_definition import Scenario, expected, read_data, read_scenario
from line_readback import SHOPIFY_TYPES, Held, Value, execute, read_both, shopify_session
from line_support import Line, Ran, demo_scenario, sandboxed

Values = dict[str, Value]
SEGMENTS = {
    "first_active": 1,
    "first_lapsed": 11_988,
    "fledgling_active": 1,
    "fledgling_lapsed": 2_455,
    "steady_active": 3_026,
    "steady_lapsed": 1_816,
    "trend_lapsed": 459,
    "best_active": 3_547,
    "best_lapsed": 209,
    "prospect": 68,
}
ROWS = {
    "shopify.customers": 20_086,
    "shopify.orders": 52_566,
    "salesforce.Contact": 9_393,
    "salesforce.Lead": 0,
    "salesforce.Account": 9_393,
    "salesforce.Order": 17_093,
}
"""The streams that have rows; all others are empty in the demo."""
KEYS = tuple(SHOPIFY_TYPES)
TOLD = {
    *("run_id", "as_of", "seconds", "streams", "records", "persons", "orders_unattributed"),
    *("planned", "written", "unchanged", "rejected", "held", "forgotten", "api", "balanced"),
}


@dataclass(frozen=True)
class Demo:
    """The demo after its first sync, of which `held` is what an admin saw, the second, and one of lapses.

    `served` and `served_again` count the requests of the first two by platform, `tried` are the writes of the
    second and `store` is what it left. `lapsing`: what an admin saw once people lapse after 90 days.
    """

    line: Line
    ran: Ran
    served: Counter[str]
    scenario: Scenario
    folder: Path
    held: dict[str, Held]
    again: Ran
    served_again: Counter[str]
    tried: list[str]
    store: Path
    lapsing: dict[str, Held]

    def persons(self) -> dict[str, Values]:
        """One set of values for each person id that stands on any record."""
        return {str(one["person_id"]): one for part in self.held.values() for one in part.values()}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    folder = tmp_path_factory.mktemp("demo")
    scenario = demo_scenario(folder / "scenario")
    with sandboxed(folder / "job", scenario) as line:
        line.provision()
        line.forget_requests()
        ran = line.sync()
        served, held = platforms(line), read_both(line.ready)
        with line.watched() as tried:
            again = line.sync()
            served_again = platforms(line)
        store = folder / "second.duckdb"
        shutil.copyfile(line.store, store)
        line.configure(best_spend="133.95", lapse_days=90)
        line.sync("--approve")
        yield Demo(
            line=line,
            ran=ran,
            served=served,
            scenario=read_scenario(scenario),
            folder=scenario,
            held=held,
            again=again,
            served_again=served_again,
            tried=tried,
            store=store,
            lapsing=read_both(line.ready),
        )


def platforms(line: Line) -> Counter[str]:
    """How many requests the sandbox served, by platform."""
    return Counter(str(one["platform"]) for one in line.served())


def test_every_record_was_read_back(demo: Demo) -> None:
    for platform, records in demo.held.items():
        assert records.keys() == demo.scenario.records[platform].keys()


def test_the_segments_are_the_published_ones_counted_over_persons(demo: Demo) -> None:
    assert Counter(one["segment"] for one in demo.persons().values()) == SEGMENTS
    assert len(demo.persons()) == sum(SEGMENTS.values()) == 23_570


def test_tenure_is_the_published_one(demo: Demo) -> None:
    tenures = [one["tenure_days"] for one in demo.persons().values()]
    days = [days for days in tenures if isinstance(days, int)]
    repeaters = [one for one in days if one > 0]
    assert (len(days), len(repeaters), max(days)) == (23_502, 11_513, 544)
    assert round(Fraction(sum(days), len(days)), 3) == Fraction("135.233")
    assert round(Fraction(sum(repeaters), len(repeaters)), 3) == Fraction("276.058")


def test_every_record_of_a_person_bears_the_same_values_on_both_platforms(demo: Demo) -> None:
    persons = demo.persons()
    for records in demo.held.values():
        for record, values in records.items():
            assert values == persons[str(values["person_id"])], record
    on_both = {str(one["person_id"]) for one in demo.held["shopify"].values()} & {
        str(one["person_id"]) for one in demo.held["salesforce"].values()
    }
    assert len(on_both) == 20_086 + 9_393 - 23_570


def test_records_are_one_person_exactly_where_the_data_says_so(demo: Demo) -> None:
    pairs = {
        (demo.scenario.records[platform][record], values["person_id"])
        for platform, records in demo.held.items()
        for record, values in records.items()
    }
    numbers, persons = {number for number, _ in pairs}, {person for _, person in pairs}
    assert len(numbers) == len(persons) == len(pairs) == 23_570


def test_the_scenario_holds_the_purchases_of_the_data(demo: Demo) -> None:
    data = {who: days for who, days in read_data().items() if days}
    assert {who: one.spent for who, one in demo.scenario.buyers.items() if one.spent} == data


def test_everybodys_values_are_what_the_data_says(demo: Demo) -> None:
    right = expected(demo.scenario)
    for platform, records in demo.held.items():
        for record, values in records.items():
            assert values == right[demo.scenario.records[platform][record]] | {
                "person_id": values["person_id"]
            }, record


def test_the_expectation_says_something_of_referrals_and_channels(demo: Demo) -> None:
    right = expected(demo.scenario).values()
    assert max(Decimal(str(one["referral_score"])) for one in right) > 20
    assert sum(int(str(one["referrals"])) for one in right) > 1_000
    assert len({one["channels"] for one in right}) > 10
    assert {one["contact_by"] for one in right} == {("email",), None}


def test_no_cent_is_lost(demo: Demo) -> None:
    spent = sum((Decimal(str(one["net_spend"])) for one in demo.persons().values()), Decimal(0))
    assert spent == sum(sum(days.values(), Decimal(0)) for days in read_data().values())
    assert spent == Decimal("2500315.63")


def test_what_an_admin_sees_is_what_the_store_says(demo: Demo) -> None:
    with duckdb.connect(str(demo.store), read_only=True) as store:
        columns = ", ".join(f"s.{key}" for key in KEYS)
        rows = store.execute(
            f"SELECT m.platform, m.id, {columns} FROM members m JOIN scores s USING (person_id)"
        ).fetchall()
    stored: dict[str, Held] = {"shopify": {}, "salesforce": {}}
    for platform, record, *values in rows:
        told = dict(zip(KEYS, values, strict=True))
        for key in ("channels", "contact_by"):
            told[key] = tuple(told[key].split(";")) if told[key] else None
        stored[platform][record] = told
    assert stored == demo.held


def test_a_prospect_holds_nothing_where_there_is_no_value(demo: Demo) -> None:
    dates = ("first_purchase_on", "last_purchase_on", "segment_since", "lapses_on")
    blank = (*dates, "tenure_days", "channels")
    prospects = [one for one in demo.persons().values() if one["segment"] == "prospect"]
    assert len(prospects) == 68
    for one in prospects:
        assert {key for key, value in one.items() if value is None} - {"contact_by"} == set(blank)
        assert (one["purchases"], one["net_spend"]) == (0, 0)


def test_paged_reads_show_the_same_as_the_bulk_query(demo: Demo) -> None:
    aliases = " ".join(f'{key}: metafield(namespace: "zaiseki", key: "{key}") {{ value }}' for key in KEYS)
    document = f"""query($after: String) {{ customers(first: 100, after: $after) {{
        nodes {{ id {aliases} }} pageInfo {{ hasNextPage endCursor }} }} }}"""
    seen: dict[str, str | None] = {}
    after = None
    with shopify_session(demo.line.ready):
        for _ in range(3):
            page = execute(document, after=after)["customers"]
            after = page["pageInfo"]["endCursor"]
            for node in page["nodes"]:
                seen[node["id"].rsplit("/", 1)[1]] = (node["tenure_days"] or {}).get("value")
                assert (node["segment"] or {}).get("value") == demo.lapsing["shopify"][
                    node["id"].rsplit("/", 1)[1]
                ]["segment"]
    assert len(seen) == 300
    for record, tenure in seen.items():
        assert (None if tenure is None else int(tenure)) == demo.lapsing["shopify"][record]["tenure_days"]


def test_the_books_balance_over_everything_there_is(demo: Demo) -> None:
    told = demo.ran.json
    assert told.keys() >= TOLD
    assert told["balanced"] is True
    for name, line in told["streams"].items():
        assert line["fetched"] == line["inserted"] == rows_in(demo.folder, name) == ROWS.get(name, 0)
        assert (line["updated"], line["unchanged"], line["quarantined"]) == (0, 0, 0)
    assert told["streams"].keys() >= ROWS.keys()
    assert told["planned"] == told["written"] == told["records"] == 20_086 + 9_393
    assert (told["unchanged"], told["rejected"], told["held"], told["forgotten"]) == (0, 0, 0, 0)
    assert (told["persons"], told["orders_unattributed"]) == (23_570, 0)
    assert told["as_of"] == "1998-06-30"
    assert told["run_id"]
    assert told["seconds"] > 0


def rows_in(folder: Path, stream: str) -> int:
    """How many rows a stream has in the scenario's files; without a file it has none."""
    path = folder / f"{stream.replace('.', '_')}.csv"
    if not path.exists():
        return 0
    with path.open(encoding="utf-8", newline="") as lines:
        return sum(1 for _ in csv.DictReader(lines))


def test_it_took_at_most_sixty_requests_to_each_platform_by_their_own_count(demo: Demo) -> None:
    api = demo.ran.json["api"]
    assert demo.served == {name: api[name]["requests"] for name in ("shopify", "salesforce")}
    assert max(demo.served.values()) <= 60
    assert api["shopify"]["cost"] > 0
    assert api["shopify"]["throttled_seconds"] == 0


def test_the_second_sync_writes_nothing_in_at_most_thirty_requests_though_every_stamp_moved(
    demo: Demo,
) -> None:
    told = demo.again.json
    assert (told["planned"], told["written"], told["balanced"], told["holds"]) == (0, 0, True, [])
    assert demo.served_again.total() <= 30
    assert demo.served_again == {name: api["requests"] for name, api in told["api"].items()}
    assert told["streams"]["shopify.customers"]["fetched"] == 20_086
    assert demo.tried == []


def test_with_a_lapse_of_90_days_it_has_the_published_segments(demo: Demo) -> None:
    right = expected(demo.scenario, lapse_days=90)
    for platform, records in demo.lapsing.items():
        assert records.keys() == demo.scenario.records[platform].keys()
        for record, values in records.items():
            same = right[demo.scenario.records[platform][record]] | {"person_id": values["person_id"]}
            assert values == same, record
    persons = {one["person_id"]: one["segment"] for part in demo.lapsing.values() for one in part.values()}
    counts = Counter(persons.values())
    assert (counts["steady_active"], counts["steady_lapsed"]) == (1_187, 3_655)
    assert (counts["best_active"], counts["best_lapsed"]) == (2_114, 1_642)
    assert len(persons) == 23_570
