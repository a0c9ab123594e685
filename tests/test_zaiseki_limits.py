"""A history is taken for cut off where its oldest order lies at the edge of the 60 days Shopify shows."""

from datetime import UTC, datetime, timedelta

import pytest

from zaiseki.limits import looks_cut_off

NOW = datetime(2026, 10, 1, 12, tzinfo=UTC)
OLD = NOW - timedelta(days=900)
MOMENT = timedelta(seconds=1)


def ago(days: int) -> datetime:
    return NOW - timedelta(days=days)


@pytest.mark.parametrize(
    ("oldest", "cut_off"),
    [
        (ago(57) + MOMENT, False),
        (ago(57), True),
        (ago(60), True),
        (ago(61), True),
        (ago(61) - MOMENT, False),
        (ago(90), False),
    ],
)
def test_the_oldest_order_tells_where_nothing_is_known_of_customers(
    oldest: datetime, *, cut_off: bool
) -> None:
    assert looks_cut_off(NOW, oldest, None) == cut_off


def test_customers_older_than_what_is_shown_have_bought_something_we_do_not_see() -> None:
    assert looks_cut_off(NOW, ago(10), OLD)
    assert looks_cut_off(NOW, None, OLD)
    assert not looks_cut_off(NOW, OLD, OLD), "an order from before the window has been shown"


def test_a_shop_that_opened_just_then_is_not_suspected() -> None:
    assert not looks_cut_off(NOW, ago(60), ago(60))
    assert not looks_cut_off(NOW, ago(57), ago(57))
    assert not looks_cut_off(NOW, None, None)
    assert looks_cut_off(NOW, ago(60), ago(40)), "guests bought before the first customer came"
