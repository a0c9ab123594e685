"""What a field of the merchant says of a first purchase lengthens a history, and hides behind no order."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import duckdb
import pytest
from trap_shop import MADE, TOKYO, Traps, contact_id, synced

from sandbox.salesforce.ids import make_id

SETTINGS = """
[purchases]
count_unpaid = false
exclude = { tags = ["staff"] }
[history]
first_purchase_metafield = "history.first_order_on"
first_purchase_field = "First_Order_On__c"
"""
PERSONS = TOKYO.replace("[salesforce]\n", "[salesforce]\nperson_accounts = true\n")
TOLD, ORDERED = "2022-06-01", "2026-01-10"
SINCE = date(2022, 6, 1)
TENURE = (date(2026, 1, 10) - SINCE).days
PERSON_ACCOUNT = make_id("001", 4)
STAMPS = {"CreatedDate": MADE, "LastModifiedDate": MADE}
IN_SHOP, ON_CONTACT, ON_LEAD, ON_PERSON, TWICE, ALONE, SAME_DAY, LATER, GARBLED, SILENT = range(1, 11)
HIDING = {
    "excluded by a tag": {"tags": "staff"},
    "pending": {"financial_status": "PENDING"},
    "cancelled": {"cancelled_at": "2022-01-12T12:00:00+09:00", "cancel_reason": "CUSTOMER"},
    "a test": {"test": "true"},
    "refunded in full": {},
}
"""Orders older than what the field tells, that do not count."""
REFUNDED = 20 + list(HIDING).index("refunded in full")


def build() -> Traps:
    """Every case is a customer, numbered, with an order in 2026 but for `ALONE`."""
    case = Traps()
    for number in (*range(1, 11), *range(20, 20 + len(HIDING))):
        case.customer(number, email=f"a{number}@example.com")
        if number != ALONE:
            case.order(1_000 + number, number, ORDERED, 1000)
    for number in (IN_SHOP, TWICE, ALONE, *range(20, 20 + len(HIDING))):
        in_shop(case, number, TOLD)
    in_shop(case, SAME_DAY, ORDERED)
    in_shop(case, LATER, "2026-02-01")
    on_contact(case, 90, "")
    on_contact(case, ON_CONTACT, TOLD)
    on_contact(case, TWICE, "2024-01-01")
    on_contact(case, GARBLED, "long ago")
    on_contact(case, SILENT, "")
    case.sale(90, 90, ORDERED, 100)
    email = {"FirstName": "", "LastName": "-", **STAMPS}
    lead = {"Id": make_id("00Q", ON_LEAD), "Company": "-", "Email": f"a{ON_LEAD}@example.com", **email}
    case.rows["salesforce_Lead"].append(lead | {"First_Order_On__c": TOLD})
    person = {"Id": PERSON_ACCOUNT, "IsPersonAccount": "true", "PersonEmail": f"a{ON_PERSON}@example.com"}
    person |= {"Shopify_Customer_Id__pc": "", "First_Order_On__pc": TOLD}
    case.rows["salesforce_Account"].append(person | email)
    for number, more in enumerate(HIDING.values(), 20):
        case.order(2_000 + number, number, "2022-01-10", 500, **more)
    case.refund(9_000, 2_000 + REFUNDED, "2026-03-01", 500)
    return case


def in_shop(case: Traps, customer: int, on: str) -> None:
    """The shop says since when a customer has bought."""
    row: dict[str, Any] = {"owner_id": customer, "namespace": "history", "key": "first_order_on"}
    case.rows["shopify_metafields"].append(row | {"type": "date", "value": on})


def on_contact(case: Traps, number: int, on: str) -> None:
    """The org says since when a contact has bought; it is the customer of the same number."""
    case.contact(number, Email=f"a{number}@example.com", First_Order_On__c=on)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Traps]:
    with synced(tmp_path_factory.mktemp("first"), build(), toml=PERSONS, more=SETTINGS) as made:
        yield made


@pytest.mark.parametrize("number", [IN_SHOP, ON_CONTACT, ON_LEAD, ON_PERSON])
def test_a_first_purchase_told_by_a_record_of_any_kind_is_a_purchase_worth_nothing(
    shop: Traps, number: int
) -> None:
    held = shop.of(number)
    assert (held["first_purchase_on"], held["tenure_days"]) == (SINCE, TENURE)
    assert (held["purchases"], held["net_spend"]) == (2, 1000)


def test_of_several_first_purchases_of_a_person_the_earliest_counts_alone(shop: Traps) -> None:
    assert shop.is_one(TWICE, contact_id(TWICE))
    assert (shop.of(TWICE)["first_purchase_on"], shop.of(TWICE)["purchases"]) == (SINCE, 2)


def test_who_bought_before_the_data_begin_is_no_prospect(shop: Traps) -> None:
    held = shop.of(ALONE)
    assert (held["segment"], held["purchases"], held["net_spend"]) == ("first_lapsed", 1, Decimal(0))
    assert (held["first_purchase_on"], held["last_purchase_on"]) == (SINCE, SINCE)


@pytest.mark.parametrize("number", [SAME_DAY, LATER, GARBLED, SILENT])
def test_what_tells_nothing_older_than_the_orders_changes_nothing(shop: Traps, number: int) -> None:
    held = shop.of(number)
    assert (held["first_purchase_on"], held["tenure_days"]) == (date(2026, 1, 10), 0)
    assert (held["purchases"], held["net_spend"]) == (1, 1000)


@pytest.mark.parametrize(("number", "older"), list(enumerate(HIDING, 20)))
def test_an_older_order_that_does_not_count_hides_no_first_purchase(
    shop: Traps, number: int, older: str
) -> None:
    held = shop.of(number)
    assert (held["first_purchase_on"], held["tenure_days"]) == (SINCE, TENURE), older
    assert (held["purchases"], held["net_spend"]) == (2, 1000), older


@pytest.mark.parametrize("number", [IN_SHOP, *range(20, 20 + len(HIDING))])
def test_why_tells_the_same_first_purchase(shop: Traps, number: int) -> None:
    assert shop.line is not None
    told = shop.line.run("why", f"shopify:{number}")
    assert told.code == 0, told.err
    assert TOLD in told.out


def test_while_the_older_order_counted_it_came_first(shop: Traps) -> None:
    """To be asked last: before its refund the order of 2022 was the first purchase, and the only one then."""
    assert shop.line is not None
    planned = shop.line.run("plan", "--as-of", "2026-02-01", "--json")
    assert planned.code == 0, planned.err
    with duckdb.connect(str(shop.line.store), read_only=True) as con:
        found = con.execute(
            "SELECT first_purchase_on, purchases, net_spend FROM scores JOIN members USING (person_id)"
            f" WHERE id = '{REFUNDED}'"
        ).fetchall()
    assert found == [(date(2022, 1, 10), 2, Decimal("1500.0000"))]
