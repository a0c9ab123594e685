"""From where each stream is read, by what the platform hid so far and what it shows now."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from job_rows import checked, job_of, shop_site, world_of
from sync_rows import PlayedConnector, customer, open_store, order, pull

from connectors.base import Finding, Site
from sync.store import Store
from zaiseki.limits import SUSPICIOUS
from zaiseki.surveying import remember, survey

STREAMS = ("customers", "orders")


@dataclass
class AskedConnector(PlayedConnector):
    """A shop that shows all of its orders, hides some or does not say, and notes from where it is asked."""

    whole: bool | None = True
    asked: list[dict[str, datetime | None]] = field(default_factory=list)

    def survey(self, since: Any) -> Site:
        """The site as it is now."""
        self.asked.append(dict(since))
        return replace(shop_site(), whole_history=self.whole)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A shop that was read before."""
    with open_store(tmp_path) as opened:
        pull(opened, "shopify.customers", [customer(1)])
        pull(opened, "shopify.orders", [order(1, 1)])
        yield opened


def was(store: Store, whole: bool | None, *, suspected: bool = False) -> None:
    """The last run was complete over what the shop showed then."""
    settings = checked()
    world = world_of(settings, replace(shop_site(), whole_history=whole))
    warnings = (("shopify", Finding(SUSPICIOUS, "warning")),) if suspected else ()
    remember(job_of(store, store.path.parent, settings), replace(world, warnings=warnings))


def reads_all(store: Store, whole: bool | None) -> bool:
    """Whether the run that follows reads every stream from its beginning, the shop showing so much."""
    connector = AskedConnector("shopify", (), streams=STREAMS, whole=whole)
    survey(job_of(store, store.path.parent, connectors=[connector]))
    told = set(connector.asked[-1].values())
    assert set(connector.asked[-1]) == set(STREAMS)
    assert told == {None} or None not in told, "all of it or what is new"
    return told == {None}


@pytest.mark.parametrize(
    ("before", "suspected", "now", "anew"),
    [
        (True, False, True, False),
        (False, False, False, False),
        (False, False, True, True),
        (False, False, None, True),
        (None, True, None, False),
        (None, True, True, True),
        (None, True, False, False),
        (None, False, True, False),
        (None, False, None, False),
    ],
    ids=[
        "shown and shown",
        "hidden and hidden",
        "hidden and shown",
        "hidden and now it does not say",
        "suspected and still",
        "suspected and now shown",
        "suspected and now said to be hidden",
        "not suspected and shown",
        "not suspected and it still does not say",
    ],
)
def test_orders_that_were_hidden_are_read_as_soon_as_they_are_shown(
    store: Store, before: bool | None, suspected: bool, now: bool | None, anew: bool
) -> None:
    was(store, before, suspected=suspected)
    assert reads_all(store, now) is anew


def test_what_was_read_once_in_full_is_read_on_from_there(store: Store) -> None:
    was(store, False)
    assert reads_all(store, True)
    was(store, True)
    assert not reads_all(store, True)
