"""Write a few customers by single calls: 25 metafields each, the culprit of a failed call isolated."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from connectors.shopify import documents
from connectors.shopify.changes import Change, Rejection, Verdict, judge
from connectors.shopify.graphql import GraphQL


def send(graphql: GraphQL, group: Sequence[Change]) -> Iterator[tuple[str, Rejection | None]]:
    """Send one call's worth of customers, again without the culprits, until the rest is taken.

    Calls are atomic, so one bad customer fails them all; sending a value twice changes nothing.
    """
    waiting = list(group)
    for _ in range(len(group)):
        verdict = _call(graphql, waiting)
        yield from verdict.culprits.items()
        if verdict.unplaced is not None and not verdict.culprits:
            yield from _one_by_one(graphql, waiting, verdict.unplaced)
            return
        if verdict.fine:
            yield from ((change.owner, None) for change in waiting)
            return
        waiting = [change for change in waiting if change.owner not in verdict.culprits]
        if not waiting:
            return


def _one_by_one(
    graphql: GraphQL, group: Sequence[Change], rejection: Rejection
) -> Iterator[tuple[str, Rejection | None]]:
    if len(group) == 1:
        yield group[0].owner, rejection
        return
    for change in group:
        yield from send(graphql, [change])


def _call(graphql: GraphQL, group: Sequence[Change]) -> Verdict:
    sets = [given for change in group for given in change.sets]
    deletes = [given for change in group for given in change.deletes]
    if not sets and not deletes:
        return Verdict({}, None)
    data = graphql.run(
        documents.text("write"), set=sets, sets=bool(sets), delete=deletes, deletes=bool(deletes)
    )
    deleted = judge(data.get("metafieldsDelete"), deletes) if deletes else Verdict({}, None)
    written = judge(data.get("metafieldsSet"), sets) if sets else Verdict({}, None)
    return Verdict({**deleted.culprits, **written.culprits}, written.unplaced or deleted.unplaced)
