"""Forgetting somebody: everything the store knows of a person goes, and keyed lines keep it from coming back.

Orders stay as orders of nobody: their amounts and days are the shop's own books. An intention is noted first
and taken back last, so that a kill in between is made good by whoever opens the store next.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa

from sync import renewal
from sync.decisions import Ref
from sync.keyed_lines import KeyedFile, instant, load_tombstones, stamp
from sync.owners import find_owners
from sync.store import Store
from sync.streams import STREAMS
from sync.tombstones import code_line, key_line, record_line

INTENTION = "forgetting"

_SAME = "t.platform = e.platform AND t.account = e.account AND t.object = e.object AND t.id = e.id"
_OTHER = (
    "t.other_platform = e.platform AND t.other_account = e.account"
    " AND t.other_object = e.object AND t.other_id = e.id"
)
# By the ids of the owner as well: an order of somebody deleted has no owner any more and still names them.
_ORDERS = """
CREATE OR REPLACE TEMP TABLE erased_orders AS
SELECT o.platform, o.account, o.id FROM orders o JOIN erased e
    ON e.platform = coalesce(o.record_platform, o.platform)
    AND e.account = coalesce(o.record_account, o.account) AND o.record_id IN (e.id, e.alias_id)
UNION
SELECT w.platform, w.account, w.order_id FROM order_owners w JOIN erased e
    ON e.platform = w.owner_platform AND e.account = w.owner_account
    AND e.object = w.object AND e.id = w.id"""
# A shop's order names its customer, and a guest is known by keys. An order of the org may name nobody but
# an account, whose next contact or own name it would go to: it is kept from anybody by its own id.
_IDS = """
SELECT platform, account, unnest([id, alias_id]) AS id FROM erased WHERE stream NOT NULL
UNION ALL SELECT platform, account, id FROM erased_orders WHERE platform = 'salesforce'"""
_KEYS = """
SELECT DISTINCT unnest([email_key, phone_key]) AS key FROM (
    SELECT t.email_key, t.phone_key FROM records t JOIN erased USING (platform, account, object, id)
    UNION ALL
    SELECT o.email_key, o.phone_key FROM orders o JOIN erased_orders USING (platform, account, id))"""
# A code that somebody else holds as well is theirs still.
_CODES = """
CREATE OR REPLACE TEMP TABLE erased_codes AS
SELECT unnest(t.referral_codes) AS code FROM records t JOIN erased USING (platform, account, object, id)
EXCEPT SELECT unnest(t.referral_codes) FROM records t
    ANTI JOIN erased USING (platform, account, object, id) WHERE NOT t.deleted"""
_CODED = ("referral_code", "utm_source", "utm_medium", "utm_campaign", "utm_content")
_UNCODE = f"""
UPDATE orders o SET discount_codes = list_filter(o.discount_codes, lambda code: code NOT IN codes),
    {", ".join(f"{name} = if(o.{name} IN codes, NULL, o.{name})" for name in _CODED)}, row_hash = NULL
FROM (SELECT list(code) AS codes FROM erased_codes HAVING count(*) > 0)
WHERE list_has_any(codes, list_concat(o.discount_codes, [{", ".join(f"o.{name}" for name in _CODED)}]))"""
_UNNAME = """
UPDATE orders o SET record_id = NULL, record_platform = NULL, record_account = NULL, parent_id = NULL,
    email_key = NULL, phone_key = NULL, discount_codes = [], referral_code = NULL, utm_source = NULL,
    utm_medium = NULL, utm_campaign = NULL, utm_content = NULL, visit = NULL, row_hash = NULL
