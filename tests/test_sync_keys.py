"""Folding and hashing what identifies a person."""

from __future__ import annotations

import base64
import hashlib
import hmac
import stat
from pathlib import Path

import pytest

from sync.errors import StoreUnusable
from sync.keys import HashKey, fold_code, fold_email, fold_order_name, fold_phone, load, personal_codes

MOBILE = "+819012345678"


@pytest.mark.parametrize(
    "typed",
    [
        "090-1234-5678",
        "09012345678",
        "０９０ー１２３４ー５６７８",
        "090‐1234‐5678",
        "090−1234−5678",
        "+81 90 1234 5678",
        "+81(0)90-1234-5678",
        "09012345678(自宅)",
        "09012345678（自宅）",
        "090-1234-5678 内線12",
        "\u200e090-1234\u200b-5678",
    ],
)
def test_every_way_to_type_a_mobile_number_gives_the_same_number(typed: str) -> None:
    assert fold_phone(typed, "JP") == (MOBILE, True)


@pytest.mark.parametrize("typed", ["000-0000-0000", "090-1234-567", "12345", "なし", "", None, "-", "+"])
def test_a_number_that_cannot_exist_is_no_key(typed: str | None) -> None:
    assert fold_phone(typed, "JP") is None


@pytest.mark.parametrize("typed", ["03-3234-5678", "0120-123-444"])
def test_landlines_and_service_numbers_are_not_mobile(typed: str) -> None:
    found = fold_phone(typed, "JP")
    assert found is not None
    assert not found.is_mobile


def test_the_region_decides_what_a_national_number_is() -> None:
    assert fold_phone("(212) 555-2368", "US") == ("+12125552368", True)
    assert fold_phone("(212) 555-2368", "JP") is None


@pytest.mark.parametrize(
    ("typed", "folded"),
    [
        (" Taro@Example.COM ", "taro@example.com"),
        ("ｔａｒｏ＠ｅｘａｍｐｌｅ．ｃｏｍ", "taro@example.com"),
        ("taro+a@example.com", "taro+a@example.com"),
        ("\ufefftaro@exa\u200bmple.com\u200b", "taro@example.com"),
        ("no mail", None),
        ("a@b@c", None),
        ("@example.com", None),
        ("taro@", None),
        ("ta ro@example.com", None),
        (None, None),
    ],
)
def test_an_address_is_folded_whole_and_must_hold_one_at_sign(typed: str | None, folded: str | None) -> None:
    assert fold_email(typed) == folded


def test_codes_are_equal_whatever_their_case_and_width() -> None:
    assert fold_code(" ＴＡＲＯ-10 ") == fold_code("taro-10") == "taro-10"
    assert fold_code("  ") is None


def test_a_hash_is_the_first_half_of_hmac_sha256_and_keeps_kinds_apart() -> None:
    key = HashKey(b"k" * 32)
    expected = hmac.new(b"k" * 32, b"email:taro@example.com", hashlib.sha256).hexdigest()[:32]
    assert key.of("email", "taro@example.com") == expected
    assert key.of("phone", "taro@example.com") != expected
    assert "kkk" not in repr(key)


def test_a_key_file_is_made_once_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    path = tmp_path / "zaiseki.key"
    made = load(path, {})
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load(path, {}) == made
    assert len(made.secret) == 32


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    given = base64.b64encode(b"e" * 32).decode()
    assert load(tmp_path / "zaiseki.key", {"ZAISEKI_HASH_KEY": given}).secret == b"e" * 32
    assert not (tmp_path / "zaiseki.key").exists()


@pytest.mark.parametrize("text", ["not base64!", base64.b64encode(b"short").decode(), "鍵"])
def test_a_damaged_key_file_is_an_error_and_is_never_replaced(tmp_path: Path, text: str) -> None:
    path = tmp_path / "zaiseki.key"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(StoreUnusable) as error:
        load(path, {})
    assert error.value.code == "key_file_unusable"
    assert path.read_text(encoding="utf-8") == text


@pytest.mark.parametrize(
    ("typed", "region"),
    [
        ("090-0000-0000", "JP"),
        ("09011111111", "JP"),
        ("03-3333-3333", "JP"),
        ("(212) 555-5555", "US"),
        ("06 11 11 11 11", "FR"),
    ],
)
def test_a_number_of_one_digit_only_is_typed_where_there_is_none(typed: str, region: str) -> None:
    assert fold_phone(typed, region) is None


@pytest.mark.parametrize(("typed", "region"), [("090-1111-1112", "JP"), ("(212) 555-5556", "US")])
def test_a_number_with_another_digit_in_it_is_one(typed: str, region: str) -> None:
    assert fold_phone(typed, region) is not None


@pytest.mark.parametrize("typed", ["#1001", "1001", " ＃１００１ ", "# 1001"])
def test_an_order_is_named_the_same_with_and_without_its_sign(typed: str) -> None:
    assert fold_order_name(typed) == "1001"


def test_an_order_name_keeps_what_the_shop_puts_round_the_number() -> None:
    assert fold_order_name("#TEA1001-JP") == "tea1001-jp"
    assert fold_order_name("#") is None
    assert fold_order_name(None) is None


def test_a_short_hash_is_63_bits_of_the_long_one() -> None:
    key = HashKey(b"k" * 32)
    assert key.number("name", "taro") == int(key.of("name", "taro")[:16], 16) >> 1


def test_personal_codes_stand_in_a_field_behind_a_tag_s_start_or_are_tags_of_a_shape() -> None:
    tags = ["ref:Anna-7", "ＲＥＦ: ANNA-8", "ref:", "VIP", "TARO-00001", "x TARO-00002", "anna-9"]
    codes = personal_codes
    assert codes(" Anna-9 ", tags, prefix=None, pattern=None) == ["anna-9"]
    assert codes(None, tags, prefix="Ref:", pattern=None) == ["anna-7", "anna-8"]
    assert codes("ANNA-9", tags, prefix=None, pattern="[A-Z]+-[0-9]{5}|anna-9") == ["anna-9", "taro-00001"]
    assert codes(None, tags, prefix=None, pattern=None) == []
