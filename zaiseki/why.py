"""Why: who is asked for, and everything the store knows of that person. No platform is asked."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

from sync import disclosed, keys
from sync.decisions import Ref
from sync.keys import fold_email
from sync.runs import Run
from sync.store import Store
from sync.tombstones import record_line
from sync.whole_person import Part, holders, parts_of
from zaiseki.errors import Stop
from zaiseki.explaining import explain_person
from zaiseki.explanation import Explanation
from zaiseki.job import KEY_FILE
from zaiseki.last_scores import run_of_scores
from zaiseki.members import members_of
from zaiseki.named import record_named
from zaiseki.planning import RECORD_FORMS
from zaiseki.settings import Settings, read_settings


def explain_record(config: Path, given: str) -> Explanation:
    """Why the person of a record stands where it stands.

    Raises `Stop` where no run has scored yet, the record is not known or was forgotten; `StoreBusy` while a
    run holds the store.
    """
    settings = read_settings(config)
    with _scored_store(settings, config.parent) as store:
        run, _ = run_of_scores(store)
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
        run, _ = run_of_scores(store)
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
    found = Explanation(
        asked=asked,
        run=run,
        currency=store.meta("bound:reporting currency") or "",
        unit=settings.purchases.unit,
        person_id=next((part.person_id for part in parts if part.person_id), None),
        members=members_of(store, parts),
        shops=frozenset(one.shop for one in settings.shopify),
    )
    if found.person_id is not None:
        found = explain_person(store, found, found.person_id, settings)
    orders = [(one.platform, one.account, one.order_id) for one in found.orders]
    refs = [part.ref for part in parts]
    found = replace(found, stored=disclosed.stored_rows(store, found.person_id, refs, orders))
    hides_twins = found.excluded or _twins_answered(settings)
    return replace(found, possible_twins=()) if hides_twins else found


def _twins_answered(settings: Settings) -> bool:
    """Whether the merchant has said which orders stand in both systems."""
    salesforce = settings.salesforce
    return bool(settings.purchases.duplicates or (salesforce and salesforce.order_reference))


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
