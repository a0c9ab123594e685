"""The traps of counting purchases and money, each through the whole line: one customer a trap."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import duckdb
import pytest
from trap_shop import Traps, contact_id, synced

NOTHING = (
    "test",
    "cancelled",
    "voided",
    "expired",
    "sample or exchange at 0",
    "refunded",
    "staff",
    "business",
    "future",
)
EXCLUDE = '[purchases.exclude]\ntags = ["staff"]\nb2b = true\n'


def lone(case: Traps, number: int) -> int:
    """A customer whom no other record is."""
    case.customer(number, email=f"a{number}@example.com")
    return number


def build() -> Traps:
    """Every trap is a customer, numbered; what is not a trap about them is one plain order in January."""
    case = Traps()
    for number in (*range(1, 10), *range(20, 34)):
        case.order(1_000 + number, lone(case, number), "2026-01-10", 1000)
    # What never counts.
    case.order(2_001, 1, "2026-03-10", 500, test="true")
    case.order(
        2_002, 2, "2026-03-10", 500, cancelled_at="2026-03-11T12:00:00+09:00", cancel_reason="CUSTOMER"
    )
    case.order(2_003, 3, "2026-03-10", 500, financial_status="VOIDED")
    case.order(2_004, 4, "2026-03-10", 500, financial_status="EXPIRED")
    case.order(2_005, 5, "2026-03-10", 0)
    case.order(2_006, 6, "2026-03-10", 500, financial_status="REFUNDED")
    case.refund(9_006, 2_006, "2026-03-20", 500)
    case.order(2_007, 7, "2026-03-10", 500, tags="staff")
    case.order(2_008, 8, "2026-03-10", 500, b2b="true")
    case.order(2_009, 9, "2027-03-10", 500)
    # What counts, and how.
    case.order(2_020, 20, "2026-03-10", 500, financial_status="PENDING")
    case.order(2_021, 21, "2026-03-10", 900, financial_status="PARTIALLY_REFUNDED")
    case.refund(9_021, 2_021, "2026-04-20", 300)
    case.order(2_022, 22, "2026-01-10T23:30:00+09:00", 500)
    # 00:30 on the 11th in Tokyo is the 10th in UTC; 16:00Z on the 10th is the 11th in Tokyo.
    case.order(2_023, 23, "2026-01-11T00:30:00+09:00", 500)
    case.order(2_024, 24, "2026-01-10T16:00:00Z", 500)
    case.order(2_025, 25, "2019-05-01", 500, created_at="2026-02-01T12:00:00+09:00")
    case.order(2_026, 26, "2026-03-10", 1500, presentment_currency="USD", presentment_total="10.50")
    case.order(2_027, 27, "2026-03-10", 70_000)
    # The same order in the org: by its id, by its name, and by a name that a person of the same name has too.
    for number in (30, 31, 32, 33):
        case.contact(number, Email=f"a{number}@example.com")
    case.sale(30, 30, "2026-01-11", 1000, Shopify_Order__c=1_030)
    case.sale(31, 31, "2026-01-11", 1000, OrderReferenceNumber="#1031")
    case.sale(32, 32, "2026-06-01", 1000, PoNumber="#1031")
    case.sale(33, 33, "2026-05-05", 2500)
    # A reduction order takes back; a draft is none.
    case.contact(40, Email="a40@example.com")
    case.sale(40, 40, "2026-01-10", 3000)
    case.sale(
        41,
        40,
        "2026-02-10",
        -1000,
        IsReductionOrder="true",
        OriginalOrderId=case.rows["salesforce_Order"][-1]["Id"],
    )
    case.sale(42, 40, "2026-03-10", 5000, Status="Draft")
    # A gift: somebody else receives it.
    case.contact(50, Email="a50@example.com")
    case.contact(51, Email="a51@example.com")
    case.sale(50, 50, "2026-01-10", 3000, ShipToContactId=contact_id(51))
    # Nobody's: no customer, no address.
    case.order(2_099, "", "2026-03-10", 12_345)
    # Two customers of one person, each with orders: first is the earliest, money is the sum.
    case.customer(60, "花子", "佐藤", email="a60@example.com", phone="+819077770060")
    case.contact(60, "花子", "佐藤", Email="b60@example.com", MobilePhone="090-7777-0060")
    case.order(2_060, 60, "2026-02-01", 1000)
    case.sale(60, 60, "2025-02-01", 2000)
    return case


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Traps]:
    with synced(tmp_path_factory.mktemp("money"), build(), code=3, more=EXCLUDE) as made:
        yield made


@pytest.mark.parametrize(("number", "trap"), list(enumerate(NOTHING, 1)))
def test_what_is_no_purchase_leaves_no_trace(shop: Traps, number: int, trap: str) -> None:
    held = shop.of(number)
    assert (held["purchases"], held["net_spend"], held["tenure_days"]) == (1, 1000, 0), trap


def test_an_order_paid_at_a_convenience_store_counts_while_it_is_pending(shop: Traps) -> None:
    assert (shop.of(20)["purchases"], shop.of(20)["net_spend"]) == (2, 1500)


def test_a_refund_in_part_lowers_the_money_and_not_the_count(shop: Traps) -> None:
    assert (shop.of(21)["purchases"], shop.of(21)["net_spend"]) == (2, 1600)


def test_two_orders_on_one_day_are_one_purchase_and_no_tenure(shop: Traps) -> None:
    held = shop.of(22)
    assert (held["purchases"], held["net_spend"], held["tenure_days"]) == (1, 1500, 0)


@pytest.mark.parametrize("number", [23, 24])
def test_days_are_the_shops(shop: Traps, number: int) -> None:
    held = shop.of(number)
    assert (held["purchases"], held["last_purchase_on"]) == (2, date(2026, 1, 11))


def test_an_imported_order_counts_on_the_day_it_was_made(shop: Traps) -> None:
    assert shop.of(25)["first_purchase_on"] == date(2019, 5, 1)


def test_money_is_the_shops_whatever_the_customer_saw(shop: Traps) -> None:
    assert shop.of(26)["net_spend"] == Decimal(2500)


def test_exactly_the_threshold_is_enough_and_early_spending_makes_no_best_customer(shop: Traps) -> None:
    assert shop.of(27)["segment"] == "fledgling_active"


def test_an_order_in_both_systems_counts_once(shop: Traps) -> None:
    for number in (30, 31):
        assert (shop.of(number)["purchases"], shop.of(number)["net_spend"]) == (1, 1000)


def test_the_name_of_somebody_elses_order_makes_no_copy(shop: Traps) -> None:
    assert (shop.of(32)["purchases"], shop.of(32)["net_spend"]) == (2, 2000)


def test_orders_of_both_systems_are_one_history(shop: Traps) -> None:
    assert (shop.of(33)["purchases"], shop.of(33)["net_spend"]) == (2, 3500)
    held = shop.of(60)
    assert shop.is_one(60, contact_id(60))
    assert (held["first_purchase_on"], held["last_purchase_on"]) == (date(2025, 2, 1), date(2026, 2, 1))
    assert (held["tenure_days"], held["net_spend"]) == (365, 3000)


def test_a_reduction_order_is_a_refund_and_a_draft_is_nothing(shop: Traps) -> None:
    held = shop.of(contact_id(40))
    assert (held["purchases"], held["net_spend"]) == (1, 2000)


def test_a_gift_is_the_buyers_purchase(shop: Traps) -> None:
    assert shop.of(contact_id(50))["purchases"] == 1
    assert shop.of(contact_id(51))["purchases"] == 0


def test_an_order_of_nobody_stands_apart_and_makes_no_person(shop: Traps) -> None:
    assert shop.told["orders_unattributed"] == 1
    assert all(values["net_spend"] != 12_345 for held in shop.held.values() for values in held.values())


def test_an_order_of_the_future_is_set_aside_with_its_reason(shop: Traps) -> None:
    assert shop.told["streams"]["shopify.orders"]["quarantined"] == 1
    assert shop.line is not None
    with duckdb.connect(str(shop.line.store), read_only=True) as con:
        assert [row[0] for row in con.execute("SELECT id FROM quarantine").fetchall()] == ["2009"]


def test_a_refund_of_later_is_not_known_on_an_earlier_day(shop: Traps) -> None:
    """To be asked last: a plan as of another day changes nothing that others look at."""
    assert shop.line is not None
    planned = shop.line.run("plan", "--as-of", "2026-04-01", "--json")
    assert planned.code == 0, planned.err
    with duckdb.connect(str(shop.line.store), read_only=True) as con:
        found = con.execute(
            "SELECT net_spend FROM scores JOIN members USING (person_id) WHERE id = '21'"
        ).fetchall()
    assert found == [(Decimal("1900.0000"),)]
