"""Scoring what is stored: which thresholds hold, every person's scores, and the portfolio they make."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import narwhals as nw

from metrics.calendar import day_of
from metrics.purchases import ORDER_KEY, PurchaseRules, valid_purchases, weighed_orders
from metrics.referral_codes import ambiguous_codes
from metrics.scores import Given, ScoreRules, score_persons
from metrics.segment import Thresholds
from metrics.shop import BestSpend, TooFewOrders, derive_best_spend
from metrics.tenure import tenure
from sync import frames, numbers
from sync.money import rounded
from sync.store import Store
from sync.twins import Twins
from sync.twins import find as find_twins
from zaiseki import word_of_mouth
from zaiseki.counting import purchase_rules, refresh_frames, score_rules
from zaiseki.errors import Stop
from zaiseki.job import Job
from zaiseki.outcome import Note, Portfolio
from zaiseki.product_settings import product_notes
from zaiseki.shop_scoring import keep_shop, score_shop
from zaiseki.sources import source_notes, visit_notes
from zaiseki.thresholds import DEFAULT_LAPSE_DAYS, FILE, Accepted, read_accepted, write_accepted
from zaiseki.world import World, tracks_referrals

# Whoever is known only by a marketplace's address may be several people, or one of those counted here.
_KNOWN = """
CREATE OR REPLACE TEMP VIEW known_scores AS SELECT * FROM scores ANTI JOIN relay_persons USING (person_id)"""
_PORTFOLIO = """
SELECT count(*) FILTER (tenure_days IS NOT NULL), count(*) FILTER (tenure_days > 0),
    coalesce(sum(tenure_days), 0), coalesce(max(tenure_days), 0) FROM known_scores"""


@dataclass(frozen=True, slots=True)
class Scores:
    """What scoring used and found; the scores themselves stand in the store's table `scores`.

    `left_out`: how many orders do not count, by reason (`metrics.purchases.weighed_orders`)."""

    thresholds: Thresholds
    derived: BestSpend | None
    tracked: bool
    twins: Twins
    portfolio: Portfolio
    left_out: Mapping[str, int]
    notes: tuple[Note, ...]


def score(job: Job, world: World) -> Scores:
    """Score every person of the store as of the world's day.

    Raises `Stop` where no `best_spend` is known and there are too few orders to derive one.
    """
    store, settings = job.store, job.settings
    rules, as_of_day = purchase_rules(settings), day_of(world.as_of)
    refresh_frames(
        store,
        rules,
        as_of_day=as_of_day,
        max_sharing=settings.identity.max_sharing,
        referrer_sources=settings.referral.referrer_source,
    )
    counted = valid_purchases(
        frames.frame(store, "person_orders"),
        frames.frame(store, "person_refunds"),
        as_of_day=as_of_day,
        rules=rules,
    )
    twins = find_twins(store, counted)
    thresholds, derived = _thresholds(job, world, counted)
    tracked = tracks_referrals(settings) and word_of_mouth.is_tracked(store)
    friends = None
    if tracked:
        friends = _friends(store, as_of_day, rules)
    else:
        word_of_mouth.drop(store)
    _score_everybody(store, as_of_day, score_rules(settings, thresholds), friends)
    notes = _notes(job, world, derived, thresholds)
    notes = (*notes, *_referral_notes(job, tracked=tracked), *source_notes(store), *product_notes(settings))
    notes = (*notes, *visit_notes(store, now=world.started_at))
    portfolio = _portfolio(job, counted) if world.whole_history else Portfolio({}, 0, 0, 0, 0)
    left_out = _left_out(store, as_of_day, rules)
    if world.whole_history and settings.metrics.shop:
        of_shop = score_rules(settings, thresholds)
        lines = score_shop(
            store,
            settings,
            as_of=world.as_of,
            rules=of_shop,
            currency=world.currency,
            tracked=tracked,
            sources_seen=not world.sources_unseen,
        )
        keep_shop(store, world.as_of, lines)
    return Scores(thresholds, derived, tracked, twins, portfolio, left_out, notes)


def _left_out(store: Store, as_of_day: int, rules: PurchaseRules) -> dict[str, int]:
    orders, refunds = frames.frame(store, "person_orders"), frames.frame(store, "person_refunds")
    weighed = weighed_orders(orders, refunds, as_of_day=as_of_day, rules=rules)
    reasons = weighed.filter(~nw.col("left_out").is_null()).group_by("left_out").agg(nw.len().alias("count"))
    return {reason: int(count) for reason, count in sorted(reasons.collect().rows())}


def _friends(store: Store, as_of_day: int, rules: PurchaseRules) -> nw.LazyFrame[Any]:
    """Keep who brought whom, and count it."""
    named, friends = word_of_mouth.named_and_friends(store, as_of_day=as_of_day, rules=rules)
    word_of_mouth.keep(store, named)
    return friends


def _score_everybody(
    store: Store, as_of_day: int, rules: ScoreRules, friends: nw.LazyFrame[Any] | None
) -> None:
    """Make the table `scores` anew."""
    scored = score_persons(
        given_by_number(store, friends), as_of_day=as_of_day, rules=rules, materialise=store.materialise
    )
    found = numbers.identified(store, scored)
    with store.transaction():
        store.con.execute(f"CREATE OR REPLACE TABLE scores AS {found.to_native().sql_query()}")
    store.release()


def given_of(store: Store, friends: nw.LazyFrame[Any] | None) -> Given:
    """The scorers' frames of everybody in the store."""
    return Given(
        persons=frames.frame(store, "persons"),
        orders=frames.frame(store, "person_orders"),
        refunds=frames.frame(store, "person_refunds"),
        consents=frames.frame(store, "consents"),
        touches=frames.frame(store, "person_touches"),
        subscriptions=frames.frame(store, "subscriptions"),
        told=word_of_mouth.told(store),
        friends=friends,
        handed=frames.frame(store, "handed"),
    )


