"""How names are folded: what is one name however it was typed, and what stays apart."""

from __future__ import annotations

import pytest

from sync.keys import HashKey
from sync.names import Names, fold_name, hashed

KEY = HashKey(b"k" * 32)


@pytest.mark.parametrize(
    "typed",
    [
        ("髙田", "花子"),
        ("高田", "花子様"),
        ("高田", "花子　さん"),
        ("高田　花子", None),
        (None, "高田 花子"),
        ("高\u200b田", "花\ufeff子"),
        ("高\U000e0101田", "花\ufe00子"),
        ("高田（旧姓：佐藤）", "花子"),
        (" 高田 ", "花 子"),
    ],
)
def test_a_kanji_name_is_one_however_it_was_typed(typed: tuple[str | None, str | None]) -> None:
    assert fold_name(*typed) == Names(han_family="高田", han_given="花子", han_whole="高田花子")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("山﨑", "山崎"),
        ("渡邊", "渡辺"),
        ("渡邉", "渡辺"),
        ("齋藤", "斎藤"),
        ("濵田", "浜田"),
        ("𠮷田", "吉田"),
        ("神谷", "神谷"),
        ("佐々木", "佐佐木"),
        ("関ヶ原", "関ケ原"),
        ("山の内", "山ノ内"),
        ("桺沢", "柳澤"),
    ],
)
def test_variant_kanji_are_one_name(one: str, other: str) -> None:
    assert fold_name(one, "学") == fold_name(other, "學")


@pytest.mark.parametrize(
    ("one", "other"), [("斎藤", "斉藤"), ("大坂", "大阪"), ("薗田", "園田"), ("島", "鳥")]
)
def test_kanji_that_only_look_or_sound_alike_are_different_names(one: str, other: str) -> None:
    assert fold_name(one, "学").han_family != fold_name(other, "学").han_family


@pytest.mark.parametrize(
    "typed",
    [
        ("タカハシ", "キョウコ"),
        ("ﾀｶﾊｼ", "ｷｮｳｺ"),
        ("たかはし", "きょうこ"),
        ("タカハシ", "キヨウコ"),
        ("ﾀｶﾊｼ ｷﾖｳｺ", ""),
        ("たかはし さま", "きょうこ"),
        ("タカハシ・キョウコ", None),
    ],
)
def test_a_kana_name_is_one_by_script_width_and_size(typed: tuple[str | None, str | None]) -> None:
    names = fold_name(*typed)
    assert names == Names(kana_family="タカハシ", kana_given="キヨウコ", kana_whole="タカハシキヨウコ")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ガク", "カ゛ク"),
        ("ｶﾞｸ", "ガク"),
        ("ユーコ", "ユ−コ"),
        ("ユーコ", "ﾕｰｺ"),
        ("みすゞ", "ミスズ"),
        ("いすゞ", "イスズ"),
        ("ヨシヱ", "ヨシエ"),
    ],
)
def test_marks_of_sound_and_length_are_one_however_they_were_typed(one: str, other: str) -> None:
    assert fold_name("オノ", one) == fold_name("オノ", other)


def test_the_long_vowel_mark_is_a_vowel_and_never_dropped() -> None:
    assert fold_name("オノ", "ユーコ") != fold_name("オノ", "ユコ")
    assert fold_name("オーノ", "ユコ") != fold_name("オノ", "ユコ")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("Müller", "Jürgen"), ("MUELLER", "juergen")),
        (("O'Neill", "José"), ("Oneill", "JOSE")),
        (("O’Neill", "José"), ("O'Neill", "Jose")),
        (("Ｓｍｉｔｈ", "Ｊｏｈｎ"), ("Smith", "Mr. John")),
        (("Smith", "John Q."), ("Smith", "John")),
        (("Nguyễn", "Zoë"), ("nguyen", "zoe")),
        (("Straße", "Łukasz"), ("Strasse", "Lukasz")),
        (("Van-Dijk", "Jean-Pierre"), ("VanDijk", "JeanPierre")),
    ],
)
def test_a_latin_name_is_one_by_case_accents_and_punctuation(
    one: tuple[str, str], other: tuple[str, str]
) -> None:
    assert fold_name(*one) == fold_name(*other)


