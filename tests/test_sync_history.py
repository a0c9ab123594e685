"""The merchant's file of earlier orders: what a line may say, whose it is, what a changed file changes."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sync_rows import KEY, ORG, SHOP, SHOPIFY, customer, open_store, pull, sf_id

from sync.errors import HistoryUnusable
from sync.history import drop_history, read_history
from sync.intake import StreamCount
from sync.normalise_history import long_id
from sync.rates import Rates
from sync.store import Store
from sync.tombstones import Tombstones, key_line, record_line

HEAD = "order_id,ordered_on,amount,email,shopify_customer_id,salesforce_id"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path) as opened:
        yield opened


@pytest.fixture
def read(store: Store, tmp_path: Path) -> Callable[..., StreamCount]:
    """Give a function (lines, …) -> the count of reading a file of these lines."""

    def reading(*lines: str, name: str = "before.csv", text: bytes | None = None, **more: Any) -> StreamCount:
        path = tmp_path / name
        path.write_bytes(text if text is not None else ("\n".join(lines) + "\n").encode())
        given = {field: more.pop(field) for field in ("shops", "org", "run_id", "save_rows") if field in more}
        context = dataclasses.replace(SHOPIFY, **more)
        whose = {"shops": (SHOP,), "org": ORG, "run_id": "r1", **given}
        return read_history(path, store, context=context, **whose)

    return reading


Read = Callable[..., StreamCount]


def kept(store: Store, *columns: str) -> list[tuple[Any, ...]]:
    return store.rows(f"SELECT {', '.join(columns)} FROM orders WHERE platform = 'history' ORDER BY id")


def apart(store: Store) -> list[tuple[Any, ...]]:
    return store.rows("SELECT id, field, cause FROM quarantine WHERE platform = 'history' ORDER BY ALL")


def test_a_line_is_an_order_of_the_file(store: Store, read: Read) -> None:
    count = read(
        "order_id,ordered_on,amount,currency,email,phone,name,channel",
        "A-1,2012-04-01,1200,JPY,Hana@acme.co.jp,090-1234-5678,#77,phone",
    )
    assert count == StreamCount(fetched=1, inserted=1)
    columns = (
        "account",
        "id",
        "ordered_on::VARCHAR",
        "amount::VARCHAR",
        "kind",
        "channel",
        "aliases",
        "deleted",
    )
    assert kept(store, *columns) == [
        ("before.csv", "A-1", "2012-04-01", "1200.0000", "purchase", "phone", ["77"], False)
    ]
    assert kept(store, "email_key", "phone_key", "record_id") == [
        (KEY.of("email", "hana@acme.co.jp"), KEY.of("phone", "+819012345678"), None)
    ]


def test_only_three_columns_are_needed_in_any_order_with_a_byte_order_mark(store: Store, read: Read) -> None:
    count = read(text="\ufeffamount, ordered_on ,order_id\r\n5,2012-04-01,1\r\n\r\n,,\r\n".encode())
    assert (count, kept(store, "channel", "currency")) == (
        StreamCount(fetched=1, inserted=1),
        [("other", "JPY")],
    )


def test_a_cell_may_hold_commas_quotes_and_line_breaks(store: Store, read: Read) -> None:
    read("order_id,ordered_on,amount,name", '"a,""b""\nc",2012-04-01,5,x')
    assert kept(store, "id") == [('a,"b"\nc',)]


@pytest.mark.parametrize(
    ("column", "cell", "day"),
    [
        ("ordered_on", "2012-04-01", "2012-04-01"),
        ("ordered_on", "2012/4/1", "2012-04-01"),
        ("ordered_at", "2012-04-01T14:59:59Z", "2012-04-01"),
        ("ordered_at", "2012-04-01T15:00:00Z", "2012-04-02"),
        ("ordered_at", "2012-03-31T23:00:00-05:00", "2012-04-01"),
    ],
)
def test_a_day_stands_as_it_is_and_an_instant_is_dated_in_the_shops_zone(
    store: Store, read: Read, column: str, cell: str, day: str
) -> None:
    read(f"order_id,{column},amount", f"1,{cell},5")
    assert kept(store, "ordered_on::VARCHAR") == [(day,)]


@pytest.mark.parametrize(
    ("cells", "field", "cause"),
    [
        ("1,,5,,,", "ordered_on", "missing"),
        ("1,20120401,5,,,", "ordered_on", "date_from_datetime_parsing"),
        ("1,2012-02-30,5,,,", "ordered_on", "value_error"),
        ("1,2012/4-1,5,,,", "ordered_on", "date_from_datetime_parsing"),
        ("1,2099-01-01,5,,,", "ordered_on", "in_the_future"),
        ("1,2012-04-01,,,,", "amount", "decimal_type"),
        ('1,2012-04-01,"1,200",,,', "amount", "decimal_parsing"),
        ("1,2012-04-01,-5,,,", "amount", "greater_than_equal"),
        ("1,2012-04-01,NaN,,,", "amount", "finite_number"),
        ("1,2012-04-01,5,,hana,", "shopify_customer_id", "string_pattern_mismatch"),
        ("1,2012-04-01,5,,,hana", "salesforce_id", "string_pattern_mismatch"),
        ("1,2012-04-01,5,,,,more", "", "too_many_cells"),
    ],
)
def test_a_line_that_cannot_be_used_is_quarantined_with_field_and_cause(
    store: Store, read: Read, cells: str, field: str, cause: str
) -> None:
    assert read(HEAD, cells, "2,2012-04-01,5,,,") == StreamCount(fetched=2, inserted=1, quarantined=1)
    assert apart(store) == [("1", field, cause)]


def test_currencies_are_converted_at_the_day_and_only_with_a_rate(store: Store, read: Read) -> None:
    rates = Rates("JPY", "JPY", settled={"USD": Decimal(150)})
    head = "order_id,ordered_on,amount,currency,channel"
    read(
        head,
        "1,2012-04-01,10.50,USD,",
        "2,2012-04-01,5,CHF,",
        "3,2012-04-01,5,usd,",
        "4,2012-04-01,5,,shop",
        rates=rates,
    )
    assert kept(store, "id", "amount::VARCHAR", "original_amount::VARCHAR") == [("1", "1575.0000", "10.5000")]
    assert apart(store) == [
        ("2", "currency", "no_rate:CHF"),
        ("3", "currency", "string_pattern_mismatch"),
        ("4", "channel", "literal_error"),
    ]


def test_orders_from_before_the_shop_opened_are_what_the_file_is_for(store: Store, read: Read) -> None:
    read(HEAD, "1,2012-04-01,5,,,", opened_on=date(2020, 1, 1))
    assert len(kept(store, "id")) == 1


def test_an_order_of_a_customer_names_the_record_where_it_is_at_home(store: Store, read: Read) -> None:
    read(
        HEAD,
        "1,2012-04-01,5,a@acme.co.jp,12,",
        "2,2012-04-01,5,,gid://shopify/Customer/13,",
        f"3,2012-04-01,5,,,{sf_id('003', 1)}",
        "4,2012-04-01,5,a@acme.co.jp,,",
    )
    assert kept(store, "record_platform", "record_account", "record_id") == [
        ("shopify", SHOP, "12"),
        ("shopify", SHOP, "13"),
        ("salesforce", ORG, sf_id("003", 1)),
        (None, None, None),
    ]
    assert kept(store, "email_key")[0] == (KEY.of("email", "a@acme.co.jp"),)


def test_with_several_shops_a_customer_is_looked_for_in_all(store: Store, read: Read) -> None:
    pull(store, "shopify.customers", [customer(12)])
    store.con.execute("UPDATE records SET account = 'second.myshopify.com' WHERE id = '12'")
    read(
        HEAD,
        "1,2012-04-01,5,,12,",
        "2,2012-04-01,5,,13,",
        shops=("first.myshopify.com", "second.myshopify.com"),
    )
    assert kept(store, "record_account", "record_id") == [
        ("second.myshopify.com", "12"),
        ("first.myshopify.com", "13"),
    ]


def test_without_the_platform_that_a_line_names_the_keys_tell_who_it_was(store: Store, read: Read) -> None:
    read(HEAD, f"1,2012-04-01,5,a@acme.co.jp,,{sf_id('003', 1)}", org=None)
    assert kept(store, "record_id", "email_key") == [(None, KEY.of("email", "a@acme.co.jp"))]


@pytest.mark.parametrize(
    "short", ["0018000000ABCDE", "0014x000005RzOb", "001ZZZZZZZZZZZZ", "001000000000001"]
)
def test_a_short_salesforce_id_of_a_report_becomes_the_long_one(short: str) -> None:
    # Each letter added spells which of five characters are capitals, the first of them as 1.
    long = long_id(short)
    capitals = [[letter.isupper() for letter in short[at : at + 5]] for at in (0, 5, 10)]
    spelt = ["ABCDEFGHIJKLMNOPQRSTUVWXYZ012345".index(letter) for letter in long[15:]]
    assert (long[:15], [[bool(number >> place & 1) for place in range(5)] for number in spelt]) == (
        short,
        capitals,
    )
    assert long_id(long) == long
    assert long_id("001000000000001") == "001000000000001AAA"


def test_the_forgotten_are_not_brought_back_by_the_file(store: Store, read: Read) -> None:
    mail = KEY.of("email", "a@acme.co.jp")
    tombstones = Tombstones(
        KEY, frozenset({record_line(KEY, "shopify", SHOP, "12")}), {key_line(KEY, mail): SHOPIFY.now}
    )
    read(HEAD, "1,2012-04-01,5,x@acme.co.jp,12,", "2,2012-04-01,5,a@acme.co.jp,,", tombstones=tombstones)
    assert kept(store, "record_id", "email_key", "amount::VARCHAR") == [(None, None, "5.0000")] * 2


def test_an_unchanged_file_changes_nothing_and_no_bookmark_is_kept(store: Store, read: Read) -> None:
    lines = HEAD, "1,2012-04-01,5,a@acme.co.jp,,", "2,2012-04-02,x,,,"
    assert read(*lines) == StreamCount(fetched=2, inserted=1, quarantined=1)
    before = kept(store, "COLUMNS(*)::VARCHAR"), apart(store)
    assert read(*lines, run_id="r2") == StreamCount(fetched=2, unchanged=1, quarantined=1)
    assert (kept(store, "COLUMNS(*)::VARCHAR"), apart(store)) == before
    assert store.rows("SELECT count(*) FROM bookmarks") == [(0,)]


def test_what_the_file_no_longer_names_is_deleted_and_what_was_mended_leaves_quarantine(
    store: Store, read: Read
) -> None:
    read(HEAD, "1,2012-04-01,5,,,", "2,2012-04-01,5,,,", "3,soon,5,,,", ",2012-04-01,5,,,")
    assert len(apart(store)) == 2
    count = read(HEAD, "2,2012-04-01,6,,,", "3,2012-05-01,5,,,", run_id="r2")
    assert count == StreamCount(fetched=2, inserted=1, updated=1, deleted=1)
    assert kept(store, "id", "amount::VARCHAR") == [("2", "6.0000"), ("3", "5.0000")]
    assert apart(store) == []


def test_another_file_takes_the_place_of_the_first(store: Store, read: Read) -> None:
    read(HEAD, "1,2012-04-01,5,,,", "x,,,,,")
    count = read(HEAD, "1,2012-04-01,5,,,", name="better.csv", run_id="r2")
    assert count == StreamCount(fetched=1, inserted=1, deleted=1)
    assert kept(store, "account") == [("better.csv",)]
    assert apart(store) == []
    assert drop_history(store) == 1
    assert kept(store, "id") == []


def test_the_same_line_twice_is_one_order(store: Store, read: Read) -> None:
    line = "1,2012-04-01,5,,,"
    assert read(HEAD, line, line, save_rows=1) == StreamCount(fetched=1, inserted=1)


@pytest.mark.parametrize("batch_rows", [1, 2_000])
def test_differing_lines_of_one_order_are_set_aside_wherever_they_stand(
    store: Store, read: Read, monkeypatch: pytest.MonkeyPatch, batch_rows: int
) -> None:
    # A file with a line for each article would otherwise count the last article only.
    monkeypatch.setattr("sync.history.BATCH_ROWS", batch_rows)
    lines = "1,2012-04-01,500,,,", "2,2012-04-01,900,,,", "1,2012-04-01,700,,,"
    assert read(HEAD, *lines, save_rows=1) == StreamCount(fetched=2, inserted=1, quarantined=1)
    assert kept(store, "id") == [("2",)]
    assert apart(store) == [("1", "order_id", "given_twice")]


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        (b"", "history_columns_missing", "order_id, amount, ordered_on / ordered_at"),
        (b"order_id,amount\n1,5\n", "history_columns_missing", "ordered_on / ordered_at"),
        (b"order_id,ordered_on,amount,mail,\n", "history_columns_unknown", 'mail, ""'),
        (b"order_id,ordered_on,amount,email,email\n", "history_columns_unknown", "email"),
        ("order_id,ordered_on,amount,name\n1,2012-04-01,5,山田".encode("cp932"), "history_not_utf8", ""),
        (b'order_id,ordered_on,amount\n1,2012-04-01,"5\n', "history_unreadable", ""),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_before_anything_changes(
    store: Store, read: Read, text: bytes, code: str, said: str
) -> None:
    read(HEAD, "1,2012-04-01,5,,,")
    with pytest.raises(HistoryUnusable) as raised:
        read(text=text)
    assert raised.value.code == code
    assert raised.value.details.get("columns", "") == said
    assert len(kept(store, "id")) == 1


def test_a_file_without_a_header_is_refused_without_repeating_what_it_says(read: Read) -> None:
    with pytest.raises(HistoryUnusable) as raised:
        read("1,2012-04-01,5,hana@acme.co.jp")
    assert "hana" not in str(raised.value)


def test_a_file_that_is_not_there_is_named(store: Store, tmp_path: Path) -> None:
    with pytest.raises(HistoryUnusable) as raised:
        read_history(tmp_path / "none.csv", store, context=SHOPIFY, run_id="r1")
    assert raised.value.code == "history_missing"


def test_no_personal_text_of_the_file_reaches_the_store(store: Store, read: Read) -> None:
    head = "order_id,ordered_on,amount,email,phone,name"
    read(
        head,
        "1,2012-04-01,5,Hanako@acme.co.jp,09012345678,Yamada Hanako",
        "2,2012-04-01,x,Hanako@acme.co.jp,09012345678,y",
    )
    said = "".join(
        str(store.rows(f"SELECT COLUMNS(*)::VARCHAR FROM {table}")) for table in ("orders", "quarantine")
    )
    assert [text for text in ("hanako", "yamada", "9012345678") if text in said.lower()] == []


def test_a_line_without_order_id_is_found_by_its_place_in_the_file(store: Store, read: Read) -> None:
    lines = "1,2012-04-01,5,,,", ",2012-04-01,5,,,", ",,,,,", "2,2012-04-01,5,,,", ",2012-04-01,5,,,"
    assert read(HEAD, *lines) == StreamCount(fetched=4, inserted=2, quarantined=2)
    assert apart(store) == [("line 3", "order_id", "string_type"), ("line 6", "order_id", "string_type")]
