"""The people behind CDNOW's numbers: invented, and placed on the platforms by a fixed rule."""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b
from random import Random

from sandbox.cdnow.purchases import SEED, Purchase
from sandbox.people import Person, choose, invent_person

FIRST_SHOPIFY_CUSTOMER = 7_100_000_000_000
FIRST_RECORD = 1_000_000


@dataclass(frozen=True, slots=True)
class Member:
    """One customer of the data: who it is, where it has a record, and what each record says."""

    number: int
    person: Person
    on_shopify: bool
    on_salesforce: bool
    is_linked: bool
    """The Salesforce contact holds the Shopify customer's id."""
    salesforce_email: str
    """The same address as on Shopify, perhaps written otherwise; empty for some that are linked."""
    referral_code: str

    @property
    def shopify_id(self) -> int:
        """The numeric id of the Shopify customer."""
        return FIRST_SHOPIFY_CUSTOMER + self.number

    @property
    def record_number(self) -> int:
        """What the ids of the Salesforce contact and its account are made of."""
        return FIRST_RECORD + self.number


def share(*words: object) -> float:
    """Give a number in [0, 1) that depends on nothing but these words."""
    digest = blake2b("/".join(map(str, words)).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64


def invent_member(number: int) -> Member:
    """Invent the member with this number: 60 % are on Shopify only, 25 % on both, 15 % on Salesforce only."""
    rng = Random(f"{SEED}/{number}")
    person = invent_person(number, rng)
    place = share(SEED, "place", number)
    both = 0.60 <= place < 0.85
    is_linked = both and rng.random() < 0.4
    has_code = place < 0.85 and rng.random() < 0.3
    return Member(
        number=number,
        person=person,
        on_shopify=place < 0.85,
        on_salesforce=place >= 0.60,
        is_linked=is_linked,
        salesforce_email=_as_typed(person.email, rng, may_miss=is_linked) if both else person.email,
        referral_code=f"{person.latin.upper()}-{number:05d}" if has_code else "",
    )


def in_salesforce(member: Member, purchase: Purchase) -> bool:
    """Say where a purchase was made; who is on both makes two days of five on Salesforce."""
    if member.on_shopify and member.on_salesforce:
        return share(SEED, "split", purchase.customer, purchase.on) < 0.4
    return member.on_salesforce


def referral_codes_used(members: dict[int, Member], purchases: Iterable[Purchase]) -> dict[int, str]:
    """Choose who came through whom; gives the code that a purchase (by its number) carries.

    Only a first purchase on Shopify can carry one, of somebody who bought on an earlier day. Who has
    referred before is likelier to be chosen again, so that trees of several generations grow.
    """
    rng = Random(f"{SEED}/referrals")
    bought: set[int] = set()
    pool: list[str] = []
    waiting: list[str] = []
    used: dict[int, str] = {}
    day = None
    for purchase in purchases:
        if purchase.on != day:
            pool, waiting, day = pool + waiting, [], purchase.on
        member = members[purchase.customer]
        if purchase.amount == 0 or member.number in bought:
            continue
        bought.add(member.number)
        if member.referral_code:
            waiting.append(member.referral_code)
        if pool and not in_salesforce(member, purchase) and rng.random() < 0.2:
            used[purchase.number] = choose(rng, pool)
            waiting += [used[purchase.number], member.referral_code or used[purchase.number]]
    return used


def _as_typed(email: str, rng: Random, *, may_miss: bool) -> str:
    """Write an address as people write it into forms: other letter case, full-width letters, stray spaces."""
    kind = rng.random()
    if may_miss and kind < 0.1:
        return ""
    if kind < 0.3:
        return email.title()
    if kind < 0.4:
        return email.upper()
    if kind < 0.45:
        return f" {email} "
    if kind < 0.5:
        return "".join(chr(ord(char) + 0xFEE0) if char.isalnum() else char for char in email)
    return email
