"""The shop's word of mouth: mature cohorts only, each with its base, silence where nothing is known."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from metrics_engines import Engine
from metrics_frames import order, refund
from referral_rows import INVITATIONS, Row, Told, with_code

from metrics.attribution import referrals
from metrics.calendar import day_of
from metrics.shop_line import ShopLine
from metrics.word_of_mouth import refusal_lines, word_of_mouth_lines

JANUARY, MARCH = day_of(date(2026, 1, 10)), day_of(date(2026, 3, 5))
AS_OF = day_of(date(2026, 8, 1))  # January and the 1st of February are mature


# a and b came in January; a brought c after 30, d after 54 and e after 181 days; c brought f.
SHOP = [
    order("a1", "a", JANUARY, "10"),
    order("b1", "b", JANUARY, "10"),
    with_code("c1", "c", JANUARY + 30, "a"),
    with_code("d1", "d", MARCH, "a"),
    with_code("e1", "e", JANUARY + 181, "a"),
    with_code("f1", "f", MARCH, "c"),
    order("g1", "g", MARCH, "10"),
]


def lines(
    engine: Engine,
    orders: list[Row] = SHOP,
    *,
    as_of: int = AS_OF,
    invited: list[tuple[str, int]] | None = None,
    **more: Any,
) -> dict[tuple[str, str], tuple[Decimal | None, int]]:
    told = Told(engine, orders, as_of=as_of, **more)
    invitations = None
    if invited is not None:
        given = [{"person_id": person, "day": day} for person, day in invited]
        invitations = engine.frame(given, INVITATIONS)
    return _by_name(
        word_of_mouth_lines(told.buyers, referrals(told.named), as_of_day=as_of, invitations=invitations)
    )


def _by_name(found: list[ShopLine]) -> dict[tuple[str, str], tuple[Decimal | None, int]]:
    made = {(line.name, line.part): (line.value, line.base) for line in found}
    assert len(made) == len(found)
    return made


def test_the_share_of_referred_among_new_customers_by_month(engine: Engine) -> None:
    found = lines(engine)
    assert {part: value for (name, part), value in found.items() if name == "referral_share"} == {
        "": (Decimal("0.5714"), 7),
        "2026-01": (0, 2),
        "2026-02": (1, 1),
        "2026-03": (Decimal("0.6667"), 3),
        "2026-07": (1, 1),
    }


def test_k_counts_friends_within_the_window_of_mature_customers_only(engine: Engine) -> None:
    found = lines(engine)
    # Mature: a and b. e came a day too late; c entered on 9 February and is not mature yet.
    assert {part: value for (name, part), value in found.items() if name == "k_observed"} == {
        "": (1, 2),
        "2026-01": (1, 2),
    }
    later = lines(engine, as_of=JANUARY + 30 + 180)
    assert later["k_observed", ""] == (1, 3)
    assert later["k_observed", "2026-02"] == (1, 1)


@pytest.mark.parametrize(("days", "friends"), [(180, 1), (181, 0)])
def test_the_last_day_of_the_window_counts(engine: Engine, days: int, friends: int) -> None:
    orders = [SHOP[0], with_code("c1", "c", JANUARY + days, "a")]
    assert lines(engine, orders)["k_observed", ""] == (friends, 1)
    assert lines(engine, orders, as_of=JANUARY + days - 1)["k_observed", ""][0] in (None, 0)


@pytest.mark.parametrize(("as_of", "base"), [(JANUARY + 179, 0), (JANUARY + 180, 2)])
def test_a_customer_is_mature_when_the_window_is_over(engine: Engine, as_of: int, base: int) -> None:
    value, found = lines(engine, as_of=as_of)["k_observed", ""]
    assert (found, value is None) == (base, base == 0)


def test_without_recorded_invitations_k_invite_is_not_nought_but_unknown(engine: Engine) -> None:
    for invited in (None, [], [("a", AS_OF + 1)]):
        found = lines(engine, invited=invited)
        assert found["k_invite", ""] == (None, 0)
        assert found["invitation_conversion", ""] == (None, 0)


def test_k_invite_is_invitations_per_customer_times_their_conversion(engine: Engine) -> None:
    # Four invitations of mature customers within their window; d came after a's first, c before.
    sent = [("a", JANUARY + 31), ("a", JANUARY + 50), ("b", JANUARY), ("b", JANUARY + 180)]
    other = [("b", JANUARY - 1), ("b", JANUARY + 181), ("g", MARCH), ("stranger", MARCH)]
    found = lines(engine, invited=sent + other)
    for part in ("", "2026-01"):
        assert found["invitations_per_customer", part] == (2, 2)
        assert found["invitation_conversion", part] == (Decimal("0.25"), 4)
        assert found["k_invite", part] == (Decimal("0.5"), 2)


@pytest.mark.parametrize(("invited_on", "friends"), [(MARCH - 1, 1), (MARCH, 1), (MARCH + 1, 0)])
def test_a_friend_of_the_very_day_of_the_first_invitation_came_by_it(
    engine: Engine, invited_on: int, friends: int
) -> None:
    # d came to a in March, c long before; b invited nobody.
    found = lines(engine, invited=[("a", invited_on)])
    assert found["invitation_conversion", ""] == (friends, 1)
    assert found["k_invite", ""] == (Decimal(friends) / 2, 2)


def test_the_cycle_time_is_the_exact_median_over_friends(engine: Engine) -> None:
    # c 30, d 54, e 181 after a; f 24 after c
    assert lines(engine)["referral_cycle_time", ""] == (Decimal(42), 4)
    assert lines(engine, SHOP[:5])["referral_cycle_time", ""] == (Decimal(54), 3)
    assert lines(engine, SHOP[:2])["referral_cycle_time", ""] == (None, 0)


def test_below_one_the_end_of_the_growth_is_told(engine: Engine) -> None:
    assert lines(engine)["viral_limit", ""] == (None, 2)
    only_c = [*SHOP[:3], *SHOP[6:]]
    assert lines(engine, only_c)["viral_limit", ""] == (2, 2)


def test_an_empty_shop_has_figures_without_values(engine: Engine) -> None:
    found = lines(engine, [])
    assert {value for value, _ in found.values()} == {None}
    assert {base for _, base in found.values()} == {0}


def test_the_past_is_as_it_was(engine: Engine) -> None:
    refunds = [refund("c1", MARCH + 1, "10"), refund("a1", AS_OF + 1, "10")]
    for as_of in (JANUARY + 29, MARCH, MARCH + 1, AS_OF):
        known = [one for one in SHOP if one["ordered_day"] <= as_of]
        given_back = [one for one in refunds if one["refunded_day"] <= as_of]
        assert lines(engine, as_of=as_of, refunds=refunds) == lines(
            engine, known, as_of=as_of, refunds=given_back
        )


def test_a_refusal_counts_each_person_once_and_nobody_who_is_credited_all_the_same(engine: Engine) -> None:
    again = [with_code(f"c{n}", "c", MARCH + n, "a") for n in range(2, 6)]
    twice = [with_code("b2", "b", MARCH, "a"), with_code("b3", "b", MARCH + 1, "a")]
    told = Told(
        engine,
        [*SHOP, *again, *twice],
        referrers=[{"person_id": "c", "referrer_id": "a"}, {"person_id": "d", "referrer_id": "b"}],
        as_of=AS_OF,
    )
    # c used a's code again and a lookup names a too, who is credited; of d the lookup names somebody else.
    assert _by_name(refusal_lines(told.named)) == {
        ("referral_refused", "existing_customer"): (1, 5),
        ("referral_refused", "outranked"): (1, 5),
        ("referral_flagged", ""): (0, 5),
    }


def test_refusals_are_counted_by_reason(engine: Engine) -> None:
    orders = [*SHOP, with_code("a2", "a", MARCH, "a"), with_code("b2", "b", MARCH, "a")]
    told = Told(engine, orders, shared=[{"person_id": "c", "other_id": "a"}], as_of=AS_OF)
    assert _by_name(refusal_lines(told.named)) == {
        ("referral_refused", "existing_customer"): (1, 6),
        ("referral_refused", "self"): (1, 6),
        ("referral_flagged", ""): (1, 6),
    }
