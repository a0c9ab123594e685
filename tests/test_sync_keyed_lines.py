"""The files of keyed lines: nothing in them tells who, and nothing in them is ever guessed at."""

from __future__ import annotations

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sync_rows import KEY, SHOP

from sync.errors import StoreUnusable
from sync.keyed_lines import KeyedFile, load_tombstones, stamp
from sync.keys import HashKey
from sync.tombstones import key_line, record_line

AT = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
EMAIL_KEY = KEY.of("email", "hanako@example.com")


@pytest.fixture
def file(tmp_path: Path) -> KeyedFile:
    return KeyedFile(tmp_path / "zaiseki.tombstones", "tombstones", KEY)


def record(number: int, at: datetime = AT) -> tuple[str, str, str]:
    return "record", record_line(KEY, "shopify", SHOP, str(number)), stamp(at)


def key(at: datetime = AT) -> tuple[str, str, str]:
    return "key", key_line(KEY, EMAIL_KEY), stamp(at)


def refused(file: KeyedFile) -> dict[str, str]:
    """Why the file cannot be used, for reading and for adding alike."""
    with pytest.raises(StoreUnusable) as reading:
        file.read()
    with pytest.raises(StoreUnusable) as adding:
        file.append([record(9)])
    assert reading.value.code == adding.value.code == "keyed_lines_unusable"
    assert reading.value.details == adding.value.details
    return reading.value.details


def test_what_was_added_is_read_again_in_order(file: KeyedFile) -> None:
    assert file.read() == []
    file.append([record(1)])
    file.append([key(), record(2)])
    assert file.read() == [record(1), key(), record(2)]


def test_the_file_is_its_owners_only_and_its_first_line_says_what_it_is(file: KeyedFile) -> None:
    file.append([record(1)])
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    assert file.path.read_text().splitlines()[0].startswith("zaiseki tombstones 1 ")


def test_no_id_and_no_address_stands_in_the_file(file: KeyedFile) -> None:
    file.append([record(123456789), key()])
    text = file.path.read_text()
    assert "123456789" not in text and EMAIL_KEY not in text and SHOP not in text


@pytest.mark.parametrize(
    "line", ["record", "record xyz 2026-11-21T03:00:00Z", "", f"record {'0' * 32} 2026-11-21", "who knows"]
)
def test_a_garbled_line_is_named_by_its_number_and_nothing_is_added(file: KeyedFile, line: str) -> None:
    file.append([record(1), record(2)])
    first, second, third = file.path.read_text().splitlines()
    file.path.write_text(f"{first}\n{second}\n{line}\n{third}\n")
    before = file.path.read_bytes()
    assert (refused(file)["line"], refused(file)["path"]) == ("3", str(file.path))
    assert file.path.read_bytes() == before


def test_a_line_that_was_cut_off_is_garbled(file: KeyedFile) -> None:
    file.append([record(1), record(2)])
    file.path.write_text(file.path.read_text()[:-12])
    assert refused(file)["line"] == "3"


def test_a_file_of_another_kind_version_or_key_is_refused(file: KeyedFile) -> None:
    file.append([record(1)])
    assert refused(KeyedFile(file.path, "decisions", KEY))["line"] == "1"
    other = HashKey(b"another key of 32 bytes or more.")
    assert "another hash key" in refused(KeyedFile(file.path, "tombstones", other))["cause"]
    file.path.write_text(file.path.read_text().replace("tombstones 1 ", "tombstones 2 "))
    assert "version 2" in refused(file)["cause"]


def test_a_file_that_is_no_text_is_refused(file: KeyedFile) -> None:
    file.path.write_bytes(b"\xff\xfe\x00")
    refused(file)


def test_a_file_that_a_kill_left_empty_is_begun_anew(file: KeyedFile) -> None:
    file.path.touch(0o600)
    assert file.read() == []
    file.append([record(1)])
    assert file.read() == [record(1)]


def test_tombstones_know_records_and_keys(file: KeyedFile) -> None:
    assert not load_tombstones(file).has_record("shopify", SHOP, "1")
    file.append([record(1), key()])
    found = load_tombstones(file)
    assert found.has_record("shopify", SHOP, "1")
    assert not found.has_record("shopify", SHOP, "2") and not found.has_record("salesforce", SHOP, "1")
    assert found.has_keys(EMAIL_KEY, None, AT)


def test_who_orders_after_having_been_forgotten_is_new_until_forgotten_again(file: KeyedFile) -> None:
    file.append([key()])
    later = AT + timedelta(seconds=1)
    assert not load_tombstones(file).has_keys(EMAIL_KEY, None, later)
    file.append([key(later), key(AT)])
    assert load_tombstones(file).has_keys(EMAIL_KEY, None, later)
