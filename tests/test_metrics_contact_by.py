"""Consent of a person out of the consents of its records: one refusal beats any permission."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest
from conftest import examples
from hypothesis import given
from hypothesis import strategies as st
from metrics_engines import Engine
from metrics_frames import by_person

from metrics.contact_by import contact_by
from metrics.fields import catalogue
from sync.ours import canonical

CONSENTS = pa.schema(
    {
        "person_id": pa.string(),
        "email_consent": pa.string(),
        "sms_consent": pa.string(),
        "phone_refused": pa.bool_(),
    }
)
YES, NO, SILENT = (
    ("subscribed",),
    ("unsubscribed", "redacted", "opted_out"),
    (None, "pending", "not_subscribed", "invalid"),
)
STATES = st.sampled_from((*YES, *NO, *SILENT))


def said(
    person: str | None, email: str | None = None, sms: str | None = None, no_calls: bool | None = None
) -> dict[str, Any]:
    return {"person_id": person, "email_consent": email, "sms_consent": sms, "phone_refused": no_calls}


def media(engine: Engine, *rows: dict[str, Any]) -> dict[str, Any]:
    return by_person(contact_by(engine.frame(rows, CONSENTS)), "contact_by")


def test_a_medium_that_a_record_permits_and_none_refuses_is_allowed(engine: Engine) -> None:
    found = media(engine, said("a", "subscribed"), said("a"), said("b", None, "subscribed", True))
    assert found == {"a": "email", "b": "sms"}


def test_media_stand_in_the_order_of_the_catalogue(engine: Engine) -> None:
    assert media(engine, said("a", None, "subscribed"), said("a", "subscribed")) == {"a": "email;sms"}


@pytest.mark.parametrize("refusal", NO)
def test_one_refusal_beats_any_permission(engine: Engine, refusal: str) -> None:
    rows = [said("a", "subscribed", "subscribed")] * 3
    assert media(engine, *rows, said("a", refusal)) == {"a": "sms"}
    assert media(engine, *rows, said("a", None, refusal)) == {"a": "email"}


def test_a_refusal_by_one_medium_says_nothing_of_another(engine: Engine) -> None:
    assert media(engine, said("a", "unsubscribed", "subscribed", True)) == {"a": "sms"}


@pytest.mark.parametrize("state", SILENT)
def test_silence_neither_permits_nor_refuses(engine: Engine, state: str | None) -> None:
    assert media(engine, said("a", state, state)) == {"a": None}
    assert media(engine, said("a", "subscribed", state), said("a", state)) == {"a": "email"}


def test_not_having_refused_calls_permits_none(engine: Engine) -> None:
    assert media(engine, said("a", no_calls=False), said("b", no_calls=None)) == {"a": None, "b": None}


def test_records_of_nobody_are_left_out(engine: Engine) -> None:
    assert media(engine, said(None, "subscribed"), said("a")) == {"a": None}


def test_the_text_is_the_canonical_one_that_platforms_give_back(engine: Engine) -> None:
    (field,) = [one for one in catalogue(currency="JPY", scale=0) if one.key == "contact_by"]
    (text,) = media(engine, said("a", "subscribed", "subscribed")).values()
    assert canonical(field, text) == canonical(field, '["sms","email"]') == text


@examples(60)
@given(told=st.lists(st.tuples(st.sampled_from("abc"), STATES, STATES), max_size=12))
def test_all_engines_say_what_the_definition_says(
    engines: list[Engine], told: list[tuple[str, str | None, str | None]]
) -> None:
    rows = [said(*one) for one in told]
    right = {}
    for person in {one[0] for one in told}:
        states = {
            "email": {e for p, e, _ in told if p == person},
            "sms": {s for p, _, s in told if p == person},
        }
        allowed = [m for m in ("email", "sms") if states[m] & set(YES) and not states[m] & set(NO)]
        right[person] = ";".join(allowed) or None
    for engine in engines:
        assert media(engine, *rows) == right
