"""The object of `why --json`: all that the store holds of one person, for who asks what is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from metrics.explain import Sum
from sync.decisions import Ref
from sync.money import rounded
from zaiseki.expectation_facts import expectation_facts
from zaiseki.explanation import Explanation
from zaiseki.members import Member
from zaiseki.named import name_of
from zaiseki.person_facts import person_facts

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

_AMOUNTS = frozenset(
    {"amount", "net", "net_spend", "refunds", "best_spend", "referred_revenue", "subtree_revenue"}
)
"""What is in the reporting currency."""


def as_json(found: Explanation) -> dict[str, Any]:
    """Everything of an explanation in plain values: dates as text, amounts as text in plain digits.

    docs/why.md lists what it holds. There is no name, address or number in it: the store has none.
    """
    return {
        "record": name_of(found.asked),
        "person_id": found.person_id,
        "run": {"run_id": found.run.run_id, "as_of": _plain(found.run.as_of)},
        "currency": found.currency,
        "excluded": found.excluded,
        "by_relay_only": found.by_relay,
        "members": [_member(member) for member in found.members],
        "orders": _orders(found),
        "refunds": [_row(refund, found.currency) for refund in found.refunds],
        "reconciliation": _sums(found),
        "scores": _row(found.score, found.currency) if found.score else None,
        "scores_have_moved_on": found.stale,
        "segment": _row(asdict(found.segment), found.currency) if found.segment else None,
        "thresholds": _row(asdict(found.thresholds), found.currency) if found.thresholds else None,
        "next_change": _next_change(found),
        "segment_history": [_row(asdict(span), found.currency) for span in found.segments],
        "own_interval_days": _plain(found.own_interval),
        "channels": _channels(found),
        "satisfaction": _facts(found.satisfaction, found.currency),
        "funnel": _facts(found.funnel, found.currency),
        "next_action": _facts(found.action, found.currency),
        "changes_by_waiting": [_row(asdict(change), found.currency) for change in found.coming],
        "expectation": expectation_facts(found.expectation, found.currency),
        "word_of_mouth": _word_of_mouth(found),
        **person_facts(found),
        "left_truncated": found.left_truncated,
        "data_begin_on": _plain(found.data_begin_on),
        "possible_twins": [_row(twin, found.currency) for twin in found.possible_twins],
        "review": [_row(item, found.currency) for item in found.review],
        "log": [_row(entry, found.currency) for entry in found.log],
        "stored": _plain({table: rows for table, rows in found.stored.items() if rows}),
    }


def _member(member: Member) -> dict[str, Any]:
    return {
        "record": name_of(member.ref),
        **member.ref._asdict(),
        **{name: _plain(value) for name, value in asdict(member).items() if name != "ref"},
    }


def _orders(found: Explanation) -> list[dict[str, Any]]:
    """Every order with all that is stored of it, the oldest first."""
    facts = {(row["platform"], row["account"], row["order_id"]): row for row in found.facts}
    return [
        {
            **_stored(facts[order.platform, order.account, order.order_id], found.currency),
            "ordered_on": _plain(order.ordered_on),
            "refunded": _money(order.refunded, found.currency),
            "left_out": order.left_out,
            "counts": order.left_out is None,
            "of": list(order.of) if order.of else None,
        }
        for order in found.orders
    ]


def _stored(facts: Mapping[str, Any], currency: str) -> dict[str, Any]:
    """The stored facts of an order; amounts in its own currency and the rate stand as they are."""
    return _row({name: value for name, value in facts.items() if not name.startswith("of_")}, currency)


def _sums(found: Explanation) -> dict[str, Any] | None:
    if found.sums is None:
        return None
    facts = _row(asdict(found.sums), found.currency)
    shown = [
        {"platform": one.head[0], "account": one.head[1], **_sum(one, found.currency)}
        for one in found.sums.shown
    ]
    left_out = [{"reason": one.head[0], **_sum(one, found.currency)} for one in found.sums.left_out]
    return {**facts, "unit": found.unit, "shown": shown, "left_out": left_out}


def _sum(one: Sum, currency: str) -> dict[str, Any]:
    return {"orders": one.orders, "amount": _money(one.amount, currency)}


def _facts(told: DataclassInstance | None, currency: str) -> dict[str, Any] | None:
    return None if told is None else _row(asdict(told), currency)


def _channels(found: Explanation) -> dict[str, Any] | None:
    """Where the counted purchases were made, and where most of this one person's."""
    if found.segment is None or found.score is None:
        return None
    return {
        "preferred": found.score["preferred_channel"],
        "used": [_row(asdict(one), found.currency) for one in found.channels],
    }


def _word_of_mouth(found: Explanation) -> dict[str, Any] | None:
    """Both sides; others by person id and a record of theirs."""
    friends = found.friends
    if friends is None:
        return None
    told = {name: _plain(value) for name, value in asdict(friends.told).items()}
    return {**told, "records": dict(friends.records)}


def _next_change(found: Explanation) -> dict[str, Any] | None:
    segment = found.segment
    if segment is None or segment.next_code is None:
        return None
    return {"on": _plain(segment.lapses_on), "segment": segment.next_code}


def _row(facts: Mapping[str, Any], currency: str) -> dict[str, Any]:
    return {
        name: _money(value, currency) if name in _AMOUNTS and value is not None else _plain(value)
        for name, value in facts.items()
    }


def _money(amount: Decimal, currency: str) -> str:
    return f"{rounded(amount, currency):f}"


def _plain(value: Any) -> Any:
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, Ref):
        return value._asdict()
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(one) for one in value]
    if isinstance(value, Mapping):
        return {name: _plain(one) for name, one in value.items()}
    return value
