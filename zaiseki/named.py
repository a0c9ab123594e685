"""Records as people name them on the command line, and as the command line names them."""

from __future__ import annotations

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


def record_named(store: Store, given: str) -> Ref:
    """The record that `given` names: a gid, `shopify:<number>` or a Salesforce id of 15 or 18 characters.

    Raises `Stop` where nothing is known of it.
    """
    for platform, form in RECORD_FORMS:
        if found := form.match(given):
            rows = store.con.execute(_NAMED, {"platform": platform, "id": found.group(1)}).fetchall()
            if rows:
                return Ref(*rows[0])
    raise Stop("record_unknown", record=given)


def name_of(ref: Ref) -> str:
    """A record as it can be given on the command line; a guest by a short form of its id, which is a hash."""
    if ref.object == "guest":
        return f"guest:{ref.id[:8]}"
    return f"shopify:{ref.id}" if ref.platform == "shopify" else ref.id
