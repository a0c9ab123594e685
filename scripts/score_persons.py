"""Score everybody in a store: `python scripts/score_persons.py zaiseki.toml --as-of 1998-06-30`.

Prints one JSON object a line: person id and scores. No platform is asked; what the last run stored is
scored with the settings' purchase rules and thresholds. The store is not changed.
"""

from __future__ import annotations

import argparse
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path

import orjson

from metrics.calendar import day_of
from metrics.scores import score_persons
from metrics.segment import Thresholds
from sync.errors import StoreBusy, StoreUnusable
from sync.store import Store
from zaiseki import word_of_mouth
from zaiseki.counting import purchase_rules, refresh_frames, score_rules
from zaiseki.errors import Stop
from zaiseki.scoring import given_of
from zaiseki.settings import Settings, read_settings
from zaiseki.thresholds import DEFAULT_LAPSE_DAYS, read_accepted
from zaiseki.world import tracks_referrals

ROWS = 10_000
"""Rows that are printed at a time."""


def thresholds_of(settings: Settings, folder: Path) -> Thresholds:
    """What the settings say, else what was accepted. Raises `Stop` where neither gives a best spend."""
    given, accepted = settings.segment, read_accepted(folder)
    best_spend = given.best_spend or (accepted.best_spend if accepted else None)
    if best_spend is None:
        raise Stop("best_spend_unknown", orders="?")
    lapse_days = given.lapse_days or (accepted.lapse_days if accepted else DEFAULT_LAPSE_DAYS)
    return Thresholds(best_spend, given.steady_days, given.best_days, lapse_days)


def print_scores(store: Store, settings: Settings, thresholds: Thresholds, as_of: date) -> None:
    """Score, and print as JSON lines; decimals as text."""
    rules, as_of_day = purchase_rules(settings), day_of(as_of)
    refresh_frames(store, rules, as_of_day=as_of_day)
    tracked = tracks_referrals(settings) and word_of_mouth.is_tracked(store)
    friends = word_of_mouth.named_and_friends(store, as_of_day=as_of_day, rules=rules)[1] if tracked else None
    scored = score_persons(
        given_of(store, friends),
        as_of_day=as_of_day,
        rules=score_rules(settings, thresholds),
        materialise=store.materialise,
    )
    names = scored.collect_schema().names()
    found = store.con.execute(scored.to_native().sql_query())
    while rows := found.fetchmany(ROWS):
        for row in rows:
            line = orjson.dumps(dict(zip(names, row, strict=True)), default=_plain)
            sys.stdout.buffer.write(line + b"\n")


def _plain(value: object) -> str:
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def main() -> int:
    """Print the scores; the reason and exit 1 where settings or store do not allow it."""
    parser = argparse.ArgumentParser(description="Score everybody in a store and print JSON lines.")
    parser.add_argument("config", type=Path, help="zaiseki.toml")
    parser.add_argument("--as-of", type=date.fromisoformat, required=True, metavar="YYYY-MM-DD")
    asked = parser.parse_args()
    try:
        settings = read_settings(asked.config)
        thresholds = thresholds_of(settings, asked.config.parent)
        path = asked.config.parent / settings.store.path
        with Store.open(path, memory=settings.store.memory_limit) as store:
            print_scores(store, settings, thresholds, asked.as_of)
    except (Stop, StoreBusy, StoreUnusable) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
