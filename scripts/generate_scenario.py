#!/usr/bin/env python3
"""Write a large invented scenario for the sandbox: customers and orders on both platforms.

    python scripts/generate_scenario.py --customers 100000 --orders 1000000 --seed 1 --out big

The same arguments always write the same bytes. Serve it with `zaiseki sandbox --scenario big`.
"""

import argparse
import sys
import time
from pathlib import Path

from sandbox.synthetic import write_synthetic


def main(arguments: list[str] | None = None) -> int:
    """Write the scenario and say what was written."""
    parser = argparse.ArgumentParser(description="Write a large invented scenario for the sandbox.")
    parser.add_argument("--customers", type=_count, required=True, metavar="N", help="at least 1")
    parser.add_argument("--orders", type=_count, required=True, metavar="M", help="shared out among them")
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="another seed, other people")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="the scenario's folder")
    given = parser.parse_args(arguments)
    began = time.perf_counter()
    try:
        counts = write_synthetic(given.out, customers=given.customers, orders=given.orders, seed=given.seed)
    except OSError as error:
        print(f"cannot write {given.out}: {error.strerror or error}; choose another --out", file=sys.stderr)
        return 1
    for stem, count in counts.items():
        print(f"{count:>12,} rows  {given.out / stem}.csv")
    print(f"in {time.perf_counter() - began:.1f} s; serve it: zaiseki sandbox --scenario {given.out}")
    return 0


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number


if __name__ == "__main__":
    sys.exit(main())
