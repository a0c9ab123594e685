"""Why a store cannot be used. `code` names the message people read, `details` fill it."""

from __future__ import annotations

from pathlib import Path


class StoreUnusable(Exception):
    """The store or its key cannot be used as it is: `store_too_new`, `store_broken`, `store_other_settings`
    or `key_file_unusable`."""

    def __init__(self, code: str, **details: str) -> None:
        super().__init__(f"{code}: {details}")
        self.code = code
        self.details = details


class StoreBusy(Exception):
    """Another run holds the store: its process id and the time it began, as far as it said so."""

    def __init__(self, path: Path, pid: int | None, since: str | None) -> None:
        super().__init__(f"{path} is held by process {pid} since {since}")
        self.path = path
        self.pid = pid
        self.since = since


class HistoryUnusable(StoreUnusable):
    """The merchant's file of earlier orders cannot be read: it is missing, no UTF-8, no CSV, or its columns
    are not those it must have."""
