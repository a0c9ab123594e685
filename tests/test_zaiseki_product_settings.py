"""Trial offers in the settings promise a conversion: what that lacks is said, and only that."""

from __future__ import annotations

from typing import Any

import pytest

from zaiseki.messages import say
from zaiseki.product_settings import product_notes
from zaiseki.settings import Settings

SHOP = {"shopify": {"shop": "tea.myshopify.com"}}
NOT_READ, NO_BACK_END = "products_not_read", "products_no_back_end"


@pytest.mark.parametrize("back_end", [[], ["main"]])
@pytest.mark.parametrize("front_end", [[], ["trial"]])
@pytest.mark.parametrize("read", [True, False])
def test_a_promise_of_trial_conversion_is_held_to_what_it_needs(
    front_end: list[str], back_end: list[str], read: bool
) -> None:
    given: dict[str, Any] = {"products": {"front_end": front_end, "back_end": back_end}}
    notes = product_notes(Settings.model_validate(SHOP | given | {"metrics": {"products": read}}))
    lacks = [key for key, missing in ((NOT_READ, not read), (NO_BACK_END, not back_end)) if missing]
    assert [note.key for note in notes] == (lacks if front_end else [])


def test_both_languages_name_the_setting_to_change() -> None:
    for key, setting in ((NOT_READ, "metrics.products = true"), (NO_BACK_END, "products.back_end")):
        assert setting in say(key, "en") and setting in say(key, "ja")
    assert "引き上げ率" in say(NOT_READ, "ja")
