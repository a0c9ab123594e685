"""Salesforce contacts, leads and accounts to the model. Salesforce's words stop here.

Rows are flat: API name to text (from CSV) or JSON value, blanks None; deleted rows come along with
IsDeleted true. Rows of person accounts bear the field names of contacts (the connector sees to that).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from string import ascii_uppercase
from typing import Any, TypeVar

from connectors.salesforce.names import api_name
from sync import answers, harmless, ours, personal
from sync import salesforce_shapes as shapes
from sync.edge import Edge, day_of, day_told, local_day
from sync.model import Account, Normalised, Quarantined, Record, Rows

PLATFORM = "salesforce"
_SHOPIFY_ID = re.compile(r"(?:gid://shopify/Customer/)?([0-9]+)(?:\.0+)?")
_PERSON_ID = re.compile(r"(?:003|00Q|001)[A-Za-z0-9]{12}(?:[A-Za-z0-9]{3})?")
_S = TypeVar("_S", bound=shapes.Someone)
_Held = list[tuple[Any, str]]


def id_of(row: Mapping[str, Any]) -> str | None:
    """The id of a raw row."""
    return str(row.get("Id") or "") or None


_CONTACTS = Edge(shapes.Contact, id_of)
_LEADS = Edge(shapes.Lead, id_of)
_ACCOUNTS = Edge(shapes.Company, id_of)


def contacts(rows: Rows, account: Account) -> Normalised:
    """Contact rows as records."""
    return _records(_CONTACTS, rows, account, _contact)


def leads(rows: Rows, account: Account) -> Normalised:
    """Lead rows as records. A converted one is never written to and says what it became."""
    return _records(_LEADS, rows, account, _lead)


def accounts(rows: Rows, account: Account) -> Normalised:
    """Account rows as records: of persons (known under their contact's id as well) and of companies."""
    return _records(_ACCOUNTS, rows, account, _company)


def _records(
    edge: Edge[_S], rows: Rows, account: Account, own: Callable[[_S, Account], dict[str, Any]]
) -> Normalised:
    records: list[Record] = []
    bad: list[Quarantined] = []
    forgotten: list[str] = []
    gone: list[str] = []
    held = [(field, api_name(field.key)) for field in account.fields]

    def make(node: _S, row: Mapping[str, Any]) -> None:
        facts = own(node, account)
        if _is_forgotten((node["Id"], facts.get("alias_id")), account):
            (gone if node.get("IsDeleted") else forgotten).append(node["Id"])
        else:
            records.append(_record(node, row, facts, held, account))

    edge.build(rows, make, bad)
    bad, unread = personal.left_alone(bad, [*forgotten, *gone], PLATFORM, account)
    return Normalised(records=records, bad=bad, forgotten=[*forgotten, *unread], gone=gone)


def _record(
    node: shapes.Someone, row: Mapping[str, Any], facts: dict[str, Any], held: _Held, account: Account
) -> Record:
    deleted = node.get("IsDeleted", False)
    shared: dict[str, Any] = {
        "platform": PLATFORM,
        "account": account.account,
        "id": node["Id"],
        "created_at": node["CreatedDate"],
        "updated_at": node["SystemModstamp"],
        "deleted": deleted,
        "merged_into": node.get("MasterRecordId"),
    }
    if deleted and not node.get("MasterRecordId"):
        return Record(**shared, object=facts["object"], alias_id=facts.get("alias_id"))
    # A record merged into another one still tells how people knew that one.
    said = {**_said(node, row, account), **facts}
    return Record(**shared, **said, ours="{}" if deleted else _ours(row, held))


def _said(node: shapes.Someone, row: Mapping[str, Any], account: Account) -> dict[str, Any]:
    """What contacts, leads and accounts say alike."""
    keys = personal.keys_of(node.get("Email"), (node.get("MobilePhone"), node.get("Phone")), account)
    code = row.get(account.code_field) if account.code_field else None
    first = row.get(account.first_purchase_field) if account.first_purchase_field else None
    linked = _linked(row, account)
    return {
        "email_key": keys.email_key,
        "phone_key": keys.phone_key,
        "phone_is_mobile": keys.phone_is_mobile,
        "by_relay": keys.by_relay,
        "has_email": bool(node.get("Email")),
        **personal.names_of(node.get("LastName"), node.get("FirstName"), account),
        "linked_platform": "shopify" if linked else None,
        "linked_id": linked,
        "referral_codes": harmless.codes(None if code is None else str(code), (), account),
        "email_consent": "opted_out" if node.get("HasOptedOutOfEmail") else None,
        "phone_refused": node.get("DoNotCall"),
        "lead_source": harmless.label(node.get("LeadSource"), account),
        "excluded": personal.ticked(row, account.exclude_field),
        "first_purchase_day": day_told(first, account),
        "created_day": local_day(node["CreatedDate"], account.timezone)[1],
        "referrer_id": _referrer(row, account),
        **_answers(row, account),
    }


def _referrer(row: Mapping[str, Any], account: Account) -> str | None:
    """Who introduced this record: the id of another one, or what is no id as a personal code."""
    told = row.get(account.referrer_field) if account.referrer_field else None
    text = str(told).strip() if told is not None else ""
    if not _PERSON_ID.fullmatch(text):
        return harmless.code(text, account)
    one = whole_id(text)
    return None if is_forgotten(one, account) else one


def whole_id(record_id: str) -> str:
    """An id with the three characters that make it safe where letter case is lost.

    Source: object reference, "Field types", ID: each of them tells which of five letters are capitals.
    """
    fives = (record_id[start : start + 5] for start in (0, 5, 10))
    bits = (sum(1 << place for place, one in enumerate(five) if one in ascii_uppercase) for five in fives)
    return record_id[:15] + "".join((ascii_uppercase + "012345")[number] for number in bits)


def _answers(row: Mapping[str, Any], account: Account) -> dict[str, Any]:
    """What the merchant's fields say that the customer answered, all on the one day that is told."""
    if not account.answer_fields or account.answered_on_field is None:
        return {}
    day = day_told(row.get(account.answered_on_field), account)
    told = {name: (row.get(field), day) for name, field in account.answer_fields.items()}
    return answers.columns(told, account) if day is not None else {}


def _contact(node: shapes.Contact, account: Account) -> dict[str, Any]:
    return {"object": "Contact", "write_target": True, "parent_id": node.get("AccountId")}


def _lead(node: shapes.Lead, account: Account) -> dict[str, Any]:
    if not node.get("IsConverted"):
        return {"object": "Lead", "write_target": True, "lead_state": _lead_state(node, account)}
    became = node.get("ConvertedContactId") or node.get("ConvertedAccountId")
    converted = {"linked_platform": PLATFORM, "linked_account": account.account, "linked_id": became}
    on = node.get("ConvertedDate")
    state = {"lead_state": "converted", "lead_ended_day": day_of(on) if on else None}
    return {"object": "Lead", "write_target": False, **state, **(converted if became else {})}


def _lead_state(node: shapes.Lead, account: Account) -> str:
    """How far a lead is that was not converted. What the status was before, Salesforce does not keep."""
    status = personal.folded_tag(node.get("Status") or "")
    if status in account.lead_closed:
        return "closed"
    return "new" if node.get("IsFirstStatus") or status in account.lead_new else "working"


def _company(node: shapes.Company, account: Account) -> dict[str, Any]:
    if node.get("IsPersonAccount"):
        return {"object": "PersonAccount", "write_target": True, "alias_id": node.get("PersonContactId")}
    # A company's name beside a number says that the number's other owners are somebody else.
    named = personal.names_of(node.get("Name"), None, account)
    return {"object": "Account", "write_target": True, **named}


def _ours(row: Mapping[str, Any], held: _Held) -> str:
    return ours.to_json((field, row.get(name)) for field, name in held)


def _linked(row: Mapping[str, Any], account: Account) -> str | None:
    """The Shopify customer that the merchant's own field names, by number or by global id."""
    held = row.get(account.shopify_id_field) if account.shopify_id_field else None
    found = _SHOPIFY_ID.fullmatch(str(held).strip()) if held is not None else None
    return found.group(1) if found else None


def _is_forgotten(ids: tuple[str | None, ...], account: Account) -> bool:
    return any(is_forgotten(one, account) for one in ids)


def is_forgotten(record_id: str | None, account: Account) -> bool:
    """Whether a record of the org was forgotten."""
    return record_id is not None and account.tombstones.has_record(PLATFORM, account.account, record_id)
