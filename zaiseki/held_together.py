"""What a rejection does not part: records held together by links or by the merchant's own yes."""

from __future__ import annotations

from collections.abc import Iterable

from sync.decisions import Ref
from sync.store import Store
from sync.whole_person import parts_of
from zaiseki.errors import Stop
from zaiseki.named import name_of

Tie = tuple[Ref, Ref, str]
"""Two records and the rule that ties them."""
HELD = {"link": "reject_linked", "converted": "reject_converted", "merged": "reject_merged"}
"""What is told of a pair that is not parted, by the rule that holds it together."""
_LINKS = """
SELECT alias_id, linked_platform, linked_id, merged_into FROM records
WHERE platform = ? AND account = ? AND object = ? AND id = ?"""
_ACCEPTED = """
SELECT platform, account, object, id, other_platform, other_account, other_object, other_id FROM decisions
WHERE decision = 'accept' AND other_id IS NOT NULL ORDER BY ALL"""


def must_not_be_held_together(store: Store, one: Ref, other: Ref) -> None:
    """Raise `Stop` where rejecting the pair would part nothing, with where it is to be mended instead.

    A link is mended on its platform. Where accepted pairs lead from one record to the other, the last of them
    is named, to be rejected itself; a yes to this very pair is simply replaced.
    """
    accepted = [
        (Ref(*row[:4]), Ref(*row[4:]), "accepted")
        for row in store.rows(_ACCEPTED)
        if {Ref(*row[:4]), Ref(*row[4:])} != {one, other}
    ]
    refs, ids = _reachable(store, one, accepted)
    links = _links(store, refs, ids)
    if path := _path(one, other, links):
        before, rule, _ = path[-1]
        raise Stop(HELD[rule], one=name_of(one), other=name_of(other), here=name_of(before))
    yes = [(ids.get((a.platform, a.id), a), ids.get((b.platform, b.id), b), rule) for a, b, rule in accepted]
    if path := _path(one, other, links + yes):
        here, there = next((here, there) for here, rule, there in reversed(path) if rule == "accepted")
        raise Stop(
            "reject_accepted",
            one=name_of(one),
            other=name_of(other),
            here=name_of(here),
            there=name_of(there),
        )


def _reachable(
    store: Store, one: Ref, accepted: Iterable[Tie]
) -> tuple[list[Ref], dict[tuple[str, str], Ref]]:
    """The records of all persons to whom accepted pairs lead from `one`, those of the next run included, and
    which of them each id means."""
    refs = [part.ref for part in parts_of(store, [one])]
    waiting = list(accepted)
    while found := [tie for tie in waiting if not set(tie[:2]).isdisjoint(refs)]:
        waiting = [tie for tie in waiting if tie not in found]
        refs = [part.ref for part in parts_of(store, [*refs, *(ref for tie in found for ref in tie[:2])])]
    return refs, {(ref.platform, ref.id): ref for ref in refs}


def _links(store: Store, refs: Iterable[Ref], ids: dict[tuple[str, str], Ref]) -> list[Tie]:
    """The links of the platforms among these records; adds to `ids` what else they are called."""
    rows = [(ref, *store.rows(_LINKS, *ref)[0]) for ref in refs]
    ids |= {
        (ref.platform, alias): ref for ref, alias, *_ in rows if alias and (ref.platform, alias) not in ids
    }
    found: list[Tie] = []
    for ref, _, platform, linked, merged_into in rows:
        converted = ref.object == "Lead" and platform == ref.platform
        if there := ids.get((platform, linked)):
            found.append((ref, there, "converted" if converted else "link"))
        if there := ids.get((ref.platform, merged_into)):
            found.append((ref, there, "merged"))
    return found


def _path(one: Ref, other: Ref, ties: Iterable[Tie]) -> list[tuple[Ref, str, Ref]]:
    """The steps that lead from one record to the other, by as few ties as do; none if none do."""
    beside: dict[Ref, list[tuple[str, Ref]]] = {}
    for here, there, rule in ties:
        beside.setdefault(here, []).append((rule, there))
        beside.setdefault(there, []).append((rule, here))
    came: dict[Ref, tuple[Ref, str, Ref]] = {}
    reached = [one]
    for here in reached:  # grows as it goes, by each record once
        for rule, there in beside.get(here, []):
            if there not in came and there != one:
                came[there] = (here, rule, there)
                reached.append(there)
    path: list[tuple[Ref, str, Ref]] = []
    at = other
    while step := came.get(at):
        path.insert(0, step)
        at = step[0]
    return path
