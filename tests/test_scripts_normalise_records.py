"""The script that shows what raw rows become."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson
from sync_rows import customer, order, refund

SCRIPT = Path(__file__).parents[1] / "scripts" / "normalise_records.py"


def shown(platform: str, stream: str, *rows: Any) -> list[dict[str, Any]]:
    text = b"\n".join(orjson.dumps(row) for row in rows)
    done = subprocess.run(
        [sys.executable, str(SCRIPT), platform, stream],
        input=text,
        capture_output=True,
        check=True,
        timeout=60,
    )
    return [orjson.loads(line) for line in done.stdout.splitlines()]


def test_rows_are_shown_in_the_models_words_and_bad_ones_with_their_reason() -> None:
    found = shown("shopify", "orders", order(1, refunds=[refund(2, "10")]), order(3, processedAt=None))
    assert [(row["row"], row["id"]) for row in found] == [
        ("order", "1"),
        ("refund", "2"),
        ("quarantined", "3"),
    ]
    assert (found[0]["ordered_on"], found[2]["field"]) == ("2026-01-01", "processedAt")


def test_an_address_is_shown_as_a_hash_only() -> None:
    (found,) = shown("shopify", "customers", customer(1, "hanako@example.com"))
    assert len(found["email_key"]) == 32
    assert "hanako" not in str(found).lower()