FROM erased_orders e WHERE o.platform = e.platform AND o.account = e.account AND o.id = e.id"""
_STATEMENTS = (
    f"""INSERT INTO erased_persons
        SELECT t.person_id FROM members t JOIN erased e ON {_SAME}
        UNION SELECT t.ours->>'person_id' FROM records t JOIN erased e ON {_SAME}
        WHERE t.deleted AND t.ours->>'person_id' NOT NULL""",
    f"DELETE FROM members t USING erased e WHERE {_SAME}",
    "DELETE FROM erased_persons WHERE person_id IN (SELECT person_id FROM members)",
    "DELETE FROM persons WHERE person_id IN (FROM erased_persons)",
    """DELETE FROM person_log WHERE person_id IN (FROM erased_persons)
        OR other_id IN (FROM erased_persons)""",
    f"DELETE FROM match_review t USING erased e WHERE ({_SAME}) OR ({_OTHER})",
    f"DELETE FROM review_members t USING erased e WHERE {_SAME}",
    # An item is made of the id of the record it stands under.
    "DELETE FROM review_members WHERE item NOT IN (SELECT item FROM match_review)",
    f"DELETE FROM decisions t USING erased e WHERE ({_SAME}) OR ({_OTHER})",
    f"DELETE FROM writes t USING erased e WHERE {_SAME}",
    """DELETE FROM quarantine t USING erased e WHERE t.platform = e.platform AND t.account = e.account
        AND t.stream = e.stream AND t.id = e.id""",
    """UPDATE roles t SET contact_id = NULL, row_hash = NULL FROM erased e
        WHERE t.platform = e.platform AND t.account = e.account AND t.contact_id IN (e.id, e.alias_id)""",
    """UPDATE touches t SET record_id = NULL, opportunity_id = NULL, order_id = NULL, row_hash = NULL
        FROM erased e
        WHERE t.platform = e.platform AND t.account = e.account AND t.record_id IN (e.id, e.alias_id)""",
    """UPDATE records t SET referrer_id = NULL, row_hash = NULL FROM erased e
        WHERE t.platform = e.platform AND t.account = e.account AND t.referrer_id IN (e.id, e.alias_id)""",
    "UPDATE records SET referrer_id = NULL, row_hash = NULL WHERE referrer_id IN (FROM erased_codes)",
    _UNCODE,
    _UNNAME,
    f"DELETE FROM records t USING erased e WHERE {_SAME}",
)
_MADE_BY_RUNS = (("scores", "person_id"), ("attributions", "person_id"), ("attributions", "referrer_id"))
"""Tables that only runs make, and the columns that name a person."""


@dataclass(frozen=True, slots=True)
class Erased:
    """How many records (guests and merged ones too), persons and orders lost whose they were."""

    records: int
    persons: int
    orders: int


# As the connectors give them. A refusal of a value, not of the record, names a field behind the code.
_NOT_THERE = """
UPDATE writes SET state = 'unchanged'
WHERE run_id = ? AND platform = ? AND account = ? AND state = 'rejected'
    AND error_code IN ('OWNER_GONE', 'ENTITY_IS_DELETED', 'INVALID_CROSS_REFERENCE_KEY')
    AND (platform = 'shopify' OR error = error_code)
