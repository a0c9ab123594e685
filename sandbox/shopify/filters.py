"""Which search terms each list knows, and what they mean on its table."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.clock import stamp_text
from sandbox.shopify.order_fields import RETURN_STATUS
from sandbox.shopify.search import Term

_OPEN = "$.cancelled_at IS NULL"

_FILTERS: dict[str, dict[str, tuple[str, str]]] = {
    "Customer": {
        "id": ("number", "$.id"),
        "email": ("text", "$.email"),
        "phone": ("text", "$.phone"),
        "first_name": ("text", "$.first_name"),
        "last_name": ("text", "$.last_name"),
        "state": ("text", "'disabled'"),
        "tag": ("member", "$.tags"),
        "tag_not": ("no_member", "$.tags"),
        "accepts_marketing": ("truth", "$.email_consent = 'SUBSCRIBED'"),
        "customer_date": ("time", "$.created_at"),
        "created_at": ("time", "$.created_at"),
        "updated_at": ("time", "$.updated_at"),
        "orders_count": ("number", "(SELECT count(*) FROM shopify_orders o WHERE o.customer_id = $.id)"),
        "total_spent": (
            "number",
            "(SELECT ifnull(sum(o.total), 0) FROM shopify_orders o WHERE o.customer_id = $.id)",
        ),
        "order_date": (
            "time",
            "(SELECT max(o.processed_at) FROM shopify_orders o WHERE o.customer_id = $.id)",
        ),
        "country": ("text", "NULL"),
        "last_abandoned_order_date": (
            "time",
            "(SELECT max(a.created_at) FROM shopify_abandoned_checkouts a WHERE a.customer_id = $.id)",
        ),
        "": (
            "words",
            "ifnull($.first_name, '') || ' ' || ifnull($.last_name, '') || ' ' || ifnull($.email, '')",
        ),
    },
    "Order": {
        "id": ("number", "$.id"),
        "name": ("text", "$.name"),
        "email": ("text", "$.email"),
        "customer_id": ("number", "$.customer_id"),
        "created_at": ("time", "$.created_at"),
        "updated_at": ("time", "$.updated_at"),
        "processed_at": ("time", "$.processed_at"),
        "cancelled_at": ("time", "$.cancelled_at"),
        "test": ("truth", "$.test"),
        "tag": ("member", "$.tags"),
        "tag_not": ("no_member", "$.tags"),
        "status": (
            "state",
            f"CASE :value WHEN 'open' THEN {_OPEN} WHEN 'closed' THEN false"
            f" WHEN 'cancelled' THEN NOT ({_OPEN}) WHEN 'not_closed' THEN true WHEN 'any' THEN true END",
        ),
        "financial_status": ("text", "$.financial_status"),
        "return_status": ("text", RETURN_STATUS),
        "source_name": ("text", "$.source_name"),
        "channel": ("text", "$.source_name"),
        "discount_code": ("text", "substr($.discount_codes, 1, instr($.discount_codes || ';', ';') - 1)"),
        "current_total_price": ("number", "$.total"),
        "": ("words", "$.name || ' ' || ifnull($.email, '')"),
    },
    "AbandonedCheckout": {
        "id": ("number", "$.id"),
        "created_at": ("time", "$.created_at"),
        "updated_at": ("time", "$.updated_at"),
        "status": ("text", "CASE WHEN $.completed_at IS NULL THEN 'open' ELSE 'closed' END"),
        "recovery_state": (
            "text",
            "CASE WHEN $.completed_at IS NULL THEN 'not_recovered' ELSE 'recovered' END",
        ),
    },
    "DraftOrder": {
        "id": ("number", "$.id"),
        "customer_id": ("number", "$.customer_id"),
        "created_at": ("time", "$.created_at"),
        "updated_at": ("time", "$.updated_at"),
        "status": ("text", "$.status"),
    },
    "MetafieldDefinition": {
        "id": ("number", "$.id"),
        "namespace": ("text", "$.namespace"),
        "key": ("text", "$.key"),
        "owner_type": ("text", "$.owner_type"),
        "type": ("text", "$.type"),
    },
    "Segment": {"id": ("number", "$.id"), "name": ("text", "$.name")},
    "BulkOperation": {
        "id": ("number", "$.id"),
        "status": ("text", "$.status"),
        "operation_type": ("text", "$.type"),
        "created_at": ("time", "$.created_at"),
    },
}
_OWNER_TYPES = {"Customer": "CUSTOMER", "Order": "ORDER"}


@dataclass(frozen=True)
class Matcher:
    """Turns the terms of one list into SQL; `bind` makes a value a parameter and gives its mark."""

    type_name: str
    alias: str
    zone: ZoneInfo
    bind: Callable[[Any], str]

    def __call__(self, term: Term) -> str | None:
        """Give the SQL condition of a term; None where the list does not know it."""
        if term.field.startswith("metafields.") and self.type_name in _OWNER_TYPES:
            return self._metafield(term)
        found = _FILTERS.get(self.type_name, {}).get(term.field)
        if found is None:
            return None
        kind, sql = found
        sql = sql.replace("$", self.alias)
        if term.value == "*" and not term.quoted:
            return f"{sql} IS NOT NULL"
        if kind == "time":
            return self._time(sql, term)
        if kind == "number":
            return self._number(sql, term)
        return self._named(kind, sql, term)

    def _named(self, kind: str, sql: str, term: Term) -> str | None:
        value = term.value.lower()
        if kind == "text":
            return self._text(sql, term)
        if kind == "truth":
            return {"true": f"({sql})", "false": f"NOT ({sql})"}.get(value)
        if kind == "state":
            return sql.replace(":value", self.bind(value)) if value in _STATES else None
        if kind == "words":
            return f"instr(lower({sql}), {self.bind(value)}) > 0"
        inside = f"instr(';' || lower({sql}) || ';', {self.bind(f';{value};')})"
        return f"{inside} > 0" if kind == "member" else f"{inside} = 0"

    def _text(self, sql: str, term: Term) -> str:
        value = term.value.lower()
        if value.endswith("*") and not term.quoted:
            return f"substr(lower({sql}), 1, {len(value) - 1}) = {self.bind(value[:-1])}"
        return f"lower({sql}) = {self.bind(value)}"

    def _number(self, sql: str, term: Term) -> str | None:
        try:
            value = Decimal(term.value)
        except InvalidOperation:
            return None
        number = int(value) if value == value.to_integral_value() else float(value)
        return (
            f"{sql} + 0 {term.sign or '='} {self.bind(number)}"
            if "(" in sql or "total" in sql
            else (f"{sql} {term.sign or '='} {self.bind(number)}")
        )

    def _time(self, sql: str, term: Term) -> str | None:
        span = _span(term.value, self.zone)
        if span is None:
            return None
        start, end = (self.bind(stamp_text(at)) for at in span)
        return {
            "": f"({sql} >= {start} AND {sql} < {end})",
            "=": f"({sql} >= {start} AND {sql} < {end})",
            ">": f"{sql} >= {end}",
            ">=": f"{sql} >= {start}",
            "<": f"{sql} < {start}",
            "<=": f"{sql} < {end}",
        }[term.sign]

    def _metafield(self, term: Term) -> str | None:
        parts = term.field.split(".", 2)
        if len(parts) != 3:
            return None
        return (
            "EXISTS (SELECT 1 FROM shopify_metafields m"
            f" WHERE m.owner_type = '{_OWNER_TYPES[self.type_name]}'"
            f" AND m.owner_id = {self.alias}.id AND m.namespace = {self.bind(parts[1])}"
            f" AND m.key = {self.bind(parts[2])} AND {self._text('m.value', term)})"
        )


_STATES = ("open", "closed", "cancelled", "not_closed", "any")


def _span(text: str, zone: ZoneInfo) -> tuple[datetime, datetime] | None:
    """Read a time as the second it names, a date as the whole day in the shop's zone."""
    try:
        if "T" in text or " " in text:
            at = datetime.fromisoformat(text)
            at = at.replace(tzinfo=at.tzinfo or zone, microsecond=0).astimezone(UTC)
            return at, at + timedelta(seconds=1)
        day = date.fromisoformat(text)
    except ValueError:
        return None
    start = datetime(day.year, day.month, day.day, tzinfo=zone)
    return start, datetime(day.year, day.month, day.day, tzinfo=zone) + timedelta(days=1)
