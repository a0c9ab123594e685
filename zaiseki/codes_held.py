"""Personal codes of one person and of those who are named as its referrers, with the day of each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from metrics.calendar import EPOCH
from metrics.explain_referral import Named
from sync.decisions import Ref
from sync.store import Store

_HELD = """
WITH asked AS (SELECT unnest($people) AS person_id, unnest($codes) AS code),
held AS (
    SELECT unnest(r.referral_codes) AS code, m.person_id, platform, account, object, id, r.code_day
    FROM members m JOIN live_records r USING (platform, account, object, id)
    WHERE m.person_id = $person_id OR list_contains($people, m.person_id))
SELECT * FROM held h WHERE h.person_id = $person_id
    OR EXISTS (FROM asked a WHERE (a.person_id, a.code) = (h.person_id, h.code))
ORDER BY ALL"""


@dataclass(frozen=True, slots=True)
class HeldCode:
    """A personal code on a record of whoever holds it. `written_on`: when the field with that record's code
    was last written; None where the platform keeps no day (a tag of Shopify, a field of Salesforce)."""

    code: str
    person_id: str
    ref: Ref
    written_on: date | None


def codes_held(store: Store, person_id: str, named: Iterable[Named]) -> tuple[HeldCode, ...]:
    """Every code of a person, and of others those by which `named` says that they brought somebody."""
    asked = sorted({(one.referrer_id, one.code) for one in named if one.code})
    given = {
        "person_id": person_id,
        "people": [person for person, _ in asked],
        "codes": [code for _, code in asked],
    }
    rows = store.con.execute(_HELD, given).fetchall()
    return tuple(HeldCode(code, person, Ref(*ref), _on(day)) for code, person, *ref, day in rows)


def _on(day: int | None) -> date | None:
    return None if day is None else EPOCH + timedelta(days=day)
