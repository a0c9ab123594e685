"""Which records a person has on the two platforms, and what stands on each."""

from dataclasses import dataclass, field, replace
from random import Random
from typing import Literal

from sandbox import household_rates as rates
from sandbox.household_corpus import PLACEHOLDER_PHONES, PLACEHOLDERS, RELAY_DOMAIN
from sandbox.household_people import Person, another_family
from sandbox.household_typing import type_email, type_phone
from sandbox.household_writing import NOBODY, Written, write_name
from sandbox.people import choose, pick

Kind = Literal["customer", "guest", "Contact", "PersonAccount", "Lead"]


@dataclass(slots=True)
class Planned:
    """One record before it has an id. `email` and `phone` are what stands on it, `email_of` and `phone_of`
    the address and number (E.164) that can be read from that; `is_landline`: it stands in the field Phone.

    `link` is 1 for the person's first customer, 2 for a customer who is gone; `converted`: a lead that
    became the person's first record in the org.
    """

    kind: Kind
    name: Written = NOBODY
    email: str = ""
    email_of: str = ""
    phone: str = ""
    phone_of: str = ""
    is_landline: bool = False
    link: int = 0
    converted: bool = False
    id: str = ""


@dataclass(slots=True)
class Life:
    """Everything one person has: the records, in the order in which they were made."""

    person: Person
    firm: int | None = None
    records: list[Planned] = field(default_factory=list)

    def of(self, *kinds: str) -> list[Planned]:
        """The records of these kinds."""
        return [one for one in self.records if one.kind in kinds]


def plan_records(person: Person, rng: Random, taken: set[str], firm: int | None) -> Life:
    """Plan the records of one person. `taken`: keys that customers of the household have in the shop."""
    life = Life(person, firm)
    place = pick(rng, rates.PLACES)
    if place in ("shopify", "both"):
        _plan_customers(life, rng, taken)
    if place in ("salesforce", "both"):
        _plan_org(life, rng, typed=place == "salesforce" or not life.records or rng.random() < rates.BY_HAND)
    if place == "lead" or (place == "shopify" and rng.random() < rates.OPEN_LEAD):
        life.records += [_lead(person, rng) for _ in range(1 + (rng.random() < rates.SECOND_LEAD))]
    if not person.shares_email or any(one.email == person.email for one in life.of("customer")):
        if place == "guest":
            _plan_guests(life, rng)
        elif life.of("customer") and rng.random() < rates.GUEST_TOO:
            life.records.append(_guest(person, rng))
    if len(life.records) > 1 and rng.random() < rates.NEW_FAMILY_NAME:
        _rename(life, rng)
    return life


def _plan_customers(life: Life, rng: Random, taken: set[str]) -> None:
    person = life.person
    phone_only = rng.random() < rates.PHONE_ONLY_CUSTOMER and person.mobile not in taken
    wanted = person.second_email if person.email in taken else person.email
    _add_customer(life, rng, taken, email="" if phone_only else wanted, phone=phone_only)
    if rng.random() < rates.SECOND_CUSTOMER:
        _add_customer(life, rng, taken, email=person.second_email)


def _add_customer(life: Life, rng: Random, taken: set[str], *, email: str, phone: bool = False) -> None:
    """Add a customer, unless nothing is left that no other customer has: the shop would not take it."""
    person = life.person
    number = person.mobile if phone or rng.random() < rates.CUSTOMER_PHONE else ""
    number = "" if number in taken else number
    if not email and not number:
        return
    taken.update({email, number})
    name = write_name(person, rng, typed=False, beside=bool(life.records))
    life.records.append(Planned("customer", name, email, email, number, number))


def _plan_org(life: Life, rng: Random, *, typed: bool) -> None:
    kind: Kind = "PersonAccount" if life.firm is None and rng.random() < rates.PERSON_ACCOUNT else "Contact"
    first = _typed(life, kind, rng) if typed else _copied(life, kind, rng)
    if rng.random() < rates.CONVERTED_LEAD:
        lead = _lead(life.person, rng)
        lead.converted = True
        life.records.append(lead)
    life.records.append(first)
    if rng.random() < rates.SECOND_CONTACT:
        life.records.append(_typed(life, kind, rng))
    if kind == "Contact" and life.firm is None and rng.random() < rates.BOTH_FORMS:
        life.records.append(_typed(life, "PersonAccount", rng))


