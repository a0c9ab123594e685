"""Business accounts: records only where they buy in their own name, dormant else.

Dormant accounts are kept, since the next order may make one a buyer, but are no live records.
"""

from __future__ import annotations

from sync.owners import Accounts
from sync.store import Store

_IS_DORMANT = {
    "never": "r.object = 'Account'",
    "always": "false",
    "auto": """r.object = 'Account' AND NOT EXISTS (FROM order_owners w WHERE w.object = 'Account'
        AND w.id = r.id AND w.owner_account = r.account AND w.owner_platform = r.platform)""",
}


def refresh_dormant(store: Store, accounts: Accounts) -> None:
    """Set `records.dormant` to what the orders of now say; wants `owners.find_owners` with `accounts`."""
    store.con.execute(
        f"""UPDATE records r SET dormant = NOT coalesce(dormant, false)
        WHERE coalesce(dormant, false) <> ({_IS_DORMANT[accounts]})
            AND (object = 'Account' OR coalesce(dormant, false))"""
    )
