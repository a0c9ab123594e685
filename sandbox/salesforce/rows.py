"""Writes records: insert, update, upsert and delete, each record with its own result."""

import json
import re
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sandbox.salesforce.check import Draft, Operation, check_insert, check_update, draft
from sandbox.salesforce.derive import derive, mirror_people
from sandbox.salesforce.errors import RowError
from sandbox.salesforce.ids import make_id
from sandbox.salesforce.objects import SObject
from sandbox.salesforce.org import Org
from sandbox.salesforce.row_checks import check_known, check_references, check_unique, find_by_key
from sandbox.salesforce.schema import bump_version, next_numbers

ROLLED_BACK = RowError(
    "ALL_OR_NONE_OPERATION_ROLLED_BACK",
    "Record rolled back because not all records were valid and the request was using AllOrNone header",
)
_LOCKED = RowError("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record or 1 records")
_REJECTED = RowError("FIELD_CUSTOM_VALIDATION_EXCEPTION", "The sandbox was told to refuse this record.")


@dataclass(frozen=True)
class Saved:
    """The result of one record."""

    id: str | None
    created: bool = False
    errors: tuple[RowError, ...] = ()

    @property
    def success(self) -> bool:
        """Whether the record was written."""
        return not self.errors


class Writer:
    """Writes as one user in one transaction, which the caller holds open."""

    def __init__(self, org: Org, user_id: str, db: sqlite3.Connection) -> None:
        self._org = org
        self._user_id = user_id
        self._db = db
        self._now = org.state.stamp()

    def save(
        self,
        target: SObject,
        operation: Operation,
        rows: Sequence[Mapping[str, Any]],
        *,
        key: str = "Id",
        all_or_none: bool = False,
    ) -> list[Saved]:
        """Write rows of one object; `key` names the field that finds the records of an upsert."""
        if target.read_only:
            message = f"entity type {target.name} does not support {operation}"
            return [Saved(None, errors=(RowError("INVALID_TYPE_FOR_OPERATION", message),))] * len(rows)
        self._db.execute("SAVEPOINT save")
        drafts = [draft(target, row) for row in rows]
        created = self._place(target, operation, drafts, key)
        for made in drafts:
            self._play_faults(made)
        if not (all_or_none and any(made.errors for made in drafts)):
            good = [made for made in drafts if not made.errors]
            self._write(target, operation, good, created)
        elif all_or_none:
            for made in drafts:
                made.errors = made.errors or [ROLLED_BACK]
        self._db.execute("RELEASE save")
        return [Saved(made.id, id(made) in created, tuple(made.errors[:1])) for made in drafts]

    def _place(self, target: SObject, operation: Operation, drafts: list[Draft], key: str) -> set[int]:
        """Find the record of each draft and check it; gives the drafts (by identity) that make a new one."""
        if operation == "upsert" and key.lower() != "id":
            find_by_key(self._db, target, drafts, key)
        new = {
            id(made) for made in drafts if operation == "insert" or (operation == "upsert" and not made.id)
        }
        for made in drafts:
            if id(made) in new:
                if operation == "insert" and made.id:
                    made.errors.append(
                        RowError(
                            "INVALID_FIELD_FOR_INSERT_UPDATE", "cannot specify Id in an insert call", ("Id",)
                        )
                    )
                elif not made.errors:
                    check_insert(target, made)
            elif not made.id:
                made.errors.append(RowError("MISSING_ARGUMENT", "Id not specified in an update call"))
            elif operation != "delete" and not made.errors:
                check_update(target, made)
        known = [made for made in drafts if id(made) not in new and made.id]
        check_known(self._db, target, known, deleting=operation == "delete")
        check_references(self._db, self._org.view(self._user_id), target, drafts)
        check_unique(self._db, target, drafts)
        return new

    def _play_faults(self, made: Draft) -> None:
        text = made.id or json.dumps(made.values)
        for kind, error in (("lock_records", _LOCKED), ("reject_records", _REJECTED)):
            rule = self._org.state.faults.take(kind, platform="salesforce", text=text)
            if rule is not None:
                code, _, message = (rule.message or "").partition(":")
                told = re.fullmatch(r"[A-Z_]+", code) and message
                made.errors.insert(0, RowError(code, message.strip()) if told else error)

    def _write(self, target: SObject, operation: Operation, good: list[Draft], created: set[int]) -> None:
        fresh = [made for made in good if id(made) in created]
        changed = [made for made in good if id(made) not in created]
        if operation == "delete":
            self._delete(target, changed)
        else:
            self._insert(target, fresh)
            self._update(target, changed)
        if target.setup and good:
            bump_version(self._db)

    def _insert(self, target: SObject, drafts: list[Draft]) -> None:
        first = next_numbers(self._db, len(drafts)) if drafts else 0
        for number, made in enumerate(drafts, start=first):
            made.id = make_id(target.prefix, number)
            values = {"Id": made.id, **self._defaults(target), **made.values}
            if target.name == "Account" and made.values.get("LastName"):
                # The real platform goes by the record type; here a last name makes a person.
                values["IsPersonAccount"] = 1
            names = ", ".join(f'"{name}"' for name in values)
            self._db.execute(
                f"INSERT INTO {target.table} ({names}) VALUES ({', '.join('?' * len(values))})",
                [*values.values()],
            )
            derive(self._db, target.name, [made.id], given=frozenset(made.values))
        self._mirror(target, drafts)

    def _defaults(self, target: SObject) -> dict[str, Any]:
        given: dict[str, Any] = {
            "CreatedDate": self._now,
            "CreatedById": self._user_id,
            "LastModifiedDate": self._now,
            "LastModifiedById": self._user_id,
            "SystemModstamp": self._now,
        }
        if target.get("OwnerId"):
            given["OwnerId"] = self._user_id
        if target.get("CurrencyIsoCode"):
            given["CurrencyIsoCode"] = self._org.config.currency
        for field in target.fields.values():
            if field.default_choice is not None:
                given[field.name] = field.default_choice
        return given

    def _update(self, target: SObject, drafts: list[Draft]) -> None:
        groups: dict[tuple[str, ...], list[Draft]] = {}
        for made in drafts:
            groups.setdefault(tuple(made.values), []).append(made)
        stamps = (self._now, self._user_id, self._now)
        for names, members in groups.items():
            sets = "".join(f'"{name}" = ?, ' for name in names)
            self._db.executemany(
                f"UPDATE {target.table} SET {sets}LastModifiedDate = ?, LastModifiedById = ?, "
                "SystemModstamp = ?"
                " WHERE Id = ?",
                [(*made.values.values(), *stamps, made.id) for made in members],
            )
            derive(self._db, target.name, [str(made.id) for made in members], given=frozenset(names))
        self._mirror(target, drafts)

    def _delete(self, target: SObject, drafts: list[Draft]) -> None:
        ids = [(made.id,) for made in drafts]
        if target.setup:
            self._db.executemany(f"DELETE FROM {target.table} WHERE Id = ?", ids)
            return
        self._db.executemany(
            f"UPDATE {target.table} SET IsDeleted = 1, LastModifiedDate = ?, LastModifiedById = ?, "
            "SystemModstamp = ?"
            " WHERE Id = ?",
            [(self._now, self._user_id, self._now, made.id) for made in drafts],
        )
        self._mirror(target, drafts)

    def _mirror(self, target: SObject, drafts: list[Draft]) -> None:
        if target.name == "Account" and drafts and target.get("IsPersonAccount"):
            mirror_people(self._db, [str(made.id) for made in drafts])
