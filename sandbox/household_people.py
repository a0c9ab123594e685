"""Invented households: who lives together, what they are called, which addresses and numbers they have."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from sandbox import household_rates as rates
from sandbox.household_corpus import DOMAINS, FAMILY, GIVEN, JAPANESE_DOMAINS, OTHER_FAMILY, OTHER_GIVEN, Name
from sandbox.household_writing import plain_latin
from sandbox.people import AREA_CODES, choose, pick

COUNTRIES = ("US", "GB", "DE", "FR", "KR")
_AREAS = AREA_CODES.split()
_LINES = 10_000 * len(_AREAS)


@dataclass(slots=True)
class Home:
    """Where people live: the household's number, its country (ISO 3166) and its landline, if it has one."""

    number: int
    country: str
    landline: str


@dataclass(slots=True)
class Person:
    """One real person. `family` and `given` are entries of the corpus in Japan, texts abroad.

    `spelling` is the person's own way to write the family name. Phones are E.164; empty texts stand for none.
    """

    number: int
    household: int
    country: str
    family: Name | str
    given: Name | str
    spelling: str
    email: str
    second_email: str
    mobile: str
    landline: str
    shares_email: bool = False


def invent_household(number: int, first_person: int, rng: Random) -> list[Person]:
    """Invent the people of one household who are known to the shop, numbered from `first_person`."""
    country = "JP" if rng.random() < rates.JAPANESE else choose(rng, COUNTRIES)
    family = choose(rng, FAMILY) if country == "JP" else choose(rng, OTHER_FAMILY)
    landline = _landline(number, country) if rng.random() < rates.LANDLINE else ""
    people: list[Person] = []
    for place in range(pick(rng, tuple(enumerate(rates.BUYERS, start=1)))):
        own = family if not place or rng.random() > rates.OWN_FAMILY_NAME else another_family(rng, country)
        given = _given(rng, country, people)
        home = Home(number, country, landline)
        people.append(_person(first_person + place, home, own, given, rng))
    if len(people) > 1:
        _share(people, rng)
    return people


def another_family(rng: Random, country: str) -> Name | str:
    """Draw a family name that is used in the country."""
    return choose(rng, FAMILY) if country == "JP" else choose(rng, OTHER_FAMILY)


def _given(rng: Random, country: str, people: list[Person]) -> Name | str:
    """Draw a given name that nobody else of the household has, but for namesakes."""
    if people and rng.random() < rates.NAMESAKE:
        return people[0].given
    taken = {_sounds(one.given) for one in people}
    names: Sequence[Name | str] = GIVEN if country == "JP" else OTHER_GIVEN
    return choose(rng, [name for name in names if _sounds(name) not in taken])


def _sounds(given: Name | str) -> str:
    """How a name sounds: two people of one household are not called 裕子 and 優子."""
    return given if isinstance(given, str) else given.kana


def _person(number: int, home: Home, family: Name | str, given: Name | str, rng: Random) -> Person:
    latin = [one.latin[0] if isinstance(one, Name) else plain_latin(one) for one in (given, family)]
    name = ".".join(part.replace("'", "").replace(" ", "") for part in latin)
    domains = JAPANESE_DOMAINS if home.country == "JP" else DOMAINS
    email = f"{name}.{number}@{choose(rng, domains)}"
    second = ""
    if rng.random() < rates.SECOND_EMAIL:
        before, _, domain = email.partition("@")
        tagged = rng.random() < rates.PLUS_TAG
        second = f"{before}+shop@{domain}" if tagged else f"{latin[0][0]}{number}.{latin[1][:4]}@{domain}"
    spelling = ""
    if isinstance(family, Name):
        spelling = choose(rng, family.rare) if family.rare and rng.random() < 0.5 else family.han
    return Person(
        number=number,
        household=home.number,
        country=home.country,
        family=family,
        given=given,
        spelling=spelling,
        email=email,
        second_email=second.replace("'", "").replace(" ", ""),
        mobile=_mobile(number, home.country),
        landline=home.landline,
    )


def _share(people: list[Person], rng: Random) -> None:
    """Let two people of a household have one address or one mobile telephone."""
    if rng.random() < rates.COUPLE * rates.SHARED_EMAIL:
        people[1].email = people[0].email
        people[0].shares_email = people[1].shares_email = True
    if rng.random() < rates.SHARED_MOBILE:
        people[1].mobile = people[0].mobile


def _mobile(number: int, country: str) -> str:
    """Give each number its own telephone: in Japan 060, abroad a range that is open for mobile ones."""
    if country == "JP":
        return f"+8160{10_000_000 + number * 7_919 % 90_000_000}"
    if country == "US":
        place, line = divmod(number % _LINES, 10_000)
        return f"+1{_AREAS[place]}{555 + number // _LINES}{line:04d}"
    ranges = {"GB": "+44740{:07d}", "DE": "+49151{:08d}", "FR": "+3361{:07d}", "KR": "+82102{:07d}"}
    return ranges[country].format(number)


def _landline(household: int, country: str) -> str:
    """Give a household its line; American ones cannot be told from mobile telephones."""
    if country == "JP":
        return f"+8133{household % 10_000_000:07d}"
    if country == "US":
        place, line = divmod(household % _LINES, 10_000)
        return f"+1{_AREAS[place]}{655 + household // _LINES}{line:04d}"
    return ""
