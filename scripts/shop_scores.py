"""The figures of the shop from a store: `python scripts/shop_scores.py zaiseki.toml`.

Prints one JSON object a line: name, part, value, base. No platform is asked; what the last run stored is
counted as of that run's day, with its thresholds and the present settings. The store is not changed.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import orjson

from sync.errors import StoreBusy, StoreUnusable
from zaiseki import word_of_mouth
from zaiseki.counting import score_rules
from zaiseki.errors import Stop
from zaiseki.last_scores import LastScores, last_scores
from zaiseki.planning import thresholds_of
from zaiseki.shop_scoring import score_shop
from zaiseki.world import tracks_referrals


def print_figures(last: LastScores) -> None:
    """Count, and print as JSON lines; decimals as text."""
    last.refresh_frames()
    lines = score_shop(
        last.store,
        last.settings,
        as_of=last.as_of,
        rules=score_rules(last.settings, thresholds_of(last.run)),
        currency=last.currency,
        tracked=tracks_referrals(last.settings) and word_of_mouth.is_tracked(last.store),
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
        with last_scores(asked.config) as last:
            print_figures(last)
    except (Stop, StoreBusy, StoreUnusable) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
