"""What the last run's models of return say: read from the figures of the shop that it kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from metrics.expectation_evidence import BG_NBD, LINES, Evidence, read_evidence
from metrics.expectation_return import HORIZON_DAYS
from metrics.explain import OrderTold
from metrics.explain_expectation import Bought, ExpectationTold, expectation_told
from sync.store import Store
from zaiseki.kept_figures import KeptFigures, kept_lines


@dataclass(frozen=True, slots=True)
class ShopExpectation:
    """Expected of all `buyers` of a shop within the next `days` days, as the run of `as_of` told it.

    None where the model it takes was refused; `models` is empty where that run kept none. The figures are
    those of `expectation_shop`: purchase days by MBG/NBD and by BG/NBD, the share of buyers who are customers
    still, net spend, and the worth of a purchase day.
    """

    as_of: date
    currency: str
    days: int = HORIZON_DAYS
    buyers: int = 0
    purchases: Decimal | None = None
    purchases_bg: Decimal | None = None
    still_customers: Decimal | None = None
    spend: Decimal | None = None
    day_spend: Decimal | None = None
    models: tuple[Evidence, ...] = ()


def shop_expectation(kept: KeptFigures) -> ShopExpectation:
    """What the figures that a run kept say of return."""
    lines = {(line.name, line.part): line for line in kept.lines}

    def value(name: str, part: str = "") -> Decimal | None:
        line = lines.get((name, part))
        return line.value if line else None

    whole = lines.get(("expected_purchases_shop", ""))
    return ShopExpectation(
        kept.as_of,
        kept.currency,
        buyers=whole.base if whole else 0,
        purchases=value("expected_purchases_shop"),
        purchases_bg=value("expected_purchases_shop", BG_NBD),
        still_customers=value("still_customers_share"),
        spend=value("expected_spend_shop"),
        day_spend=value("expected_day_spend_shop"),
        models=read_evidence(kept.lines),
    )


def expectation_of(
    store: Store, orders: Sequence[OrderTold], *, as_of: date, by_relay: bool, whole_history: bool
) -> ExpectationTold:
    """What to expect of the person whose `orders` these are, by the models of the run of `as_of`."""
    if by_relay:
        return ExpectationTold("by_relay")
    if not whole_history:
        return ExpectationTold("partial_history")
    counted = [one for one in orders if one.left_out is None]
    if not counted:
        return ExpectationTold("never_bought")
    return expectation_told(_bought(counted, as_of), _evidence(store, as_of))


def _bought(counted: Sequence[OrderTold], as_of: date) -> Bought:
    days = sorted({one.ordered_on for one in counted})
    first: date = days[0]
    repeat = sum((one.net for one in counted if one.ordered_on > first), Decimal(0))
    one_day = timedelta(days=1)
    return Bought(len(days) - 1, (days[-1] - first) // one_day, (as_of - first) // one_day, repeat)


def _evidence(store: Store, as_of: date) -> tuple[Evidence, ...]:
    return read_evidence(kept_lines(store, as_of, LINES))
