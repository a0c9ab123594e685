"""What an admin sees of the org's contacts and leads."""

import sqlite3
from dataclasses import dataclass
from datetime import date
from typing import Any

from sandbox.pages.listing import PAGE_ROWS, Listing, Wanted
from sandbox.salesforce.formula import formula_sql
from sandbox.salesforce.objects import Field, SObject
from sandbox.salesforce.schema import load_schema

OBJECTS = ("Contact", "Lead", "Account")
PERSON_ID = "Zaiseki_Person_Id__c"
SEGMENT = "Zaiseki_Segment__c"
STANDARD = (
    "Email",
    "MobilePhone",
    "Phone",
    "Company",
    "LeadSource",
    "HasOptedOutOfEmail",
    "DoNotCall",
    "Type",
)
LISTED = ("Email", SEGMENT, "Zaiseki_Tenure_Days__c", "Zaiseki_Lapses_On__c")


@dataclass(frozen=True)
class Shown:
    """One field of a record page: its label, and its value as the page shows it."""

    name: str
    label: str
    value: str
    help_text: str | None


def list_records(db: sqlite3.Connection, object_name: str, wanted: Wanted) -> Listing:
    """Give one page of an object's live records."""
    one = load_schema(db)[object_name.lower()]
    segment = one.get(SEGMENT)
    clauses = ["IsDeleted = 0"]
    values: dict[str, object] = {"like": wanted.pattern, "exact": wanted.search, "segment": wanted.segment}
    if wanted.search:
        searched = ["Name", *(name for name in ("Email",) if one.get(name))]
        likes = [f"{name} LIKE :like ESCAPE '\\'" for name in searched]
        clauses.append(f"({' OR '.join(likes)} OR Id = :exact)")
    if wanted.segment and segment:
        clauses.append(f'"{SEGMENT}" = :segment')
    where = " AND ".join(clauses)
    listed = [field for name in LISTED if (field := one.get(name))]
    columns = ", ".join(["Id", "Name", *(f'"{field.name}"' for field in listed)])
    total = db.execute(f"SELECT count(*) FROM {one.table} WHERE {where}", values).fetchone()[0]
    found = db.execute(
        f"SELECT {columns} FROM {one.table} WHERE {where}"
        f" ORDER BY Id LIMIT {PAGE_ROWS} OFFSET {wanted.offset}",
        values,
    )
    rows = [
        (row["Id"], row["Name"], {field.name: _shown(field, row[field.name]) for field in listed})
        for row in found
    ]
    return Listing(rows, total, _segments(db, one, segment) if segment else [])


def segments(db: sqlite3.Connection, object_name: str) -> list[tuple[str, str, int]]:
    """Count an object's live records by segment, with the labels that the org shows."""
    one = load_schema(db)[object_name.lower()]
    field = one.get(SEGMENT)
    return _segments(db, one, field) if field else []


def read_record(
    db: sqlite3.Connection, object_name: str, record_id: str, today: date
) -> dict[str, Any] | None:
    """Give everything about one live record, or None where there is none."""
    one = load_schema(db)[object_name.lower()]
    custom = [field for field in one.fields.values() if field.custom]
    standard = [field for name in STANDARD if (field := one.get(name))]
    columns = ", ".join(f'{_sql(one, field, today)} AS "{field.name}"' for field in (*standard, *custom))
    row = db.execute(
        f"SELECT Id, Name, CreatedDate, LastModifiedDate{', ' if columns else ''}{columns}"
        f" FROM {one.table} WHERE Id = ? AND IsDeleted = 0",
        (record_id,),
    ).fetchone()
    if row is None:
        return None
    return {
        "record": row,
        "standard": [
            _field(field, row[field.name]) for field in standard if row[field.name] not in (None, "")
        ],
        "custom": [_field(field, row[field.name]) for field in custom],
        "orders": _orders(db, object_name, record_id),
        "person_id": row[PERSON_ID] if one.get(PERSON_ID) else None,
    }


def records_of_person(db: sqlite3.Connection, person_id: str) -> list[tuple[str, str, str]]:
    """Find the records that carry this person id, as (object, Id, Name)."""
    schema = load_schema(db)
    return [
        (name, row["Id"], row["Name"])
        for name in OBJECTS
        if (one := schema[name.lower()]).get(PERSON_ID)
        for row in db.execute(
            f'SELECT Id, Name FROM {one.table} WHERE "{PERSON_ID}" = ? AND IsDeleted = 0', (person_id,)
        )
    ]


def _segments(db: sqlite3.Connection, one: SObject, field: Field) -> list[tuple[str, str, int]]:
    counted = db.execute(
        f'SELECT "{SEGMENT}" AS value, count(*) AS records FROM {one.table}'
        f' WHERE IsDeleted = 0 AND "{SEGMENT}" IS NOT NULL GROUP BY 1'
    )
    counts = {row["value"]: row["records"] for row in counted}
    order = [value for value, _ in field.choices]
    return [
        (value, _shown(field, value), counts[value])
        for value in sorted(
            counts, key=lambda value: (order.index(value) if value in order else len(order), value)
        )
    ]


def _sql(one: SObject, field: Field, today: date) -> str:
    def column(name: str) -> str | None:
        other = one.get(name)
        return f'"{other.name}"' if other else None

    return formula_sql(field.formula, column, today) if field.formula else f'"{field.name}"'


def _field(field: Field, value: object) -> Shown:
    return Shown(field.name, field.label, _shown(field, value), field.help_text)


def _shown(field: Field, value: object) -> str:
    """Write a value as the org's pages show it: a choice by its label, a yes or no as a mark."""
    if value is None:
        return ""
    if field.type == "boolean":
        return "Yes" if value else "No"
    if isinstance(value, int | float):
        return f"{value:,.{field.scale}f}"
    return dict(field.choices).get(str(value), str(value))


def _orders(db: sqlite3.Connection, object_name: str, record_id: str) -> list[sqlite3.Row]:
    buyer = {"Contact": "BillToContactId", "Account": "AccountId"}.get(object_name)
    if buyer is None:
        return []
    return db.execute(
        f"SELECT OrderNumber, EffectiveDate, Status, IsReductionOrder, TotalAmount FROM sf_Order"
        f" WHERE {buyer} = ? AND IsDeleted = 0 ORDER BY EffectiveDate DESC, OrderNumber DESC",
        (record_id,),
    ).fetchall()
