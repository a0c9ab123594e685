"""What happens with customers beside their orders, from the shop to the scorers' frames: checkouts left,
drafts and their invoices, answers, consent, products, and refunds for the goods' sake."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from conftest import write_scenario
from line_support import Line, small

from sync import frames
from sync.edge import day_of
from sync.frames import Name
from sync.store import Store

NOW = "2026-10-01T12:00:00+09:00"
TOMORROW = "2026-10-02T12:00:00+09:00"
PLACE = '[shopify]\ntimezone = "Asia/Tokyo"\ncurrency = "JPY"\n[salesforce]\ntimezone = "Asia/Tokyo"\n'
TOML = f'now = "{NOW}"\n{PLACE}currency = "JPY"\n'
SETTINGS = """
[metrics]
products = true
[referral]
code_tag = "ref:"
code_metafield = "custom.code"
[satisfaction]
expectation_metafield = "survey.expected"
nps_metafield = "survey.nps"
stars_metafield = "survey.stars"
[satisfaction.expectation_values]
worse = ["がっかり"]
"""


def at(day: str, time: str = "12:00:00") -> str:
    return f"2026-{day}T{time}+09:00"


def on(day: str) -> int:
    """A day of 2026 as days since 1970-01-01."""
    return day_of(date.fromisoformat(f"2026-{day}"))


def customer(number: int, **more: object) -> dict[str, object]:
    made = {"created_at": at("01-05", "00:30:00"), "updated_at": at("01-05", "00:30:00")}
    return {"id": number, "email": f"p{number}@example.com", "first_name": f"P{number}", **made, **more}


def answer(number: int, key: str, value: str, kind: str = "single_line_text_field") -> dict[str, object]:
    return {"owner_id": number, "namespace": "survey", "key": key, "type": kind, "value": value}


ROWS: dict[str, list[dict[str, object]]] = {
    "shopify_customers": [
        customer(
            1,
            email_consent="SUBSCRIBED",
            email_consent_at=at("03-07", "00:10:00"),
            rfm_group="CHAMPIONS",
            tags="ref:ANNA-7;vip",
        ),
        customer(2),
        customer(3),
    ],
    "shopify_orders": [
        {
            "id": number,
            "customer_id": who,
            "processed_at": at(day),
            "updated_at": at(day),
            "total": 3_000,
            "utm_source": "ＬＩＮＥ",
        }
        for number, who, day in ((11, 1, "02-01"), (12, 1, "03-01"), (13, 2, "02-01"), (14, 3, "02-01"))
    ],
    "shopify_order_lines": [
        {"id": 101, "order_id": 11, "product_id": 900, "title": "Trial set", "quantity": 1, "amount": 1_000},
        {"id": 102, "order_id": 11, "title": "Gift wrap", "quantity": 2, "amount": 2_000},
        {"id": 103, "order_id": 12, "product_id": 901, "title": "Cream", "quantity": 3, "amount": 3_000},
    ],
    "shopify_refunds": [
        {"id": 201, "order_id": 13, "processed_at": at("02-09"), "amount": 100, "note": "不良品のため"},
        {"id": 202, "order_id": 13, "processed_at": at("02-10"), "amount": 100, "note": "changed her mind"},
    ],
    "shopify_returns": [
        {"id": 501, "order_id": 12, "created_at": at("03-10", "00:10:00")},
        {"id": 502, "order_id": 13, "created_at": at("02-11"), "status": "CLOSED"},
        {"id": 503, "order_id": 13, "created_at": at("02-12"), "status": "CANCELED"},
        {"id": 504, "order_id": 13, "created_at": at("02-13"), "status": "DECLINED"},
    ],
    "shopify_return_lines": [
        {"id": 511, "return_id": 501, "reason": "SIZE_TOO_SMALL"},
        {"id": 512, "return_id": 501, "reason": "WRONG_ITEM"},
        {"id": 513, "return_id": 502, "reason": "UNWANTED", "note": "changed her mind"},
        {"id": 514, "return_id": 503, "reason": "DEFECTIVE"},
        {"id": 515, "return_id": 504, "reason": "OTHER", "note": "箱が破損していた"},
    ],
    "shopify_abandoned_checkouts": [
        {"id": 301, "customer_id": 1, "created_at": at("03-01", "00:20:00"), "completed_at": at("03-03")},
        {"id": 302, "customer_id": 2, "created_at": at("04-01"), "updated_at": at("04-01")},
        {"id": 303, "created_at": at("04-02"), "updated_at": at("04-02")},
    ],
    "shopify_draft_orders": [
        {
            "id": 401,
            "customer_id": 2,
            "created_at": at("05-01"),
            "updated_at": at("05-02"),
            "invoice_sent_at": at("05-02"),
        }
    ],
    "shopify_metafields": [
        answer(1, "expected", "Better than expected"),
        answer(1, "nps", "10", "number_integer"),
        answer(2, "expected", "がっかり"),
        answer(2, "stars", '{"value":"3.5","scale_min":"1.0","scale_max":"5.0"}', "rating"),
        answer(3, "expected", "who knows"),
        answer(3, "nps", "11", "number_integer"),
        {
            "owner_id": 1,
            "namespace": "custom",
            "key": "code",
            "type": "single_line_text_field",
            "value": "ANNA-1",
        },
    ],
}


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Line]:
    folder = tmp_path_factory.mktemp("touches")
    with small(folder / "job", write_scenario(folder / "scenario", ROWS, TOML)) as made:
        made.configure(plain=True, more=SETTINGS, best_spend=50_000)
        made.provision()
        made.sync()
        yield made


def told(line: Line, name: Name, *columns: str) -> list[tuple[Any, ...]]:
    """A frame's rows, sorted, with the shop's number of the person's customer instead of its id."""
    with Store.open(line.store) as store:
        frames.refresh(store)
        known = {person: int(one) for person, one in store.rows("SELECT person_id, id FROM members")}
        found = frames.frame(store, name).select("person_id", *columns).collect().rows()
    return sorted(((known.get(person), *rest) for person, *rest in found), key=str)


