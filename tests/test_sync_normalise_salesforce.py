"""Salesforce's objects in the model's words: leads, accounts, merges, opportunities, roles, the forgotten."""

from __future__ import annotations

import dataclasses
from decimal import Decimal
from typing import Any

import pytest
from salesforce_rows import business, lead, opportunity, person_account, role
from sync_rows import KEY, ORG, SALESFORCE, contact, sf_id, sf_order

from sync import normalise_salesforce as objects
from sync import normalise_salesforce_orders as purchases
from sync.keys import fold_order_name
from sync.model import Account, Normalised, Record
from sync.tombstones import Tombstones, record_line


def record(made: Normalised) -> Record:
    assert made.bad == []
    (found,) = made.records
    return found


def test_a_lead_is_a_record_of_its_own_and_a_target() -> None:
    made = record(objects.leads([lead(1, "a@acme.co.jp", LeadSource="Web")], SALESFORCE))
    assert (made.object, made.id, made.write_target, made.lead_source) == (
        "Lead",
        sf_id("00Q", 1),
        True,
        "Web",
    )
    assert made.email_key == KEY.of("email", "a@acme.co.jp")
    assert made.latin_whole is not None


@pytest.mark.parametrize(
    ("became", "linked"),
    [
        ({"ConvertedContactId": sf_id("003", 7), "ConvertedAccountId": sf_id("001", 7)}, sf_id("003", 7)),
        ({"ConvertedAccountId": sf_id("001", 7)}, sf_id("001", 7)),
    ],
)
def test_a_converted_lead_says_what_it_became_and_is_never_written_to(
    became: dict[str, str], linked: str
) -> None:
    # Peers: "cannot reference converted lead" (grouparoo 1043).
    made = record(objects.leads([lead(1, IsConverted="true", Shopify_Id__c="12", **became)], SALESFORCE))
    assert made.write_target is False
    assert (made.linked_platform, made.linked_account, made.linked_id) == ("salesforce", ORG, linked)


def test_a_person_account_is_one_record_known_by_two_ids() -> None:
    # Peers: Person Account field writing (b2c-crm-sync 54, 267): written through Account, under its id.
    more = {
        "HasOptedOutOfEmail": "true",
        "DoNotCall": "true",
        "LeadSource": "Phone",
        "Zaiseki_Tenure_Days__c": "12",
    }
    row = person_account(1, "a@acme.co.jp", MobilePhone="09012345678", **more)
    made = record(objects.accounts([row], SALESFORCE))
    assert (made.object, made.id, made.alias_id) == ("PersonAccount", sf_id("001", 1), sf_id("003", 1))
    assert (made.write_target, made.parent_id, made.ours) == (True, None, '{"tenure_days":"12"}')
    assert (made.email_consent, made.phone_refused, made.lead_source) == ("opted_out", True, "Phone")
    like = record(objects.contacts([contact(1, "a@acme.co.jp", MobilePhone="09012345678")], SALESFORCE))
    assert (made.email_key, made.phone_key) == (like.email_key, like.phone_key)


def test_a_business_account_is_a_record_that_names_no_person() -> None:
    made = record(objects.accounts([business(1, Phone="09012345678")], SALESFORCE))
    assert (made.object, made.alias_id, made.write_target) == ("Account", None, True)
    assert made.phone_key == KEY.of("phone", "+819012345678")


def test_an_org_without_person_accounts_has_only_companies() -> None:
    row = business(1)
    del row["IsPersonAccount"]
    assert record(objects.accounts([row], SALESFORCE)).object == "Account"


NORMALISERS = {
    "Contact": (objects.contacts, contact),
    "Lead": (objects.leads, lead),
    "PersonAccount": (objects.accounts, person_account),
}


@pytest.mark.parametrize("name", NORMALISERS)
def test_a_deleted_record_keeps_nothing_of_its_person(name: str) -> None:
    normalise, row = NORMALISERS[name]
    more = {
        "MobilePhone": "09012345678",
        "Shopify_Id__c": "12",
        "Code__c": "x",
        "Zaiseki_Segment__c": "prospect",
    }
    made = record(normalise([row(1, "a@acme.co.jp", IsDeleted="true", **more)], SALESFORCE))
    kept = {field for field, value in made._asdict().items() if value not in (None, False, (), [])}
    same = {"platform", "account", "object", "id", "created_at", "updated_at", "deleted", "ours"}
    assert kept - {"alias_id"} == same
    assert made.ours == "{}"


@pytest.mark.parametrize("name", NORMALISERS)
def test_a_record_merged_into_another_still_tells_how_people_knew_that_one(name: str) -> None:
    normalise, row = NORMALISERS[name]
    winner = sf_id("003", 9)
    lost = row(1, "a@acme.co.jp", IsDeleted="true", MasterRecordId=winner, Shopify_Id__c="12")
    made, before = (
        record(normalise([lost], SALESFORCE)),
        record(normalise([row(1, "a@acme.co.jp")], SALESFORCE)),
    )
    assert (made.deleted, made.merged_into, made.linked_id, made.ours) == (True, winner, "12", "{}")
    assert (made.email_key, made.latin_whole) == (before.email_key, before.latin_whole)


