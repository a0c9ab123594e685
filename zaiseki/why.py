"""Why: everything the store knows of one person, and how it follows. No platform is asked."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import narwhals as nw

from metrics.calendar import EPOCH, day_of
from metrics.explain import (
    OrderTold,
    is_left_truncated,
    orders_told,
    reconcile,
    refunds_told,
    segment_told,
)
from metrics.purchases import PurchaseRules, valid_purchases, weighed_orders
from metrics.scores import score_persons
from metrics.segment import Thresholds
from sync import frames, keys, one_person, runs, twins
from sync.decisions import Ref
from sync.keys import fold_email
from sync.runs import Run
from sync.store import Store
from sync.tombstones import record_line
from sync.whole_person import Part, holders, parts_of
from zaiseki.errors import Stop
from zaiseki.explanation import Explanation, is_excluded
from zaiseki.job import KEY_FILE
from zaiseki.members import Member, members_of
from zaiseki.named import record_named
from zaiseki.planning import RECORD_FORMS, thresholds_of
from zaiseki.scoring import purchase_rules
from zaiseki.settings import Settings, read_settings

RUNS_LOOKED_AT = 100


def explain_record(config: Path, given: str) -> Explanation:
    """Why the person of a record stands where it stands.

    Raises `Stop` where no run has scored yet, the record is not known or was forgotten; `StoreBusy` while a
    run holds the store.
    """
    settings = read_settings(config)
    with _scored_store(settings, config.parent) as store:
        run = _last_scored(store)
        ref = _named(store, config.parent, given)
        return _explained(store, settings, run, ref, parts_of(store, [ref]))


def explain_email(config: Path, email: str) -> tuple[Explanation, ...]:
    """Everybody who holds an address, also who is known as a guest only; the address is never repeated.

    Raises as `explain_record` does, and `Stop` where it is no address or nobody holds it.
    """
    settings, folder = read_settings(config), config.parent
    folded = fold_email(email)
    if folded is None:
        raise Stop("email_invalid")
    with _scored_store(settings, folder) as store:
        run = _last_scored(store)
        key = keys.load(folder / KEY_FILE)
        store.bind_key(key)
        refs = holders(store, key.of("email", folded))
        people: dict[str | Ref, list[Part]] = {}
        for part in parts_of(store, refs):
            people.setdefault(part.person_id or part.ref, []).append(part)
        if not people:
            raise Stop("forget_nobody")
        return tuple(
            _explained(store, settings, run, next(part.ref for part in parts if part.ref in refs), parts)
            for parts in people.values()
        )


def _scored_store(settings: Settings, folder: Path) -> AbstractContextManager[Store]:
    """The store. Raises `Stop` where there is none yet."""
    path = folder / settings.store.path
    if not path.exists():
        raise Stop("status_never_ran")
    return Store.open(path, memory=settings.store.memory_limit)


def _explained(store: Store, settings: Settings, run: Run, asked: Ref, parts: Sequence[Part]) -> Explanation:
    """Of one person's records, or of one that is nobody's."""
    currency = store.meta("bound:reporting currency") or ""
    person_id = next((part.person_id for part in parts if part.person_id), None)
    members = members_of(store, parts)
    if person_id is None:
        found = Explanation(asked, run, currency, settings.purchases.unit, None, members)
    else:
        rules = purchase_rules(settings)
        found = _person(store, run, asked, person_id, members, rules=rules, currency=currency)
    twins_told = found.excluded or _twins_answered(settings)
    return replace(
        found,
        shops=frozenset(one.shop for one in settings.shopify),
        possible_twins=() if twins_told else found.possible_twins,
    )


def _twins_answered(settings: Settings) -> bool:
    """Whether the merchant has said which orders stand in both systems."""
    salesforce = settings.salesforce
    return bool(settings.purchases.duplicates or (salesforce and salesforce.order_reference))


def _last_scored(store: Store) -> Run:
    """The last run that came to scores. Raises `Stop` where there is none."""
    scored = store.rows("SELECT 1 FROM duckdb_tables() WHERE table_name = 'scores' AND NOT temporary")
    run = next((run for run in runs.last(store, RUNS_LOOKED_AT) if run.as_of), None)
    if run is None or not scored:
        raise Stop("status_never_ran")
    return run


def _named(store: Store, folder: Path, given: str) -> Ref:
    """The record that is meant. Raises `Stop`, also saying so where the record was forgotten."""
    try:
        return record_named(store, given)
    except Stop:
        if _was_forgotten(store, folder, given):
            raise Stop("record_forgotten", record=given) from None
        raise


def _was_forgotten(store: Store, folder: Path, given: str) -> bool:
    rows = store.rows("SELECT DISTINCT platform, account FROM forgotten")
    if not rows:
        return False
    key = keys.load(folder / KEY_FILE)
    lines = [
        record_line(key, platform, account, found.group(1))
        for platform, account in rows
        for of, form in RECORD_FORMS
        if of == platform and (found := form.match(given))
    ]
    return any(store.rows("SELECT 1 FROM forgotten WHERE key = ?", line) for line in lines)


def _person(
    store: Store,
    run: Run,
    ref: Ref,
    person_id: str,
    members: tuple[Member, ...],
    *,
    rules: PurchaseRules,
    currency: str,
) -> Explanation:
    as_of = run.as_of or EPOCH
    every = one_person.every_order(store, person_id, [member.ref for member in members])
    mine = {name: _of(store, name, person_id) for name in ("person_orders", "person_refunds")}
    weighed = weighed_orders(every, mine["person_refunds"], as_of_day=day_of(as_of), rules=rules)
    rows = weighed.collect("pyarrow").to_native().to_pylist()
    told = orders_told(rows, excluded=is_excluded(members))
    counted = valid_purchases(
        mine["person_orders"], mine["person_refunds"], as_of_day=day_of(as_of), rules=rules
    )
    twins.find(store, counted)
    thresholds = thresholds_of(run) if run.thresholds else None
    score, stale = _score(store, person_id, as_of, rules, thresholds)
    begin = one_person.first_day_of_all(store)
    begin_on = None if begin is None else EPOCH + timedelta(days=begin)
    return Explanation(
        asked=ref,
        run=run,
        currency=currency,
        unit=rules.unit,
        person_id=person_id,
        members=members,
        orders=told,
        facts=tuple(rows),
        refunds=tuple(refunds_told(mine["person_refunds"])),
        sums=reconcile(told, unit=rules.unit),
        score=score,
        stale=stale,
        segment=segment_told(score, thresholds, as_of) if score and thresholds else None,
        thresholds=thresholds,
        left_truncated=is_left_truncated(told, begin_on, known=_knows_the_first(told, members)),
        data_begin_on=begin_on,
        possible_twins=tuple(one_person.possible_twins(store)),
        review=tuple(one_person.undecided(store)),
        log=tuple(one_person.joins_and_splits(store, person_id)),
    )


def _of(store: Store, name: frames.Name, person_id: str) -> nw.LazyFrame[Any]:
    """One person's rows of a frame."""
    return frames.frame(store, name).filter(nw.col("person_id") == person_id)


