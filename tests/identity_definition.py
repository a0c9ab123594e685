"""Who belongs together, recomputed record by record from the rules as they are written, with no engine."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from sync.model import Record

SCRIPTS = ("han", "kana", "latin")
Name = tuple[tuple[int | None, int | None, int | None], ...]


@dataclass
class Node:
    """A live record, and what it bears: its own row first, then those of records merged into it."""

    record: Record
    rows: list[Record] = field(default_factory=list)

    @property
    def names(self) -> list[Name]:
        """Every name it is known by."""
        return [found for row in self.rows if (found := name_of(row))]


def name_of(row: Record) -> Name | None:
    """Family, given and whole in each script; None if there is nothing at all."""
    name = tuple(
        (getattr(row, f"{s}_family"), getattr(row, f"{s}_given"), getattr(row, f"{s}_whole")) for s in SCRIPTS
    )
    return name if any(part is not None for parts in name for part in parts) else None


def _known_and_differ(a: int | None, b: int | None) -> bool:
    return a is not None and b is not None and a != b


Parts = tuple[int | None, int | None, int | None]


def _same(a: Parts, b: Parts) -> bool:
    """Equal whole, or changed round, or one is a single word that is all of the other."""
    (family_a, given_a, whole_a), (family_b, given_b, whole_b) = a, b
    if whole_a is not None and whole_a == whole_b:
        return True
    if family_a is not None and given_a is not None and (family_a, given_a) == (given_b, family_b):
        return True
    lone_a = given_a is None and family_a is not None and family_a == whole_b
    return lone_a or (given_b is None and family_b is not None and family_b == whole_a)


def _other_person(a: Parts, b: Parts) -> bool:
    """Given names differ; or wholes, where one of them is not known in parts."""
    (_, given_a, whole_a), (_, given_b, whole_b) = a, b
    if _same(a, b):
        return False
    unparted = given_a is None or given_b is None
    return _known_and_differ(given_a, given_b) or (unparted and _known_and_differ(whole_a, whole_b))


def _other_family(a: Parts, b: Parts) -> bool:
    """Family names differ, and neither is a single word that is the other's given name."""
    (family_a, given_a, _), (family_b, given_b, _) = a, b
    if _same(a, b) or not _known_and_differ(family_a, family_b):
        return False
    return not (given_a is None and family_a == given_b) and not (given_b is None and family_b == given_a)


def conflict(a: Name, b: Name) -> bool:
    """They cannot be one person's, in some script."""
    return given_conflict(a, b) or any(_other_family(*pair) for pair in zip(a, b, strict=True))


def given_conflict(a: Name, b: Name) -> bool:
    """The same, whatever the family names."""
    return any(_other_person(*pair) for pair in zip(a, b, strict=True))


def agree(a: Name, b: Name) -> bool:
    """Some script says yes and none says no."""
    return _told(a, b) and not conflict(a, b)


def against(rule: str, a: Name, b: Name) -> bool:
    """They conflict on what they share: on an address, only where it is not the family name alone that
    differs, beside one given name."""
    if rule == "phone":
        return conflict(a, b)
    return given_conflict(a, b) or any(
        _other_family(one, other) and not (one[1] is not None and one[1] == other[1])
        for one, other in zip(a, b, strict=True)
    )


def _told(a: Name, b: Name) -> bool:
    return any(
        _same(one, other) or (one[1] is not None and one[1] == other[1])
        for one, other in zip(a, b, strict=True)
    )


class Union:
    """Plain union-find."""

    def __init__(self, size: int) -> None:
        self.parent = list(range(size))

    def root(self, node: int) -> int:
        """Who stands for the group of a node: its least."""
        while self.parent[node] != node:
            node = self.parent[node]
        return node

    def join(self, a: int, b: int) -> None:
        """Two groups become one."""
        one, other = sorted((self.root(a), self.root(b)))
        self.parent[other] = one


