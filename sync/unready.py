"""Orders that are to be read again by their ids, although nothing of them may change: no platform tells that
a day has passed, or that it has worked something out.

Some were set aside because they lay in the future, until their day. Of others the shop had not worked out yet
how the customer came. Without that the referral link of such an order, or where its customer came from, would
be lost for good: nothing promises that an order counts as changed once its visits are known. Reading on from
the oldest of them would tell as much, and cost whole days of orders where one is never worked out.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sync.edge import IN_THE_FUTURE
from sync.store import Store
from sync.visits import PENDING

ASKED_DAYS = 30
"""How long an order is asked for again. Shopify attributes visits of the 30 days before an order, see
https://shopify.dev/docs/api/admin-graphql/latest/objects/CustomerJourneySummary: whatever is not known as
long after it is not taken to come any more."""
MOST = 1_000
"""Orders that one run reads again at most, the newest first: ten requests. Old ones may never be ready."""
_WAITING = f"FROM orders WHERE visit = '{PENDING}' AND NOT deleted AND created_at >= ?"

# The day is the shop's: where that is behind UTC, an order is asked for some hours early and once more.
_COME = f"""
SELECT id FROM quarantine
WHERE platform = ? AND account = ? AND stream = ? AND split_part(cause, ':', 1) = '{IN_THE_FUTURE}'
    AND split_part(cause, ':', 2) BETWEEN '0' AND ? ORDER BY id LIMIT {MOST}"""


def to_ask(store: Store, platform: str, account: str, stream: str, *, now: datetime) -> list[str]:
    """The ids of the rows of `stream` to be read again although they may not have changed."""
    if (platform, stream) != ("shopify", "orders"):
        return []
    found = store.rows(
        f"SELECT id {_WAITING} AND platform = ? AND account = ? ORDER BY created_at DESC, id LIMIT {MOST}",
        _since(now),
        platform,
        account,
    )
    come = store.rows(_COME, platform, account, stream, now.date().isoformat())
    return [order_id for (order_id,) in (*come, *found)]


def waiting(store: Store, *, now: datetime) -> int:
    """How many orders, of all shops, the next runs will ask for again."""
    ((count,),) = store.rows(f"SELECT count(*) {_WAITING}", _since(now))
    return int(count)


def _since(now: datetime) -> datetime:
    return now - timedelta(days=ASKED_DAYS)
