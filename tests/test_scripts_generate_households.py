"""The generator of households, run as a user runs it; its files and its truth read back by other code."""

import csv
import re
import subprocess
import sys
import unicodedata
from collections import Counter, defaultdict
from pathlib import Path

import phonenumbers
import pytest

SCRIPT = Path(__file__).parents[1] / "scripts" / "generate_scenario.py"
RECORDS = 20_000
OBJECTS = {
    "shopify_customers": "customer",
    "salesforce_Contact": "Contact",
    "salesforce_Account": "PersonAccount",
    "salesforce_Lead": "Lead",
}


def generate(*words: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(SCRIPT), *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def read(folder: Path, stem: str) -> list[dict[str, str]]:
    with (folder / f"{stem}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("homes")
    assert generate("--households", RECORDS, "--seed", 7, "--out", out).returncode == 0
    return out


def records(folder: Path) -> dict[tuple[str, str], dict[str, str]]:
    """Every row of a person by (object, id)."""
    return {
        (kind, row.get("id") or row["Id"]): row
        for stem, kind in OBJECTS.items()
        for row in read(folder, stem)
        if row.get("IsPersonAccount") != "false"
    }


def test_the_truth_names_every_record_once_and_no_other(folder: Path) -> None:
    truth = read(folder, "truth")
    firms = {row["Id"] for row in read(folder, "salesforce_Account") if row["Name"].startswith("株式会社")}
    guests = {row["id"] for row in read(folder, "shopify_orders") if not row["customer_id"]}
    keys = [(row["object"], row["id"]) for row in truth]
    assert len(keys) == len(set(keys))
    expected = {*records(folder), *(("Account", one) for one in firms), *(("guest", one) for one in guests)}
    assert set(keys) == expected
    assert len(truth) == pytest.approx(RECORDS, rel=0.01)


def test_it_has_everything_that_identity_has_to_stand(folder: Path) -> None:
    truth = read(folder, "truth")
    kinds = Counter(row["object"] for row in truth)
    assert all(
        kinds[kind] > 20 for kind in ("customer", "guest", "Contact", "PersonAccount", "Lead", "Account")
    )
    people = defaultdict(set)
    for row in truth:
        for key in ("email", "phone"):
            if row[key]:
                people[row[key]].add(row["person"])
    assert sum(len(found) == 2 for found in people.values()) > 10, "shared addresses and numbers"
    assert any(len(found) > 3 for found in people.values()), "placeholders"
    written = {row["given"].partition(":")[0] for row in truth}
    assert written == {"", "han", "kana", "latin"}
    contacts = read(folder, "salesforce_Contact")
    assert any(row["Shopify_Customer_Id__c"] for row in contacts)
    assert any(not row["Shopify_Customer_Id__c"] for row in contacts)
    assert {"true", "false"} == {row["IsConverted"] for row in read(folder, "salesforce_Lead")}
    orders = read(folder, "salesforce_Order")
    assert any(row["Shopify_Order__c"] for row in orders)
    assert any(not row["BillToContactId"] for row in orders)


def test_names_and_numbers_stand_there_as_people_type_them(folder: Path) -> None:
    rows = [*read(folder, "salesforce_Contact"), *read(folder, "salesforce_Account")]
    numbers = "\n".join(
        row.get("MobilePhone") or row.get("PersonMobilePhone") or row["Phone"] for row in rows
    )
    for kind in ("０", "ー", "‐", "−", "(自宅)", "内線", "+81(0)"):
        assert kind in numbers, kind
    names = "\n".join(f"{row['LastName']} {row['FirstName']}" for row in rows)
    for kind in ("髙", "﨑", "邉", "　", "\u200b", "様"):
        assert kind in names, kind
    widths = {unicodedata.east_asian_width(char) for char in names}
    assert {"H", "W", "Na"} <= widths
    assert re.search(r"[ぁ-ん]{3} ?", names)
    assert re.search(r"[éüçã]", names)
    addresses = [row.get("Email") or row.get("PersonEmail") or "" for row in rows]
    assert any(address != address.lower() for address in addresses)
    assert any("＠" in address for address in addresses)


def test_the_shop_holds_every_address_and_number_once_and_as_it_keeps_them(folder: Path) -> None:
    customers = read(folder, "shopify_customers")
    for key in ("email", "phone"):
        values = [row[key] for row in customers if row[key]]
        assert len(values) == len(set(values)), key
        assert values == [value.lower() for value in values]
    for row in customers:
        assert row["email"] or row["phone"]
        assert not row["phone"] or phonenumbers.is_valid_number(phonenumbers.parse(row["phone"]))


def test_nobody_real_can_be_reached(folder: Path) -> None:
    addresses = {row["email"] for row in read(folder, "truth") if row["email"]}
    domains = {address.rpartition("@")[2] for address in addresses}
    ends = re.compile(r"(^|\.)(example|example\.(com|jp|org))$")
    assert all(ends.search(domain) for domain in domains), domains


def test_who_has_a_number_of_their_own_shares_it_with_no_stranger(folder: Path) -> None:
    """But for numbers that a carrier handed out again, which are seldom."""
    homes = defaultdict(set)
    for row in read(folder, "truth"):
        if row["phone"] and row["household"]:
            homes[row["phone"]].add(row["household"])
    shared = sum(len(found) > 1 for found in homes.values())
    assert 0 < shared < 0.005 * len(homes)


def test_the_second_day_changes_what_the_first_one_holds(folder: Path) -> None:
    first, later = records(folder), records(folder / "later")
    changes = read(folder / "later", "truth")
    kinds = Counter(row["change"] for row in changes)
    assert all(kinds[kind] > 2 for kind in ("new", "merged", "deleted", "redacted", "moved"))
    for row in changes:
        key = (row["object"], row["id"])
        if row["object"] != "guest":
            assert (key in first) == (row["change"] != "new")
            assert (later[key]["merged_into"], later[key]["deleted"]) == (
                row["into"],
                "true" if row["change"] == "deleted" else "",
            )
        if row["into"]:
            assert (row["object"], row["into"]) in first
    # Of what is gone, the platform still tells what stood there; of what is redacted, it does not.
    for row in changes:
        if row["change"] in ("deleted", "merged"):
            before, after = first[row["object"], row["id"]], later[row["object"], row["id"]]
            stamps = {"updated_at", "LastModifiedDate"}
            assert {k: after[k] for k in before if k not in stamps} == {
                k: v for k, v in before.items() if k not in stamps
            }
        if row["change"] == "redacted":
            after = later["customer", row["id"]]
            assert [after[name] for name in ("email", "phone", "first_name", "last_name")] == [""] * 4


def test_the_same_arguments_write_the_same_bytes_and_another_seed_does_not(
    folder: Path, tmp_path: Path
) -> None:
    generate("--households", RECORDS, "--seed", 7, "--out", tmp_path / "again", "--then", tmp_path / "then")
    generate("--households", RECORDS, "--seed", 8, "--out", tmp_path / "other")
    paths = [path for path in folder.rglob("*") if path.is_file()]
    assert len(paths) > 14
    for path in paths:
        inside = path.relative_to(folder)
        again = tmp_path / "then" / path.name if inside.parts[0] == "later" else tmp_path / "again" / inside
        assert path.read_bytes() == again.read_bytes(), inside
    assert (folder / "truth.csv").read_bytes() != (tmp_path / "other" / "truth.csv").read_bytes()


@pytest.mark.parametrize(
    "words",
    [
        ("--households", "0"),
        ("--households", "10", "--customers", "10", "--orders", "10"),
        ("--customers", "10"),
        ("--customers", "10", "--orders", "10", "--then", "there"),
    ],
)
def test_a_senseless_mix_of_arguments_is_refused(words: tuple[str, ...], tmp_path: Path) -> None:
    done = generate(*words, "--out", tmp_path)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
