"""Writes the demo's scenario folder: always the same bytes."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from sandbox.cdnow.members import FIRST_RECORD, Member, in_salesforce, invent_member, referral_codes_used
from sandbox.cdnow.purchases import NOW, SEED, Purchase, read_purchases
from sandbox.people import choose
from sandbox.salesforce.ids import make_id
from sandbox.scenario_writer import ScenarioWriter

FIRST_SHOPIFY_ORDER = 5_500_000_000_000
SCENARIO = """\
# The demo: CDNOW's purchases of 1997-98 on two platforms, written by `python -m sandbox.cdnow`.
now = 1998-06-30T12:00:00  # in shop time

[shopify]
shop = "zaiseki-demo"
timezone = "America/New_York"
currency = "USD"
plan = "standard"

[salesforce]
timezone = "America/New_York"
currency = "USD"
"""
SOURCES = (
    [("web", "", "", "")] * 12
    + [("web", "google", "cpc", "cd-search"), ("web", "newsletter", "email", "new-releases")] * 3
    + [("pos", "", "", ""), ("shopify_draft_order", "", "", "")]
)
"""Source name and utm values of an order; each entry is equally likely."""


def write_demo(folder: Path) -> dict[str, int]:
    """Write the scenario; gives the number of rows per file."""
    purchases = read_purchases()
    by_customer: dict[int, list[Purchase]] = {}
    for purchase in purchases:
        by_customer.setdefault(purchase.customer, []).append(purchase)
    members = {number: invent_member(number) for number in sorted(by_customer)}
    codes = referral_codes_used(members, purchases)
    with ScenarioWriter(folder) as writer:
        for number, member in members.items():
            _write_records(writer, member, by_customer[number])
        for purchase in purchases:
            member = members[purchase.customer]
            if in_salesforce(member, purchase):
                _write_salesforce_order(writer, member, purchase)
            else:
                _write_shopify_order(writer, member, purchase, codes.get(purchase.number, ""))
    (folder / "scenario.toml").write_text(SCENARIO, encoding="utf-8")
    return writer.counts


def _write_records(writer: ScenarioWriter, member: Member, purchases: Sequence[Purchase]) -> None:
    on_salesforce = [one for one in purchases if in_salesforce(member, one)]
    on_shopify = [one for one in purchases if not in_salesforce(member, one)]
    if member.on_shopify:
        _write_customer(writer, member, on_shopify or purchases)
    if member.on_salesforce:
        _write_contact(writer, member, on_salesforce or purchases)


def _write_customer(writer: ScenarioWriter, member: Member, purchases: Sequence[Purchase]) -> None:
    rng = Random(f"{SEED}/customer/{member.number}")
    person = member.person
    consent = choose(rng, ("SUBSCRIBED", "SUBSCRIBED", "NOT_SUBSCRIBED", "UNSUBSCRIBED"))
    created_at, updated_at = _lifetime(purchases)
    writer.row(
        "shopify_customers",
        id=member.shopify_id,
        email=person.email,
        phone=person.phone,
        first_name=person.first_name,
        last_name=person.last_name,
        locale=person.locale,
        tags="newsletter" if consent == "SUBSCRIBED" else "",
        email_consent=consent,
        created_at=created_at,
        updated_at=updated_at,
    )
    if member.referral_code:
        writer.row(
            "shopify_metafields",
            owner_id=member.shopify_id,
            namespace="custom",
            key="referral_code",
            type="single_line_text_field",
            value=member.referral_code,
        )


def _write_contact(writer: ScenarioWriter, member: Member, purchases: Sequence[Purchase]) -> None:
    rng = Random(f"{SEED}/contact/{member.number}")
    person = member.person
    made, changed = _lifetime(purchases)
    account = make_id("001", member.record_number)
    stamps = {"CreatedDate": made, "LastModifiedDate": changed}
    household = f"{person.last_name}家" if person.is_japanese else f"{person.last_name} Household"
    writer.row("salesforce_Account", Id=account, Name=household, **stamps)
    writer.row(
        "salesforce_Contact",
        Id=make_id("003", member.record_number),
        AccountId=account,
        FirstName=person.first_name,
        LastName=person.last_name,
        Email=member.salesforce_email,
        MobilePhone=person.phone,
        LeadSource=choose(rng, ("Web", "Phone Inquiry", "Other", "")),
        HasOptedOutOfEmail="true" if rng.random() < 0.1 else "false",
        Shopify_Customer_Id__c=member.shopify_id if member.is_linked else "",
        **stamps,
    )


def _write_shopify_order(writer: ScenarioWriter, member: Member, purchase: Purchase, code: str) -> None:
    rng = Random(f"{SEED}/order/{purchase.number}")
    source, utm_source, utm_medium, utm_campaign = choose(rng, SOURCES)
    coupon = "CD5OFF" if rng.random() < 0.04 else ""
    writer.row(
        "shopify_orders",
        id=FIRST_SHOPIFY_ORDER + purchase.number,
        name=f"#{1000 + purchase.number}",
        customer_id=member.shopify_id,
        email=member.person.email,
        processed_at=purchase.at.isoformat(),
        updated_at=_shipped(purchase.at).isoformat(),
        total=purchase.amount,
        financial_status="PAID",
        source_name=source,
        discount_codes=";".join(filter(None, (code, coupon))),
        utm_source=utm_source,
        utm_medium=utm_medium,
        utm_campaign=utm_campaign,
        tags="gift-wrap" if rng.random() < 0.05 else "",
    )


def _write_salesforce_order(writer: ScenarioWriter, member: Member, purchase: Purchase) -> None:
    writer.row(
        "salesforce_Order",
        Id=make_id("801", FIRST_RECORD + purchase.number),
        OrderNumber=f"{purchase.number:08d}",
        AccountId=make_id("001", member.record_number),
        BillToContactId=make_id("003", member.record_number),
        EffectiveDate=purchase.on,
        Status="Activated",
        StatusCode="Activated",
        TotalAmount=purchase.amount,
        CreatedDate=purchase.at.isoformat(),
        LastModifiedDate=_shipped(purchase.at).isoformat(),
    )


def _lifetime(purchases: Sequence[Purchase]) -> tuple[str, str]:
    """Say when a record was made (just before its first order) and last changed (at its last one)."""
    return (purchases[0].at - timedelta(minutes=7)).isoformat(), purchases[-1].at.isoformat()


def _shipped(at: datetime) -> datetime:
    """An order changes last when it is shipped, two days later, unless that is still to come."""
    return min(at + timedelta(days=2), NOW - timedelta(minutes=5))
