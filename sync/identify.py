"""From records to persons: who is tied by a link, an e-mail address or a mobile number is one person, by any
chain of ties that no name speaks against."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sync import person_ids, review
from sync.edges import tie
from sync.guests import refresh_guests
from sync.nodes import number_nodes
from sync.owners import Accounts
from sync.regroup import regroup
from sync.rules import RULES
from sync.store import Store

# The surest of the ties that hold a record to its person.
_PLACED = f"""
CREATE OR REPLACE TEMP TABLE placed AS
SELECT n.*, coalesce(l.label, n.node) AS label, coalesce({list(RULES)}[r.rule + 1], 'alone') AS rule
FROM nodes n
LEFT JOIN labels l USING (node)
LEFT JOIN (SELECT node, min(rule) AS rule FROM ties GROUP BY node) r USING (node)"""
_SCRATCH = (
    *("refused", "nameless", "losers", "known", "borne", "decided", "clusters", "parted"),
    *("ties", "dropped", "queued", "labels", "placed"),
)


@dataclass(frozen=True, slots=True)
class IdentityRules:
    """What the merchant may set. `max_sharing`: a value that more different people's names share is no key.
    `max_members`: a person of more records keeps only its links until somebody accepts it. Records of the
    accounts in `email_refused` (platform, account) are not joined by e-mail, those of the objects in
    `names_unseen` (platform, account, object) neither by e-mail nor by phone: what nobody sees a name of
    cannot be told from who shares its address. `accounts`: which business accounts are records."""

    max_sharing: int = 3
    max_members: int = 20
    email_refused: frozenset[tuple[str, str]] = frozenset()
    names_unseen: frozenset[tuple[str, str, str]] = frozenset()
    accounts: Accounts = "auto"


@dataclass(frozen=True, slots=True)
class Identity:
    """What identifying found. `before`: persons known before this run; `joins`, `splits` and `gone` count
    only those. `adopted`: ids taken from the platforms because the store knew none. `review`: pairs and
    persons that wait for a decision."""

    records: int
    persons: int
    before: int
    new: int
    adopted: int
    joins: int
    splits: int
    gone: int
    review: int


def identify(store: Store, *, run_id: str, at: datetime, rules: IdentityRules = IdentityRules()) -> Identity:
    """Give every live record its person, guests included, and list what is undecided, in one transaction.

    `at` is the run's start by the platforms' clock: new ids count as assigned then. Who belongs together
    depends on the records and decisions only, never on the order in which they came.
    """
    with store.transaction():
        refresh_guests(store, rules.accounts)
        number_nodes(store, rules.email_refused, rules.names_unseen)
        tie(store, max_sharing=rules.max_sharing)
        regroup(store, max_members=rules.max_members)
        store.con.execute(_PLACED)
        store.con.execute("DROP TABLE nodes")
        changes = person_ids.assign(store, run_id=run_id, at=at)
        undecided = review.list_undecided(store, run_id=run_id)
        ((records, persons),) = store.rows("SELECT count(*), count(DISTINCT label) FROM placed")
    for table in _SCRATCH:
        store.con.execute(f"DROP TABLE {table}")
    return Identity(records=records, persons=persons, review=undecided, **changes)