def _score(
    store: Store, person_id: str, as_of: date, rules: PurchaseRules, thresholds: Thresholds | None
) -> tuple[dict[str, Any] | None, bool]:
    """The score by what is stored now, and whether the one of the run says otherwise.

    What others did (referrals) is the run's word.
    """
    kept = one_person.kept_score(store, person_id)
    scored = score_persons(
        _of(store, "persons", person_id),
        _of(store, "person_orders", person_id),
        _of(store, "person_refunds", person_id),
        frames.frame(store, "referral_codes").head(0),
        _of(store, "consents", person_id),
        as_of_day=day_of(as_of),
        rules=rules,
        # Without a threshold nothing that needs one is told.
        thresholds=thresholds or Thresholds(Decimal(0)),
        referrals_tracked=False,
        materialise=store.materialise,
    )
    found = scored.collect("pyarrow").to_native().to_pylist()
    if not found:
        return None, kept is not None
    score = found[0]
    if kept:
        score |= {name: kept[name] for name in ("referrals", "referral_score")}
    return score, score != kept


def _knows_the_first(orders: Sequence[OrderTold], members: Sequence[Member]) -> bool:
    """Whether the merchant told what this person bought before the data begin."""
    return any(one.platform == "history" for one in orders) or any(
        member.first_purchase_on for member in members
    )
