"""Records as people name them on the command line, and as the command line names them."""

from __future__ import annotations

import re

from sync.decisions import Ref
from sync.store import Store
from zaiseki.errors import Stop
from zaiseki.planning import RECORD_FORMS

# The last three characters of a Salesforce id repeat what the first 15 say.
_NAMED = """
SELECT platform, account, object, id FROM records
WHERE platform = $platform AND object <> 'guest' AND (id = $id OR alias_id = $id
    OR (platform = 'salesforce' AND $id IN (id[:15], alias_id[:15])))
ORDER BY deleted LIMIT 1"""

GUEST = re.compile(r"guest:([0-9a-f]{4,32})")
# The same guest may have ordered in several shops; that is one address and number.
_GUESTS = """
SELECT platform, account, object, id FROM records
WHERE object = 'guest' AND starts_with(id, ?) ORDER BY id, platform, account"""


def record_named(store: Store, given: str) -> Ref:
    """The record that `given` names: a gid, `shopify:<number>`, a Salesforce id of 15 or 18 characters, or
    `guest:` with the beginning of a guest's id.

    Raises `Stop` where nothing is known of it, or several guests begin like that.
    """
    if found := GUEST.fullmatch(given):
        return _guest(store, given, found.group(1))
    for platform, form in RECORD_FORMS:
        if found := form.match(given):
            rows = store.con.execute(_NAMED, {"platform": platform, "id": found.group(1)}).fetchall()
            if rows:
                return Ref(*rows[0])
    raise Stop("record_unknown", record=given)


def _guest(store: Store, given: str, beginning: str) -> Ref:
    guests = [Ref(*row) for row in store.rows(_GUESTS, beginning)]
    if not guests:
        raise Stop("record_unknown", record=given)
    ids = {guest.id for guest in guests}
    if len(ids) > 1:
        raise Stop("guest_ambiguous", record=given, count=str(len(ids)))
    return guests[0]


def name_of(ref: Ref) -> str:
    """A record as it can be given on the command line; a guest by a short form of its id, which is a hash."""
    if ref.object == "guest":
        return f"guest:{ref.id[:12]}"
    return f"shopify:{ref.id}" if ref.platform == "shopify" else ref.id
