"""Where one person came from, as a shopkeeper reads it: the source, the purchase that says so, and how."""

from __future__ import annotations

from metrics.explain_acquisition import AcquisitionTold
from zaiseki.came_by import CameBy
from zaiseki.cli.shell import Shell
from zaiseki.explanation import Explanation
from zaiseki.messages import say
from zaiseki.show_friends import who
from zaiseki.show_orders import system_name


def show_acquisition(shell: Shell, found: Explanation) -> None:
    """Print the source of a buyer with the order or the record it is read from."""
    came = found.came_by
    if came is None:
        return
    shell.say(
        "why_acquisition",
        label=_say(shell, f"why_source_{came.told.source}"),
        first=_first(shell, found, came.told),
        because=_because(shell, found, came),
    )


def _first(shell: Shell, found: Explanation, told: AcquisitionTold) -> str:
    """The first purchase, by the name of its order."""
    if told.order is None:
        return _say(shell, "why_first_by_field", on=told.on)
    names = {(one.platform, one.account, one.order_id): one.name for one in found.orders}
    system = system_name(shell, found, *told.order[:2])
    order = names.get(told.order) or told.order[2]
    return _say(shell, "why_first_order", system=system, order=order, on=told.on)


def _because(shell: Shell, found: Explanation, came: CameBy) -> str:
    link, decided_by = _link(came.told), came.told.decided_by
    if decided_by in ("visit", "nothing"):
        return _say(shell, f"why_visit_{came.told.visit or 'unknown'}")
    if came.referrer is None:
        return _say(shell, f"why_acquired_{decided_by}", link=link)
    because = _referred(shell, found, came)
    return _say(shell, "why_whatever_link", because=because, link=link) if link else because


def _referred(shell: Shell, found: Explanation, came: CameBy) -> str:
    """Who is credited, and by what: an order, or the record that names them."""
    named, referrer = came.named_in, came.referrer
    if referrer is None or found.friends is None:
        return "–"
    person = who(shell, found.friends, referrer.referrer_id)
    if named is None:
        return _say(shell, "why_acquired_referrer", who=person, via=_say(shell, f"why_via_{referrer.via}"))
    return _say(
        shell,
        "why_acquired_named",
        who=person,
        kind=_say(shell, f"record_{named.ref.object}"),
        record=named.ref.id,
        on=named.created_on or "–",
        lead_source=named.lead_source or "–",
    )


def _link(told: AcquisitionTold) -> str:
    """What the link said, as platforms write it; empty where the order bears none of it."""
    parts = {"medium": told.medium, "source": told.link_source, "campaign": told.campaign}
    return ", ".join(f"utm_{name}={value}" for name, value in parts.items() if value)


def _say(shell: Shell, key: str, **details: object) -> str:
    return say(key, shell.language, **details)
