"""What the platforms hold in our fields must read as the text we would write."""

from __future__ import annotations

import pytest

from metrics.fields import catalogue
from sync.ours import canonical, merged, to_json

FIELDS = {field.key: field for field in catalogue(currency="USD", scale=2)}


@pytest.mark.parametrize(
    ("key", "held", "text"),
    [
        ("tenure_days", "12.0", "12"),
        ("tenure_days", "012", "12"),
        ("tenure_days", 12.0, "12"),
        ("tenure_days", "0", "0"),
        ("net_spend", "1234.5", "1234.50"),
        ("net_spend", "1.2E7", "12000000.00"),
        ("net_spend", 133.95, "133.95"),
        ("net_spend", "0.0", "0.00"),
        ("referral_score", "1.50", "1.50"),
        ("segment", "best_active", "best_active"),
        ("first_purchase_on", "2026-01-02", "2026-01-02"),
        ("channels", '["store","online"]', "online;store"),
        ("channels", "store;online", "online;store"),
        ("channels", "[]", None),
        ("person_id", "", None),
        ("person_id", None, None),
    ],
)
def test_a_value_that_came_back_reads_as_it_was_written(key: str, held: object, text: str | None) -> None:
    assert canonical(FIELDS[key], held) == text


@pytest.mark.parametrize(
    ("key", "held"),
    [("tenure_days", "twelve"), ("tenure_days", "12.5"), ("net_spend", "1.005"), ("channels", "[broken")],
)
def test_what_was_edited_by_hand_stays_different_from_anything_of_ours(key: str, held: str) -> None:
    assert canonical(FIELDS[key], held) == held


def test_equal_values_are_equal_texts_in_whatever_order_they_come() -> None:
    one, other = FIELDS["segment"], FIELDS["purchases"]
    assert to_json([(one, "best_active"), (other, "3")]) == to_json([(other, "3.0"), (one, "best_active")])
    assert to_json([(one, None), (other, "")]) == "{}"


def test_a_confirmed_write_and_the_next_pull_give_the_same_text() -> None:
    written = merged(
        '{"purchases":"2","segment":"first_active"}',
        ["segment", "purchases", "tenure_days"],
        [None, "3", "40"],
    )
    assert written == to_json(
        [(FIELDS["tenure_days"], "40"), (FIELDS["purchases"], "3"), (FIELDS["segment"], "")]
    )