def test_a_whole_latin_name_is_equal_in_whichever_order_and_field_it_was_typed() -> None:
    wholes = [fold_name("Smith", "John"), fold_name("John Smith", None), fold_name("SMITH, JOHN", "")]
    assert {names.latin_whole for names in wholes} == {"johnsmith"}
    assert fold_name("John Smith", None)[6:8] == ("smith", "john")


@pytest.mark.parametrize(
    ("one", "other"), [("Joe", "Jo"), ("Louis", "Lois"), ("Maria", "Mario"), ("Jan", "Jana")]
)
def test_names_of_different_people_stay_apart(one: str, other: str) -> None:
    assert fold_name("Smith", one).latin_given != fold_name("Smith", other).latin_given


def test_kana_beside_kanji_is_how_that_name_is_written_and_how_it_sounds() -> None:
    names = fold_name("田中", "みどり")
    assert (names.han_family, names.han_given, names.han_whole) == ("田中", "ミドリ", "田中ミドリ")
    assert names[3:6] == (None, "ミドリ", None)
    assert fold_name("田中 みどり", None) == names


def test_latin_beside_kanji_is_only_latin() -> None:
    names = fold_name("田中", "Maria")
    assert names == Names(han_family="田中", latin_given="maria")


def test_a_long_word_alone_is_a_whole_name_of_unknown_parts() -> None:
    assert fold_name("田中太郎", None) == fold_name(None, "田中太郎") == Names(han_whole="田中太郎")
    assert fold_name("タナカタロウ", None) == Names(kana_whole=fold_name("タナカ", "タロウ").kana_whole)
    assert fold_name("田中みどり", None).han_whole == fold_name("田中", "みどり").han_whole


def test_a_short_word_alone_is_the_part_it_was_typed_as() -> None:
    assert fold_name("長谷川", None) == Names(han_family="長谷川")
    assert fold_name(None, "花子") == Names(han_given="花子")
    assert fold_name("ナカムラ", None) == Names(kana_family="ナカムラ")
    assert fold_name("Christodoulopoulos", None) == Names(latin_family="christodoulopoulos")


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "  ",
        "-",
        ".",
        "不明",
        "なし",
        "ゲスト様",
        "Guest",
        "[not provided]",
        "Unknown",
        "\u200b",
        "123",
    ],
)
def test_what_says_nothing_is_no_name(typed: str) -> None:
    assert fold_name(typed, None) == fold_name(None, typed) == Names()


def test_a_hyphen_parts_no_name() -> None:
    assert fold_name("Van-Dijk", None) == Names(latin_family="vandijk")
    assert fold_name("Van-Dijk", "Jean-Pierre")[6:8] == fold_name("Van Dijk", "Jean Pierre")[6:8]
    assert fold_name("Anna-Maria Beck", None) == fold_name("Beck", "Anna-Maria")


def test_an_initial_says_nothing_of_a_given_name() -> None:
    assert fold_name("Smith", "J.") == Names(latin_family="smith")


@pytest.mark.parametrize(
    "script", ["김 철수", "Иванов Иван", "Παπαδόπουλος Γιώργος", "सिंह राहुल", "สมชาย ใจดี"]
)
def test_other_scripts_are_compared_too(script: str) -> None:
    family, given = script.split()
    names = fold_name(family, given)
    assert names.kana_family
    assert names.kana_given
    assert names.kana_family != names.kana_given
    assert names == fold_name(family.upper(), f" {given} ")


def test_hashes_are_63_bits_keyed_and_equal_exactly_where_forms_of_one_script_are() -> None:
    taro = hashed(fold_name("田中", "太郎"), KEY)
    swapped = hashed(fold_name("太郎", "田中"), KEY)
    assert taro[:2] == swapped[1::-1]
    assert taro[3:] == (None,) * 6
    assert all(0 <= number < 1 << 63 for number in taro if number is not None)
    assert hashed(fold_name("田中", "太郎"), HashKey(b"o" * 32)) != taro
    assert hashed(fold_name("田中", "みどり"), KEY)[1] != hashed(fold_name("田中", "みどり"), KEY)[4]