def persons(
    records: Sequence[Record],
    decisions: Sequence[tuple[str, str, str | None]] = (),
    *,
    max_sharing: int = 3,
    max_members: int = 20,
    email_refused: frozenset[tuple[str, str]] = frozenset(),
) -> set[frozenset[str]]:
    """The ids of the records of each person. `decisions`: (decision, id, other id), the last one counts."""
    nodes, place = _nodes(records)
    last = {
        frozenset((place[one], place[other])): what
        for what, one, other in decisions
        if other and one in place and other in place and place[one] != place[other]
    }
    large = {place[one]: what for what, one, other in decisions if not other and one in place}
    edges = [(*edge, "explicit") for edge in _links(nodes, place)]
    edges += [(*sorted(pair), "explicit") for pair, what in last.items() if what == "accept"]
    clusters = _joined(len(nodes), edges)
    edges += _shared(nodes, clusters, max_sharing, email_refused)
    rejected = [tuple(sorted(pair)) for pair, what in last.items() if what == "reject"]
    for rule in ("phone", "email"):
        labels = _joined(len(nodes), edges)
        bad = _bad(nodes, labels, clusters)
        edges = [edge for edge in edges if edge[2] != rule or labels[edge[0]] not in bad]
        labels = _joined(len(nodes), edges)
        bad = _two_customers(nodes, labels, clusters, rule)
        edges = [edge for edge in edges if edge[2] != rule or labels[edge[0]] not in bad]
        later = _later(nodes, _joined(len(nodes), edges), clusters, rejected)
        edges = [edge for edge in edges if edge[2] != rule or later.isdisjoint(clusters[n] for n in edge[:2])]
    labels = _joined(len(nodes), edges)
    accepted = {labels[node] for node, what in large.items() if what == "accept"}
    many = {label for label in labels if labels.count(label) > max_members and label not in accepted}
    labels = _joined(len(nodes), [e for e in edges if e[2] == "explicit" or labels[e[0]] not in many])
    return {
        frozenset(nodes[n].record.id for n in range(len(nodes)) if labels[n] == label)
        for label in set(labels)
    }


def _nodes(records: Sequence[Record]) -> tuple[list[Node], dict[str, int]]:
    """Every live record, and which of them each id means."""
    by_id = {record.id: record for record in records}
    live = [record for record in records if not record.deleted]
    nodes = [Node(record, [record]) for record in live]
    place = {record.id: nth for nth, record in enumerate(live)}
    place |= {record.alias_id: nth for nth, record in enumerate(live) if record.alias_id}
    for record in records:
        end, hops = record, 0
        while end.deleted and end.merged_into in by_id and hops < 16:
            end, hops = by_id[end.merged_into], hops + 1
        if record.deleted and not end.deleted:
            place[record.id] = place[end.id]
            nodes[place[end.id]].rows.append(record)
    return nodes, place


def _links(nodes: Sequence[Node], place: dict[str, int]) -> Iterable[tuple[int, int]]:
    for here, node in enumerate(nodes):
        for row in node.rows:
            there = place.get(row.linked_id or "")
            if there is not None and there != here and nodes[there].record.platform == row.linked_platform:
                yield here, there


def _shared(
    nodes: Sequence[Node],
    clusters: Sequence[int],
    max_sharing: int,
    email_refused: frozenset[tuple[str, str]],
) -> list[tuple[int, int, str]]:
    edges: list[tuple[int, int, str]] = []
    values: dict[tuple[str, str], list[tuple[int, Record]]] = {}
    for nth, node in enumerate(nodes):
        for row in node.rows:
            if row.email_key and (row.platform, row.account) not in email_refused:
                values.setdefault(("email", row.email_key), []).append((nth, row))
            if row.phone_key and row.phone_is_mobile:
                values.setdefault(("phone", row.phone_key), []).append((nth, row))
    for (rule, _), bearers in values.items():
        names = {found for _, row in bearers if (found := name_of(row))}
        if max(_people(names, script) for script in range(3)) > max_sharing:
            continue
        camp = _camps(bearers, clusters, rule)
        torn = any(against(rule, a, b) and camp[a] != camp[b] for a, b in combinations(names, 2))
        parted = torn or _bear_different_things(bearers, camp, rule)
        for (here, one), (there, other) in combinations(bearers, 2):
            a, b = name_of(one), name_of(other)
            agreed = a is not None and b is not None and _tells(a) and _tells(b) and camp[a] == camp[b]
            if here != there and (agreed or not parted):
                edges.append((here, there, rule))
    return edges