def given_by_number(store: Store, friends: nw.LazyFrame[Any] | None) -> Given:
    """As `given_of`, with numbers for ids; what is read more than once is computed once."""
    persons = numbers.numbered(store, "persons").select("person_id", "known_day")
    return Given(
        persons=store.materialise(persons),
        orders=numbers.numbered(store, "person_orders"),
        refunds=store.materialise(numbers.numbered(store, "person_refunds")),
        consents=numbers.numbered(store, "consents"),
        touches=store.materialise(numbers.numbered(store, "person_touches")),
        subscriptions=numbers.numbered(store, "subscriptions"),
        told=store.materialise(numbers.by_number(store, word_of_mouth.told(store), "person_id")),
        friends=None if friends is None else numbers.by_number(store, friends, "person_id"),
        handed=numbers.numbered(store, "handed"),
    )


def accept_derived(job: Job, world: World, scores: Scores) -> None:
    """Keep thresholds that the first sync derived, so that nothing moves them afterwards."""
    found = scores.derived
    if found is None or not world.whole_history:
        return
    evidence = f"7 x the mean of {found.orders} counted orders, {rounded(found.mean, world.currency)}"
    accepted = Accepted(
        best_spend=found.value,
        lapse_days=scores.thresholds.lapse_days,
        accepted_on=world.today,
        evidence=f"{evidence} {world.currency}",
    )
    write_accepted(job.folder, accepted)


def _thresholds(job: Job, world: World, counted: nw.LazyFrame[Any]) -> tuple[Thresholds, BestSpend | None]:
    """The settings win over the accepted file; a best spend that neither gives is derived."""
    given, accepted = job.settings.segment, read_accepted(job.folder)
    lapse_days = given.lapse_days or (accepted.lapse_days if accepted else DEFAULT_LAPSE_DAYS)
    best_spend: Decimal | None = given.best_spend or (accepted.best_spend if accepted else None)
    derived: BestSpend | None = None
    if best_spend is None and not world.whole_history:
        # Nothing that needs a threshold is written or shown then; sixty days of orders derive none.
        best_spend = Decimal(1)
    if best_spend is None:
        found = derive_best_spend(counted)
        if isinstance(found, TooFewOrders):
            raise Stop("best_spend_unknown", orders=str(found.orders))
        derived, best_spend = found, found.value
    return Thresholds(best_spend, given.steady_days, given.best_days, lapse_days), derived


def _notes(job: Job, world: World, derived: BestSpend | None, thresholds: Thresholds) -> tuple[Note, ...]:
    if derived is None:
        return ()
    facts = {
        "best_spend": f"{derived.value:f}",
        "currency": world.currency,
        "mean": str(rounded(derived.mean, world.currency)),
        "lapse_days": str(thresholds.lapse_days),
        "path": str(job.folder / FILE),
    }
    notes = [Note("thresholds_set" if job.writing else "thresholds_would_be_set", facts)]
    if derived.skewed:
        notes.append(Note("thresholds_mean_far", {"median": str(rounded(derived.median, world.currency))}))
    return tuple(notes)


def _referral_notes(job: Job, *, tracked: bool) -> tuple[Note, ...]:
    if not tracks_referrals(job.settings):
        return ()
    if not tracked:
        return (Note("referrals_untracked", {}),)
    shared = ambiguous_codes(frames.frame(job.store, "referral_codes"))
    count = int(shared.select(nw.len()).collect().item())
    return (Note("codes_shared", {"count": str(count)}),) if count else ()


def _portfolio(job: Job, counted: nw.LazyFrame[Any]) -> Portfolio:
    store = job.store
    store.con.execute(_KNOWN)
    segments = dict(store.rows("SELECT segment, count(*) FROM known_scores GROUP BY 1 ORDER BY 1"))
    ((buyers, repeaters, total, longest),) = store.rows(_PORTFOLIO)
    alone = _unjoined(store, counted, purchase_rules(job.settings))
    return Portfolio(segments, int(buyers), int(repeaters), int(total), int(longest), *alone)


def _unjoined(store: Store, counted: nw.LazyFrame[Any], rules: PurchaseRules) -> tuple[int, int]:
    """How many records bought, and their tenures in sum, each taken for somebody of its own."""
    unknown = frames.frame(store, "relay_persons")
    owned = (
        counted.filter(~nw.col("person_id").is_null())
        .join(unknown, on="person_id", how="anti")
        .join(frames.frame(store, "order_records"), on=list(ORDER_KEY), how="inner")
    )
    alone = tenure(owned.with_columns(person_id=nw.col("record")), rules=rules)
    ((records, total),) = alone.select(nw.len(), nw.col("tenure_days").sum()).collect().rows()
    return int(records), int(total or 0)
