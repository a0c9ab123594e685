"""The judge of households: its figures over a store written down by hand, each counted by hand."""

import csv
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest

SCRIPT = Path(__file__).parents[1] / "scripts" / "judge_households.py"
COLUMNS = ("person", "household", "object", "id", "email", "phone", "given", "link")
A, B, C = "a@example.com", "b@example.com", "c@example.com"


def truth(folder: Path, *rows: tuple[str, ...]) -> Path:
    """Rows of person, object, id, e-mail, given name and link; the household is the person's first digit."""
    folder.mkdir(exist_ok=True)
    with (folder / "truth.csv").open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, [*COLUMNS, "platform", "family"], restval="")
        writer.writeheader()
        for person, kind, record, email, given, link in rows:
            platform = "shopify" if kind in ("customer", "guest") else "salesforce"
            row = {
                "person": person,
                "household": person[0],
                "object": kind,
                "id": record,
                "platform": platform,
            }
            writer.writerow(row | {"email": email, "given": given, "link": link})
    return folder


def store(folder: Path, members: dict[tuple[str, str], str], guests: dict[str, list[str]]) -> Path:
    """A store in which these records are of these persons; a guest's orders bear its key."""
    path = folder / "zaiseki.duckdb"
    with duckdb.connect(str(path)) as con:
        con.execute("CREATE TABLE records (platform TEXT, account TEXT, object TEXT, id TEXT,"
                    " email_key TEXT, phone_key TEXT)")  # fmt: skip
        con.execute("CREATE TABLE orders (platform TEXT, account TEXT, id TEXT, record_id TEXT,"
                    " deleted BOOLEAN, email_key TEXT, phone_key TEXT)")  # fmt: skip
        con.execute("CREATE TABLE members (person_id TEXT, platform TEXT, account TEXT, object TEXT, id TEXT,"
                    " rule TEXT)")  # fmt: skip
        for (kind, record), person in members.items():
            platform = "shopify" if kind in ("customer", "guest") else "salesforce"
            key = f"key of {record}" if kind == "guest" else None
            con.execute("INSERT INTO records VALUES (?, 'x', ?, ?, ?, NULL)", [platform, kind, record, key])
            con.execute(
                "INSERT INTO members VALUES (?, ?, 'x', ?, ?, 'email')", [person, platform, kind, record]
            )
        for guest, orders in guests.items():
            for order in orders:
                con.execute(
                    "INSERT INTO orders VALUES ('shopify', 'x', ?, NULL, false, ?, NULL)",
                    [order, f"key of {guest}"],
                )
    return path


def judge(*paths: Path) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, SCRIPT, *paths, "--json"], capture_output=True, timeout=60, check=True
    )
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def test_pairs_are_counted_as_by_hand(tmp_path: Path) -> None:
    """Of the three records of person 1 the store found two, with a stranger: one of three pairs each way."""
    rows = [
        ("1", "customer", "1", A, "", ""),
        ("1", "Contact", "2", A, "", ""),
        ("1", "Lead", "3", A, "", ""),
    ]
    folder = truth(tmp_path / "truth", *rows, ("2", "Lead", "4", B, "", ""))
    members = {("customer", "1"): "p", ("Contact", "2"): "p", ("Lead", "4"): "p", ("Lead", "3"): "q"}
    told = judge(store(tmp_path, members, {}), folder)
    assert (told["records"], told["people"], told["persons"], told["pairs"]) == (4, 2, 2, 3)
    assert told["precision"] == pytest.approx(1 / 3)
    assert told["recall"] == pytest.approx(1 / 3)
    assert told["findable"] == 1
    assert {kind: found["pairs"] for kind, found in told["false"].items()} == {
        "strangers, nothing shared, 0 with a given name": 2
    }
    assert {kind: found["pairs"] for kind, found in told["missed"].items()} == {"email shared": 2}


def test_a_guest_is_known_by_its_orders(tmp_path: Path) -> None:
    rows = [
        ("1", "guest", "71", A, "", ""),
        ("1", "guest", "72", A, "", ""),
        ("1", "customer", "1", A, "", ""),
    ]
    told = judge(
        store(tmp_path, {("customer", "1"): "p", ("guest", "g"): "p"}, {"g": ["71", "72"]}),
        truth(tmp_path / "truth", *rows),
    )
    assert (told["records"], told["pairs"], told["precision"], told["recall"]) == (2, 1, 1, 1)


def test_what_nothing_ties_cannot_be_found(tmp_path: Path) -> None:
    rows = [("1", "customer", "1", A, "", ""), ("1", "Contact", "2", B, "", "")]
    told = judge(
        store(tmp_path, {("customer", "1"): "p", ("Contact", "2"): "q"}, {}), truth(tmp_path / "truth", *rows)
    )
    assert (told["recall"], told["findable"]) == (0, 0)
    assert list(told["missed"]) == ["nothing ties them"]


def test_two_given_names_in_one_script_are_told_unless_a_link_says_that_they_are_one(tmp_path: Path) -> None:
    rows = [
        ("11", "customer", "1", A, "han:花子", ""),
        ("12", "Contact", "2", A, "han:太郎", ""),
        ("21", "customer", "3", B, "latin:robert", ""),
        ("21", "Contact", "4", B, "latin:bob", "3"),
        ("31", "customer", "5", C, "han:花子", ""),
        ("31", "Contact", "6", C, "kana:ハナコ", ""),
    ]
    members = {("customer", "1"): "p", ("Contact", "2"): "p", ("customer", "3"): "q", ("Contact", "4"): "q"}
    members |= {("customer", "5"): "r", ("Contact", "6"): "r"}
    assert judge(store(tmp_path, members, {}), truth(tmp_path / "truth", *rows))["conflicting"] == ["p"]


def test_a_later_truth_replaces_an_earlier_one_and_unknown_records_are_told(tmp_path: Path) -> None:
    first = truth(tmp_path / "first", ("1", "customer", "1", A, "", ""), ("2", "Contact", "2", A, "", ""))
    later = truth(tmp_path / "later", ("1", "Contact", "2", A, "", ""))
    held = store(tmp_path, {("customer", "1"): "p", ("Contact", "2"): "p", ("Lead", "9"): "q"}, {})
    assert judge(held, first)["precision"] == 0
    told = judge(held, first, later)
    assert told["precision"] == 1
    assert told["unknown"] == {"Lead": 1}
