"""Names folded per script, so that equal means equal: only forms in one script can be compared.

Three scripts: `han` is a name as it is written with kanji, `latin` in Latin letters, `kana` in any other
letters (kana before all; Hangul, Cyrillic and the like never stand beside kana for one person, so that they
may share its columns). What goes where:

- Kana or Latin letters inside a word with kanji belong to it (佐々木, 山ノ内, 関ケ原).
- A part in kana beside a part with kanji (田中 みどり) is how that name is written, so it stands among the
  kanji forms, and among the kana forms too.
- A name that stands whole in one field is parted at its space: han and kana put the family name first,
  Latin the given name. `whole` holds both together, for Latin in alphabetical order, so that it is equal
  however the name was parted. One long word alone is a whole name, whose parts are not known.

Folding: NFKC; zero-width characters and variation selectors dropped; variant kanji; 々 and ゝ written out;
hiragana to katakana, small kana to large (banks and carriers know no other), ー kept; Latin letters without
case, diacritics and punctuation, `ue` like `ü`, initials dropped; honorifics and notes in brackets dropped.
What says nothing (不明, Guest, -) is no name.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Literal, NamedTuple

from sync.kanji import VARIANTS
from sync.keys import INVISIBLE, HashKey

Script = Literal["han", "kana", "latin"]

_SOUND_MARKS = str.maketrans("゛゜", "\u3099\u309a")
_NOTES = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|〔[^〔〕]*〕|【[^【】]*】")
_HONORIFIC = re.compile(r"(?<=\w)\s*(?:様|殿|さま|さん|ちゃん|くん|御中)\s*$")
_TITLES = re.compile("(?:mr|mrs|ms|miss|mx|dr|prof|sir|madam|mme|mlle|herr|frau)")
_SAYS_NOTHING = re.compile(
    "不明|未入力|未設定|名無シ|ナシ|ゲスト|テスト|none|null|unknown|guest|customer|notprovided"
)
_DIACRITICS = re.compile("[\u0300-\u036f]")
_LATIN_APART = str.maketrans(
    {"ø": "o", "đ": "d", "ð": "d", "ł": "l", "æ": "ae", "œ": "oe", "þ": "th", "ı": "i"}
)
_UMLAUT = re.compile("([aou])e(?=[b-df-hj-np-tv-z])")
_WITHIN_WORDS = re.compile("['’‘ʼʻ`´]|(?<=[a-z])[-‐‑‒–—](?=[a-z])")
_KATAKANA = {code: code + 0x60 for code in (*range(0x3041, 0x3097), 0x309D, 0x309E)}
_LARGE_KANA = str.maketrans("ァィゥェォッャュョヮヵヶヰヱヲ", "アイウエオツヤユヨワカケイエオ")
_LONG_DASH = re.compile("(?<=[ァ-ヺー])[-‐‑‒–—―−─━~〜]")
_DOUBLED = re.compile("(.)([々〻ヽヾ])")
# The marks of Indic and neighbouring scripts are vowels, and no letters to Python.
_BETWEEN_WORDS = re.compile(r"(?:[^\w\u0900-\u109f\u1780-\u17d3]|[\d_])+")
_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_LATIN = re.compile("[a-z\u00df-\u024f\u1e00-\u1eff]*")
_WHOLE_FROM = {"han": 4, "kana": 6}
"""From so many letters on, one word alone in one field is a whole name written without a space: longer family
names are rarer than people who write so."""


class Names(NamedTuple):
    """A name in the scripts it is known in, folded; the fields are those of `sync.model.Record`."""

    han_family: str | None = None
    han_given: str | None = None
    han_whole: str | None = None
    kana_family: str | None = None
    kana_given: str | None = None
    kana_whole: str | None = None
    latin_family: str | None = None
    latin_given: str | None = None
    latin_whole: str | None = None


def fold_name(family: str | None, given: str | None) -> Names:
    """The forms of a name from the two fields it was typed in; either may be blank, or hold it all."""
    last, first = _words(family), _words(given)
    if last and first:
        return _parted(last, first)
    alone = last or first
    if not alone:
        return Names()
    if len(alone) > 1:
        latin = _script("".join(alone)) == "latin"
        return _parted(alone[-1:], alone[:-1]) if latin else _parted(alone[:1], alone[1:])
    (word,) = alone
    script = _script(word)
    if len(word) >= _WHOLE_FROM.get(script, len(word) + 1):
        return _forms(script, None, None, word)
    return _forms(script, word if last else None, word if first else None, None)


def hashed(names: Names, key: HashKey) -> tuple[int | None, ...]:
    """The nine forms as keyed numbers of 63 bits; those of one script are equal where their texts are."""
    return tuple(
        None if text is None else key.number(f"name:{field.partition('_')[0]}", text)
        for field, text in zip(Names._fields, names, strict=True)
    )


def _parted(last: tuple[str, ...], first: tuple[str, ...]) -> Names:
    family, given = "".join(last), "".join(first)
    scripts = _script(family), _script(given)
    if scripts[0] == scripts[1]:
        words = sorted(last + first) if scripts[0] == "latin" else last + first
        return _forms(scripts[0], family, given, "".join(words))
    apart = _joined(_forms(scripts[0], family, None, None), _forms(scripts[1], None, given, None))
    return apart if "latin" in scripts else _joined(_forms("han", family, given, family + given), apart)


def _forms(script: Script, family: str | None, given: str | None, whole: str | None) -> Names:
    return Names(**{f"{script}_family": family, f"{script}_given": given, f"{script}_whole": whole})


def _joined(forms: Names, others: Names) -> Names:
    return Names(*(form or other for form, other in zip(forms, others, strict=True)))


def _script(text: str) -> Script:
    if _HAN.search(text):
        return "han"
    return "latin" if _LATIN.fullmatch(text) else "kana"


@lru_cache(maxsize=1 << 16)  # few names are borne by many
def _words(typed: str | None) -> tuple[str, ...]:
    """The folded words of one field; none where it says nothing."""
    if not typed:
        return ()
    text = unicodedata.normalize("NFKC", INVISIBLE.sub("", typed).translate(_SOUND_MARKS))
    text = _NOTES.sub(" ", text).strip() or text
    text = _HONORIFIC.sub("", text).casefold().translate(_LATIN_APART)
    text = _WITHIN_WORDS.sub("", _DIACRITICS.sub("", unicodedata.normalize("NFKD", text)))
    text = _folded_japanese(unicodedata.normalize("NFC", text))
    words = _BETWEEN_WORDS.sub(" ", text).split()
    if words and _TITLES.fullmatch(words[0]):
        del words[0]
    words = [word for word in words if len(word) > 1 or _script(word) != "latin"]
    if _SAYS_NOTHING.fullmatch("".join(words)):
        return ()
    return tuple(_UMLAUT.sub(r"\1", word) for word in words)


def _folded_japanese(text: str) -> str:
    if text.isascii():
        return text
    text = _LONG_DASH.sub("ー", text.translate(_KATAKANA).translate(VARIANTS))
    return _DOUBLED.sub(_written_out, text).translate(_LARGE_KANA)


def _written_out(found: re.Match[str]) -> str:
    before, mark = found.groups()
    again = unicodedata.normalize("NFC", before + "\u3099") if mark == "ヾ" else before
    return before + again
