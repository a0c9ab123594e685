"""One person's word of mouth as the last run told it apart, and records to find the others by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from metrics.explain_referral import Named, ReferralTold, referral_told
from sync.decisions import Ref
from sync.store import Store
from zaiseki import word_of_mouth
from zaiseki.named import name_of

# The oldest record that is there and no guest: somebody can open it.
_RECORDS = """
SELECT m.person_id, m.platform, m.account, m.object, m.id FROM members m
JOIN live_records r USING (platform, account, object, id)
WHERE m.object <> 'guest' AND list_contains($people, m.person_id)
QUALIFY row_number() OVER (PARTITION BY m.person_id
    ORDER BY r.created_at NULLS LAST, m.platform, m.account, m.object, m.id) = 1"""


@dataclass(frozen=True, slots=True)
class Friends:
    """Who brought this person and whom it brought. `records`: a record of each of the others by person id,
    as it can be given on the command line; whoever has none on a platform is not in it."""

    told: ReferralTold
    records: Mapping[str, str]

    @property
    def everyone(self) -> tuple[Named, ...]:
        """Every naming on either side, credited or not."""
        return _all(self.told)


def friends_of(store: Store, person_id: str) -> Friends | None:
    """None where no run has told referrals apart."""
    named = word_of_mouth.kept(store)
    if named is None:
        return None
    told = referral_told(named, person_id)
    people = sorted({one for named in _all(told) for one in (named.person_id, named.referrer_id)})
    rows = store.con.execute(_RECORDS, {"people": people}).fetchall() if people else []
    return Friends(told, {row[0]: name_of(Ref(*row[1:])) for row in rows})


def _all(told: ReferralTold) -> tuple[Named, ...]:
    credited = (told.referred_by,) if told.referred_by else ()
    return (*credited, *told.refused, *told.friends, *told.friends_refused)