RETURNING object, id"""


def cleared_by_being_gone(store: Store, run_id: str, platform: str, account: str) -> list[Ref]:
    """The records that refused to be cleared because the platform has them no more: nothing of ours is left
    on them, and so they count as unchanged."""
    gone = store.rows(_NOT_THERE, run_id, platform, account)
    return [Ref(platform, account, *one) for one in dict.fromkeys(gone)]


def intend(store: Store, refs: Sequence[Ref], at: datetime, *, gone: Sequence[Ref] = ()) -> None:
    """Note who is to be forgotten, by the platforms' clock at `at`; nothing is erased yet.

    `gone` are those of `refs` that their platform is known to have deleted, whatever the store says.
    """
    facts = {"at": stamp(at), "records": [[*ref, ref in gone] for ref in refs]}
    store.set_meta(INTENTION, json.dumps(facts))


def carry_out(store: Store, file: KeyedFile) -> Erased | None:
    """Forget whom somebody meant to forget: keyed lines first, then everything in the store, together.

    None where nobody is to be forgotten. Raises `StoreUnusable` where the lines cannot be written: nothing
    is erased then.
    """
    noted = store.meta(INTENTION)
    if noted is None:
        if store.meta(renewal.DUE):
            store.renew()
        return None
    facts = json.loads(noted)
    _stage(store, {Ref(*one[:4]): one[4:] == [True] for one in facts["records"]})
    _leave_lines(store, file, instant(facts["at"]))
    with store.transaction():
        erased = _erase(store, file)
        store.con.execute("DELETE FROM meta WHERE key = ?", [INTENTION])
        store.set_meta(renewal.DUE, "yes")
    store.renew()
    return erased


def _stage(store: Store, refs: Mapping[Ref, bool]) -> None:
    """Who is to be forgotten (and whether it is known to be gone), with their other ids and streams, and
    which orders are theirs."""
    find_owners(store)
    streams = {
        (str(platform), name): stream for (platform, stream), kind in STREAMS.items() for name in kind.objects
    }
    columns = {
        **{name: [getattr(ref, name) for ref in refs] for name in Ref._fields},
        "stream": [streams.get((ref.platform, ref.object)) for ref in refs],
    }
    table = pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()})
    table = table.append_column("known_gone", pa.array(refs.values(), pa.bool_()))
    store.con.register("arriving", table)
    try:
        store.con.execute(
            """CREATE OR REPLACE TEMP TABLE erased AS
            SELECT a.*, r.alias_id, known_gone OR coalesce(r.deleted, true) AS gone FROM arriving a
            LEFT JOIN records r USING (platform, account, object, id)"""
        )
    finally:
        store.con.unregister("arriving")
    store.con.execute("CREATE OR REPLACE TEMP TABLE erased_persons (person_id VARCHAR)")
    store.con.execute(_ORDERS)
    store.con.execute(_CODES)


def _leave_lines(store: Store, file: KeyedFile, at: datetime) -> None:
    """Add the lines that the file does not have yet; a key forgotten again is forgotten until then."""
    known = load_tombstones(file)
    records = {record_line(file.key, *one) for one in store.rows(_IDS) if one[2]}
    keys = {key_line(file.key, key) for (key,) in store.rows(_KEYS) if key}
    codes = {code_line(file.key, code) for (code,) in store.rows("FROM erased_codes")}
    lines = [("record", line, stamp(at)) for line in sorted(records - known.records)]
    lines += [("code", line, stamp(at)) for line in sorted(codes - known.codes)]
    lines += [
        ("key", line, stamp(at)) for line in sorted(keys) if line not in known.keys or known.keys[line] < at
    ]
    if lines:
        file.append(lines)


def _erase(store: Store, file: KeyedFile) -> Erased:
    living = store.rows("SELECT platform, account, stream, id FROM erased WHERE NOT gone AND stream NOT NULL")
    ((records, orders),) = store.rows(
        "SELECT (SELECT count(*) FROM erased SEMI JOIN records USING (platform, account, object, id)),"
        " (SELECT count(*) FROM erased_orders)"
    )
    for statement in _STATEMENTS:
        store.con.execute(statement)
    ((persons,),) = store.rows("SELECT count(*) FROM erased_persons")
    made = {name for (name,) in store.rows("SELECT table_name FROM duckdb_tables() WHERE NOT temporary")}
    for table, column in _MADE_BY_RUNS:
        if table in made:
            store.con.execute(f"DELETE FROM {table} WHERE {column} IN (FROM erased_persons)")
    for platform, account, stream, one in living:
        row = [platform, account, stream, record_line(file.key, platform, account, one)]
        store.con.execute(
            "DELETE FROM forgotten WHERE platform = ? AND account = ? AND stream = ? AND key = ?", row
        )
        store.con.execute("INSERT INTO forgotten VALUES (?, ?, ?, ?)", row)
    return Erased(int(records), int(persons), int(orders))
