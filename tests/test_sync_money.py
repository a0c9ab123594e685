"""Money: one reporting currency, a rate of the day or none at all, rounded once."""

from __future__ import annotations

import dataclasses
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from salesforce_rows import opportunity
from sync_rows import SALESFORCE, SHOPIFY, money, order, refund, sf_id, sf_order

from connectors.base import Rate
from sync import normalise_salesforce_orders, normalise_shopify
from sync.edge import Unusable
from sync.model import Normalised, Order
from sync.money import converted
from sync.rates import Rates

DATED = (
    Rate("USD", Decimal("0.0080")),
    Rate("USD", Decimal("0.0100"), date(2026, 1, 1), date(2026, 2, 1)),
    Rate("USD", Decimal("0.0050"), date(2026, 2, 1), date(2026, 3, 1)),
    Rate("EUR", Decimal("0.0062")),
)
"""Units for one yen, as an org in yen holds them: a dollar is ¥125, in January ¥100, in February ¥200."""
IN_YEN = Rates("JPY", "JPY", DATED)


def shop(row: dict[str, Any], **changes: Any) -> Normalised:
    return normalise_shopify.orders([row], dataclasses.replace(SHOPIFY, **changes))


def org(row: dict[str, Any], **changes: Any) -> Normalised:
    return normalise_salesforce_orders.orders([row], dataclasses.replace(SALESFORCE, **changes))


def one(made: Normalised) -> Order:
    assert made.bad == []
    (order,) = made.orders
    return order


def apart(made: Normalised) -> list[tuple[str, str]]:
    assert not made.orders
    return [(bad.field, bad.cause) for bad in made.bad]


@pytest.mark.parametrize(
    ("on", "yen"),
    [
        ("2025-12-31", 125),
        ("2026-01-01", 100),
        ("2026-01-31", 100),
        ("2026-02-01", 200),
        ("2026-02-28", 200),
        ("2026-03-01", 125),
    ],
)
def test_a_dated_rate_counts_from_its_first_day_to_the_day_before_its_end(on: str, yen: int) -> None:
    assert IN_YEN.of("USD", date.fromisoformat(on)) == yen


def test_an_order_is_converted_at_the_rate_of_its_own_day() -> None:
    made = one(
        org(sf_order(1, CurrencyIsoCode="USD", TotalAmount="10.50", EffectiveDate="2026-02-03"), rates=IN_YEN)
    )
    assert (made.amount, made.rate, made.original_amount, made.currency) == (
        Decimal(2100),
        Decimal(200),
        Decimal("10.50"),
        "USD",
    )
    made = one(
        shop(order(1, totalPriceSet=money("10.50", "USD"), processedAt="2026-01-31T15:00:00Z"), rates=IN_YEN)
    )
    assert (made.ordered_on.isoformat(), made.amount) == ("2026-02-01", Decimal(2100))


def test_a_rate_between_two_foreign_currencies_goes_through_the_orgs_own() -> None:
    rates = Rates("EUR", "JPY", DATED)
    assert rates.of("USD", date(2026, 1, 5)) == Decimal("0.62000000")
    assert rates.of("JPY", date(2026, 1, 5)) == Decimal("0.00620000")
    assert rates.of("EUR", date(2026, 1, 5)) == 1


def test_the_settings_win_over_the_platforms_table() -> None:
    rates = Rates("JPY", "JPY", DATED, settled={"USD": Decimal(150)})
    assert rates.of("USD", date(2026, 1, 5)) == 150


def test_years_of_daily_rates_are_looked_up_and_not_gone_through() -> None:
    began = date(2016, 1, 1)
    table = tuple(
        Rate("USD", Decimal(day + 1), began + timedelta(day), began + timedelta(day + 1))
        for day in range(4_000)
    )
    rates = Rates("JPY", "JPY", table)
    assert rates.of("USD", began + timedelta(2_999)) == (1 / Decimal(3_000)).quantize(Decimal("1E-8"))
    assert rates.of("USD", began + timedelta(4_000)) is None
    assert rates.of("USD", began - timedelta(1)) is None


@pytest.mark.parametrize(
    ("amount", "currency", "reporting", "rate", "shown"),
    [
        ("10.00", "USD", "JPY", "150.555", "1506"),
        ("10000", "JPY", "USD", "0.00664", "66.40"),
        ("10000", "JPY", "KWD", "0.00203456", "20.346"),
        ("1.2345", "KWD", "USD", "3.25", "4.01"),
        ("0.5", "USD", "JPY", "1", "1"),
        ("-0.5", "USD", "JPY", "1", "-1"),
        ("100", "KRW", "ISK", "0.095", "10"),
    ],
)
def test_an_amount_is_rounded_once_to_the_smallest_unit_of_the_reporting_currency(
    amount: str, currency: str, reporting: str, rate: str, shown: str
) -> None:
    rates = Rates(reporting, reporting, settled={currency: Decimal(rate)})
    assert str(converted(Decimal(amount), currency, date(2026, 1, 1), rates, "f").amount) == shown


