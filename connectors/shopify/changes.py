"""Updates as Shopify wants them: metafields to set and to delete, packed so that no customer is split."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.base import Field, Update, WriteResult
from connectors.shopify.names import NAMESPACE, OBJECT, TYPES, customer_gid, number_of, to_metafield

MOST_PER_CALL = 25
"""Metafields a call may hold; a call is all or nothing."""


@dataclass(frozen=True, slots=True)
class Change:
    """One customer's metafields to set and to delete, as inputs of the two mutations."""

    owner: str
    sets: Sequence[Mapping[str, str]] = ()
    deletes: Sequence[Mapping[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Rejection:
    """Why Shopify did not take a customer's values; never holds a value."""

    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of one call: nothing wrong, owners at fault, or something wrong that names no owner."""

    culprits: Mapping[str, Rejection]
    unplaced: Rejection | None

    @property
    def fine(self) -> bool:
        """Whether everything in the call was taken."""
        return not self.culprits and self.unplaced is None


def change_of(update: Update, fields: Mapping[str, Field]) -> Change:
    """The metafield inputs of one update. The type is always sent: a metafield may lack a definition."""
    owner = customer_gid(update.record_id)
    sets, deletes = [], []
    for key, text in update.values.items():
        place = {"ownerId": owner, "namespace": NAMESPACE, "key": key}
        if text is None:
            deletes.append(place)
        else:
            field = fields[key]
            sets.append(place | {"type": TYPES[field.kind], "value": to_metafield(field, text)})
    return Change(owner, sets, deletes)


def pack(changes: Iterable[Change], most: int = MOST_PER_CALL) -> Iterator[list[Change]]:
    """Yield groups of whole customers whose sets and deletes fit one call each."""
    group: list[Change] = []
    sets = deletes = 0
    for change in changes:
        full = sets + len(change.sets) > most or deletes + len(change.deletes) > most
        if group and full:
            yield group
            group, sets, deletes = [], 0, 0
        group.append(change)
        sets, deletes = sets + len(change.sets), deletes + len(change.deletes)
    if group:
        yield group


def judge(payload: Mapping[str, Any] | None, inputs: Sequence[Mapping[str, str]]) -> Verdict:
    """Read one mutation's payload: which owner of `inputs` each user error is about."""
    if payload is None:
        return Verdict({}, Rejection("NO_ANSWER", "the call was not answered"))
    culprits: dict[str, Rejection] = {}
    unplaced: Rejection | None = None
    for error in payload.get("userErrors") or ():
        nth = _index(error)
        if nth is None or nth >= len(inputs):
            unplaced = Rejection(str(error.get("code") or "UNKNOWN"), "")
        else:
            culprits.setdefault(inputs[nth]["ownerId"], _rejection(error, inputs[nth]))
    return Verdict(culprits, unplaced)


def result_of(owner: str, rejection: Rejection | None) -> WriteResult:
    """The result of one customer's update."""
    number = number_of(owner)
    if rejection is None:
        return WriteResult(OBJECT, number, "confirmed")
    return WriteResult(OBJECT, number, "rejected", rejection.code, rejection.reason)


def _index(error: Mapping[str, Any]) -> int | None:
    """Which input an error is about; `elementIndex` was empty in recorded answers, `field` was not."""
    nth = error.get("elementIndex")
    if isinstance(nth, int):
        return nth
    path: list[Any] = error.get("field") or []
    return int(path[1]) if len(path) > 1 and str(path[1]).isdecimal() else None


def _rejection(error: Mapping[str, Any], given: Mapping[str, str]) -> Rejection:
    path = [str(part) for part in error.get("field") or ()]
    if path[-1:] == ["ownerId"]:
        return Rejection("OWNER_GONE", "the customer was deleted or merged")
    message = str(error.get("message", ""))
    if given.get("value"):
        message = message.replace(given["value"], "…")
    return Rejection(str(error.get("code") or "REFUSED"), f"{given['key']}: {message}"[:200])
