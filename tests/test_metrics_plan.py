"""The plan: differences only, in canonical text, for the fields that are written."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import narwhals as nw
import pyarrow as pa
from metrics_engines import Engine
from metrics_frames import rows

from metrics.fields import catalogue
from metrics.plan import Move, Target, canonical_texts, differences, summarise

FIELDS = catalogue(currency="JPY", scale=0)
KEYS = tuple(field.key for field in FIELDS)
SCORES = pa.schema(
    {
        "person_id": pa.string(),
        "first_purchase_on": pa.date32(),
        "last_purchase_on": pa.date32(),
        "tenure_days": pa.int64(),
        "purchases": pa.int64(),
        "net_spend": pa.decimal128(38, 4),
        "segment": pa.string(),
        "segment_since": pa.date32(),
        "lapses_on": pa.date32(),
        "referrals": pa.int64(),
        "referral_score": pa.decimal128(10, 2),
        "satisfaction": pa.string(),
        "funnel_stage": pa.string(),
        "next_action": pa.string(),
        "channels": pa.string(),
        "contact_by": pa.string(),
    }
)
HELD = pa.schema(
    {name: pa.string() for name in ("platform", "account", "object", "id", "person_id")}
    | {f"held_{key}": pa.string() for key in KEYS}
)
BUYER = {
    "person_id": "p1",
    "first_purchase_on": date(1997, 1, 5),
    "last_purchase_on": date(1998, 6, 30),
    "tenure_days": 541,
    "purchases": 7,
    "net_spend": Decimal("70000.0000"),
    "segment": "best_active",
    "segment_since": date(1998, 1, 1),
    "lapses_on": date(1999, 2, 25),
    "referrals": 2,
    "referral_score": Decimal("2.50"),
    "satisfaction": "satisfied",
    "funnel_stage": "action",
    "next_action": "treat_special",
    "channels": "online;store",
    "contact_by": "email",
}
TEXTS = {
    "person_id": "p1",
    "first_purchase_on": "1997-01-05",
    "last_purchase_on": "1998-06-30",
    "tenure_days": "541",
    "purchases": "7",
    "net_spend": "70000",
    "segment": "best_active",
    "segment_since": "1998-01-01",
    "lapses_on": "1999-02-25",
    "referrals": "2",
    "referral_score": "2.50",
    "satisfaction": "satisfied",
    "funnel_stage": "action",
    "next_action": "treat_special",
    "channels": "online;store",
    "contact_by": "email",
}
CUSTOMER = {"platform": "shopify", "account": "one.myshopify.com", "object": "customer", "id": "1"}
CONTACT = {"platform": "salesforce", "account": "00D", "object": "Contact", "id": "003"}
SHOPIFY = Target("shopify", "one.myshopify.com", "customer", frozenset(KEYS))
SALESFORCE = Target("salesforce", "00D", "Contact", frozenset(KEYS))


def holding(record: dict[str, str], person: str = "p1", **values: str | None) -> dict[str, Any]:
    return record | {"person_id": person} | {f"held_{key}": value for key, value in values.items()}


def planned(
    engine: Engine, held: list[dict[str, Any]], targets: list[Target], keys: tuple[str, ...] = KEYS
) -> nw.LazyFrame[Any]:
    texts = canonical_texts(engine.frame([BUYER], SCORES), [field for field in FIELDS if field.key in keys])
    return engine.materialise(
        differences(engine.frame(held, HELD), texts, targets, keys, materialise=engine.materialise)
    )


def test_a_first_fill_sets_every_field_in_canonical_text(engine: Engine) -> None:
    found = rows(planned(engine, [holding(CUSTOMER)], [SHOPIFY]))
    assert {row["field"]: row["new"] for row in found} == TEXTS
    assert {row["old"] for row in found} == {None}


def test_a_record_that_holds_the_same_has_no_row(engine: Engine) -> None:
    assert rows(planned(engine, [holding(CUSTOMER, **TEXTS)], [SHOPIFY])) == []


def test_only_what_differs_is_planned_nulls_and_empty_texts_alike(engine: Engine) -> None:
    held = holding(CUSTOMER, **TEXTS | {"segment": "steady_active", "referrals": None, "channels": ""})
    found = rows(planned(engine, [held], [SHOPIFY]))
    assert {row["field"]: (row["old"], row["new"]) for row in found} == {
        "segment": ("steady_active", "best_active"),
        "referrals": (None, "2"),
        "channels": (None, "online;store"),
    }


def test_a_null_score_blanks_what_the_platform_holds(engine: Engine) -> None:
    scores = engine.frame([BUYER | {"lapses_on": None, "net_spend": None}], SCORES)
    texts = canonical_texts(scores, FIELDS)
    changes = differences(
        engine.frame([holding(CUSTOMER, **TEXTS)], HELD),
        texts,
        [SHOPIFY],
        KEYS,
        materialise=engine.materialise,
    )
    assert {row["field"]: (row["old"], row["new"]) for row in rows(changes)} == {
        "lapses_on": ("1999-02-25", None),
        "net_spend": ("70000", None),
    }


def test_records_of_nobody_and_of_who_is_not_scored_are_blanked(engine: Engine) -> None:
    nobodys = holding(CUSTOMER, segment="best_active", person_id="p9") | {"person_id": None}
    unscored = holding(CUSTOMER | {"id": "2"}, "somebody else", segment="best_active")
    found = rows(planned(engine, [nobodys, unscored], [SHOPIFY]))
    assert {(row["id"], row["field"], row["old"], row["new"]) for row in found} == {
        ("1", "segment", "best_active", None),
        ("1", "person_id", "p9", None),
        ("2", "segment", "best_active", None),
    }


def test_each_target_takes_its_own_keys_and_other_records_are_left_alone(engine: Engine) -> None:
    other_shop = CUSTOMER | {"account": "two.myshopify.com"}
    held = [holding(CUSTOMER), holding(CONTACT), holding(other_shop)]
    narrow = Target("salesforce", "00D", "Contact", frozenset({"segment", "person_id"}))
    found = rows(planned(engine, held, [SHOPIFY, narrow]))
    assert {row["account"] for row in found} == {"one.myshopify.com", "00D"}
    assert {row["field"] for row in found if row["platform"] == "salesforce"} == {"segment", "person_id"}


def test_without_a_target_nothing_is_planned(engine: Engine) -> None:
    changes = planned(engine, [holding(CUSTOMER)], [])
    assert rows(changes) == []
    assert changes.collect_schema().names()[-3:] == ["field", "old", "new"]


def test_a_decimal_stands_with_the_scale_of_its_field(engine: Engine) -> None:
    fields = catalogue(currency="USD", scale=2)
    (row,) = rows(canonical_texts(engine.frame([BUYER | {"net_spend": Decimal("0.5")}], SCORES), fields))
    assert row["new_net_spend"] == "0.50"


def test_the_summary_counts_records_fields_first_fills_and_moves(engine: Engine) -> None:
    contacts = [holding(CONTACT | {"id": f"003{n}"}, **TEXTS | {"segment": "first_active"}) for n in range(3)]
    held = [holding(CUSTOMER), holding(CUSTOMER | {"id": "2"}, **TEXTS), *contacts]
    found = summarise(planned(engine, held, [SHOPIFY, SALESFORCE]))
    assert found.records == {"shopify": 1, "salesforce": 3}
    assert found.fields[("salesforce", "segment")] == 3
    assert found.fields[("shopify", "net_spend")] == 1
    assert found.first_fills == {"shopify": 1}
    assert found.movers == (Move("first_active", "best_active", 3),)
