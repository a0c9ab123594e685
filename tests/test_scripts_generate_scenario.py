"""The generator of large scenarios, run as a user runs it, and its files read back by other code."""

import csv
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[1] / "scripts" / "generate_scenario.py"


def generate(out: Path, *, customers: int = 2_000, orders: int = 20_000, seed: int = 7) -> str:
    command = [
        sys.executable,
        SCRIPT,
        "--customers",
        customers,
        "--orders",
        orders,
        "--seed",
        seed,
        "--out",
        out,
    ]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=60, check=True)
    return done.stdout


def read(folder: Path, stem: str) -> list[dict[str, str]]:
    with (folder / f"{stem}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("synthetic")
    generate(out)
    return out


def test_it_writes_as_many_orders_as_asked_and_a_record_for_every_customer(folder: Path) -> None:
    ordered = [one for one in read(folder, "salesforce_Order") if one["IsReductionOrder"] == "false"]
    assert len(read(folder, "shopify_orders")) + len(ordered) == 20_000
    shopify = {one["email"] for one in read(folder, "shopify_customers")}
    salesforce = {one["Email"].lower() for one in read(folder, "salesforce_Contact")}
    assert len(shopify | salesforce) == 2_000
    assert len(shopify & salesforce) / 2_000 == pytest.approx(0.25, abs=0.04)


def test_orders_have_every_fate_that_real_ones_have(folder: Path) -> None:
    orders = read(folder, "shopify_orders")
    fates = Counter(one["financial_status"] for one in orders)
    assert {"PAID", "PENDING", "VOIDED", "REFUNDED", "PARTIALLY_REFUNDED"} == set(fates)
    assert any(one["cancelled_at"] for one in orders)
    assert any(one["test"] == "true" for one in orders)
    assert any(one["discount_codes"] for one in orders)
    guests = [one for one in orders if not one["customer_id"]]
    assert any(one["email"] for one in guests) and any(not one["email"] for one in guests)
    assert {"Draft", "Activated"} == {one["Status"] for one in read(folder, "salesforce_Order")}
    assert any(one["IsReductionOrder"] == "true" for one in read(folder, "salesforce_Order"))


def test_a_refund_belongs_to_an_order_and_is_not_more_than_was_paid(folder: Path) -> None:
    orders = {one["id"]: one for one in read(folder, "shopify_orders")}
    for refund in read(folder, "shopify_refunds"):
        order = orders[refund["order_id"]]
        assert 0 <= int(refund["amount"]) <= int(order["total"])
        assert refund["processed_at"] >= order["processed_at"]


def test_every_record_points_at_one_that_is_there(folder: Path) -> None:
    accounts = {one["Id"] for one in read(folder, "salesforce_Account")}
    contacts = {one["Id"]: one["AccountId"] for one in read(folder, "salesforce_Contact")}
    orders = {one["Id"] for one in read(folder, "salesforce_Order")}
    assert set(contacts.values()) <= accounts
    for order in read(folder, "salesforce_Order"):
        assert contacts[order["BillToContactId"]] == order["AccountId"]
        assert order["OriginalOrderId"] in {*orders, ""}
    customers = {one["id"] for one in read(folder, "shopify_customers")}
    assert {one["customer_id"] for one in read(folder, "shopify_orders")} <= {*customers, ""}


def test_the_same_seed_writes_the_same_bytes_and_another_seed_does_not(folder: Path, tmp_path: Path) -> None:
    generate(tmp_path / "again")
    generate(tmp_path / "other", seed=8)
    for path in folder.glob("*.csv"):
        assert path.read_bytes() == (tmp_path / "again" / path.name).read_bytes()
    orders = "shopify_orders.csv"
    assert (folder / orders).read_bytes() != (tmp_path / "other" / orders).read_bytes()


def test_files_of_an_earlier_scenario_do_not_stay_behind(tmp_path: Path) -> None:
    generate(tmp_path)
    generate(tmp_path, customers=1, orders=1)
    assert not (tmp_path / "shopify_refunds.csv").exists()
    rows = [len(read(tmp_path, path.stem)) for path in tmp_path.glob("*Order*.csv")]
    rows += [len(read(tmp_path, path.stem)) for path in tmp_path.glob("*orders.csv")]
    assert sum(rows) == 1


def test_it_says_what_it_wrote(tmp_path: Path) -> None:
    said = generate(tmp_path, customers=3, orders=9)
    assert f"{len(read(tmp_path, 'shopify_customers')):,} rows  {tmp_path / 'shopify_customers'}.csv" in said


@pytest.mark.parametrize("count", ["0", "-1", "many"])
def test_a_senseless_count_is_refused(count: str, tmp_path: Path) -> None:
    command = [sys.executable, str(SCRIPT), "--customers", count, "--orders", "1", "--out", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert "--customers" in done.stderr and "Traceback" not in done.stderr
