"""Forgetting somebody, through both platforms: fields first, then the store, and never back."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
import requests
from conftest import write_scenario
from line_kept import KeptLine, first_sync, kept_after
from line_small import LATER, NOW, TOML, contact_id, contacts, customers, orders, sales
from line_support import Line, small

from sync import erase, whole_person
from sync.decisions import Ref
from sync.store import Store

ADDRESS = "p1@example.com"
GUEST = {"customer_id": "", "email": ADDRESS, "name": "#G1"}


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> KeptLine:
    """Person 1: a customer, a contact, a guest order; person 2 a customer; all of them synced."""
    rows: Mapping[str, Any] = {
        "shopify_customers": customers([1, 2]),
        "shopify_orders": [
            *orders([1, 2], "2026-05-01"),
            *orders([1], "2026-08-01", start=10, **GUEST),
        ],
        "salesforce_Contact": contacts([1], Email=ADDRESS),
        "salesforce_Order": sales([1], "2026-09-01"),
    }
    folder = tmp_path_factory.mktemp("forget")
    return kept_after(folder, write_scenario(folder / "world", rows, TOML), first_sync)


@pytest.fixture
def line(begun: KeptLine, tmp_path: Path) -> Iterator[Line]:
    with begun.again(tmp_path / "job") as made:
        yield made


def fields(line: Line) -> dict[str, list[str]]:
    """The keys of our fields that each record holds, read from the platforms."""
    held: dict[str, list[str]] = {}
    answer = requests.post(
        f"{line.ready['shopify']['url']}/admin/api/2026-10/graphql.json",
        json={
            "query": '{ customers(first: 50) { nodes { id metafields(first: 50, namespace: "zaiseki")'
            " { nodes { key } } } } }"
        },
        headers={"X-Shopify-Access-Token": line.ready["shopify"]["access_token"]},
        timeout=30,
    ).json()
    for node in answer["data"]["customers"]["nodes"]:
        held[node["id"].rpartition("/")[2]] = [one["key"] for one in node["metafields"]["nodes"]]
    names = ("Zaiseki_Person_Id__c", "Zaiseki_Segment__c", "Zaiseki_Net_Spend__c", "Zaiseki_Purchases__c")
    found = requests.get(
        f"{line.ready['salesforce']['url']}/services/data/v67.0/query",
        params={"q": f"SELECT Id, {', '.join(names)} FROM Contact"},
        headers={"Authorization": f"Bearer {line.ready['salesforce']['access_token']}"},
        timeout=30,
    ).json()
    for row in found["records"]:
        held[row["Id"][:15]] = [name for name in names if row[name] is not None]
    return held


def stored(line: Line, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(line.store), read_only=True) as con:
        return con.execute(query).fetchall()


def faults(line: Line, *rules: Mapping[str, Any]) -> None:
    url = f"{line.ready['shopify']['url']}/_sandbox/faults"
    assert requests.post(url, json=list(rules), timeout=30).ok


def test_a_person_is_cleared_on_both_platforms_and_gone_from_the_store(line: Line) -> None:
    assert all(fields(line).values())
    done = line.run("forget", "shopify:1001", "--yes", "--json")
    assert done.code == 0, done.err
    told = done.json
    assert (told["planned"], told["written"], told["rejected"], told["held"]) == (2, 2, 0, 0)
    assert told["erased"] == {"records": 3, "persons": 1, "orders": 3} and told["balanced"]
    held = fields(line)
    assert (held["1001"], held[contact_id(1)]) == ([], [])
    assert held["1002"]
    assert stored(line, "SELECT object, id FROM records") == [("customer", "1002")]
    assert stored(line, "SELECT count(*), count(record_id), sum(amount)::INT FROM orders") == [(4, 1, 40)]


def test_the_next_syncs_count_the_rows_and_bring_nobody_back(line: Line) -> None:
    line.run("forget", contact_id(1), "--yes")
    for words in ((), ("--full",), ()):
        told = line.sync(*words).json
        assert (told["records"], told["persons"], told["planned"], told["forgotten"]) == (1, 1, 0, 2), words
        assert told["orders_unattributed"] == 3
        assert told["balanced"]
    assert told["streams"]["shopify.customers"]["forgotten"] == 1
    assert fields(line)["1001"] == []


def test_who_was_forgotten_stays_out_although_the_store_is_lost(line: Line) -> None:
    line.run("forget", "shopify:1001", "--yes")
    line.lose()
    told = line.sync().json
    assert (told["records"], told["forgotten"], told["planned"]) == (1, 2, 0)


def test_who_was_forgotten_and_then_deleted_on_the_platform_does_not_come_back_as_a_guest(
    line: Line, tmp_path: Path
) -> None:
    line.run("forget", "shopify:1001", "--yes")
    line.apply(tmp_path / "gone", {"shopify_customers": [{"id": 1001, "deleted": "true"}]}, LATER)
    for words in ((), ("--full",)):
        told = line.sync(*words).json
        assert (told["records"], told["persons"], told["forgotten"]) == (1, 1, 1), words


@pytest.mark.parametrize("synced", [False, True])
@pytest.mark.parametrize(
    ("gone", "asked"),
    [
        ({"shopify_customers": [{"id": 1001, "deleted": "true"}]}, "shopify:1001"),
        ({"shopify_customers": [{"id": 1001, "deleted": "true"}]}, contact_id(1)),
        ({"salesforce_Contact": [{"Id": contact_id(1), "IsDeleted": "true"}]}, contact_id(1)),
        ({"salesforce_Contact": [{"Id": contact_id(1), "IsDeleted": "true"}]}, "shopify:1001"),
    ],
)
def test_it_may_be_deleted_on_the_platform_before_or_after_a_sync(
    line: Line, tmp_path: Path, gone: Mapping[str, Any], asked: str, synced: bool
) -> None:
    # A stream that is empty of a sudden would be held back.
    other = contacts([9], Email="p9@example.com", LastModifiedDate=LATER)
    line.apply(
        tmp_path / "gone",
        {**gone, "salesforce_Contact": [*gone.get("salesforce_Contact", ()), *other]},
        LATER,
    )
    if synced:
        line.sync("--full")
    done = line.run("forget", asked, "--yes", "--json")
    assert (done.code, done.json["rejected"], done.json["balanced"]) == (0, 0, True), done.out
    assert (done.json["erased"]["records"], done.json["erased"]["persons"]) == (3, 1)
    held = fields(line)
    assert not held.get("1001") and not held.get(contact_id(1)) and held["1002"]
    for words in ((), ("--full",)):
        told = line.sync(*words).json
        assert (told["records"], told["persons"], told["forgotten"]) == (2, 2, 1), words
        assert told["balanced"] and told["orders_unattributed"] == 3


def test_nothing_that_leads_to_the_person_stands_in_any_byte(line: Line) -> None:
    secrets = {contact_id(1)[:15]} | {
        str(value)
        for query in (
            "SELECT DISTINCT person_id FROM members JOIN records USING (platform, account, object, id)"
            " WHERE email_key = (SELECT email_key FROM records WHERE id = '1001')",
            "SELECT email_key FROM records WHERE id = '1001'",
            "SELECT id FROM records WHERE object = 'guest'",
        )
        for (value,) in stored(line, query)
    }
    assert len(secrets) == 4
    with Store.open(line.store) as store:
        store.con.execute("CHECKPOINT")
    assert all(secret.encode() in line.store.read_bytes() for secret in secrets), "nothing would be proved"
    line.run("forget", "shopify:1001", "--yes")
    for path in sorted(line.folder.rglob("*")):
        if path.is_file():
            assert [one for one in secrets if one.encode() in path.read_bytes()] == [], path


def test_who_orders_again_afterwards_is_somebody_new(line: Line, tmp_path: Path) -> None:
    line.run("forget", "shopify:1001", "--yes")
    order = orders([1], "2026-10-02", start=77, **(GUEST | {"name": "#G2"}))
    line.apply(tmp_path / "new", {"shopify_orders": order}, LATER)
    told = line.sync().json
    assert (told["records"], told["persons"]) == (2, 2)
    assert told["orders_unattributed"] == 3


def test_everybody_who_holds_an_address_is_forgotten_by_it_and_it_is_kept_nowhere(line: Line) -> None:
    done = line.run("forget", "--email", f" {ADDRESS.upper()} ", "--yes", "--json")
    assert (done.code, done.json["erased"]["records"]) == (0, 3)
    assert ADDRESS not in (done.out + done.err).lower()
    for path in line.folder.rglob("*"):
        assert path.is_dir() or ADDRESS.encode() not in path.read_bytes().lower(), path
    assert line.run("forget", "--email", ADDRESS, "--yes", "--json").json["error"]["code"] == "forget_nobody"


def test_of_several_people_with_one_address_nobody_is_forgotten_unless_all_are_meant(tmp_path: Path) -> None:
    couple = [
        {"id": 1001, "first_name": "Hanako", "last_name": "Sato", "email": ADDRESS},
        {"id": 1002, "first_name": "Taro", "last_name": "Sato", "email": ADDRESS},
    ]
    rows: Mapping[str, Any] = {
        "shopify_customers": [{**customers([n])[0], **one} for n, one in enumerate(couple, start=1)],
        "shopify_orders": orders([1, 2], "2026-05-01"),
        "salesforce_Contact": contacts([3], Email="p3@example.com"),
    }
    with small(tmp_path / "job", write_scenario(tmp_path / "world", rows, TOML)) as line:
        line.provision()
        assert line.sync().json["persons"] == 3
        told = line.run("forget", "--email", ADDRESS, "--yes", "--json")
        assert (told.code, told.json["error"]["code"]) == (1, "forget_several")
        assert "2 people" in told.json["error"]["message"] and ADDRESS not in told.out + told.err
        assert all(f"shopify:{one}" in told.json["error"]["message"] for one in (1001, 1002))
        assert stored(line, "SELECT count(*) FROM records") == [(3,)]
        assert line.run("forget", "shopify:1001", "--all", "--yes", "--json").json["error"]["code"] == "usage"
        done = line.run("forget", "--email", ADDRESS, "--all", "--yes", "--json")
        assert (done.code, done.json["erased"]["persons"]) == (0, 2)


def test_without_a_yes_nothing_is_changed_and_nobody_is_asked_where_nobody_is_there(line: Line) -> None:
    before = fields(line)
    line.forget_requests()
    done = line.run("forget", "shopify:1001", "--json")
    assert (done.code, done.json["error"]["code"]) == (1, "forget_unconfirmed")
    assert line.served() == []
    assert fields(line) == before
    assert not (line.folder / "zaiseki.tombstones").exists()


@pytest.mark.parametrize(("answer", "code", "left"), [("n", 1, 4), ("y", 0, 1)])
def test_at_a_terminal_somebody_is_asked(line: Line, answer: str, code: int, left: int) -> None:
    ours, theirs = os.openpty()
    words = ["--config", str(line.settings), "--lang", "ja", "forget", "shopify:1001"]
    try:
        os.write(ours, f"{answer}\n".encode())
        done = subprocess.run(
            [sys.executable, "-m", "zaiseki", *words],
            stdin=theirs,
            capture_output=True,
            env=dict(os.environ) | line.secrets,
            timeout=120,
            check=False,
        )
    finally:
        os.close(ours)
        os.close(theirs)
    assert (done.returncode, "完全に消去しますか" in done.stderr.decode()) == (code, True), done.stderr
    # What goes is named as the admins of a Japanese shop see it.
    assert "在籍期間" in done.stderr.decode() and "Tenure" not in done.stderr.decode()
    assert stored(line, "SELECT count(*) FROM records") == [(left,)]


def test_what_will_be_cleared_is_shown_by_ids(line: Line) -> None:
    done = line.run("forget", "shopify:1001")
    assert "shopify:1001" in done.err and contact_id(1) in done.err
    assert "Segment" in done.err and "person_id" not in done.err
    assert "Net Spend" in done.err and "{currency}" not in done.err
    assert "(people: 1, records: 3)" in done.err


def test_a_record_that_refuses_keeps_the_person_and_a_later_try_succeeds(line: Line) -> None:
    faults(
        line,
        {"platform": "salesforce", "fault": "reject_records", "contains": contact_id(1), "times": None},
    )
    done = line.run("forget", "shopify:1001", "--yes", "--json")
    assert (done.code, done.json["erased"], done.json["rejected"]) == (3, None, 1), done.out
    assert done.json["balanced"]
    assert not (line.folder / "zaiseki.tombstones").exists()
    assert stored(line, "SELECT count(*) FROM records") == [(4,)]
    faults(line)
    assert line.run("forget", "shopify:1001", "--yes", "--json").json["erased"]["records"] == 3


def test_a_platform_that_fails_keeps_the_person(line: Line) -> None:
    faults(
        line,
        {
            "platform": "shopify",
            "contains": "metafieldsDelete",
            "fault": "status",
            "status": 403,
            "times": None,
        },
    )
    done = line.run("forget", "shopify:1001", "--yes", "--json")
    assert (done.code, done.json["erased"], done.json["held"]) == (1, None, 1)
    assert list(done.json["failures"]) == ["shopify"]
    faults(line)
    told = line.sync().json
    assert (told["planned"], told["balanced"]) == (1, True), "what was cleared is filled in again"


def test_a_run_that_holds_the_store_is_not_disturbed(line: Line) -> None:
    with Store.open(line.store):
        done = line.run("forget", "shopify:1001", "--yes", "--json")
    assert (done.code, done.json["error"]["code"]) == (1, "store_busy")
    assert fields(line)["1001"]


def test_a_forget_that_was_killed_after_clearing_is_finished_by_the_next_command(line: Line) -> None:
    with Store.open(line.store) as store:
        given = Ref(*store.rows("SELECT platform, account, object, id FROM records WHERE id = '1001'")[0])
        refs = [part.ref for part in whole_person.parts_of(store, [given])]
        erase.intend(store, refs, datetime(2026, 10, 1, 12, tzinfo=UTC))
    told = line.sync().json
    assert (told["records"], told["forgotten"], told["planned"]) == (1, 2, 0)
    assert line.sync("--full").json["forgotten"] == 2


def test_a_person_account_is_cleared_through_its_account_and_stays_out(tmp_path: Path) -> None:
    account = "001000000000001AAA"
    rows: Mapping[str, Any] = {
        "salesforce_Account": [
            {"Id": account, "LastName": "Ito", "IsPersonAccount": "true", "PersonEmail": ADDRESS},
            {"Id": "001000000000002AAA", "LastName": "Mori", "IsPersonAccount": "true"},
        ],
        "salesforce_Order": [
            {
                "Id": "801000000000001AAA",
                "AccountId": account,
                "EffectiveDate": "2026-09-01",
                "Status": "Activated",
                "StatusCode": "Activated",
                "TotalAmount": "30.00",
            }
        ],
    }
    scenario = write_scenario(tmp_path / "world", rows, f"{TOML}[salesforce]\nperson_accounts = true\n")
    with small(tmp_path / "job", scenario) as line:
        line.provision()
        line.sync()
        ((alias,),) = stored(line, f"SELECT alias_id FROM records WHERE id = '{account}'")
        done = line.run("forget", alias, "--yes", "--json")
        assert (done.code, done.json["written"], done.json["erased"]["orders"]) == (0, 1, 1), done.out
        assert [one["object"] for one in done.json["members"]] == ["PersonAccount"]
        told = line.sync("--full").json
        assert (told["records"], told["forgotten"], told["planned"]) == (1, 1, 0)
        assert told["orders_unattributed"] == 1


def test_an_unknown_record_and_a_bad_address_are_told(line: Line) -> None:
    assert line.run("forget", "shopify:5", "--yes", "--json").json["error"]["code"] == "record_unknown"
    told = line.run("forget", "--email", "who knows", "--yes", "--json")
    assert told.json["error"]["code"] == "email_invalid" and "who knows" not in told.out
    assert line.run("forget", "--json").json["error"]["code"] == "usage"


def test_a_garbled_line_stops_every_command_that_reads_people(line: Line) -> None:
    line.run("forget", "shopify:1001", "--yes")
    path = line.folder / "zaiseki.tombstones"
    path.write_text(path.read_text() + "half a li")
    for words in (("sync",), ("plan",), ("forget", "shopify:1002", "--yes")):
        told = line.run(*words, "--json")
        assert (told.code, told.json["error"]["code"]) == (1, "keyed_lines_unusable")
    assert str(path) in json.loads(told.out)["error"]["message"]


def test_status_tells_that_somebody_was_forgotten_and_not_who(line: Line) -> None:
    line.run("forget", "shopify:1001", "--yes")
    told = line.run("status", "--json")
    assert told.json["runs"][0]["state"] == "forgotten"
    assert "1001" not in told.out
    assert NOW[:10] in told.json["runs"][0]["started_at"]