def _camps(bearers: Sequence[tuple[int, Record]], clusters: Sequence[int], rule: str) -> dict[Name, Name]:
    """The names on one value, and for each the one that stands for all it agrees with, by any chain of
    agreement and links."""
    camp = {found: found for _, row in bearers if (found := name_of(row))}
    for (here, one), (there, other) in combinations(bearers, 2):
        a, b = name_of(one), name_of(other)
        close = a and b and _told(a, b) and not against(rule, a, b)
        if a and b and (close or clusters[here] == clusters[there]):
            kept, gone = camp[a], camp[b]
            camp = {name: kept if held == gone else held for name, held in camp.items()}
    return camp


def _tells(name: Name) -> bool:
    return any(part is not None for _, given, whole in name for part in (given, whole))


def _bear_different_things(bearers: Sequence[tuple[int, Record]], camp: dict[Name, Name], rule: str) -> bool:
    """Whether several camps on one value bear several values of the other kind; on a number it is enough
    that camps with names are several and that any address is known."""
    who: set[object] = set()
    what = set()
    for node, row in bearers:
        beside = row.email_key if rule == "phone" else row.phone_key if row.phone_is_mobile else None
        name = name_of(row)
        if not beside:
            continue
        what.add(beside)
        if name is not None and _tells(name):
            who.add(("camp", camp[name]))
        else:
            who.add(("alone", node if rule == "phone" or name is None else name))
    told = {camp[name] for _, row in bearers if (name := name_of(row)) and _tells(name)}
    return len(what) > 1 < len(who) or (rule == "phone" and len(told) > 1 and bool(what))


def _people(names: Iterable[Name], script: int) -> int:
    spoken = set()
    for family, given, whole in (name[script] for name in names):
        spoken.add(next((part for part in (given, family, whole) if part is not None), None))
    return len(spoken - {None})


def _joined(size: int, edges: Iterable[tuple[int, int, str]]) -> list[int]:
    union = Union(size)
    for here, there, _ in edges:
        union.join(here, there)
    return [union.root(node) for node in range(size)]


def _later(
    nodes: Sequence[Node], labels: Sequence[int], clusters: Sequence[int], rejected: Iterable[tuple[int, ...]]
) -> set[int]:
    """Of each rejected pair that is still together, the cluster whose earliest record is later."""
    first: dict[int, tuple[object, ...]] = {}
    for nth, node in enumerate(nodes):
        row = node.record
        age = (row.created_at, row.platform, row.account, row.object, row.id)
        first[clusters[nth]] = min(first.get(clusters[nth], age), age)
    return {
        max(clusters[a], clusters[b], key=first.__getitem__)
        for a, b in rejected
        if labels[a] == labels[b] and clusters[a] != clusters[b]
    }


def _two_customers(
    nodes: Sequence[Node], labels: Sequence[int], clusters: Sequence[int], rule: str
) -> set[int]:
    """Persons with two customers of one shop who are not of one name; addresses are doubted for that only
    where both have names."""
    names: dict[int, list[Name]] = {}
    shops: dict[tuple[int, str], set[int]] = {}
    for nth, node in enumerate(nodes):
        names.setdefault(clusters[nth], []).extend(node.names)
        if node.record.object == "customer":
            shops.setdefault((labels[nth], node.record.account), set()).add(clusters[nth])
    return {
        label
        for (label, _), customers in shops.items()
        for a, b in combinations(customers, 2)
        if not any(agree(one, other) for one in names[a] for other in names[b])
        and (rule == "phone" or (names[a] and names[b]))
    }


def _bad(nodes: Sequence[Node], labels: Sequence[int], clusters: Sequence[int]) -> set[int]:
    bad: set[int] = set()
    names: dict[int, list[Name]] = {}
    for nth, node in enumerate(nodes):
        names.setdefault(clusters[nth], []).extend(node.names)
    for a, b in combinations(names, 2):
        pairs = [(one, other) for one in names[a] for other in names[b]]
        if (
            labels[a] == labels[b]
            and any(given_conflict(*p) for p in pairs)
            and not any(agree(*p) for p in pairs)
        ):
            bad.add(labels[a])
    return bad
