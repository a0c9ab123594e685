"""What customers answered: only answers that are any count."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from sync import answers
from sync.keys import HashKey
from sync.model import Account
from sync.rates import Rates

ACCOUNT = Account(
    platform="shopify",
    account="demo.myshopify.com",
    timezone=ZoneInfo("Asia/Tokyo"),
    currency="JPY",
    reporting="JPY",
    region="JP",
    fields=(),
    key=HashKey(b"k" * 32),
    rates=Rates(reporting="JPY", home="JPY", table=(), settled={}),
    now=datetime(2026, 10, 1, tzinfo=UTC),
    expectations={"worse": "worse", "期待以上": "better", "as expected": "as"},
)


@pytest.mark.parametrize(
    ("told", "meant"),
    [
        (" ＷＯＲＳＥ ", "worse"),
        ("期待以上", "better"),
        ("As Expected", "as"),
        ("fine", None),
        ("", None),
        (3, None),
    ],
)
def test_an_expectation_is_one_of_the_answers_of_the_settings(told: object, meant: str | None) -> None:
    assert answers.expectation(told, ACCOUNT) == meant


@pytest.mark.parametrize(
    ("told", "meant"),
    [
        ("0", 0),
        ("10", 10),
        (7, 7),
        ("7.0", 7),
        ("11", None),
        ("-1", None),
        ("7.5", None),
        ("NaN", None),
        ("1e99", None),
        ("Infinity", None),
        (None, None),
        ("ten", None),
        ({}, None),
    ],
)
def test_nps_is_a_whole_number_from_0_to_10(told: object, meant: int | None) -> None:
    assert answers.nps(told) == meant


@pytest.mark.parametrize(
    ("told", "meant"),
    [
        ("1", 1),
        ("5", 5),
        ("4.5", 5),
        ("4.4", 4),
        ("0", None),
        ("0.5", 1),
        ("5.4", 5),
        ("6", None),
        ('{"value":"3.5","scale_min":"1.0","scale_max":"5.0"}', 4),
        ('{"value":"3.5","scale_min":"1.0","scale_max":"10.0"}', None),
        ("{broken", None),
        ("[5]", None),
    ],
)
def test_stars_are_from_1_to_5_on_a_scale_of_five(told: object, meant: int | None) -> None:
    assert answers.stars(told) == meant


def test_an_answer_that_is_none_leaves_its_columns_alone() -> None:
    told: dict[str, tuple[object, int | None]] = {
        "expectation": ("fine", 9),
        "nps": ("9", 9),
        "stars": (None, 9),
    }
    assert answers.columns(told, ACCOUNT) == {"nps": 9, "nps_day": 9}
