"""Counting people for the balance sheet, once identity and scores are settled."""

from __future__ import annotations

from sync import counts
from sync.identify import Identity
from sync.store import Store
from sync.twins import Twins
from zaiseki.balance import People


def count_people(store: Store, identity: Identity, twins: Twins) -> People:
    """Records, the persons behind them, and what could not be told of them; after `frames.refresh`."""
    records, members = counts.records_and_members(store)
    return People(
        records=records,
        members=members,
        persons=identity.persons,
        orders_unattributed=counts.unattributed(store),
        new=identity.new,
        joins=identity.joins,
        splits=identity.splits,
        gone=identity.gone,
        excluded=_count(store, "unscored_persons"),
        by_relay=_count(store, "relay_persons"),
        review=identity.review,
        duplicates=twins.duplicates,
        possible_twins=twins.possible,
    )


def _count(store: Store, persons: str) -> int:
    ((count,),) = store.rows(f"SELECT count(*) FROM {persons}")
    return int(count)