def _copied(life: Life, kind: Kind, rng: Random) -> Planned:
    """A record that an integration made of the person's first customer."""
    person, customer = life.person, life.of("customer")[0]
    made = Planned(kind, customer.name if customer.name.last else write_name(person, rng, typed=True))
    made.email, made.email_of = type_email(customer.email, rng, typed=False)
    if not customer.email or rng.random() < rates.COPIED_PHONE:
        made.phone, made.phone_of = type_phone(person.mobile, person.country, rng)
    if rng.random() < rates.LINKED:
        made.link = 2 if rng.random() < rates.STALE_LINK else 1
    return made


def _typed(life: Life, kind: Kind, rng: Random) -> Planned:
    """A record that staff typed in."""
    person = life.person
    made = Planned(kind, write_name(person, rng, typed=True, beside=bool(life.records)))
    if rng.random() < rates.NO_RECORD_KEY:
        return made
    if rng.random() < rates.TYPED_EMAIL:
        made.email, made.email_of = type_email(_address(life, rng), rng, typed=True)
    if rng.random() < rates.PLACEHOLDER_EMAIL:
        made.email = made.email_of = choose(rng, PLACEHOLDERS)
    if rng.random() < rates.TYPED_MOBILE:
        made.phone, made.phone_of = type_phone(person.mobile, person.country, rng)
    elif person.landline:
        made.is_landline = True
        made.phone, made.phone_of = type_phone(person.landline, person.country, rng)
    if rng.random() < rates.PLACEHOLDER_PHONE:
        made.phone, made.phone_of = choose(rng, PLACEHOLDER_PHONES), ""
    return made


def _address(life: Life, rng: Random) -> str:
    """The address that somebody gives to staff."""
    person = life.person
    if life.firm is not None and rng.random() < rates.ROLE_EMAIL:
        return f"info@firm{life.firm}.example"
    if life.records and person.second_email and rng.random() < rates.TYPED_OTHER_EMAIL:
        return person.second_email
    return person.email


def _lead(person: Person, rng: Random) -> Planned:
    made = Planned("Lead", write_name(person, rng, typed=True))
    if rng.random() < rates.LEAD_EMAIL:
        made.email, made.email_of = type_email(person.email, rng, typed=True)
    if rng.random() < rates.LEAD_MOBILE:
        made.phone, made.phone_of = type_phone(person.mobile, person.country, rng)
    return made


def _guest(person: Person, rng: Random) -> Planned:
    other = person.second_email if person.second_email and rng.random() < rates.TYPED_OTHER_EMAIL else ""
    phone = person.mobile if rng.random() < rates.GUEST_PHONE else ""
    email = other or person.email
    return Planned("guest", NOBODY, email, email, phone, phone)


def _plan_guests(life: Life, rng: Random) -> None:
    """One to three orders of somebody without a customer; by a marketplace each has an address of its own."""
    relayed = rng.random() < rates.MARKETPLACE
    for place in range(1 + int(rng.random() * rng.random() * 3)):
        guest = _guest(life.person, rng)
        if relayed:
            address = f"m{life.person.number}x{place}@{RELAY_DOMAIN}"
            guest = Planned("guest", NOBODY, address, address)
        life.records.append(guest)


def _rename(life: Life, rng: Random) -> None:
    """The oldest record bears the family name of before."""
    before = replace(life.person, family=another_family(rng, life.person.country))
    if not isinstance(before.family, str):
        before.spelling = before.family.han
    oldest = life.records[0]
    if oldest.name.last:
        oldest.name = write_name(before, rng, typed=oldest.kind != "customer")


def plan_again(life: Life, rng: Random) -> Planned:
    """One more record of somebody who is known, typed in by staff; it stands last among the records."""
    known = life.of("Contact", "PersonAccount")
    kind: Kind = known[0].kind if known else choose(rng, ("PersonAccount", "Lead"))
    record = _lead(life.person, rng) if kind == "Lead" else _typed(life, kind, rng)
    life.records.append(record)
    return record
