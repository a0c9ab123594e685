"""The rows of a household scenario: records and orders as the platforms' files have them, and the truth."""

from typing import Any

from sandbox.household_records import Life, Planned
from sandbox.salesforce.ids import derived_id, make_id
from sandbox.synthetic_customers import DAYS, local_time

Row = dict[str, Any]

FIRST_CUSTOMER = 7_300_000_000_000
GONE_CUSTOMER = 7_200_000_000_000
FIRST_ORDER = 5_600_000_000_000
FIRST_REFUND = 9_100_000_000_000
FIRMS = 500_000_000
FIRST_FIRM = 1_000_000_000
"""Companies are numbered from here among the persons of the truth."""
MARKS = ("Shopify_Order__c", "OrderReferenceNumber", "PoNumber")
"""Fields of the org's orders that may name the shop's order."""
HOUSEHOLDS = 600_000_000
STEMS = {
    "customer": "shopify_customers",
    "Contact": "salesforce_Contact",
    "PersonAccount": "salesforce_Account",
    "Lead": "salesforce_Lead",
}
PREFIXES = {"Contact": "003", "PersonAccount": "001", "Lead": "00Q"}


def record_id(kind: str, number: int) -> str:
    """The id of the n-th record."""
    return str(FIRST_CUSTOMER + number) if kind == "customer" else make_id(PREFIXES[kind], number)


def firm_id(firm: int) -> str:
    """The id of a company's account."""
    return make_id("001", FIRMS + firm)


def household_id(household: int) -> str:
    """The id of the account that the contacts of a household stand under."""
    return make_id("001", HOUSEHOLDS + household)


def contact_of(person_account: str) -> str:
    """The id under which the org shows a Person Account as a contact."""
    return derived_id("003", person_account)


def record_row(life: Life, record: Planned, *, day: int, changed: int) -> tuple[str, Row]:
    """The file and the row of one record, made on `day` and last changed on the day `changed`."""
    stamps = {"CreatedDate": local_time(day, 36_000), "LastModifiedDate": local_time(changed, 68_000)}
    name, phone = record.name, record.phone
    if record.kind == "customer":
        row: Row = {"id": record.id, "email": record.email, "phone": phone}
        row |= {"first_name": name.first, "last_name": name.last, "locale": "ja"}
        row |= {"created_at": stamps["CreatedDate"], "updated_at": stamps["LastModifiedDate"]}
        return STEMS["customer"], row
    called = {"FirstName": name.first, "LastName": name.last or "-"}
    phones = "" if record.is_landline else phone, phone if record.is_landline else ""
    if record.kind == "PersonAccount":
        link = linked(life, record)
        return STEMS["PersonAccount"], _account(record.id, called | stamps, record.email, phones, link)
    reach = {"Id": record.id, **called, "Email": record.email, "MobilePhone": phones[0], "Phone": phones[1]}
    if record.kind == "Contact":
        row = {"AccountId": account_of(life), "Shopify_Customer_Id__c": linked(life, record)}
        return STEMS["Contact"], reach | row | stamps
    return STEMS["Lead"], reach | {"Company": "-"} | _conversion(life, record) | stamps


def account_of(life: Life) -> str:
    """The account that somebody's contact stands under: the household's, or the company's they work at."""
    return household_id(life.person.household) if life.firm is None else firm_id(life.firm)


def account_row(account: str, name: str, phone: str, day: int) -> tuple[str, Row]:
    """The file and the row of a company or of a household's account."""
    stamps = {"CreatedDate": local_time(day, 36_000), "LastModifiedDate": local_time(day, 36_000)}
    row = _account(account, {"FirstName": "", "LastName": "", **stamps}, "", ("", phone), "")
    return STEMS["PersonAccount"], row | {"Name": name, "IsPersonAccount": "false"}


def _account(account: str, more: Row, email: str, phones: tuple[str, str], link: str) -> Row:
    return {
        "Id": account,
        "Name": "",
        "IsPersonAccount": "true",
        **more,
        "PersonEmail": email,
        "PersonMobilePhone": phones[0],
        "Phone": phones[1],
        "Shopify_Customer_Id__pc": link,
    }


def _conversion(life: Life, lead: Planned) -> Row:
    """What a lead says of its conversion: the contact, and the account it stands under or is."""
    if not lead.converted:
        return dict.fromkeys(("ConvertedContactId", "ConvertedAccountId"), "") | {"IsConverted": "false"}
    to = life.of("Contact", "PersonAccount")[0]
    person = to.kind == "PersonAccount"
    return {
        "ConvertedContactId": contact_of(to.id) if person else to.id,
        "ConvertedAccountId": to.id if person else account_of(life),
        "IsConverted": "true",
    }


def shop_order(number: int, *, customer: Planned, day: int, amount: int) -> tuple[str, Row]:
    """The file and the row of one of the shop's orders; a guest's names no customer."""
    at = local_time(day, 43_000 + number % 20_000)
    guest = customer.kind == "guest"
    return "shopify_orders", {
        "id": FIRST_ORDER + number,
        "name": f"#{1000 + number}",
        "customer_id": "" if guest else customer.id,
        "email": customer.email,
        "phone": customer.phone if guest else "",
        "processed_at": at,
        "updated_at": at,
        "total": amount,
        "financial_status": "PAID",
        "source_name": "web",
    }


def org_order(number: int, *, buyer: tuple[str, str], day: int, amount: int, marks: Row) -> tuple[str, Row]:
    """The file and the row of one of the org's orders, by (account, contact); the contact may be blank.

    `marks` are the fields that tell of the shop's order which it mirrors.
    """
    at = local_time(day, 64_000)
    return "salesforce_Order", {
        "Id": make_id("801", number),
        "OrderNumber": f"{number:08d}",
        "AccountId": buyer[0],
        "BillToContactId": buyer[1],
        "EffectiveDate": DAYS[day],
        "Status": "Activated",
        "StatusCode": "Activated",
        "TotalAmount": amount,
        **dict.fromkeys(MARKS, ""),
        **marks,
        "CreatedDate": at,
        "LastModifiedDate": at,
    }


def truth_row(
    record: Planned, *, life: Life | None = None, firm: int = 0, change: str = "", into: str = ""
) -> Row:
    """What is true of one record, which belongs to somebody or to a company (a buyer of its own).

    A guest's id is the order's. `link` is the record that it names as the same person; `change` and `into`
    tell of the second day.
    """
    person = life.person if life else None
    return {
        "person": person.number if person else FIRST_FIRM + firm,
        "household": person.household if person else "",
        "platform": "shopify" if record.kind in ("customer", "guest") else "salesforce",
        "object": record.kind if person else "Account",
        "id": record.id,
        "email": record.email_of,
        "phone": record.phone_of,
        "family": record.name.family,
        "given": record.name.given,
        "link": linked(life, record) if life else "",
        "change": change,
        "into": into,
    }


def linked(life: Life, record: Planned) -> str:
    """The id of the record that this one names: the shop's customer, or what a lead was converted to."""
    if record.converted:
        return life.of("Contact", "PersonAccount")[0].id
    if record.link == 2:
        return str(GONE_CUSTOMER + life.person.number)
    return life.of("customer")[0].id if record.link else ""
