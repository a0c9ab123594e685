"""One person's word of mouth as a shopkeeper reads it: who brought them, and whom they brought."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from metrics.explain_referral import Named
from zaiseki.cli.shell import Shell
from zaiseki.codes_held import HeldCode
from zaiseki.explanation import Explanation
from zaiseki.friends import Friends
from zaiseki.messages import say
from zaiseki.show_orders import money, system_name
from zaiseki.show_shop_states import record_name

MOST_PEOPLE = 5
"""How many people are named on the screen; all of them are in `--json`."""


def show_friends(shell: Shell, found: Explanation) -> None:
    """Print the person's own codes, and both sides of their word of mouth if anybody was named at all."""
    _show_own_codes(shell, found)
    friends = found.friends
    if friends is None or not friends.everyone:
        return
    if friends.told.referred_by:
        shell.say("why_referred_by", **_naming(shell, found, friends, friends.told.referred_by))
        _show_code(shell, found, friends, friends.told.referred_by)
    for one in friends.told.refused[:MOST_PEOPLE]:
        reason = _say(shell, f"why_refused_{one.refused}")
        shell.say("why_refused", reason=reason, **_naming(shell, found, friends, one))
        _show_code(shell, found, friends, one)
    _show_brought(shell, found, friends)
    _show_flagged(shell, friends)
    shell.say("why_no_rewards")


def _show_own_codes(shell: Shell, found: Explanation) -> None:
    mine = [_held(shell, found, one) for one in found.codes if one.person_id == found.person_id]
    if mine:
        shell.say("why_codes", codes=_list(shell, mine))


def _show_code(shell: Shell, found: Explanation, friends: Friends, named: Named) -> None:
    """The code that names somebody else, and since when they have had it."""
    if named.code is None or named.referrer_id == found.person_id:
        return
    theirs = [
        _held(shell, found, one)
        for one in found.codes
        if (one.person_id, one.code) == (named.referrer_id, named.code)
    ]
    codes = _list(shell, theirs) or _say(shell, "why_code_unheld", code=named.code)
    shell.say("why_referrers_code", who=who(shell, friends, named.referrer_id), codes=codes)


def _held(shell: Shell, found: Explanation, one: HeldCode) -> str:
    key = "why_code_dated" if one.written_on else "why_code_undated"
    return _say(shell, key, code=one.code, record=record_name(found, one.ref), on=one.written_on)


def _show_brought(shell: Shell, found: Explanation, friends: Friends) -> None:
    """Whom this person brought, and who named them in vain."""
    score, newest = found.score or {}, friends.told.newest_friend
    if newest and score.get("referrals"):
        shell.say(
            "why_friends",
            count=f"{score['referrals']:,}",
            on=newest.ordered_on,
            generations=score["referral_generations"],
            everyone=f"{score['referral_subtree']:,}",
            score=score["referral_score"],
            days=score["referral_cycle_days"],
            amount=money(score["referred_revenue"], found.currency),
        )
    reasons = Counter(one.refused or "" for one in friends.told.friends_refused)
    if reasons:
        told = [
            f"{_say(shell, f'why_refused_{reason}')} ({count})" for reason, count in sorted(reasons.items())
        ]
        shell.say("why_friends_refused", reasons=_list(shell, told))


def _show_flagged(shell: Shell, friends: Friends) -> None:
    """With whom an address is shared, on either side."""
    told = friends.told
    credited = [one.referrer_id for one in (told.referred_by,) if one and one.flagged]
    people = [*credited, *(one.person_id for one in told.friends if one.flagged)]
    if people:
        shell.say("why_flagged", people=_some(shell, friends, people))


def _naming(shell: Shell, found: Explanation, friends: Friends, one: Named) -> dict[str, object]:
    """Who was named as this person's referrer, via what, and on which purchase."""
    platform, account, order_id = one.order
    names = {(order.platform, order.account, order.order_id): order.name for order in found.orders}
    return {
        "who": who(shell, friends, one.referrer_id),
        "via": _say(shell, f"why_via_{one.via}"),
        "on": one.ordered_on,
        "system": system_name(shell, found, platform, account),
        "order": names.get(one.order) or order_id,
    }


def who(shell: Shell, friends: Friends, person_id: str) -> str:
    """A person by the id and a record; nobody's name is known here."""
    record = friends.records.get(person_id)
    if record is None:
        return _say(shell, "why_who", person_id=person_id)
    return _say(shell, "why_who_record", person_id=person_id, record=record)


def _some(shell: Shell, friends: Friends, people: list[str]) -> str:
    told = [who(shell, friends, one) for one in people[:MOST_PEOPLE]]
    return _list(shell, [*told, "…"] if len(people) > MOST_PEOPLE else told)


def _list(shell: Shell, parts: Iterable[str]) -> str:
    return ("、" if shell.language == "ja" else ", ").join(parts)


def _say(shell: Shell, key: str, **details: object) -> str:
    return say(key, shell.language, **details)