def test_what_happened_is_told_with_its_local_days(line: Line) -> None:
    found = told(line, "person_touches", "kind", "touch_id", "day", "ended_day", "value")
    kinds = ("abandoned_checkout", "draft_order", "invoice_sent")
    assert [one for one in found if one[1] in kinds] == [
        (1, "abandoned_checkout", "301", on("03-01"), on("03-03"), None),
        (2, "abandoned_checkout", "302", on("04-01"), None, None),
        (2, "draft_order", "401", on("05-01"), None, None),
        (2, "invoice_sent", "401", on("05-02"), None, None),
    ]


def test_answers_count_if_they_are_any_on_the_day_they_were_written(line: Line) -> None:
    found = told(line, "person_touches", "kind", "day", "value")
    asked = ("expectation", "nps", "stars")
    assert [one for one in found if one[1] in asked] == [
        (1, "expectation", on("10-01"), "better"),
        (1, "nps", on("10-01"), "10"),
        (2, "expectation", on("10-01"), "worse"),
        (2, "stars", on("10-01"), "4"),
    ]


def test_consent_bears_the_day_it_changed_or_that_the_customer_was_made(line: Line) -> None:
    found = told(line, "person_touches", "kind", "day", "value")
    assert [one for one in found if one[1] == "consent"] == [
        (1, "consent", on("03-07"), "subscribed"),
        (2, "consent", on("01-05"), "not_subscribed"),
        (3, "consent", on("01-05"), "not_subscribed"),
    ]


def test_the_shops_own_group_and_every_personal_code_are_known(line: Line) -> None:
    assert told(line, "rfm_groups", "rfm_group") == [(1, "champions")]
    assert told(line, "referral_codes", "code") == [(1, "anna-1"), (1, "anna-7")]
    sources = {source for _, source in told(line, "person_orders", "utm_source")}
    assert sources == {"line"}, "told as codes are, so that they compare"


def test_a_refund_for_the_goods_sake_is_told_and_its_note_is_not_kept(line: Line) -> None:
    found = told(line, "person_refunds", "refund_id", "reason")
    assert found == [(2, "201", "quality"), (2, "202", None)]
    assert "不良品".encode() not in line.store.read_bytes()


