"""The platforms' rows in the model's words: money, days, channels, what is a purchase, nothing personal."""

from __future__ import annotations

import dataclasses
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sync_rows import (
    KEY,
    SALESFORCE,
    SHOPIFY,
    contact,
    customer,
    money,
    open_store,
    order,
    pull,
    refund,
    sf_id,
    sf_order,
)

from sync import normalise_salesforce, normalise_salesforce_orders, normalise_shopify
from sync.model import Order
from sync.money import rounded, scale


def one(row: dict[str, Any], **changes: Any) -> Order:
    (made,) = normalise_shopify.orders([row], dataclasses.replace(SHOPIFY, **changes)).orders
    return made


@pytest.mark.parametrize(
    ("zone", "at", "day"),
    [
        ("Asia/Tokyo", "2026-01-01T14:59:59Z", "2026-01-01"),
        ("Asia/Tokyo", "2026-01-01T15:00:00Z", "2026-01-02"),
        ("America/New_York", "2026-03-08T06:59:59Z", "2026-03-08"),
        ("America/New_York", "2026-03-08T04:59:59Z", "2026-03-07"),
        ("America/New_York", "2026-07-01T03:59:59Z", "2026-06-30"),
        ("Asia/Tokyo", "2026-01-01T23:30:00-05:00", "2026-01-02"),
    ],
)
def test_the_day_of_an_order_is_the_shops_own(zone: str, at: str, day: str) -> None:
    made = one(order(1, processedAt=at), timezone=ZoneInfo(zone))
    assert made.ordered_on.isoformat() == day
    assert made.ordered_day == (made.ordered_on - made.ordered_on.replace(1970, 1, 1)).days


@pytest.mark.parametrize(
    ("source", "channel"),
    [
        ("web", "online"),
        ("580111", "online"),
        ("checkout", "online"),
        ("pos", "store"),
        ("shopify_draft_order", "phone"),
        ("some-importer", "other"),
        ("", "other"),
        (None, "other"),
    ],
)
def test_the_channel_follows_the_published_table(source: str | None, channel: str) -> None:
    assert one(order(1, sourceName=source)).channel == channel


@pytest.mark.parametrize(
    ("currency", "decimals"), [("JPY", 0), ("USD", 2), ("KWD", 3), ("CLF", 4), ("XXX", 2)]
)
def test_a_currency_has_the_decimals_of_iso_4217(currency: str, decimals: int) -> None:
    assert scale(currency) == decimals


def test_amounts_are_rounded_once_to_the_smallest_unit_half_up() -> None:
    assert rounded(Decimal("100.5"), "JPY") == Decimal("101")
    assert rounded(Decimal("2.675"), "USD") == Decimal("2.68")
    assert one(order(1, totalPriceSet=money("1000.0"))).amount == Decimal("1000")


def test_refunds_are_dated_and_counted_by_themselves() -> None:
    row = order(1, refunds=[refund(1, "10", "2026-02-01T20:00:00Z"), refund(2, "5")])
    ((first, second),) = normalise_shopify.orders([row], SHOPIFY).refunds
    assert (first.order_id, first.original_amount) == ("1", Decimal(10))
    assert first.refunded_on.isoformat() == "2026-02-02"
    assert (second.id, second.original_amount) == ("2", Decimal(5))


def test_an_order_says_what_counting_needs() -> None:
    made = one(
        order(
            7,
            5,
            cancelledAt="2026-02-01T20:00:00Z",
            test=True,
            displayFinancialStatus="VOIDED",
            discountCodes=["ＴＡＲＯ10", " x "],
            customerJourneySummary={
                "lastVisit": {
                    "referralCode": "Hana",
                    "utmParameters": {
                        "source": "line",
                        "medium": "referral",
                        "campaign": None,
                        "content": None,
                    },
                }
            },
        )
    )
    assert (made.record_id, made.is_test, made.payment_status, made.kind) == ("5", True, "VOIDED", "purchase")
    assert made.cancelled_on is not None
    assert made.cancelled_on.isoformat() == "2026-02-02"
    assert made.discount_codes == ["taro10", "x"]
    assert (made.referral_code, made.utm_source, made.utm_medium) == ("hana", "line", "referral")


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "1,000", "", None, "1e30", True])
def test_what_is_no_amount_is_set_apart(amount: object) -> None:
    row = order(1, totalPriceSet={"shopMoney": {"amount": amount, "currencyCode": "JPY"}})
    made = normalise_shopify.orders([row], SHOPIFY)
    assert not made.orders
    assert made.bad[0].field.startswith("totalPriceSet")


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({}, "purchase"),
        ({"StatusCode": "Draft", "Status": "Activated"}, "not_a_purchase"),
        ({"StatusCode": "Activated", "Status": "出荷済み"}, "purchase"),
        ({"StatusCode": None, "Status": "Activated"}, "purchase"),
        ({"StatusCode": None, "Status": "Draft"}, "not_a_purchase"),
        ({"IsReductionOrder": True, "OriginalOrderId": sf_id("801", 9)}, "reduction"),
        (
            {"IsReductionOrder": True, "OriginalOrderId": sf_id("801", 9), "StatusCode": "Draft"},
            "not_a_purchase",
        ),
    ],
)
def test_an_activated_order_counts_and_nothing_else(change: dict[str, Any], kind: str) -> None:
    (made,) = normalise_salesforce_orders.orders([sf_order(1, **change)], SALESFORCE).orders
    assert made.kind == kind


