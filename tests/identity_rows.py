"""Records as the store holds them, written down by what a person typed, for the tests of identity."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from sync import addresses, keys, names
from sync.identify import Identity, IdentityRules, identify
from sync.keys import HashKey
from sync.model import Record
from sync.store import Store
from sync.tables import RECORDS

SHOP = "tea.myshopify.com"
ORG = "00D000000000001EAA"
NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
FIRST = datetime(2020, 1, 1, tzinfo=UTC)
KEY = HashKey(b"for tests only, 32 bytes or more")


def typed(
    record_id: str,
    family: str | None = None,
    given: str | None = None,
    *,
    email: str | None = None,
    phone: str | None = None,
    platform: str = "shopify",
    object_: str | None = None,
    day: int = 0,
    region: str = "JP",
    **more: Any,
) -> Record:
    """A record folded and hashed as the product does; `day` days after the first one, `more` as in Record."""
    folded = keys.fold_email(email) if addresses.identifies(email) == "personal" else None
    number = keys.fold_phone(phone, region)
    named = names.hashed(names.fold_name(family, given), KEY)
    return Record(
        platform=platform,
        account=SHOP if platform == "shopify" else ORG,
        object=object_ or ("customer" if platform == "shopify" else "Contact"),
        id=record_id,
        **{
            "created_at": FIRST + timedelta(days=day),
            "write_target": True,
            "email_key": KEY.of("email", folded) if folded else None,
            "phone_key": KEY.of("phone", number.e164) if number else None,
            "phone_is_mobile": number.is_mobile if number else None,
            **{
                f"{script}_{part}": value
                for (script, part), value in zip(
                    ((s, p) for s in ("han", "kana", "latin") for p in ("family", "given", "whole")),
                    named,
                    strict=True,
                )
            },
            **more,
        },
    )


def contact(record_id: str, family: str | None = None, given: str | None = None, **more: Any) -> Record:
    """As `typed`, on Salesforce."""
    return typed(record_id, family, given, platform="salesforce", **more)


def put(store: Store, *records: Record) -> None:
    """Store records as they are now, in place of what was stored of them."""
    columns = [pa.array(c, type=f.type) for c, f in zip(zip(*records, strict=True), RECORDS, strict=True)]
    store.con.register("arriving", pa.table(columns, schema=RECORDS))
    store.con.execute(
        "DELETE FROM records WHERE (platform, account, id) IN (SELECT platform, account, id FROM arriving)"
    )
    store.con.execute("INSERT INTO records BY NAME SELECT * FROM arriving")
    store.con.unregister("arriving")


def guest_orders(store: Store, *orders: tuple[str, str | None, str | None]) -> None:
    """Store orders without a customer record: id, e-mail and phone as typed."""
    for order_id, email, phone in orders:
        keyed = typed(order_id, email=email, phone=phone)
        store.con.execute(
            "INSERT INTO orders (platform, account, id, ordered_at, kind, is_test, deleted, email_key,"
            " phone_key) VALUES ('shopify', ?, ?, ?, 'purchase', false, false, ?, ?)",
            [SHOP, order_id, FIRST, keyed.email_key, keyed.phone_key if keyed.phone_is_mobile else None],
        )


def decide(store: Store, decision: str, one: Record, other: Record | None = None, *, day: int = 0) -> None:
    """Remember a decision on a pair, or on the person of too many records whose earliest record is `one`."""
    beside = (other.platform, other.account, other.object, other.id) if other else (None,) * 4
    row = [one.platform, one.account, one.object, one.id, *beside, decision, NOW + timedelta(days=day)]
    store.con.execute("INSERT INTO decisions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)


def who(store: Store, run_id: str = "r1", **rules: Any) -> Identity:
    """Identify by the standard rules, or with some of them changed."""
    return identify(store, run_id=run_id, at=NOW, rules=IdentityRules(**rules))


def together(store: Store) -> set[frozenset[str]]:
    """The ids of the records of each person."""
    return {frozenset(ids) for (ids,) in store.rows("SELECT list(id) FROM members GROUP BY person_id")}


def persons(*records: Record, **rules: Any) -> set[frozenset[str]]:
    """Who belongs together among these records, in a store of their own."""
    with new_store() as store:
        put(store, *records)
        who(store, **rules)
        return together(store)


def review(store: Store) -> set[tuple[str, str | None, str | None, str]]:
    """What waits for a decision: id, other id, rule, reason."""
    return set(store.rows("SELECT id, other_id, rule, reason FROM match_review"))


@contextmanager
def new_store(folder: Path | None = None) -> Iterator[Store]:
    """A store of its own, thrown away afterwards unless a folder is given."""
    with tempfile.TemporaryDirectory() as own, Store.open((folder or Path(own)) / "zaiseki.duckdb") as store:
        yield store
