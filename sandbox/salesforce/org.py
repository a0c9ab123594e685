"""The running org: who may see which field, and how many requests the day has left."""

import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

from sandbox.config import SalesforceConfig
from sandbox.salesforce.objects import Field, SObject
from sandbox.salesforce.schema import Schema, load_schema, meta
from sandbox.salesforce.seed import INTEGRATION_ID, ensure_seeded
from sandbox.salesforce.soql_compile import Setting
from sandbox.state import State

VERSIONS = tuple(range(31, 69))
"""API versions served: v21 to v30 are retired (410), everything else is unknown (404)."""


class Org:
    """One org on top of the sandbox's state; safe to use from any thread."""

    def __init__(self, state: State) -> None:
        self.state = state
        self._lock = threading.Lock()
        self._used = 0
        self._views: dict[str, tuple[str, Schema]] = {}
        ensure_seeded(state)

    @property
    def config(self) -> SalesforceConfig:
        """The scenario's words about the org."""
        return self.state.config.salesforce

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Hold the write lock for a transaction, or take part in the one this thread has open already."""
        with self.state.write_lock:
            db = self.state.connection()
            if db.in_transaction:
                yield db
            else:
                with self.state.writing():
                    yield db

    @property
    def today(self) -> date:
        """The present day in the org's time zone."""
        return self.state.clock.now().astimezone(ZoneInfo(self.config.timezone)).date()

    def count_request(self) -> bool:
        """Count one API request; False where the day's quota is used up."""
        with self._lock:
            if self._used >= self.config.daily_requests:
                return False
            self._used += 1
            return True

    @property
    def used(self) -> int:
        """API requests counted so far."""
        return self._used

    def view(self, user_id: str) -> Schema:
        """Give the schema as this user sees it: no hidden fields, locked where they cannot edit."""
        db = self.state.connection()
        version = meta(db, "version")
        with self._lock:
            known = self._views.get(user_id)
        if known is not None and known[0] == version:
            return known[1]
        schema = load_schema(db)
        rights = self._granted(user_id)
        hidden = {name.lower() for name in self.config.hidden_objects} if user_id == INTEGRATION_ID else set()
        view = {key: self._seen(one, user_id, rights) for key, one in schema.items() if key not in hidden}
        with self._lock:
            self._views[user_id] = (version, view)
        return view

    def setting(self, user_id: str, *, deleted_too: bool = False, for_csv: bool = False) -> Setting:
        """Give what a query of this user means at this moment."""
        return Setting(self.view(user_id), self.today, ZoneInfo(self.config.timezone), deleted_too, for_csv)

    def _granted(self, user_id: str) -> dict[str, bool]:
        """Give what permission sets let a user read, as `Object.Field`; True where edit is granted too."""
        rows = self.state.connection().execute(
            "SELECT f.Field AS name, max(f.PermissionsEdit) AS edit FROM sf_FieldPermissions AS f"
            " JOIN sf_PermissionSetAssignment AS a ON a.PermissionSetId = f.ParentId"
            " WHERE a.AssigneeId = ? AND f.PermissionsRead GROUP BY f.Field",
            (user_id,),
        )
        return {row["name"].lower(): bool(row["edit"]) for row in rows}

    def _seen(self, one: SObject, user_id: str, rights: Mapping[str, bool]) -> SObject:
        fields = {}
        for key, field in one.fields.items():
            read, edit = self._access(one.name, field, user_id, rights)
            if read:
                fields[key] = field if edit else replace(field, createable=False, updateable=False)
        return replace(one, fields=fields)

    def _access(
        self, object_name: str, field: Field, user_id: str, rights: Mapping[str, bool]
    ) -> tuple[bool, bool]:
        names = {f"{object_name}.{field.name}".lower()}
        if field.name.endswith("__pc"):
            names.add(f"contact.{field.name[:-3]}_c".lower())
        read = edit = field.granted
        if not field.granted:
            granted = [rights[name] for name in names if name in rights]
            read, edit = bool(granted), any(granted)
        if user_id == INTEGRATION_ID:
            read = read and not names.intersection(name.lower() for name in self.config.hidden_fields)
            edit = edit and not names.intersection(name.lower() for name in self.config.read_only_fields)
        return read, edit
