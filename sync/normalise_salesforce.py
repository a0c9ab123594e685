"""Salesforce contacts, leads and accounts to the model. Salesforce's words stop here.

Rows are flat: API name to text (from CSV) or JSON value, blanks None; deleted rows come along with
IsDeleted true. Rows of person accounts bear the field names of contacts (the connector sees to that).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from connectors.salesforce.names import api_name
from sync import ours, personal
from sync import salesforce_shapes as shapes
from sync.edge import Edge, day_told
from sync.keys import fold_code
from sync.model import Account, Normalised, Quarantined, Record, Rows

PLATFORM = "salesforce"
_SHOPIFY_ID = re.compile(r"(?:gid://shopify/Customer/)?([0-9]+)(?:\.0+)?")
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
        **personal.names_of(node.get("LastName"), node.get("FirstName"), account),
        "linked_platform": "shopify" if linked else None,
        "linked_id": linked,
        "referral_code": fold_code(str(code)) if code is not None else None,
        "email_consent": "unsubscribed" if node.get("HasOptedOutOfEmail") else None,
        "phone_refused": node.get("DoNotCall"),
        "lead_source": node.get("LeadSource"),
        "excluded": personal.ticked(row, account.exclude_field),
        "first_purchase_day": day_told(first, account),
    }


def _contact(node: shapes.Contact, account: Account) -> dict[str, Any]:
    return {"object": "Contact", "write_target": True, "parent_id": node.get("AccountId")}


def _lead(node: shapes.Lead, account: Account) -> dict[str, Any]:
    if not node.get("IsConverted"):
        return {"object": "Lead", "write_target": True}
    became = node.get("ConvertedContactId") or node.get("ConvertedAccountId")
    converted = {"linked_platform": PLATFORM, "linked_account": account.account, "linked_id": became}
    return {"object": "Lead", "write_target": False, **(converted if became else {})}


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
