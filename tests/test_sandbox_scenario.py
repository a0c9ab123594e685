"""What a scenario folder may hold, and how a bad one is refused."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from sandbox.clock import Clock, parse_stamp, stamp_text
from sandbox.errors import ScenarioError
from sandbox.scenario import load_scenario, read_config
from sandbox.server import prepared
from sandbox.state import create_state

Scenario = Callable[..., Path]


def count(folder: Path, table: str) -> int:
    with prepared(folder) as state:
        return int(state.connection().execute(f"SELECT count(*) FROM {table}").fetchone()[0])


def refusal(folder: Path) -> str:
    with pytest.raises(ScenarioError) as caught, prepared(folder):
        pytest.fail("a bad scenario was served")
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_every_file_is_optional(tmp_path: Path) -> None:
    assert count(tmp_path, "shopify_customers") == 0


def test_other_files_are_ignored(scenario: Scenario) -> None:
    folder = scenario({"notes": [{"anything": 1}], "shopify_wishes": [{"anything": 1}]})
    (folder / "README.md").write_text("hello", encoding="utf-8")
    assert count(folder, "shopify_customers") == 0


def test_only_the_id_is_required(scenario: Scenario) -> None:
    folder = scenario({"shopify_customers": [{"id": 1}], "salesforce_Contact": [{"Id": "0035g0000000001"}]})
    assert count(folder, "shopify_customers") == 1
    assert count(folder, "sf_Contact") == 1


@pytest.mark.parametrize(
    ("stem", "row"),
    [
        ("shopify_customers", {"id": 1, "e_mail": "a@example.com"}),
        ("shopify_orders", {"id": 1, "deleted": "true"}),
        ("salesforce_Contact", {"Id": "0035g0000000001", "Shoe_Size": "43"}),
        ("salesforce_Contact", {"Id": "0035g0000000001", "deleted": "true"}),
    ],
)
def test_an_unknown_column_is_refused_by_file_and_name(scenario: Scenario, stem: str, row: Any) -> None:
    said = refusal(scenario({stem: [row]}))
    assert f"{stem}.csv" in said and list(row)[1] in said


def test_an_unknown_column_is_refused_also_in_a_file_without_rows(scenario: Scenario) -> None:
    folder = scenario()
    (folder / "shopify_orders.csv").write_text("id,colour\n", encoding="utf-8")
    assert "colour" in refusal(folder)


def test_a_custom_column_of_salesforce_becomes_a_field(scenario: Scenario) -> None:
    folder = scenario({"salesforce_Contact": [{"Id": "0035g0000000001", "Shoe_Size__c": "43"}]})
    with prepared(folder) as state:
        assert state.connection().execute("SELECT Shoe_Size__c FROM sf_Contact").fetchone()[0] == "43"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"id,email\n1\n", "line 2 has 1 fields, the header has 2"),
        (b"id,email\n1,a,b\n", "line 2 has 3 fields, the header has 2"),
        (b"id,email\n1,\xff\n", "not UTF-8"),
        (b"id,id\n1,1\n", "id stands in the header more than once"),
        (b'id,email\n1,"open\n', "not a CSV file"),
        (b"id,created_at\n1,yesterday\n", "created_at"),
        (b"id,created_at\n1,2026-10-01T12:00:00\n", "offset"),
    ],
)
def test_a_broken_file_is_refused_with_its_name_and_the_cause(
    scenario: Scenario, content: bytes, reason: str
) -> None:
    folder = scenario()
    (folder / "shopify_customers.csv").write_bytes(content)
    said = refusal(folder)
    assert "shopify_customers.csv" in said and reason in said


def test_text_in_cells_is_kept_as_it_is(scenario: Scenario) -> None:
    name = '髙橋 "Ω", one\nsecond line'
    with prepared(scenario({"shopify_customers": [{"id": 1, "last_name": name}]})) as state:
        assert state.connection().execute("SELECT last_name FROM shopify_customers").fetchone()[0] == name


def test_a_file_with_a_byte_order_mark_is_read(scenario: Scenario) -> None:
    folder = scenario()
    (folder / "shopify_customers.csv").write_bytes("\ufeffid\n1\n".encode())
    assert count(folder, "shopify_customers") == 1


@pytest.mark.parametrize(
    ("toml", "reason"),
    [
        ("[shopify]\nshopp = 'x'", "shopify.shopp"),
        ("[shopify]\nplan = 'gold'", "shopify.plan"),
        ("[shopify]\ntimezone = 'Asia/Tokio'", "Asia/Tokio"),
        ("[shopify]\ncurrency = 'yen'", "shopify.currency"),
        ("[salesforce]\ndaily_requests = -1", "salesforce.daily_requests"),
        ("now = 5", "now"),
        ("now = 'noon'", "now"),
        ("colour = 1", "colour"),
        ("now = ", "scenario.toml"),
        ("[[faults]]\nfault = 'earthquake'", "faults.0.fault"),
        ("[[faults]]\nfault = 'status'\npath = '('", "faults.0.path"),
    ],
)
def test_a_bad_scenario_toml_is_refused_with_the_key(scenario: Scenario, toml: str, reason: str) -> None:
    said = refusal(scenario({}, toml))
    assert "scenario.toml" in said and reason in said


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("1998-06-30T12:00:00", "1998-06-30T16:00:00Z"),
        ("'1998-06-30T12:00:00'", "1998-06-30T16:00:00Z"),
        ("1998-06-30T12:00:00+09:00", "1998-06-30T03:00:00Z"),
        ("'1998-06-30T12:00:00Z'", "1998-06-30T12:00:00Z"),
    ],
)
def test_now_without_an_offset_is_shop_time(scenario: Scenario, now: str, expected: str) -> None:
    config = read_config(scenario({}, f"now = {now}\n[shopify]\ntimezone = 'America/New_York'\n"))
    assert stamp_text(config.now) == expected


def test_the_clock_starts_at_now_and_ticks() -> None:
    start = datetime(1998, 6, 30, 16, tzinfo=UTC)
    clock = Clock(start)
    first = clock.now()
    assert 0 <= (first - start).total_seconds() < 10
    assert clock.now() > first
    clock.set(datetime(2020, 1, 1, tzinfo=UTC))
    assert clock.now().year == 2020
    assert clock.http_date().startswith("Wed, 01 Jan 2020 00:00:0")


def test_stored_times_compare_as_text_in_time_order() -> None:
    times = [
        datetime(999, 1, 1, tzinfo=UTC),
        datetime(1998, 6, 30, tzinfo=UTC),
        datetime(2026, 1, 1, tzinfo=UTC),
    ]
    texts = [stamp_text(time) for time in times]
    assert texts == sorted(texts)
    assert [parse_stamp(text) for text in texts[1:]] == times[1:]


def test_the_folder_is_private_and_goes_when_the_sandbox_ends(scenario: Scenario) -> None:
    with prepared(scenario()) as state:
        assert state.folder.stat().st_mode & 0o777 == 0o700
        assert state.secrets.private_key_file.stat().st_mode & 0o777 == 0o600
    assert not state.folder.exists()


def test_a_refused_scenario_leaves_no_folder_behind(
    scenario: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "temporary"
    home.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(home))
    refusal(scenario({"shopify_customers": [{"id": "x"}]}))
    assert list(home.iterdir()) == []


def test_no_row_is_loaded_where_some_header_is_bad(scenario: Scenario) -> None:
    folder = scenario({"shopify_customers": [{"id": 1}], "shopify_orders": [{"id": 1, "colour": "red"}]})
    state = create_state(read_config(folder))
    try:
        with pytest.raises(ScenarioError):
            load_scenario(state, folder)
        assert state.connection().execute("SELECT count(*) FROM shopify_customers").fetchone()[0] == 0
    finally:
        state.close()
