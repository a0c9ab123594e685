"""How a name stands on a record: in which script, with which characters, and with which slips."""

import unicodedata
from random import Random
from typing import TYPE_CHECKING, NamedTuple

from sandbox import household_rates as rates
from sandbox.household_corpus import LOOKALIKES, NICKNAMES, UMLAUTS, UNKNOWN, Name
from sandbox.people import choose, pick

if TYPE_CHECKING:
    from sandbox.household_people import Person

_TO_HIRAGANA = {code: code - 0x60 for code in range(ord("ァ"), ord("ヶ"))}
_LETTERS = str.maketrans({"ø": "o", "Ø": "O", "ß": "ss", "đ": "d"})


class Written(NamedTuple):
    """A name as it stands on a record, and which names a person reads there.

    `family` and `given` are `script:name` without habits of writing (width, case, rare forms, diacritics,
    an initial behind): to a reader, two records whose `given` differ in one script name different people.
    """

    first: str
    last: str
    family: str = ""
    given: str = ""


NOBODY = Written("", "")


def plain_latin(text: str) -> str:
    """`text` in small Latin letters: no diacritics, no hyphens, nothing but letters and digits."""
    return "".join(char for char in _bare(text).lower() if char.isalnum())


def write_name(person: "Person", rng: Random, *, typed: bool, beside: bool = False) -> Written:
    """Write a person's name on one record; `typed` by staff, `beside` another record of theirs."""
    if isinstance(person.given, Name) and isinstance(person.family, Name):
        style = pick(rng, rates.STYLES_TYPED if typed else rates.STYLES_ONLINE)
        written = _japanese(person.family, person.given, person.spelling, style, rng, typed=typed)
    else:
        style = pick(rng, rates.STYLES_FOREIGN)
        style = "family" if typed and style == "none" else style
        written = _foreign(str(person.family), str(person.given), style, rng, beside=beside)
    if typed and rng.random() < rates.UNKNOWN_NAME:
        return Written("", choose(rng, UNKNOWN))
    return _with_slips(written, rng, typed=typed)


def _japanese(family: Name, given: Name, spelling: str, style: str, rng: Random, *, typed: bool) -> Written:
    if style == "none":
        return NOBODY
    if style in ("kana", "hiragana"):
        return _in_kana(family, given, style, rng)
    if style == "latin":
        other = rng.random() < rates.OTHER_ROMAJI
        names = [choose(rng, one.latin) if other else one.latin[0] for one in (family, given)]
        return Written(names[1].title(), names[0].title(), *(f"latin:{plain_latin(one)}" for one in names))
    return _in_han(family, given, spelling, style, rng, typed=typed)


def _in_kana(family: Name, given: Name, style: str, rng: Random) -> Written:
    shown = given.kana, family.kana
    if style == "hiragana":
        shown = given.kana.translate(_TO_HIRAGANA), family.kana.translate(_TO_HIRAGANA)
    elif rng.random() < rates.HALF_WIDTH:
        shown = _half(given.kana), _half(family.kana)
    return Written(*shown, f"kana:{family.kana}", f"kana:{given.kana}")


def _in_han(family: Name, given: Name, spelling: str, style: str, rng: Random, *, typed: bool) -> Written:
    """As in the family register, or nearly: some given names have no characters there, only hiragana."""
    shown = family.han if rng.random() < rates.STANDARD_KANJI else spelling
    first = choose(rng, given.rare) if given.rare and rng.random() > rates.STANDARD_KANJI else given.han
    meant = f"han:{given.han}" if _is_han(given.han) else f"kana:{given.kana}"
    if rng.random() < (rates.NAME_TYPO_TYPED if typed else rates.NAME_TYPO_ONLINE):
        wrong = "".join(LOOKALIKES.get(char, char) for char in given.han)
        first, meant = (wrong, f"han:{wrong}") if wrong != given.han else (first, meant)
    if style == "family":
        return Written("", shown, f"han:{family.han}")
    if style == "joined":
        return Written("", shown + choose(rng, ("", " ", "\u3000")) + first, f"han:{family.han}", meant)
    return Written(first, shown, f"han:{family.han}", meant)


def _is_han(text: str) -> bool:
    return any("CJK UNIFIED" in unicodedata.name(char, "") for char in text)


def _foreign(family: str, given: str, style: str, rng: Random, *, beside: bool) -> Written:
    if style == "none":
        return NOBODY
    if beside and rng.random() < rates.NICKNAME:
        given = NICKNAMES.get(given, given)
    read = [f"latin:{plain_latin(one)}" for one in (family, given)]
    if rng.random() < rates.MIDDLE_INITIAL:
        given = f"{given} {choose(rng, 'ABCDEFGHJKLM')}."
    if rng.random() < rates.NO_DIACRITICS:
        if rng.random() < 0.5:
            family, given = family.translate(UMLAUTS), given.translate(UMLAUTS)
        family, given = _bare(family), _bare(given)
    return Written("", family, read[0]) if style == "family" else Written(given, family, *read)


def _bare(text: str) -> str:
    parts = unicodedata.normalize("NFKD", text.translate(_LETTERS))
    return "".join(char for char in parts if not unicodedata.combining(char))


def _with_slips(name: Written, rng: Random, *, typed: bool) -> Written:
    """Add what fingers add: letter case, fields swapped, titles, spaces and characters one cannot see."""
    first, last = name.first, name.last
    if "latin" in name.family and rng.random() < rates.LETTER_CASE:
        upper = rng.random() < 0.7
        first, last = (one.upper() if upper else one.lower() for one in (first, last))
    if first and last and rng.random() < rates.SWAPPED:
        first, last = last, first
    if typed and last and rng.random() < rates.HONORIFIC:
        first, last = (f"{first}様", last) if first else (first, f"{last}様")
    if last and rng.random() < rates.STRAY_SPACE:
        last = choose(rng, (f" {last}", f"{last} ", f"{last}\u3000"))
    if first and rng.random() < rates.INVISIBLE:
        first = first + choose(rng, ("\u200b", "\ufe00", "\U000e0100"))
    return name._replace(first=first, last=last)


_HALF = {unicodedata.normalize("NFKC", chr(code)): chr(code) for code in range(0xFF66, 0xFF9E)}


def _half(kana: str) -> str:
    """Full-width katakana in half-width characters, sound marks apart."""
    plain = unicodedata.normalize("NFD", kana)
    marks = {"\u3099": "ﾞ", "\u309a": "ﾟ"}
    return "".join(marks.get(char) or _HALF.get(char, char) for char in plain)
