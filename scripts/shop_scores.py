"""The figures of the shop from a store: `python scripts/shop_scores.py zaiseki.toml`.

Prints one JSON object a line: name, part, value, base. No platform is asked; what the last run stored is
counted as of that run's day, with its thresholds and the present settings. The store is not changed.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import orjson

from metrics.calendar import day_of
from sync import runs
from sync.errors import StoreBusy, StoreUnusable
from sync.store import Store
from zaiseki import word_of_mouth
from zaiseki.counting import refresh_frames, score_rules
from zaiseki.errors import Stop
from zaiseki.planning import thresholds_of
from zaiseki.settings import Settings, read_settings
from zaiseki.shop_scoring import score_shop
from zaiseki.world import tracks_referrals

RUNS_LOOKED_AT = 100


def print_figures(store: Store, settings: Settings) -> None:
    """Count, and print as JSON lines; decimals as text. Raises `Stop` where no run has scored anybody."""
    last = next((run for run in runs.last(store, RUNS_LOOKED_AT) if run.as_of and run.thresholds), None)
    if last is None or last.as_of is None:
        raise Stop("status_never_ran")
    rules = score_rules(settings, thresholds_of(last))
    refresh_frames(store, rules.purchases, as_of_day=day_of(last.as_of))
    lines = score_shop(
        store,
        settings,
        as_of=last.as_of,
        rules=rules,
        currency=store.meta("bound:reporting currency") or "",
        tracked=tracks_referrals(settings) and word_of_mouth.is_tracked(store),
    )
    for line in lines:
        value = None if line.value is None else f"{line.value:f}"
        row = {"name": line.name, "part": line.part, "value": value, "base": line.base}
        sys.stdout.buffer.write(orjson.dumps(row) + b"\n")


def main() -> int:
    """Print the figures; the reason and exit 1 where settings or store do not allow it."""
    parser = argparse.ArgumentParser(description="Count the figures of the shop and print JSON lines.")
    parser.add_argument("config", type=Path, help="zaiseki.toml")
    asked = parser.parse_args()
    try:
        settings = read_settings(asked.config)
        path = asked.config.parent / settings.store.path
        with Store.open(path, memory=settings.store.memory_limit) as store:
            print_figures(store, settings)
    except (Stop, StoreBusy, StoreUnusable) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
