"""The shop's figures of a past day: a store that has heard of what came later tells what it told then."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from stored_people import SHOP, make, order, put, record, refund, touch

from metrics.calendar import day_of
from metrics.scores import score_persons
from metrics.segment import Thresholds
from metrics.shop_line import ShopLine
from sync.store import Store
from zaiseki import word_of_mouth
from zaiseki.counting import refresh_frames, score_rules
from zaiseki.scoring import given_of
from zaiseki.settings import Settings
from zaiseki.shop_scoring import score_shop

PAST, DAYS = date(2026, 6, 30), 90
THEN = day_of(PAST)
SETTINGS = Settings.model_validate(
    {
        "shopify": {"shop": SHOP},
        "metrics": {"products": True},
        "referral": {"code_tag": "ref:", "code_pattern": "[a-z]+-1"},
    }
)


@contextmanager
def filled(path: Path, last: int) -> Iterator[Store]:
    """A store of everything up to the day `last`."""
    people = {"ann": THEN - 400, "ben": THEN - 40, "cat": THEN + 20, "dan": THEN + 30, "eve": THEN + 40}
    bought = [
        order("1", THEN - 300, record_id="ann", utm_medium="cpc"),
        order("2", THEN - 10, record_id="dan", utm_medium="email", discount_codes=["ann-1"]),
        order("3", THEN + 5, record_id="ann", utm_medium="cpc"),
        order("4", THEN + 50, record_id="cat", utm_medium="cpc", discount_codes=["zoe-1"]),
    ]
    back = [refund("1", THEN + 1, "300")._replace(reason="quality")]
    # Who bought before the record was made was known by the purchase, as one of a history is.
    records = [
        record(one, created_day=day, referral_codes=["ann-1"] if one == "ann" else [])
        for one, day in people.items()
        if day <= last or one == "dan"
    ]
    with Store.open(path) as store:
        store.bind("reporting currency", "JPY")
        orders = [one for one in bought if one.ordered_day <= last]
        make(store, records=records, orders=orders, refunds=[one for one in back if one.refunded_day <= last])
        put(store, "touches", [touch("t1", "ben", day=THEN + 3)] if last > THEN else [])
        for one in orders:
            store.con.execute(
                "INSERT INTO order_lines BY NAME SELECT 'shopify' AS platform, ? AS account, ? AS id,"
                " ? AS order_id, '7' AS product_id, 'Tea' AS title, 1 AS quantity, 1000 AS original_amount",
                [SHOP, one.id, one.id],
            )
        yield store


def told(store: Store) -> dict[tuple[str, str], ShopLine]:
    """Every figure as of `PAST`."""
    rules = score_rules(SETTINGS, Thresholds(Decimal(1500)))
    refresh_frames(store, rules.purchases, as_of_day=THEN)
    named, friends = word_of_mouth.named_and_friends(store, as_of_day=THEN, rules=rules.purchases)
    word_of_mouth.keep(store, named)
    given = given_of(store, friends)
    scored = score_persons(given, as_of_day=THEN, rules=rules, materialise=store.materialise)
    store.con.execute(f"CREATE OR REPLACE TABLE scores AS {scored.to_native().sql_query()}")
    lines = score_shop(store, SETTINGS, as_of=PAST, rules=rules, currency="JPY", tracked=True)
    return {(line.name, line.part): line for line in lines}


def test_a_past_day_is_told_as_by_a_store_that_never_heard_of_what_came_later(tmp_path: Path) -> None:
    with filled(tmp_path / "then.duckdb", THEN) as store:
        before = told(store)
    with filled(tmp_path / "now.duckdb", day_of(PAST + timedelta(DAYS))) as store:
        now = told(store)
    assert now == before
    counted = {name: (now[name].value, now[name].base) for name in now if name[0] in ("target", "gap_source")}
    assert counted["target", ""] == (Decimal(1), 3), "Ben; Cat and Eve were not known, Dan had bought"
    assert counted["gap_source", "order_lines"] == (Decimal(0), 2)
    assert counted["gap_source", "visit_sources"] == (Decimal(0), 2)
    unknown = now["codes_unknown", ""]
    assert (unknown.value, unknown.base) == (Decimal(0), 1)
    assert ("gap_no_data", "codes_unknown") not in now