@pytest.mark.parametrize("held", ["12", "gid://shopify/Customer/12", " 12 ", "12.0", 12, 12.0])
def test_the_shops_customer_is_named_by_number_or_global_id(held: object) -> None:
    made = record(objects.contacts([contact(1, Shopify_Id__c=held)], SALESFORCE))
    assert (made.linked_platform, made.linked_account, made.linked_id) == ("shopify", None, "12")


def test_the_first_purchase_field_is_read_on_every_object() -> None:
    for normalise, row in NORMALISERS.values():
        assert record(normalise([row(1, Buys_Since__c="1970-01-11")], SALESFORCE)).first_purchase_day == 10
        assert record(normalise([row(1)], SALESFORCE)).first_purchase_day is None


def test_an_order_is_called_by_all_its_names_and_shown_by_its_number() -> None:
    row = sf_order(1, Name="#1001", OrderReferenceNumber="1002", PoNumber="PO Yamada", Shop_Order__c="#5001")
    (made,) = purchases.orders([row], SALESFORCE).orders
    assert made.name == "00000001"
    assert made.aliases[:2] == ["1001", "1002"]
    assert made.aliases[2] == KEY.of("order", fold_order_name("PO Yamada") or "")
    assert made.reference == "5001"


@pytest.mark.parametrize(
    ("won", "kind"), [("true", "purchase"), ("false", "not_a_purchase"), (None, "not_a_purchase")]
)
def test_a_won_opportunity_is_a_purchase_on_its_close_date(won: str | None, kind: str) -> None:
    (made,) = purchases.opportunities([opportunity(1, IsWon=won)], SALESFORCE).orders
    assert (made.kind, made.ordered_on.isoformat(), made.amount) == (kind, "2026-03-05", Decimal(3000))
    assert (made.channel, made.record_id, made.parent_id) == ("sales", None, sf_id("001", 1))


def test_an_opportunity_without_an_amount_is_worth_nothing() -> None:
    (made,) = purchases.opportunities([opportunity(1, Amount=None)], SALESFORCE).orders
    assert made.amount == 0


def test_a_role_names_the_contact_of_an_opportunity() -> None:
    (made,) = purchases.roles([role(1)], SALESFORCE).roles
    assert (made.order_id, made.contact_id, made.is_primary) == (sf_id("006", 1), sf_id("003", 1), True)
    made = purchases.roles([role(1, OpportunityId=None)], SALESFORCE)  # type: ignore[assignment]
    assert [(bad.id, bad.field) for bad in made.bad] == [(sf_id("00K", 1), "OpportunityId")]  # type: ignore[attr-defined]


def forgetting(*ids: str) -> Account:
    lines = frozenset(record_line(KEY, "salesforce", ORG, one) for one in ids)
    return dataclasses.replace(SALESFORCE, tombstones=Tombstones(KEY, lines))


def test_a_forgotten_record_is_counted_and_a_deleted_one_is_gone() -> None:
    account = forgetting(sf_id("003", 1), sf_id("003", 2))
    rows = [
        contact(1, "a@acme.co.jp"),
        contact(2, IsDeleted="true", MasterRecordId=sf_id("003", 3)),
        contact(3),
    ]
    made = objects.contacts(rows, account)
    assert (made.forgotten, made.gone) == ([sf_id("003", 1)], [sf_id("003", 2)])
    assert [row.id for row in made.records] == [sf_id("003", 3)]


@pytest.mark.parametrize("known_as", [sf_id("001", 1), sf_id("003", 1)])
def test_a_forgotten_person_account_is_forgotten_under_either_id(known_as: str) -> None:
    made = objects.accounts([person_account(1)], forgetting(known_as))
    assert (made.forgotten, made.records) == ([sf_id("001", 1)], [])


def test_purchases_name_nobody_forgotten() -> None:
    account = forgetting(sf_id("003", 1), sf_id("001", 1))
    (order,) = purchases.orders([sf_order(1, BillToContactId=sf_id("003", 1))], account).orders
    assert (order.record_id, order.parent_id, order.amount) == (None, None, Decimal(2000))
    (made,) = purchases.roles([role(1)], account).roles
    assert made.contact_id is None


def test_a_row_with_a_malformed_id_is_set_apart() -> None:
    bad: list[Any] = [{**lead(1), "Id": "nobody"}, {**business(2), "Id": None}]
    assert [row.field for row in objects.leads(bad[:1], SALESFORCE).bad] == ["Id"]
    assert objects.accounts(bad[1:], SALESFORCE).bad[0].id.startswith("unknown:")


def test_a_purchase_of_a_forgotten_account_names_it_no_more() -> None:
    """Else it would go over to the only contact of that account."""
    orders = purchases.orders([sf_order(1), sf_order(2)], forgetting(sf_id("001", 1))).orders
    assert [(order.record_id, order.parent_id) for order in orders] == [(None, None), (None, sf_id("001", 2))]
