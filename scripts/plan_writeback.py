"""Compare the last scores with what the platforms held: `python scripts/plan_writeback.py zaiseki.toml`.

Prints one JSON object a line for every field of every record that differs. No platform is asked: what they
held when last read is taken. Nothing is kept. `zaiseki plan` is the same comparison after a fresh pull.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import narwhals as nw
import orjson

from metrics.fields import catalogue
from metrics.plan import Target, canonical_texts, differences
from sync import frames
from sync.errors import StoreBusy, StoreUnusable
from sync.money import scale
from sync.store import Store
from zaiseki.errors import Stop
from zaiseki.settings import Settings, read_settings

ROWS = 10_000
"""Rows that are printed at a time."""
TARGETS = """
SELECT DISTINCT platform, account, object FROM records WHERE write_target AND NOT deleted
ORDER BY platform, account, object"""


def print_differences(store: Store, settings: Settings) -> None:
    """Compare, and print as JSON lines. Raises `Stop` where nothing was scored yet."""
    currency = store.meta("bound:reporting currency")
    if currency is None or not store.rows("SELECT 1 FROM duckdb_tables() WHERE table_name = 'scores'"):
        raise Stop("status_never_ran")
    written = frozenset(settings.write.fields)
    fields = [f for f in catalogue(currency=currency, scale=scale(currency)) if f.key in written]
    keys = [field.key for field in fields]
    targets = [
        Target(platform, account, name, written)
        for platform, account, name in store.rows(TARGETS)
        if platform in settings.write.platforms and name in settings.write.objects
    ]
    texts = canonical_texts(nw.from_native(store.con.table("scores")), fields)
    held = frames.held(store, keys)
    changes = differences(held, texts, targets, keys, materialise=store.materialise)
    names = changes.collect_schema().names()
    found = store.con.execute(changes.to_native().sql_query())
    while rows := found.fetchmany(ROWS):
        sys.stdout.buffer.writelines(orjson.dumps(dict(zip(names, row, strict=True))) + b"\n" for row in rows)


def main() -> int:
    """Print the differences; the reason and exit 1 where settings or store do not allow it."""
    parser = argparse.ArgumentParser(description="Print what a write-back would change as JSON lines.")
    parser.add_argument("config", type=Path, help="zaiseki.toml")
    asked = parser.parse_args()
    try:
        settings = read_settings(asked.config)
        path = asked.config.parent / settings.store.path
        with Store.open(path, memory=settings.store.memory_limit) as store:
            print_differences(store, settings)
    except (Stop, StoreBusy, StoreUnusable) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
