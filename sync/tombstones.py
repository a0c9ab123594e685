"""Who was forgotten: keyed lines that outlive the store, so that no later pull brings anybody back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sync.keys import HashKey


@dataclass(frozen=True, slots=True)
class Tombstones:
    """The forgotten: `records` are keyed hashes of record ids, `keys` those of e-mail and phone keys with
    the instant they were forgotten, `codes` those of their personal codes. None of them tells who it was
    without the key and the id."""

    key: HashKey | None = None
    records: frozenset[str] = frozenset()
    keys: Mapping[str, datetime] = field(default_factory=dict)
    codes: frozenset[str] = frozenset()

    def has_record(self, platform: str, account: str, record_id: str) -> bool:
        """Whether this record was forgotten."""
        return bool(self.records) and record_line(self.key, platform, account, record_id) in self.records

    def has_keys(self, email_key: str | None, phone_key: str | None, at: datetime) -> bool:
        """Whether an order of `at` without a customer record belongs to somebody forgotten since.

        Its phone speaks only where it has no e-mail. Who orders after having been forgotten is new.
        """
        spoken = email_key or phone_key
        if not spoken or not self.keys:
            return False
        forgotten_at = self.keys.get(key_line(self.key, spoken))
        return forgotten_at is not None and at <= forgotten_at

    def has_code(self, code: str) -> bool:
        """Whether this code, folded, was somebody's own who was forgotten. It is nobody's ever after."""
        return bool(self.codes) and code_line(self.key, code) in self.codes


NOBODY = Tombstones()


def record_line(key: HashKey | None, platform: str, account: str, record_id: str) -> str:
    """The keyed hash under which a record is remembered as forgotten."""
    if key is None:
        raise ValueError("tombstones of records need the hash key")
    return key.of("forgotten", f"{platform}/{account}/{record_id}")


def key_line(key: HashKey | None, personal_key: str) -> str:
    """The keyed hash under which an e-mail or phone key is remembered as forgotten."""
    if key is None:
        raise ValueError("tombstones of keys need the hash key")
    return key.of("forgotten", personal_key)


def code_line(key: HashKey | None, code: str) -> str:
    """The keyed hash under which a personal code, folded, is remembered as a forgotten person's."""
    if key is None:
        raise ValueError("tombstones of codes need the hash key")
    return key.of("forgotten", f"code/{code}")
