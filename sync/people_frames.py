"""Those of the scorers' frames that need no orders: made at once, for commands that list a few people."""

from __future__ import annotations

from sync.frames import VIEWS
from sync.person_views import NAMED, TOUCHED
from sync.store import Store


def refresh_people(store: Store) -> None:
    """Make `persons`, `relay_persons`, `referral_codes`, `consents`, `subscriptions`, `rfm_groups` and
    `person_touches` of `sync.frames.frame` anew from what is stored now."""
    for statement in (*VIEWS, NAMED, TOUCHED):
        store.con.execute(statement.format())
