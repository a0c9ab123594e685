"""Who brought whom: told apart once a run, kept with its reasons, and counted for every referrer."""

from __future__ import annotations

import narwhals as nw

from metrics.attribution import named_referrers, referrals
from metrics.purchases import Frame, PurchaseRules, valid_purchases
from metrics.referral import referral_scores
from metrics.tenure import tenure
from sync import frames
from sync.store import Store

TABLE = "attributions"
_NOBODY = "SELECT NULL::VARCHAR AS person_id, NULL::BIGINT AS day WHERE false"
_TOLD = f"SELECT referrer_id AS person_id, ordered_day AS day FROM {TABLE} WHERE refused IS NULL"
_KEPT = """
SELECT person_id, referrals, referral_generations, referral_subtree, referral_score, referred_revenue,
    subtree_revenue, referral_cycle_days, newest_friend_day
FROM scores WHERE referrals IS NOT NULL"""


def is_tracked(store: Store) -> bool:
    """Whether the stored records name anybody's personal code or referrer."""
    found = store.rows("SELECT EXISTS (FROM referral_codes), EXISTS (FROM referrers)")
    return any(found[0])


def named_and_friends(store: Store, *, as_of_day: int, rules: PurchaseRules) -> tuple[Frame, Frame]:
    """Everybody who is named as somebody's referrer, as `attribution.named_referrers` tells them, and what
    that comes to for each referrer, as `referral.referral_scores` counts it."""
    orders, refunds = frames.frame(store, "person_orders"), frames.frame(store, "person_refunds")
    valid = valid_purchases(orders, refunds, as_of_day=as_of_day, rules=rules)
    buyers = store.materialise(tenure(valid, rules=rules))
    named = named_referrers(
        valid,
        buyers,
        frames.frame(store, "referral_codes"),
        referrers=frames.frame(store, "referrers"),
        shared=frames.frame(store, "shared_keys"),
        materialise=store.materialise,
    )
    edges = store.materialise(referrals(named))
    return named, store.materialise(referral_scores(edges, buyers, materialise=store.materialise))


def keep(store: Store, found: Frame) -> None:
    """Make the table `attributions` what `named_and_friends` found of who was named: `why` tells it."""
    with store.transaction():
        store.con.execute(f"CREATE OR REPLACE TABLE {TABLE} AS {found.to_native().sql_query()}")


def drop(store: Store) -> None:
    """Keep nothing of what an earlier run found: nothing tracks referrals any more."""
    store.con.execute(f"DROP TABLE IF EXISTS {TABLE}")


def told(store: Store) -> Frame:
    """Who told somebody (`person_id`), and on which `day` that one bought first."""
    return nw.from_native(store.con.sql(_TOLD if _is_kept(store) else _NOBODY))


def kept(store: Store) -> Frame | None:
    """What the last run that tracked referrals told apart; None where none did."""
    return nw.from_native(store.con.table(TABLE)) if _is_kept(store) else None


def kept_friends(store: Store, person_id: str) -> Frame | None:
    """What the last run counted for one person; None where nothing tracked referrals."""
    tracked = store.rows("SELECT 1 FROM scores WHERE referrals IS NOT NULL LIMIT 1")
    if not tracked:
        return None
    return nw.from_native(store.con.sql(_KEPT)).filter(nw.col("person_id") == person_id)


def _is_kept(store: Store) -> bool:
    return bool(store.rows("SELECT 1 FROM duckdb_tables() WHERE table_name = ? AND NOT temporary", TABLE))