@pytest.mark.parametrize(("amount", "rate"), [("99999999999999", "10"), ("1", "10000000000")])
def test_what_the_store_cannot_hold_is_set_apart(amount: str, rate: str) -> None:
    rates = Rates("JPY", "JPY", settled={"XXX": Decimal(rate)})
    with pytest.raises(Unusable, match="too_large"):
        converted(Decimal(amount), "XXX", date(2026, 1, 1), rates, "f")


def test_no_rate_sets_an_order_apart_with_the_currency_named() -> None:
    assert apart(shop(order(1, totalPriceSet=money("5", "CHF")), rates=IN_YEN)) == [
        ("totalPriceSet", "no_rate:CHF")
    ]
    assert apart(org(sf_order(1, CurrencyIsoCode="CHF"), rates=IN_YEN)) == [
        ("CurrencyIsoCode", "no_rate:CHF")
    ]
    made = normalise_salesforce_orders.opportunities([opportunity(1, CurrencyIsoCode="CHF")], SALESFORCE)
    assert apart(made) == [("CurrencyIsoCode", "no_rate:CHF")]


def test_that_an_order_is_gone_is_stored_even_without_a_rate() -> None:
    made = one(org(sf_order(1, CurrencyIsoCode="CHF", IsDeleted=True)))
    assert (made.deleted, made.amount, made.rate) == (True, Decimal(0), Decimal(0))


def test_a_negative_total_sets_a_shop_order_apart_and_a_zero_one_is_kept() -> None:
    assert apart(shop(order(1, totalPriceSet=money("-5")))) == [("totalPriceSet", "negative")]
    assert one(shop(order(1, totalPriceSet=money("0")))).amount == 0


def test_an_order_of_nobody_is_kept_with_its_money() -> None:
    # Peers: orders without a customer break aggregates (dbt_shopify 11).
    made = one(shop(order(1, None, email="no@acme", phone="0")))
    assert (made.record_id, made.email_key, made.phone_key, made.amount) == (None, None, None, Decimal(1000))


def test_presentment_money_is_never_looked_at() -> None:
    bag = {
        "shopMoney": {"amount": "1000", "currencyCode": "JPY"},
        "presentmentMoney": {"amount": "6.70", "currencyCode": "USD"},
    }
    assert one(shop(order(1, totalPriceSet=bag))).amount == 1000


def test_tax_and_shipping_stand_beside_the_total_in_the_orders_currency() -> None:
    made = one(
        shop(
            order(
                1,
                totalPriceSet=money("20.00", "USD"),
                totalTaxSet=money("1.50", "USD"),
                totalShippingPriceSet=money("5.00", "USD"),
            ),
            rates=IN_YEN,
        )
    )
    assert (made.original_amount, made.tax, made.shipping) == (Decimal(20), Decimal("1.5"), Decimal(5))


def test_a_refund_keeps_its_own_amount_and_currency() -> None:
    row = order(
        1,
        totalPriceSet=money("10", "USD"),
        refunds=[{**refund(1, "4.50"), "totalRefundedSet": money("4.50", "USD")}],
    )
    ((given,),) = shop(row, rates=IN_YEN).refunds
    assert (given.original_amount, given.currency) == (Decimal("4.50"), "USD")
    reduction = sf_order(
        2, IsReductionOrder=True, OriginalOrderId=sf_id("801", 1), TotalAmount="-4.5", CurrencyIsoCode="USD"
    )
    ((given,),) = org(reduction, rates=IN_YEN).refunds
    assert (given.original_amount, given.currency) == (Decimal("4.5"), "USD")


def test_a_refund_without_money_is_kept_and_a_negative_one_sets_the_order_apart() -> None:
    ((given,),) = shop(order(1, refunds=[refund(1, "0")])).refunds
    assert given.original_amount == 0
    assert apart(shop(order(1, refunds=[refund(1, "-1")]))) == [("refunds.totalRefundedSet", "negative")]


def test_a_refund_in_another_currency_than_its_order_sets_the_order_apart() -> None:
    row = order(1, refunds=[{**refund(1, "4.50"), "totalRefundedSet": money("4.50", "USD")}])
    assert apart(shop(row, rates=IN_YEN)) == [("refunds.totalRefundedSet", "other_currency")]
