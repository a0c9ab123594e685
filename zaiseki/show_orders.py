"""One person's orders as a shopkeeper reads them: each with its reason, and how they add up."""

from __future__ import annotations

from decimal import Decimal

from rich.table import Table

from metrics.explain import DUPLICATE, EXCLUDED_PERSON, OrderTold, Reconciliation
from metrics.fields import CHANNELS
from sync.model import REDUCTION
from sync.money import rounded
from zaiseki.cli.shell import Shell
from zaiseki.explanation import Explanation
from zaiseki.messages import say

SIGNS = {"JPY": "¥", "USD": "$", "EUR": "€", "GBP": "£", "KRW": "₩"}
SYSTEMS = {"shopify": "Shopify", "salesforce": "Salesforce"}


def show_orders(shell: Shell, found: Explanation) -> None:
    """Print every order, and whether it counts."""
    if not found.orders:
        return
    table = Table(title=_say(shell, "why_orders"), title_justify="left")
    for head in ("date", "system", "order", "channel"):
        table.add_column(_say(shell, f"why_column_{head}"))
    for head in ("amount", "net"):
        table.add_column(_say(shell, f"why_column_{head}"), justify="right")
    table.add_column(_say(shell, "why_column_counts"))
    nth = 1 if shell.language == "en" else 2
    channels = {row[0]: row[nth] for row in CHANNELS}
    for order in found.orders:
        table.add_row(
            str(order.ordered_on),
            system_name(shell, found, order.platform, order.account),
            "–" if order.amount_unknown else order.name or order.order_id,
            channels.get(order.channel or "", "–"),
            "–" if order.amount_unknown else money(order.amount, found.currency),
            "–" if order.left_out or order.amount_unknown else money(order.net, found.currency),
            _counts(shell, found, order),
        )
    shell.out.print(table)


def sums_text(shell: Shell, found: Explanation, sums: Reconciliation) -> str:
    """How what the platforms show becomes what is counted, in one sentence."""
    shown = [
        _say(
            shell,
            "why_shown",
            system=system_name(shell, found, *one.head),
            count=f"{one.orders:,}",
            amount=money(one.amount, found.currency),
        )
        for one in sums.shown
    ]
    counted = _say(
        shell,
        f"why_counted_{found.unit}",
        count=f"{sums.purchases:,}",
        amount=money(sums.net_spend, found.currency),
    )
    text = (
        _say(shell, "why_then", shown=("、" if shell.language == "ja" else "; ").join(shown), counted=counted)
        if shown
        else counted
    )
    because = _because(shell, found, sums)
    if not because:
        return _say(shell, "why_all_counted", text=text)
    return _say(shell, "why_because", text=text, because=_list(shell, because))


def money(amount: Decimal, currency: str) -> str:
    """An amount as people write it."""
    digits = f"{abs(rounded(amount, currency)):,f}"
    sign = "-" if amount < 0 else ""
    return f"{sign}{SIGNS[currency]}{digits}" if currency in SIGNS else f"{sign}{digits} {currency}"


def system_name(shell: Shell, found: Explanation, platform: str, account: str) -> str:
    """A platform, with its account where a shop is one of several."""
    name = SYSTEMS.get(platform) or _say(shell, "why_history_file")
    return f"{name} ({account})" if found.several_shops and platform == "shopify" else name


def _because(shell: Shell, found: Explanation, sums: Reconciliation) -> list[str]:
    """Where the difference is: every order left out, part refunds, and days that count once."""
    parts = [
        _say(
            shell,
            "why_left_out",
            count=f"{one.orders:,}",
            reason=_say(shell, f"why_out_{one.head[0]}"),
            amount=money(one.amount, found.currency),
        )
        for one in sums.left_out
    ]
    if sums.refunds:
        parts.append(_say(shell, "why_refunds", amount=money(sums.refunds, found.currency)))
    if sums.same_day:
        parts.append(_say(shell, "why_same_day", count=f"{sums.same_day:,}"))
    if sums.from_fields:
        parts.append(_say(shell, "why_from_field"))
    return parts


def _counts(shell: Shell, found: Explanation, order: OrderTold) -> str:
    """Whether an order counts, and if not, why."""
    if order.left_out is None:
        return _say(shell, "why_counts_by_field" if order.amount_unknown else "why_counts")
    reason = _say(shell, f"why_out_{order.left_out}")
    if order.of is None or order.left_out == EXCLUDED_PERSON:
        return reason
    others = {(one.platform, one.account, one.order_id): one for one in found.orders}
    other = others.get(order.of)
    name = (other.name if other else None) or order.of[2]
    system = system_name(shell, found, *order.of[:2])
    told = _say(shell, "why_out_of", reason=reason, system=system, order=name)
    # What a copy was reduced by takes nothing from the shop's order, whose own refunds count.
    of_a_copy = order.left_out == REDUCTION and other is not None and other.left_out == DUPLICATE
    return _say(shell, "why_out_with_copy", told=told) if of_a_copy else told


def _list(shell: Shell, parts: list[str]) -> str:
    return ("、" if shell.language == "ja" else ", ").join(parts)


def _say(shell: Shell, key: str, **details: object) -> str:
    return say(key, shell.language, **details)
