"""What is not known of where orders were made, told once a run: names that nobody assigned to a channel, the
commonest first, and visits that a shop has not worked out yet."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sync import unready
from sync.model import PURCHASE
from sync.store import Store
from zaiseki.outcome import Note

MOST_NAMES = 10
_UNNAMED = f"""
SELECT source, count(*) AS orders FROM orders
WHERE source IS NOT NULL AND channel = ? AND kind = '{PURCHASE}' AND NOT deleted AND NOT is_test
GROUP BY ALL ORDER BY orders DESC, source"""


def source_notes(store: Store) -> tuple[Note, ...]:
    """What the settings could say more of: orders whose channel is `other` because nothing knows the name of
    their source, and those of apps, which count as `online` until somebody says otherwise."""
    found = (("sources_other", "other"), ("sources_apps", "online"))
    told = ((key, store.rows(_UNNAMED, channel)) for key, channel in found)
    return tuple(_note(key, rows) for key, rows in told if rows)


def visit_notes(store: Store, *, now: datetime) -> tuple[Note, ...]:
    """How many orders still wait for their shop to work out how the customer came."""
    count = unready.waiting(store, now=now)
    facts = {"count": f"{count:,}", "days": str(unready.ASKED_DAYS)}
    return (Note("visits_pending", facts),) if count else ()


def _note(key: str, rows: Sequence[tuple[str, int]]) -> Note:
    named = [f"{name} ({orders:,})" for name, orders in rows[:MOST_NAMES]]
    more = ["…"] if len(rows) > MOST_NAMES else []
    return Note(key, {"count": f"{sum(orders for _, orders in rows):,}", "names": ", ".join([*named, *more])})
