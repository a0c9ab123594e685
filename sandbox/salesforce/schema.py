"""The org's present schema: standard objects and the custom fields kept in the database."""

import json
import re
import sqlite3
from collections.abc import Mapping
from dataclasses import asdict, replace
from functools import lru_cache

from sandbox.salesforce.objects import Field, SObject, column_type, mirror_of, standard_objects

_INDEXED = frozenset(
    {"AccountId", "BillToContactId", "OrderId", "OpportunityId", "CampaignId", "PermissionSetId", "ParentId"}
)
_INDEXED_OBJECTS = frozenset(
    {
        "Contact",
        "Order",
        "OrderItem",
        "OpportunityContactRole",
        "OpportunityHistory",
        "CampaignMember",
        "Case",
    }
)

Schema = Mapping[str, SObject]
"""Objects by lower-case API name."""


def create_schema(
    db: sqlite3.Connection, *, person_accounts: bool, multi_currency: bool, dated_rates: bool
) -> None:
    """Make the tables of an empty org."""
    features = {
        "person_accounts": person_accounts,
        "multi_currency": multi_currency,
        "dated_rates": dated_rates,
    }
    db.executescript(
        """
        CREATE TABLE sf_meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
        CREATE TABLE sf_custom_field (object TEXT, name TEXT, definition TEXT, PRIMARY KEY (object, name));
        CREATE TABLE sf_session (token TEXT PRIMARY KEY, user_id TEXT NOT NULL, issued_at REAL NOT NULL);
        CREATE TABLE sf_job (id TEXT PRIMARY KEY, kind TEXT NOT NULL, user_id TEXT NOT NULL,
                             created_at TEXT NOT NULL, info TEXT NOT NULL);
        CREATE VIEW sf_CustomField AS
            SELECT '00N5g0' || printf('%09d', rowid) || 'EAA' AS Id,
                   substr(name, 1, length(name) - 3) AS DeveloperName, object AS TableEnumOrId,
                   NULL AS NamespacePrefix, 0 AS IsDeleted
            FROM sf_custom_field;
        """
    )
    db.executemany(
        "INSERT INTO sf_meta VALUES (?, ?)",
        [
            ("version", "0"),
            ("next_id", str(62**7)),  # far from whatever a scenario brings
            *((name, str(int(there))) for name, there in features.items()),
        ],
    )
    for one in standard_objects(**features).values():
        _create_table(db, one)


def _create_table(db: sqlite3.Connection, one: SObject) -> None:
    columns = ", ".join(
        f'"{field.name}" {_column(field)}' for field in one.fields.values() if field.type != "address"
    )
    db.execute(f"CREATE TABLE {one.table} ({columns})")
    names = ["SystemModstamp"]
    if one.name in _INDEXED_OBJECTS:
        names += [field.name for field in one.fields.values() if field.name in _INDEXED]
    for name in names:
        db.execute(f'CREATE INDEX "sf_{one.name}_{name}" ON {one.table} ("{name}")')


def _column(field: Field) -> str:
    if field.type == "id":
        return "TEXT PRIMARY KEY"
    return column_type(field.type) + (" NOT NULL DEFAULT 0" if field.type == "boolean" else "")


def meta(db: sqlite3.Connection, key: str) -> str:
    """Read one value of the org's own bookkeeping."""
    row = db.execute("SELECT value FROM sf_meta WHERE key = ?", (key,)).fetchone()
    return "" if row is None else str(row[0])


def bump_version(db: sqlite3.Connection) -> None:
    """Note that the schema or somebody's access has changed.

    The mark is random and no count, so that one that was rolled back never comes again with another meaning.
    """
    db.execute("UPDATE sf_meta SET value = hex(randomblob(8)) WHERE key = 'version'")


def load_schema(db: sqlite3.Connection) -> dict[str, SObject]:
    """Read the present schema, as somebody with access to everything sees it."""
    objects = standard_objects(
        person_accounts=meta(db, "person_accounts") == "1",
        multi_currency=meta(db, "multi_currency") == "1",
        dated_rates=meta(db, "dated_rates") == "1",
    )
    for row in db.execute("SELECT object, definition FROM sf_custom_field ORDER BY rowid"):
        field = read_field(row["definition"])
        one = objects[row["object"].lower()]
        objects[row["object"].lower()] = replace(one, fields={**one.fields, field.name.lower(): field})
    if objects["account"].get("IsPersonAccount"):
        objects["account"] = _with_person_fields(objects["account"], objects["contact"])
    return objects


def _with_person_fields(account: SObject, contact: SObject) -> SObject:
    """Show each custom field of Contact on Account as `__pc`."""
    shown = [
        replace(
            field,
            name=person_name(field.name),
            external_id=False,
            unique=False,
            formula=re.sub(r"__c\b", "__pc", field.formula) if field.formula else None,
        )
        for field in contact.fields.values()
        if field.custom
    ]
    return replace(account, fields={**account.fields, **{field.name.lower(): field for field in shown}})


def person_name(contact_field: str) -> str:
    """Name the field of a person account that shows this custom Contact field."""
    return contact_field.removesuffix("__c") + "__pc"


@lru_cache(maxsize=4_096)  # every look at the schema reads every custom field
def read_field(definition: str) -> Field:
    """Read a field back from its stored JSON."""
    raw = json.loads(definition)
    raw["choices"] = tuple((value, label) for value, label in raw["choices"])
    raw["refers_to"] = tuple(raw["refers_to"])
    return Field(**raw)


def put_field(db: sqlite3.Connection, object_name: str, field: Field) -> None:
    """Create or change a custom field; on Contact with person accounts its mirror on Account too."""
    known = load_schema(db)[object_name.lower()].get(field.name)
    db.execute(
        "INSERT INTO sf_custom_field VALUES (?, ?, ?)"
        " ON CONFLICT (object, name) DO UPDATE SET definition = excluded.definition",
        (object_name, field.name, json.dumps(asdict(field))),
    )
    if known is None and field.formula is None:
        db.execute(f'ALTER TABLE "sf_{object_name}" ADD COLUMN "{field.name}" {_column(field)}')
        if field.external_id:
            db.execute(
                f'CREATE INDEX IF NOT EXISTS "sf_{object_name}_{field.name}"'
                f' ON "sf_{object_name}" ("{field.name}")'
            )
        if object_name == "Contact" and meta(db, "person_accounts") == "1":
            db.execute(f'ALTER TABLE sf_Account ADD COLUMN "{person_name(field.name)}" {_column(field)}')
    bump_version(db)


def next_numbers(db: sqlite3.Connection, count: int) -> int:
    """Reserve `count` record numbers and give the first."""
    first = int(meta(db, "next_id"))
    db.execute("UPDATE sf_meta SET value = ? WHERE key = 'next_id'", (str(first + count),))
    return first


def mirrored_columns(account: SObject, contact: SObject) -> list[tuple[str, str]]:
    """Give (Account column, Contact column) of everything a person account shows of its Contact row."""
    pairs = []
    for field in account.fields.values():
        other = mirror_of(field.name)
        twin = contact.get(other) if other else None
        if twin and field.type != "address" and field.formula is None:
            pairs.append((field.name, twin.name))
    return pairs