def test_an_effective_date_is_a_day_as_it_stands() -> None:
    zone = ZoneInfo("America/New_York")
    account = dataclasses.replace(SALESFORCE, timezone=zone)
    (made,) = normalise_salesforce_orders.orders([sf_order(1)], account).orders
    assert (made.ordered_on.isoformat(), made.channel, made.amount) == ("2026-03-01", "sales", Decimal(2000))


def test_an_order_without_a_total_is_worth_nothing() -> None:
    (made,) = normalise_salesforce_orders.orders([sf_order(1, TotalAmount=None)], SALESFORCE).orders
    assert made.amount == 0


def test_another_currency_of_the_org_is_set_apart() -> None:
    made = normalise_salesforce_orders.orders([sf_order(1, CurrencyIsoCode="USD")], SALESFORCE)
    assert [(bad.field, bad.cause) for bad in made.bad] == [("CurrencyIsoCode", "no_rate:USD")]


def test_the_same_person_has_the_same_keys_on_both_platforms() -> None:
    there = customer(1, "Taro@example.com", defaultPhoneNumber={"phoneNumber": "+819012345678"})
    here = contact(1, "taro@example.com", Phone="03-3234-5678", MobilePhone="０９０－１２３４－５６７８")
    (shopify,) = normalise_shopify.customers([there], SHOPIFY).records
    (salesforce,) = normalise_salesforce.contacts([here], SALESFORCE).records
    assert shopify.email_key == salesforce.email_key == KEY.of("email", "taro@example.com")
    assert shopify.phone_key == salesforce.phone_key == KEY.of("phone", "+819012345678")
    assert salesforce.phone_is_mobile is True


def test_refusals_and_permissions_are_kept_and_silence_is_silence() -> None:
    (made,) = normalise_shopify.customers([customer(1, "a@example.com")], SHOPIFY).records
    assert (made.email_consent, made.sms_consent, made.subscription_status) == (
        "subscribed",
        None,
        "never_subscribed",
    )
    (made,) = normalise_salesforce.contacts(
        [contact(1, HasOptedOutOfEmail="true", DoNotCall="true")], SALESFORCE
    ).records
    assert (made.email_consent, made.phone_refused) == ("opted_out", True)
    (made,) = normalise_salesforce.contacts([contact(1)], SALESFORCE).records
    assert made.email_consent is None


def test_our_fields_and_the_personal_code_are_read_on_both_platforms() -> None:
    row = customer(
        1, zaiseki_tenure_days={"value": "12"}, zaiseki_segment=None, referral_code={"value": " Hana "}
    )
    (made,) = normalise_shopify.customers([row], SHOPIFY).records
    assert (made.ours, made.referral_codes) == ('{"tenure_days":"12"}', ["hana"])
    row = contact(1, Zaiseki_Tenure_Days__c="12.0", Zaiseki_Segment__c=None, Code__c="HANA")
    (made,) = normalise_salesforce.contacts([row], SALESFORCE).records
    assert (made.ours, made.referral_codes) == ('{"tenure_days":"12"}', ["hana"])


def test_only_the_last_row_of_an_id_in_a_batch_is_looked_at() -> None:
    made = normalise_shopify.orders([order(1, name="#a"), order(1, name="#b")], SHOPIFY)
    assert [row.name for row in made.orders] == ["#b"]


def test_the_last_good_row_of_an_id_is_kept_beside_a_bad_one_after_it() -> None:
    bad = order(1, processedAt=None)
    made = normalise_shopify.orders([order(1, name="#a"), order(1, name="#b"), bad, bad], SHOPIFY)
    assert [row.name for row in made.orders] == ["#b"]
    assert [row.id for row in made.bad] == ["1"]


def test_no_name_address_or_number_reaches_the_store_file(tmp_path: Path) -> None:
    secrets = ["Hanako", "Yamada", "hanako@example.com", "guest@example.com", "9012345678", "called"]
    phone = "+819012345678"
    with open_store(tmp_path) as store:
        pull(
            store,
            "shopify.customers",
            [
                customer(1, "Hanako@example.com", defaultPhoneNumber={"phoneNumber": phone}),
                customer(2, createdAt="hanako@example.com"),
                customer(3, zaiseki_segment={"value": {"hanako@example.com": 1}}),
            ],
        )
        pull(
            store,
            "shopify.orders",
            [
                order(1, email="guest@example.com", phone=phone, refunds=[refund(1, "10")]),
                order(2, totalPriceSet=money("hanako@example.com")),
            ],
        )
        pull(store, "salesforce.Contact", [contact(1, "Hanako@example.com", MobilePhone="09012345678")])
        ((apart,),) = store.rows("SELECT count(*) FROM quarantine")
        store.con.execute("CHECKPOINT")
        # Text of a column file may be compressed: what the tables say is read as well.
        tables = [
            name for (name,) in store.rows("SELECT table_name FROM duckdb_tables() WHERE NOT temporary")
        ]
        said = " ".join(str(store.rows(f"SELECT COLUMNS(*)::VARCHAR FROM {name}")) for name in tables)
    assert apart == 3
    left = b"".join(path.read_bytes() for path in tmp_path.iterdir() if path.is_file()).decode("latin-1")
    assert [text for text in secrets if text.lower() in (said + left).lower()] == []