def test_what_came_back_for_the_goods_sake_is_told_unless_it_was_called_off(tmp_path: Path) -> None:
    scopes = (
        '["read_all_orders", "read_orders", "read_customers", "write_customers", "read_returns",'
        ' "read_draft_orders"]'
    )
    toml = TOML.replace("[shopify]\n", f"[shopify]\nscopes = {scopes}\n")
    with small(tmp_path / "job", write_scenario(tmp_path / "scenario", ROWS, toml)) as line:
        line.configure(plain=True, best_spend=50_000)
        line.provision()
        ran = line.sync().json
        assert (ran["streams"]["shopify.returns"]["inserted"], ran["balanced"]) == (4, True)
        found = told(line, "person_touches", "kind", "touch_id", "day", "value")
        assert [one for one in found if one[1] == "quality_return"] == [
            (1, "quality_return", "501", on("03-10"), "quality"),
            (2, "quality_return", "504", on("02-13"), "quality"),
        ]
        assert "破損".encode() not in line.store.read_bytes()
        again = line.sync("--full").json
        assert (again["planned"], again["balanced"]) == (0, True)


def test_the_products_of_orders_are_there_where_they_are_read(line: Line) -> None:
    assert told(line, "person_lines", "order_id", "product_id", "title", "quantity", "amount") == [
        (1, "11", "900", "Trial set", 1, 1_000),
        (1, "11", None, "Gift wrap", 2, 2_000),
        (1, "12", "901", "Cream", 3, 3_000),
    ]


def test_a_quiet_run_asks_the_shop_once_and_writes_nothing(line: Line) -> None:
    again = line.sync().json
    assert (again["planned"], again["written"], again["balanced"]) == (0, 0, True)
    assert again["api"]["shopify"]["requests"] == 2, "the token, and one document for everything"


LATER: dict[str, list[dict[str, object]]] = {
    "shopify_abandoned_checkouts": [
        {"id": 302, "completed_at": at("10-02"), "updated_at": at("10-02"), "deleted": ""},
        {"id": 303, "completed_at": "", "updated_at": "", "deleted": "true"},
    ],
    "shopify_draft_orders": [{"id": 401, "completed_at": at("10-02"), "updated_at": at("10-02")}],
    "shopify_orders": [{"id": 12, "updated_at": at("10-02")}],
    "shopify_order_lines": [{"id": 103, "title": "Cream, large"}],
}


def test_what_changed_since_comes_with_the_next_run_and_what_vanished_is_nobodys(tmp_path: Path) -> None:
    with small(tmp_path / "job", write_scenario(tmp_path / "scenario", ROWS, TOML)) as line:
        line.configure(plain=True, more=SETTINGS, best_spend=50_000)
        line.provision()
        line.sync()
        line.apply(tmp_path / "later", LATER, TOMORROW, PLACE + 'currency = "JPY"\n')
        balance = line.sync().json["streams"]
        assert balance["shopify.abandoned_checkouts"]["updated"] == 1
        assert balance["shopify.draft_orders"]["updated"] == 1
        found = told(line, "person_touches", "kind", "touch_id", "ended_day")
        ended = {touch: day for _, kind, touch, day in found if kind in ("abandoned_checkout", "draft_order")}
        assert ended == {"301": on("03-03"), "302": on("10-02"), "401": on("10-02")}
        assert {title for _, title in told(line, "person_lines", "title")} == {
            "Trial set",
            "Gift wrap",
            "Cream, large",
        }
        with Store.open(line.store) as store:
            gone = store.rows("SELECT id, record_id FROM touches WHERE deleted")
        assert gone == [("303", None)]


def test_products_that_are_read_from_now_on_come_for_old_orders_too(tmp_path: Path) -> None:
    with small(tmp_path / "job", write_scenario(tmp_path / "scenario", ROWS, TOML)) as line:
        line.provision()
        line.sync()
        assert told(line, "person_lines", "title") == []
        line.configure(plain=True, more="[metrics]\nproducts = true\n", best_spend=100)
        line.sync()
        assert len(told(line, "person_lines", "title")) == 3


def test_without_the_scope_draft_orders_are_left_out_and_that_is_told(tmp_path: Path) -> None:
    scopes = '["read_all_orders", "read_orders", "read_customers", "write_customers"]'
    toml = TOML.replace("[shopify]\n", f"[shopify]\nscopes = {scopes}\n")
    with small(tmp_path / "job", write_scenario(tmp_path / "scenario", ROWS, toml)) as line:
        line.provision()
        ran = line.sync().json
        assert "shopify.draft_orders" not in ran["streams"]
        assert [one["code"] for one in ran["warnings"] if one["code"] == "drafts_unseen"] == ["drafts_unseen"]
        kinds = {kind for _, kind in told(line, "person_touches", "kind")}
        assert "abandoned_checkout" in kinds and "draft_order" not in kinds
        assert line.sync().json["api"]["shopify"]["requests"] == 2
