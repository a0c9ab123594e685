"""Query resources: query, queryAll and the pages that follow."""

import re
import sqlite3
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

import orjson
from starlette.responses import Response

from sandbox.salesforce.errors import SalesforceError, not_found
from sandbox.salesforce.ids import make_id
from sandbox.salesforce.org import Org
from sandbox.salesforce.soql_compile import Statement, compile_soql
from sandbox.salesforce.tooling import tooling_schema
from sandbox.salesforce.values import shown_in_json
from sandbox.salesforce.web import Call, answer

MAX_PAGE = 2_000
MIN_PAGE = 200
OPEN_CURSORS = 10
"""Query cursors one user may have open; the oldest is dropped."""


@dataclass
class _Cursor:
    """The rest of a query's result, written to a file page by page."""

    total: int
    pages: dict[int, tuple[int, int]] = field(default_factory=dict)
    """By the number of the first record: where the page's JSON lies in the file, from and to."""


class Cursors:
    """The open cursors of an org; their files lie in the sandbox's folder."""

    def __init__(self, org: Org) -> None:
        self._org = org
        self._lock = threading.Lock()
        self._open: dict[str, _Cursor] = {}
        self._count = 0

    def spool(self, records: Iterator[bytes], size: int, first: list[bytes]) -> tuple[str, int]:
        """Keep everything after the first page; gives the cursor's id and the number of all records."""
        with self._lock:
            self._count += 1
            name = make_id("01g", self._count)
            for old in list(self._open)[: len(self._open) - OPEN_CURSORS + 1]:
                del self._open[old]
                (self._org.state.folder / f"cursor-{old}").unlink(missing_ok=True)
        cursor = _Cursor(total=len(first))
        with (self._org.state.folder / f"cursor-{name}").open("wb") as out:
            while page := list(islice(records, size)):
                begin = out.tell()
                out.write(b"[" + b",".join(page) + b"]")
                cursor.pages[cursor.total] = (begin, out.tell())
                cursor.total += len(page)
        with self._lock:
            self._open[name] = cursor
        return name, cursor.total

    def page(self, name: str, start: int) -> tuple[_Cursor, bytes]:
        """Read one page back; raises INVALID_QUERY_LOCATOR."""
        with self._lock:
            cursor = self._open.get(name)
        if cursor is None or start not in cursor.pages:
            raise SalesforceError(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
        begin, end = cursor.pages[start]
        with (self._org.state.folder / f"cursor-{name}").open("rb") as source:
            source.seek(begin)
            return cursor, source.read(end - begin)


class Queries:
    """The query resources of one org."""

    def __init__(self, org: Org) -> None:
        self._cursors = Cursors(org)

    def query(self, org: Org, call: Call) -> Response:
        """Answer `query?q=`, `queryAll?q=` and `tooling/query?q=`."""
        text = call.query.get("q")
        if text is None:
            raise SalesforceError(400, "MALFORMED_QUERY", "A query string has to be specified")
        kind = call.parts["kind"].lower()
        setting = org.setting(call.user_id, deleted_too=kind == "queryall")
        if kind.startswith("tooling/"):
            setting = replace(setting, schema=tooling_schema())
        statement = compile_soql(text, setting)
        if call.query.get("columns", "").lower() == "true":
            return answer(_column_metadata(statement))
        rows = org.state.connection().execute(statement.sql, statement.parameters)
        if statement.only_count:
            return answer({"totalSize": rows.fetchone()[0], "done": True, "records": []})
        size = _page_size(call.headers.get("sforce-query-options", ""))
        records = encoded_records(statement, rows, call.root)
        first = list(islice(records, size))
        more = next(records, None)
        if more is None:
            return _page(len(first), b"[" + b",".join(first) + b"]", None)
        name, total = self._cursors.spool(_chained(more, records), size, first)
        link = f"{call.root}/query/{name}-{size}"
        return _page(total, b"[" + b",".join(first) + b"]", link)

    def more(self, org: Org, call: Call) -> Response:
        """Answer `query/01g…-2000`."""
        found = re.fullmatch(r"(01g\w{15})-(\d{1,9})", call.parts["locator"])
        if found is None:
            raise SalesforceError(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
        start = int(found[2])
        cursor, body = self._cursors.page(found[1], start)
        following = min((at for at in cursor.pages if at > start), default=None)
        link = None if following is None else f"{call.root}/query/{found[1]}-{following}"
        return _page(cursor.total, body, link)


def _chained(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def _page(total: int, records: bytes, link: str | None) -> Response:
    head = {"totalSize": total, "done": link is None} | ({"nextRecordsUrl": link} if link else {})
    body = orjson.dumps(head)[:-1] + b',"records":' + records + b"}"
    return Response(body, media_type="application/json;charset=UTF-8")


def _page_size(options: str) -> int:
    found = re.search(r"batchSize\s*=\s*(\d+)", options, re.IGNORECASE)
    return min(max(int(found[1]), MIN_PAGE), MAX_PAGE) if found else MAX_PAGE


def encoded_records(statement: Statement, rows: sqlite3.Cursor, root: str) -> Iterator[bytes]:
    """Yield each row of a statement as the JSON of a record."""
    for row in rows:
        yield orjson.dumps(record(statement, row, root))


def record(statement: Statement, row: sqlite3.Row, root: str) -> dict[str, Any]:
    """Give one row as Salesforce shows it, with the records it points to inside it."""
    if statement.aggregate:
        shown: dict[str, Any] = {"attributes": {"type": "AggregateResult"}}
        for column, value in zip(statement.columns, row, strict=True):
            shown[column.name] = shown_in_json(column.type, value)
        return shown
    made: dict[tuple[str, ...], dict[str, Any] | None] = {}
    for (relation, name), record_id in zip(statement.objects.items(), row, strict=False):
        if record_id is None:
            made[relation] = None
            continue
        url = f"{root}/sobjects/{name}/{record_id}"
        made[relation] = {"attributes": {"type": name, "url": url}}
    for column, value in zip(statement.columns, row[len(statement.objects) :], strict=True):
        owner = made[column.relations]
        if owner is not None:
            owner[column.name] = shown_in_json(column.type, value)
        for size in range(1, len(column.relations) + 1):
            parent, relation = made[column.relations[: size - 1]], column.relations[:size]
            if parent is not None:
                parent.setdefault(relation[-1], made[relation])
    base = made[()]
    if base is None:
        raise not_found()
    return base


def _column_metadata(statement: Statement) -> dict[str, Any]:
    """Answer `query?q=…&columns=true`: what the columns are, without any record."""
    return {
        "columnMetadata": [
            {
                "aggregate": statement.aggregate,
                "apexType": column.type.capitalize(),
                "booleanType": column.type == "boolean",
                "columnName": column.name,
                "custom": column.name.endswith("__c"),
                "displayName": column.header,
                "foreignKeyName": None,
                "insertable": True,
                "joinColumns": [],
                "numberType": column.type in ("int", "double", "currency", "percent"),
                "textType": column.type in ("string", "textarea", "picklist", "email", "phone", "url"),
                "updatable": True,
            }
            for column in statement.columns
        ],
        "entityName": statement.objects.get((), ""),
        "groupBy": statement.aggregate,
        "idSelected": any(column.name == "Id" and not column.relations for column in statement.columns),
    }
