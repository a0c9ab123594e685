"""Words of the merchant's stay readable; an address or a phone number among them does not stay in clear."""

from __future__ import annotations

import pytest
from sync_rows import KEY, SALESFORCE, SHOPIFY, contact, customer, order

from sync import harmless, normalise_salesforce, normalise_shopify

PERSONAL = (
    "hanako@example.com",
    "VIP-Hanako＠Example.com",
    "for hanako%40example.com",
    "090-1234-5678",
    "０９０１２３４５６７８",
    "+819012345678",
    "tel:09012345678",
    "THANKS-090-1234-5678-X",
    "(03) 1234-5678",
    "+1 212 555 0123",
)
PLAIN = (
    "WELCOME10",
    "spring_2026-04-01",
    "20260401",
    "HANAKO-00042",
    "250-1234567-1234567",
    "newsletter",
    "a100%wool",
    "春のセール",
    "1234567890123",
)


@pytest.mark.parametrize("text", PERSONAL)
def test_a_code_that_is_somebodys_is_kept_as_a_hash_that_compares(text: str) -> None:
    made = harmless.code(text, SHOPIFY)
    assert made is not None and len(made) == 32 and int(made, 16)
    assert made == harmless.code(f"  {text.upper()} ", SHOPIFY), "as people type it"
    assert made != harmless.code(f"{text}0", SHOPIFY)


@pytest.mark.parametrize("text", PLAIN)
def test_a_plain_code_stays_readable(text: str) -> None:
    assert harmless.code(text, SHOPIFY) == text.casefold()
    assert harmless.label(text, SHOPIFY) == text
    assert harmless.order_id(text, SHOPIFY) == text


@pytest.mark.parametrize("text", PERSONAL)
def test_a_word_that_is_nowhere_compared_is_left_out(text: str) -> None:
    assert harmless.label(text, SHOPIFY) is None
    assert harmless.order_id(text, SHOPIFY) == KEY.of("order", text)


def test_nothing_stays_nothing() -> None:
    assert (harmless.code(None, SHOPIFY), harmless.code(" ", SHOPIFY), harmless.label(None, SHOPIFY)) == (
        None,
        None,
        None,
    )


def test_a_number_of_an_order_is_no_telephone() -> None:
    assert harmless.order_id("9012345678", SHOPIFY) == "9012345678"
    assert harmless.order_id("09012345678", SHOPIFY) != "09012345678"


def test_a_personal_code_still_matches_on_record_and_order() -> None:
    visit = {
        "referralCode": "Hanako@example.com",
        "utmParameters": {"source": "mail", "medium": "referral", "campaign": "a@b.jp", "content": "X-1"},
    }
    (holder,) = normalise_shopify.customers(
        [customer(1, referral_code={"value": "hanako@example.com "})], SHOPIFY
    ).records
    (bought,) = normalise_shopify.orders(
        [
            order(
                1,
                name="090-1234-5678",
                discountCodes=["HANAKO@EXAMPLE.COM", "SPRING"],
                customerJourneySummary={"lastVisit": visit},
            )
        ],
        SHOPIFY,
    ).orders
    assert [*holder.referral_codes] == [bought.referral_code] == bought.discount_codes[:1]
    assert "@" not in str(holder) + str(bought)
    assert bought.discount_codes[1] == "spring" and bought.name is None
    assert (bought.utm_source, bought.utm_medium, bought.utm_campaign, bought.utm_content) == (
        "mail",
        "referral",
        harmless.code("A@B.jp", SHOPIFY),
        "x-1",
    )


def test_a_lead_source_that_is_somebodys_is_left_out() -> None:
    rows = [contact(1, LeadSource="Web"), contact(2, LeadSource="friend of 090-1234-5678")]
    first, second = normalise_salesforce.contacts(rows, SALESFORCE).records
    assert (first.lead_source, second.lead_source) == ("Web", None)
