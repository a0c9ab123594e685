"""The traps of where an order comes from and how far it got, each through the whole line."""

from collections.abc import Iterator

import pytest
from line_readback import read_both
from trap_shop import Traps, synced

OPEN_DRAFT, DONE_DRAFT, COUNTER, BOTH, AUTHORIZED, PENDING, SAMPLE, RENEWALS = range(1, 9)
UNPAID = (AUTHORIZED, PENDING)
NOT_UNTIL_PAID = "\n[purchases]\ncount_unpaid = false\n"


def build() -> Traps:
    """Every trap is a customer, numbered."""
    case = Traps()
    for number in range(1, 9):
        case.customer(number, email=f"a{number}@example.com")
    for number in (OPEN_DRAFT, DONE_DRAFT, BOTH):
        case.order(1_000 + number, number, "2026-01-10", 1000)
    case.rows["shopify_draft_orders"] += [
        draft(1, OPEN_DRAFT, "OPEN"),
        draft(2, OPEN_DRAFT, "INVOICE_SENT", invoice_sent_at="2026-03-11T12:00:00+09:00"),
        draft(3, DONE_DRAFT, "COMPLETED", completed_at="2026-03-12T12:00:00+09:00"),
    ]
    # A draft that was completed is an order of its own from then on.
    case.order(2_002, DONE_DRAFT, "2026-03-12", 700, source_name="shopify_draft_order")
    case.order(2_003, COUNTER, "2026-03-10", 500, source_name="pos")
    case.order(2_004, BOTH, "2026-03-10", 500, source_name="pos")
    case.order(2_005, AUTHORIZED, "2026-03-10", 500, financial_status="AUTHORIZED")
    case.order(2_006, PENDING, "2026-03-10", 500, financial_status="PENDING")
    case.order(2_007, SAMPLE, "2026-03-10", 0)
    for month in (1, 2, 3):
        source = "subscription_contract" if month == 1 else "subscription_contract_checkout_one"
        case.order(3_000 + month, RENEWALS, f"2026-0{month}-10", 300, source_name=source)
    # Somebody else, so that the org has the fields that the settings name.
    case.contact(90, Email="a90@example.com")
    case.sale(90, 90, "2026-01-10", 100)
    return case


def draft(number: int, customer: int, status: str, **more: object) -> dict[str, object]:
    """A draft order of the shop, made in March."""
    row = {"id": number, "customer_id": customer, "status": status, "total": 700}
    return row | {"created_at": "2026-03-10T12:00:00+09:00", "invoice_sent_at": "", "completed_at": ""} | more


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Traps]:
    with synced(tmp_path_factory.mktemp("counting"), build()) as made:
        yield made


def test_an_open_draft_counts_for_nothing(shop: Traps) -> None:
    held = shop.of(OPEN_DRAFT)
    assert (held["purchases"], held["net_spend"], held["tenure_days"]) == (1, 1000, 0)


def test_a_completed_draft_counts_once_as_the_order_it_became(shop: Traps) -> None:
    held = shop.of(DONE_DRAFT)
    assert (held["purchases"], held["net_spend"], held["tenure_days"]) == (2, 1700, 61)
    assert held["channels"] == ("online", "phone")


def test_an_order_at_the_counter_counts_in_the_store(shop: Traps) -> None:
    assert (shop.of(COUNTER)["purchases"], shop.of(COUNTER)["channels"]) == (1, ("store",))
    assert shop.of(BOTH)["channels"] == ("online", "store")


def test_a_sample_for_nothing_as_the_only_order_leaves_a_prospect(shop: Traps) -> None:
    held = shop.of(SAMPLE)
    assert (held["segment"], held["purchases"], held["first_purchase_on"]) == ("prospect", 0, None)


def test_renewals_of_a_subscription_are_purchases_like_others(shop: Traps) -> None:
    held = shop.of(RENEWALS)
    assert (held["purchases"], held["net_spend"], held["tenure_days"]) == (3, 900, 59)
    assert held["channels"] == ("online",)


def test_who_has_ordered_and_not_paid_counts_as_the_settings_say(shop: Traps) -> None:
    """To be asked last: it changes the settings."""
    assert [shop.of(number)["purchases"] for number in UNPAID] == [1, 1]
    assert [shop.of(number)["net_spend"] for number in UNPAID] == [500, 500]
    others = {number: shop.of(number) for number in range(1, 9) if number not in UNPAID}
    assert shop.line is not None
    plain = shop.line.settings.read_text(encoding="utf-8")
    shop.line.settings.write_text(plain + NOT_UNTIL_PAID, encoding="utf-8")
    shop.line.sync()
    shop.held = read_both(shop.line.ready)
    for number in UNPAID:
        held = shop.of(number)
        assert (held["segment"], held["purchases"], held["net_spend"]) == ("prospect", 0, 0)
    assert {number: shop.of(number) for number in others} == others
    shop.line.settings.write_text(plain, encoding="utf-8")
    shop.line.sync()
    shop.held = read_both(shop.line.ready)
    assert [shop.of(number)["purchases"] for number in UNPAID] == [1, 1]
