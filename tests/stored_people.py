"""Rows of the model put straight into a store, and who they are, without any platform or identity rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa

from sync.model import PURCHASE, Order, Record, Refund, Role, Touch
from sync.owners import Accounts
from sync.store import Store
from sync.tables import ORDERS, RECORDS, REFUNDS, ROLES, TOUCHES

SHOP, ORG, FILE = "tea.myshopify.com", "00D000000000001EAA", "orders.csv"
HOME = {"shopify": SHOP, "salesforce": ORG, "history": FILE}
AT = datetime(2026, 1, 1, tzinfo=UTC)
_EPOCH = date(1970, 1, 1)
_SCHEMAS = {"records": RECORDS, "orders": ORDERS, "refunds": REFUNDS, "roles": ROLES, "touches": TOUCHES}


def record(record_id: str, object_: str = "customer", **more: Any) -> Record:
    """A live record: a Shopify customer, or an object of Salesforce."""
    platform = "shopify" if object_ == "customer" else "salesforce"
    facts = {"platform": platform, "account": HOME[platform], "created_at": AT, "write_target": True}
    return Record(object=object_, id=record_id, **{**facts, **more})


def order(order_id: str, day: int, amount: str = "1000", platform: str = "shopify", **more: Any) -> Order:
    """A purchase of `amount` yen on a day, of nobody unless `more` names somebody."""
    on = _EPOCH + timedelta(days=day)
    facts = {
        "created_at": AT,
        "ordered_on": on,
        "ordered_at": datetime(on.year, on.month, on.day, 3, tzinfo=UTC) if platform == "shopify" else None,
        "amount": Decimal(amount),
        "original_amount": Decimal(amount),
        "currency": "JPY",
        "kind": PURCHASE,
        "channel": "online" if platform == "shopify" else "sales",
        "updated_at": AT,
        "payment_status": "PAID" if platform == "shopify" else None,
        "account": HOME[platform],
    }
    return Order(platform=platform, id=order_id, ordered_day=day, **{**facts, **more})


def sold(order_id: str, day: int, amount: str = "1000", **more: Any) -> Order:
    """The same on Salesforce."""
    return order(order_id, day, amount, "salesforce", **more)


def refund(order_id: str, day: int, amount: str, refund_id: str = "r1", platform: str = "shopify") -> Refund:
    """Money given back."""
    return Refund(
        platform=platform,
        account=HOME[platform],
        id=refund_id,
        order_id=order_id,
        source_id=order_id,
        refunded_at=None,
        refunded_on=_EPOCH + timedelta(days=day),
        refunded_day=day,
        original_amount=Decimal(amount),
        currency="JPY",
        reason=None,
    )


def role(order_id: str, contact_id: str, *, is_primary: bool = True, deleted: bool = False) -> Role:
    """Somebody's part in an opportunity."""
    return Role("salesforce", ORG, f"{order_id}/{contact_id}", order_id, contact_id, is_primary, AT, deleted)


def touch(touch_id: str, whose: str | None, object_: str = "abandoned_checkout", **more: Any) -> Touch:
    """Something that happened with a customer of the shop, or with a record of the org."""
    platform = "shopify" if object_ in ("abandoned_checkout", "draft_order") else "salesforce"
    facts = {"platform": platform, "account": HOME[platform], "created_at": AT, "updated_at": AT}
    return Touch(object=object_, id=touch_id, record_id=whose, **{**facts, **more})


def put(store: Store, table: str, rows: Iterable[Any]) -> None:
    """Add rows of the model to one table."""
    schema = _SCHEMAS[table]
    given = pa.Table.from_pylist(
        [{name: value for name, value in row._asdict().items() if name in schema.names} for row in rows],
        schema=schema,
    )
    if table == "orders":
        given = given.drop_columns(["detail"])
    store.con.register("given", given)
    store.con.execute(f"INSERT INTO {table} BY NAME SELECT * FROM given")
    store.con.unregister("given")


def make(
    store: Store,
    *,
    records: Sequence[Record] = (),
    orders: Sequence[Order] = (),
    refunds: Sequence[Refund] = (),
    roles: Sequence[Role] = (),
    people: Mapping[str, Sequence[str]] | None = None,
) -> None:
    """Fill a store. `people`: ids of the records of each person; every other record is a person by itself."""
    for table, rows in (("records", records), ("orders", orders), ("refunds", refunds), ("roles", roles)):
        put(store, table, rows)
    persons = {record_id: person for person, ids in (people or {}).items() for record_id in ids}
    for one in records:
        person_id = persons.get(one.id, one.id)
        if one.deleted:
            continue
        store.con.execute(
            "INSERT INTO members VALUES (?, ?, ?, ?, ?, 'email')",
            [person_id, one.platform, one.account, one.object, one.id],
        )
        if not store.rows("SELECT 1 FROM persons WHERE person_id = ?", person_id):
            anchor = [person_id, one.platform, one.account, one.object, one.id, AT, AT]
            store.con.execute("INSERT INTO persons VALUES (?, ?, ?, ?, ?, ?, ?)", anchor)


def owners(store: Store, accounts: Accounts | None = None) -> dict[str, str | None]:
    """Which record each order belongs to."""
    from sync.owners import find_owners

    find_owners(store, accounts=accounts)
    return dict(store.rows("SELECT order_id, object || '/' || id FROM order_owners"))
