"""What a run comes to: exit code, state and the object of `--json`."""

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import product

import pytest

from connectors.base import Finding
from connectors.errors import Unavailable
from metrics.guard import Hold
from metrics.plan import Move, PlanSummary
from metrics.writeback import WriteCount
from sync.attention import Attention, SetAside
from zaiseki.balance import Balance, People
from zaiseki.outcome import Note, Outcome, Portfolio

QUIET = Attention(quarantined=0, rejected=0, causes=(), rejections=())
BALANCE = Balance(
    run_id="r1",
    as_of=date(2026, 10, 1),
    seconds=2.0,
    streams={},
    people=People(records=3, members=3, persons=2, orders_unattributed=1),
    writes={"shopify": WriteCount(planned=2, written=2), "salesforce": WriteCount(planned=1, written=1)},
    api={},
)
DONE = Outcome(
    balance=BALANCE,
    summary=PlanSummary({"shopify": 2}, {("shopify", "segment"): 2}, {}, (Move("a", "b", 2),)),
    holds=(),
    portfolio=Portfolio({"first_active": 2}, buyers=3, repeaters=2, tenure_total=400, tenure_longest=300),
    failures={},
    unacknowledged=QUIET,
    warnings=(("shopify", Finding("short_history", "warning", {"scope": "read_all_orders"})),),
    notes=(Note("referrals_untracked", {}),),
    writing=True,
    approved=False,
)
FAILED = {"salesforce": Unavailable("salesforce", "unreachable")}
HELD = (Hold("thresholds", {"before": "1", "now": "2"}),)
OPEN = Attention(quarantined=1, rejected=0, causes=(SetAside("s", "f", "c", 1),), rejections=())


def test_a_run_that_did_everything_is_done() -> None:
    assert (DONE.exit_code, DONE.state, DONE.planned) == (0, "written", 3)


@pytest.mark.parametrize("unacknowledged", [OPEN, replace(OPEN, quarantined=0, rejected=1)])
def test_what_nobody_has_looked_at_is_done_in_part(unacknowledged: Attention) -> None:
    outcome = replace(DONE, unacknowledged=unacknowledged)
    assert (outcome.exit_code, outcome.state) == (3, "written")


def test_a_held_plan_is_exit_code_2_until_it_is_approved() -> None:
    assert (replace(DONE, holds=HELD).exit_code, replace(DONE, holds=HELD).state) == (2, "held")
    assert replace(DONE, holds=HELD, approved=True).exit_code == 0


def test_orders_that_may_count_twice_hold_a_plan_whatever_is_approved() -> None:
    twins = (*HELD, Hold("possible_twins", {"count": "60"}))
    outcome = replace(DONE, holds=twins, approved=True)
    assert (outcome.exit_code, outcome.state, outcome.held) == (2, "held", twins[1:])
    assert replace(outcome, approved=False).held == twins
    assert replace(outcome, writing=False).exit_code == 0


def test_a_failed_platform_is_an_error_before_everything_else() -> None:
    for holds, unacknowledged in product(((), HELD), (QUIET, OPEN)):
        outcome = replace(DONE, failures=FAILED, holds=holds, unacknowledged=unacknowledged)
        assert (outcome.exit_code, outcome.state) == (1, "failed")


def test_books_that_do_not_balance_are_an_error() -> None:
    lost = replace(BALANCE, people=replace(BALANCE.people, members=2))
    assert (replace(DONE, balance=lost).exit_code, replace(DONE, balance=lost).state) == (1, "failed")


def test_a_plan_never_counts_as_written_nor_as_held() -> None:
    plan = replace(DONE, writing=False, holds=HELD, balance=replace(BALANCE, writing=False))
    assert (plan.exit_code, plan.state) == (0, "planned")


def test_the_mean_tenure_is_exact_to_a_thousandth_of_a_day() -> None:
    assert DONE.portfolio.mean_tenure() == Decimal("133.333")
    assert DONE.portfolio.mean_tenure_of_repeaters() == Decimal("200.000")
    assert replace(DONE.portfolio, buyers=0, repeaters=0).mean_tenure() == 0


def test_the_object_of_json_is_plain_json_without_personal_data() -> None:
    outcome = replace(DONE, failures=FAILED, holds=HELD, unacknowledged=OPEN)
    facts = json.loads(json.dumps(outcome.as_json()))
    assert facts["exit_code"] == 1
    assert facts["failures"] == {"salesforce": "unreachable"}
    assert facts["holds"] == [{"code": "thresholds", "details": {"before": "1", "now": "2"}}]
    assert facts["fields"] == {"shopify.segment": 2}
    assert facts["moves"] == [{"old": "a", "new": "b", "count": 2}]
    assert facts["warnings"] == [{"platform": "shopify", "code": "short_history"}]
    causes = [{"stream": "s", "field": "f", "cause": "c", "count": 1}]
    assert facts["unacknowledged"] == {"rejected": 0, "quarantined": 1, "causes": causes}
    assert facts["tenure"]["mean_days"] == "133.333"
    assert facts["notes"] == [{"key": "referrals_untracked"}]


def test_a_mean_in_the_middle_is_rounded_up_as_in_the_figures_of_the_shop() -> None:
    seen = Portfolio(segments={}, buyers=80, repeaters=0, tenure_total=11_101, tenure_longest=900)
    assert Decimal(11_101) / 80 == Decimal("138.7625")
    assert (seen.mean_tenure(), seen.mean_tenure_of_repeaters()) == (Decimal("138.763"), Decimal(0))
