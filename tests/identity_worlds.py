"""Small worlds of records that share few addresses, numbers and names: made to hit every rule often."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, TypeVar

from identity_rows import FIRST

from sync.model import Record

T = TypeVar("T")
Choose = Callable[[Sequence[T]], T]
"""One of several: `random.choice`, or a draw of hypothesis."""
Decision = tuple[str, str, str | None]


def form(script: str, family: int | None, given: int | None) -> dict[str, int | None]:
    """The columns of a name in one script; whole where both parts are known."""
    whole = None if family is None or given is None else family * 100 + given
    return {f"{script}_family": family, f"{script}_given": given, f"{script}_whole": whole}


def name(choose: Choose[Any]) -> dict[str, int | None]:
    """None, one in either of two scripts, one with a given name in two, one changed round, one unparted."""
    kind = choose(["none", "plain", "plain", "plain", "double", "swapped", "unparted", "short"])
    if kind == "unparted":
        return {"han_whole": choose([1, 2]) * 100 + choose([11, 12])}
    if kind == "short":
        return {"han_family": choose([111, 212, 11])}
    if kind == "none":
        return {}
    if kind == "plain":
        return form(choose(["han", "kana"]), choose([1, 2, None]), choose([11, 12, 13, None]))
    if kind == "double":
        return form("han", choose([1, 2]), choose([11, 12])) | form("latin", None, choose([11, 12]))
    return form("han", choose([11, 12]), choose([1, 2]))


def world(choose: Choose[Any], size: int, prefix: str = "") -> list[Record]:
    """`size` records of a shop and an org of their own; ids and keys begin with `prefix`."""
    platforms = [choose(["shopify", "salesforce"]) for _ in range(size)]
    return [_record(choose, prefix, number, platforms) for number in range(size)]


def decisions(choose: Choose[Any], world: Sequence[Record]) -> list[Decision]:
    """Up to three decisions, the later ones last: on pairs, or on one record's person."""
    ids = [record.id for record in world]
    return [
        (choose(["accept", "reject"]), choose(ids), choose([*ids, None]))
        for _ in range(choose([0, 0, 1, 2, 3]))
    ]


def _record(choose: Choose[Any], prefix: str, number: int, platforms: Sequence[str]) -> Record:
    ids = [f"{prefix}{other}" for other in range(len(platforms))]
    email, phone = choose([None, None, "a", "b", "c"]), choose([None, None, "x", "y", "z"])
    record = Record(
        platform=platforms[number],
        account=f"{prefix}{platforms[number]}",
        object="customer" if platforms[number] == "shopify" else "Contact",
        id=ids[number],
        created_at=FIRST + timedelta(days=choose(range(6))),
        email_key=prefix + email if email else None,
        phone_key=prefix + phone if phone else None,
        phone_is_mobile=choose([True, True, True, False]) if phone else None,
        **name(choose),
    )
    kind = choose(["plain"] * 6 + ["linked", "merged"])
    there = choose(range(len(platforms)))
    if kind == "linked":
        record = record._replace(linked_platform="shopify", linked_id=ids[there])
    if kind == "merged" and platforms[there] == platforms[number]:
        record = record._replace(deleted=True, merged_into=ids[there])
    return record
