"""Since when somebody has had a personal code."""

from __future__ import annotations

import dataclasses
from datetime import date

import pytest
from sync_rows import SHOPIFY, customer

from sync import normalise_shopify
from sync.edge import day_of


@pytest.mark.parametrize(
    ("told", "on"),
    [
        # 15:30 UTC is half past midnight of the next day in Tokyo.
        ({"value": "ANNA-1", "updatedAt": "2026-03-01T15:30:00Z"}, date(2026, 3, 2)),
        ({"value": "ANNA-1"}, None),
        ({"value": " ", "updatedAt": "2026-03-01T15:30:00Z"}, None),
        (None, None),
    ],
)
def test_a_code_bears_the_shops_day_on_which_its_field_was_written(
    told: dict[str, str] | None, on: date | None
) -> None:
    (made,) = normalise_shopify.customers([customer(1, referral_code=told)], SHOPIFY).records
    assert made.code_day == (day_of(on) if on else None)


def test_a_code_in_a_tag_has_no_day() -> None:
    account = dataclasses.replace(SHOPIFY, code_tag="ref:")
    (made,) = normalise_shopify.customers([customer(1, tags=["ref:ANNA-7"])], account).records
    assert (list(made.referral_codes), made.code_day) == (["anna-7"], None)
