"""What the store says of each record of a person: no name, address or number, only whether there is one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

import pyarrow as pa

from metrics.calendar import EPOCH
from sync.decisions import Ref
from sync.personal import NAME_COLUMNS
from sync.store import Store, instant
from sync.whole_person import Part

State = Literal["live", "merged", "deleted", "dormant", "waiting"]
"""`waiting`: read, but not yet given to a person. `dormant`: a business account that buys nothing."""

AS_THEY_ARE = (
    "email_consent",
    "sms_consent",
    "phone_refused",
    "subscription_status",
    "lead_source",
    "referral_codes",
    "rfm_group",
)
_FACTS = f"""
SELECT r.platform, r.account, r.object, r.id, epoch_us(created_at), epoch_us(updated_at), deleted, dormant,
    merged_into, excluded, by_relay, list_filter([
        CASE WHEN email_key IS NOT NULL THEN 'email' END, CASE WHEN phone_key IS NOT NULL THEN 'phone' END,
        CASE WHEN coalesce({", ".join(NAME_COLUMNS)}) IS NOT NULL THEN 'name' END], lambda x: x IS NOT NULL),
    first_purchase_day, code_day, created_day, tags,
    struct_pack({", ".join(f"{name} := {name}" for name in AS_THEY_ARE)})
FROM records r JOIN arriving USING (platform, account, object, id)"""


@dataclass(frozen=True, slots=True)
class Member:
    """One record. `rule`: the surest tie that makes it this person's. `known_by`: which keyed hashes the
    store has of it. `fields`: our fields as the platform holds them. `code_on`: when the field with the
    personal code was last written, None where the platform keeps no day. `created_on`: in the
    platform's own time zone. `rfm_group`: the shop's own."""

    ref: Ref
    rule: str | None
    state: State
    writable: bool
    fields: Mapping[str, str]
    created_at: datetime | None
    updated_at: datetime | None
    merged_into: str | None
    excluded: bool
    by_relay: bool
    known_by: tuple[str, ...]
    email_consent: str | None
    sms_consent: str | None
    phone_refused: bool | None
    subscription_status: str | None
    lead_source: str | None
    referral_codes: tuple[str, ...]
    rfm_group: str | None
    tags: tuple[str, ...]
    first_purchase_on: date | None
    code_on: date | None
    created_on: date | None


def members_of(store: Store, parts: Sequence[Part]) -> tuple[Member, ...]:
    """Every record of a person, as `sync.whole_person.parts_of` orders them."""
    columns = {
        name: pa.array([getattr(part.ref, name) for part in parts], pa.string()) for name in Ref._fields
    }
    store.con.register("arriving", pa.table(columns))
    try:
        facts = {Ref(*row[:4]): row[4:] for row in store.rows(_FACTS)}
    finally:
        store.con.unregister("arriving")
    return tuple(_member(part, facts[part.ref]) for part in parts)


def _member(part: Part, row: tuple[Any, ...]) -> Member:
    created, updated, deleted, dormant, merged_into, excluded, by_relay, known_by, *days, tags, said = row
    first_purchase_on, code_on, created_on = (
        None if day is None else EPOCH + timedelta(days=day) for day in days
    )
    state: State = "live" if part.person_id else "waiting"
    if dormant:
        state = "dormant"
    if deleted:
        state = "merged" if merged_into else "deleted"
    return Member(
        ref=part.ref,
        rule=part.rule,
        state=state,
        writable=part.writable,
        fields=part.held,
        created_at=instant(created) if created is not None else None,
        updated_at=instant(updated) if updated is not None else None,
        merged_into=merged_into,
        excluded=bool(excluded),
        by_relay=bool(by_relay),
        known_by=tuple(known_by),
        tags=tuple(tags or ()),
        first_purchase_on=first_purchase_on,
        code_on=code_on,
        created_on=created_on,
        **(said | {"referral_codes": tuple(said["referral_codes"] or ())}),
    )
