"""The org's tables and how the rows of a scenario come into them."""

import sqlite3
from collections.abc import Iterable, Sequence
from itertools import chain, islice

from sandbox.config import ScenarioConfig
from sandbox.errors import ScenarioError
from sandbox.salesforce.derive import derive, merge_people, mirror_people, reparent, settle_rates
from sandbox.salesforce.ids import full_id
from sandbox.salesforce.objects import ID_TYPES, TEXT_TYPES, Field, SObject, custom_text
from sandbox.salesforce.schema import create_schema, load_schema, put_field
from sandbox.salesforce.seed import ADMIN_ID, ensure_seeded
from sandbox.salesforce.values import BadValueError, Stored, accept
from sandbox.state import State

OBJECTS = (
    "Account",
    "Contact",
    "Lead",
    "Order",
    "OrderItem",
    "OpportunityHistory",
    "Opportunity",
    "OpportunityContactRole",
    "Case",
    "Campaign",
    "CampaignMember",
    "Task",
    "Event",
    "User",
    "CurrencyType",
    "DatedConversionRate",
)
"""The objects a scenario may bring, as `salesforce_<Object>.csv`."""

_BATCH = 5_000
_STAMPS = ("CreatedDate", "LastModifiedDate", "SystemModstamp")


def create_tables(db: sqlite3.Connection, config: ScenarioConfig) -> None:
    """Make the tables of an empty org that has the features the scenario asks for."""
    create_schema(
        db,
        person_accounts=config.salesforce.person_accounts,
        multi_currency=bool(config.salesforce.currencies),
        dated_rates=config.salesforce.dated_rates,
    )


def load_rows(state: State, object_name: str, rows: Iterable[dict[str, str]]) -> int:
    """Insert or update the rows of one object by Id and give their number.

    Columns are API names, and `deleted` and `merged_into`. A missing or empty value takes the platform's
    default; unknown `__c` columns become Text(255). Raises `ScenarioError` on any other unknown column and on
    a bad value.
    """
    remaining = iter(rows)
    first = next(remaining, None)
    if first is None:
        return 0
    with state.writing() as db:
        ensure_seeded(state)
        target = _with_columns(db, object_name, tuple(first))
    count = 0
    remaining = chain([first], remaining)
    while batch := list(islice(remaining, _BATCH)):
        with state.writing() as db:
            _load_batch(state, db, target, batch)
        count += len(batch)
    return count


def _with_columns(db: sqlite3.Connection, object_name: str, columns: Sequence[str]) -> SObject:
    """Give the object once every column of the file exists in it."""
    if "Id" not in columns:
        raise ScenarioError("the column Id is missing")
    target = load_schema(db)[object_name.lower()]
    unknown = [name for name in columns if name not in ("deleted", "merged_into") and not target.get(name)]
    wrong = [name for name in unknown if not name.endswith(("__c", "__pc"))]
    if wrong or (object_name != "Account" and any(name.endswith("__pc") for name in unknown)):
        raise ScenarioError(f"unknown column {', '.join(wrong or unknown)}: {object_name} has no such field")
    for name in unknown:
        if name.endswith("__pc"):
            put_field(db, "Contact", custom_text(name.removesuffix("__pc") + "__c"))
        else:
            put_field(db, object_name, custom_text(name))
    return load_schema(db)[object_name.lower()] if unknown else target


def _load_batch(state: State, db: sqlite3.Connection, target: SObject, batch: list[dict[str, str]]) -> None:
    fields = {name: field for name in batch[0] if (field := target.get(name))}
    now = state.stamp()
    defaults = _defaults(state, target)
    parsed = [_parse(fields, row, defaults, now) for row in batch]
    written = [field.name for field in fields.values()]
    _upsert(db, target, written, parsed, defaults)
    ids = [str(row["Id"]) for row in parsed]
    derive(db, target.name, ids, given=frozenset(written))
    people = target.name == "Account" and bool(target.get("IsPersonAccount"))
    if people:
        mirror_people(db, ids)
    gone = [(row.get("merged_into") or None, one["Id"]) for row, one in zip(batch, parsed, strict=True)
            if row.get("merged_into") or (row.get("deleted") or "").lower() == "true"]  # fmt: skip
    _delete(db, target, gone, now)
    if people and gone:
        mirror_people(db, [str(loser) for _, loser in gone])
    if target.name in ("CurrencyType", "DatedConversionRate"):
        settle_rates(db, state.config.salesforce.currency)


def _parse(
    fields: dict[str, Field], row: dict[str, str], defaults: dict[str, Stored], now: str
) -> dict[str, Stored]:
    values: dict[str, Stored] = {}
    for column, field in fields.items():
        text = row.get(column)
        try:
            empty = 0 if field.type == "boolean" else defaults.get(field.name)
            values[field.name] = accept(field, text) if text else empty
        except BadValueError as bad:
            # What an org already holds may be older than its own rules.
            if field.type in ID_TYPES or field.type in TEXT_TYPES:
                values[field.name] = text
            else:
                raise ScenarioError(f"{row.get('Id')}: {field.name}: {bad.error.message}") from bad
    if not values.get("Id"):
        raise ScenarioError("a row without Id")
    changed = values.get("LastModifiedDate") or values.get("SystemModstamp")
    values["CreatedDate"] = values.get("CreatedDate") or changed or now
    values["LastModifiedDate"] = changed or now
    values["SystemModstamp"] = values.get("SystemModstamp") or changed or now
    return values


def _defaults(state: State, target: SObject) -> dict[str, Stored]:
    """Give what a row takes where the scenario says nothing."""
    given: dict[str, Stored] = dict.fromkeys(("OwnerId", "CreatedById", "LastModifiedById"), ADMIN_ID)
    given["CurrencyIsoCode"] = state.config.salesforce.currency
    return {name: value for name, value in given.items() if target.get(name)}


def _upsert(
    db: sqlite3.Connection,
    target: SObject,
    written: Sequence[str],
    rows: list[dict[str, Stored]],
    defaults: dict[str, Stored],
) -> None:
    columns = list(dict.fromkeys([*written, *_STAMPS]))
    changed = [name for name in columns if name != "Id" and (name != "CreatedDate" or name in written)]
    absent = {name: value for name, value in defaults.items() if name not in written}
    names = ", ".join(f'"{name}"' for name in [*columns, *absent])
    marks = ", ".join("?" * (len(columns) + len(absent)))
    sets = ", ".join(f'"{name}" = excluded."{name}"' for name in changed)
    fixed = tuple(absent.values())
    db.executemany(
        f"INSERT INTO {target.table} ({names}) VALUES ({marks}) ON CONFLICT (Id) DO UPDATE SET {sets}",
        (tuple(row[name] for name in columns) + fixed for row in rows),
    )


def _delete(db: sqlite3.Connection, target: SObject, gone: list[tuple[str | None, Stored]], now: str) -> None:
    for winner, loser in gone:
        db.execute(f"UPDATE {target.table} SET IsDeleted = 1 WHERE Id = ?", (loser,))
        if winner and target.mergeable:
            master = full_id(winner) or winner
            db.execute(f"UPDATE {target.table} SET MasterRecordId = ? WHERE Id = ?", (master, loser))
            reparent(db, target.name, str(loser), master, now)
            if target.name == "Account" and target.get("IsPersonAccount"):
                merge_people(db, str(loser), master, now)
