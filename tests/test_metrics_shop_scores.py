"""The shop's figures together: every one is there, as of a day, in order, and the same on both engines."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from conftest import examples
from hypothesis import given
from hypothesis import strategies as st
from metrics_engines import Engine
from metrics_frames import SHOP, order, refund
from metrics_touches import touch
from shop_world import GROUPS, LAST, RULES, SCORES, World, busy_shop

from metrics.catalogue import metrics_known
from metrics.koopman import koopman_lines
from metrics.monthly import monthly, monthly_lines
from metrics.products import product_lines, trial_only
from metrics.purchase_steps import purchase_steps
from metrics.purchases import valid_purchases
from metrics.repeat import repeat_lines
from metrics.shop_line import ShopLine
from metrics.shop_order import MODULES
from metrics.shop_scores import MONTHS, shop_lines
from metrics.tenure import tenure

APART = ("gap_", "target_")
"""Figures that look at the others."""
NO_VISIT = {"utm_medium": None, "visit": None}


@pytest.fixture(scope="module")
def busy(engine: Engine) -> list[ShopLine]:
    return told(engine, busy_shop(1))


def told(engine: Engine, world: World, as_of: int = LAST) -> list[ShopLine]:
    return shop_lines(
        world.frames(engine, as_of), as_of_day=as_of, rules=RULES, materialise=engine.materialise
    )


def test_every_figure_of_the_shop_in_the_catalogue_has_its_lines(busy: list[ShopLine]) -> None:
    known = {one.id for one in metrics_known() if one.of_shop and not one.id.startswith(APART)}
    assert {line.name for line in busy} == known


def test_a_line_is_told_once(busy: list[ShopLine]) -> None:
    places = [(line.name, line.part) for line in busy]
    assert len(places) == len(set(places))


def test_a_line_is_a_decimal_of_so_many(busy: list[ShopLine]) -> None:
    kinds = {(type(line.value), type(line.base)) for line in busy}
    assert kinds == {(Decimal, int), (type(None), int)}


def test_the_lines_come_in_the_order_in_which_they_are_told(busy: list[ShopLine]) -> None:
    of = {metric.id: metric.module.removeprefix("metrics.") for metric in metrics_known()}
    files = list(dict.fromkeys(of[line.name] for line in busy))
    assert files == [name for name in MODULES if name not in ("gaps", "targets")]
    assert files[0] == "products" and busy[0].name == "trial_conversion"


def test_a_value_without_a_base_is_never_a_share(busy: list[ShopLine]) -> None:
    shares = {one.id for one in metrics_known() if one.of_shop and one.unit == "share"}
    for line in busy:
        if line.name in shares and line.base == 0:
            assert line.value is None, line


def test_a_shop_of_nobody_says_nothing_and_does_not_fail(engine: Engine) -> None:
    lines = told(engine, World())
    assert {line.value for line in lines if line.base} == set()
    assert all(line.value in (None, Decimal(0)) for line in lines)


def test_the_figures_are_those_of_their_own_functions(engine: Engine, busy: list[ShopLine]) -> None:
    frames, lines = busy_shop(1).frames(engine), busy
    valid = engine.materialise(
        valid_purchases(frames.orders, frames.refunds, as_of_day=LAST, rules=RULES.purchases)
    )
    assert frames.order_lines is not None
    by_product = product_lines(
        valid, frames.order_lines, as_of_day=LAST, rules=RULES.products, materialise=engine.materialise
    )
    assert lines[len(lines) - 2 :] == koopman_lines(valid, RULES.market, as_of_day=LAST)
    assert [line for line in lines if line.name in ("trial_conversion", "product_repeat")] == by_product
    steps = purchase_steps(valid, rules=RULES.purchases)
    only = trial_only(valid, frames.order_lines, RULES.products)
    repeat = repeat_lines(steps, as_of_day=LAST, trial_only=only)
    names = {line.name for line in repeat}
    assert [line for line in lines if line.name in names] == repeat


def test_the_months_are_told_as_if_all_that_came_before_them_were_read(
    engine: Engine, busy: list[ShopLine]
) -> None:
    frames = busy_shop(1).frames(engine)
    valid = engine.materialise(
        valid_purchases(frames.orders, frames.refunds, as_of_day=LAST, rules=RULES.purchases)
    )
    whole = monthly(
        valid,
        engine.materialise(tenure(valid, rules=RULES.purchases)),
        as_of_day=LAST,
        months=MONTHS,
        rules=RULES.purchases,
        lapse_days=RULES.thresholds.lapse_days,
        materialise=engine.materialise,
    )
    told_alone = monthly_lines(whole, step=RULES.smallest)
    assert [line for line in busy if line.name.startswith("month_")] == told_alone


def test_no_amount_is_finer_than_the_smallest_one_of_the_currency(engine: Engine) -> None:
    amounts = {one.id for one in metrics_known() if one.of_shop and one.unit == "reporting currency"}
    lines = shop_lines(
        busy_shop(1).frames(engine),
        as_of_day=LAST,
        rules=replace(RULES, smallest=Decimal(1)),
        materialise=engine.materialise,
    )
    found = [line for line in lines if line.name in amounts and line.value is not None]
    assert {"month_mean_order", "net_spend_mean", "referred_spend"} <= {line.name for line in found}
    assert [line for line in found if line.value is not None and line.value % 1] == []


def test_what_is_not_read_has_no_lines(engine: Engine) -> None:
    frames = replace(
        busy_shop(1).frames(engine),
        order_lines=None,
        named=None,
        rfm_groups=engine.frame([], GROUPS),
        scores=engine.frame(busy_shop(1).scores, SCORES).select("person_id", "segment", "contact_by"),
    )
    lines = shop_lines(
        frames, as_of_day=LAST, rules=replace(RULES, market=None), materialise=engine.materialise
    )
    absent = {"trial_conversion", "product_repeat", "trial_only_buyers", "rfm_people", "rfm_agreement"}
    absent |= {"market_share", "koopman_level", "no_next_touch", "referral_share", "codes_shared"}
    absent |= {"referred_spend", "referred_repeat"}
    assert absent & {line.name for line in lines} == set()


def test_who_was_not_known_yet_on_a_past_day_is_counted_nowhere(engine: Engine) -> None:
    names = {"early": 10_000, "later": 10_600, "buyer": 10_600, "undated": None}
    world = World(
        persons=[{"person_id": one, "known_day": day} for one, day in names.items()],
        orders=[order("1", "buyer", 10_100, "50", **NO_VISIT), order("2", "later", 10_700, "50", **NO_VISIT)],
        groups=[{"person_id": one, "rfm_group": "champions"} for one in names],
        scores=[{"person_id": one, "segment": "prospect", "next_action": "introduce"} for one in names],
    )
    for day, known in ((10_500, 3), (10_599, 3), (10_600, 4), (LAST, 4)):
        lines = told(engine, world, day)
        found = {(line.name, line.part): (line.value, line.base) for line in lines}
        assert found["segment_people", "prospect"] == (known, known)
        assert found["no_next_touch", ""] == (1, known)
        assert found["rfm_people", "champions>prospect"] == (known, known)
        assert found["funnel_people", "action"] == ((1, known) if day < 10_700 else (2, known))
        assert found["target", ""] == (known - (1 if day < 10_700 else 2), known)


def test_what_was_given_back_of_orders_that_never_counted_is_no_complaint_of_the_shops(
    engine: Engine,
) -> None:
    back = {"person_id": "a", "reason": "quality"}
    world = World(
        orders=[
            order("1", "a", 10_100, "50", **NO_VISIT),
            order("2", "a", 10_101, "50", is_test=True, **NO_VISIT),
            order("3", "b", 10_101, "50", **NO_VISIT),
            order("4", "b", 10_101, "50", payment_status="VOIDED", **NO_VISIT),
            order("5", "c", 10_101, "50", **NO_VISIT),
        ],
        refunds=[refund("2", 10_110, "5") | back, refund("5", 10_110, "5") | back | {"person_id": "c"}],
        touches=[touch("b", "quality_return", 10_110, "quality", order_id="4", **SHOP)],
    )
    found = {(line.name, line.part): (line.value, line.base) for line in told(engine, world, 10_200)}
    assert found["satisfaction_share", "dissatisfied"] == (Decimal("0.3333"), 3)
    later = {(line.name, line.part): line.base for line in told(engine, world, 10_400)}
    assert later["repeat_after_evidence", "dissatisfied"] == 1


@examples(1)
@given(seed=st.integers(0, 10_000), ago=st.integers(0, 900))
def test_a_past_day_is_as_if_later_events_were_never_heard_of(
    engines: list[Engine], seed: int, ago: int
) -> None:
    world, day = busy_shop(seed), LAST - ago
    one, *others = engines
    then = told(one, world, day)
    assert then == told(one, world.seen_by(day), day)
    assert all(then == told(other, world, day) for other in others)
