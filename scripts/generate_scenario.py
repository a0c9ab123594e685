#!/usr/bin/env python3
"""Write a large invented scenario for the sandbox: customers and orders on both platforms.

    python scripts/generate_scenario.py --customers 100000 --orders 1000000 --seed 1 --out big
    python scripts/generate_scenario.py --households 100000 --seed 1 --out homes --then homes/later

With --households the number is that of customer-like records; `truth.csv` says which person each is of, and
the second folder, for `/_sandbox/apply`, holds what happens until the second day. The same arguments always
write the same bytes. Serve it with `zaiseki sandbox --scenario big`.
"""

import argparse
import sys
import time
from pathlib import Path

from sandbox.households import write_households
from sandbox.synthetic import write_synthetic


def main(arguments: list[str] | None = None) -> int:
    """Write the scenario and say what was written."""
    parser = argparse.ArgumentParser(description="Write a large invented scenario for the sandbox.")
    parser.add_argument("--customers", type=_count, metavar="N", help="at least 1")
    parser.add_argument("--orders", type=_count, metavar="M", help="shared out among them")
    parser.add_argument("--households", type=_count, metavar="N", help="so many records, with their truth")
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="another seed, other people")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="the scenario's folder")
    parser.add_argument("--then", type=Path, metavar="DIR", help="the second day's, else OUT/later")
    given = parser.parse_args(arguments)
    if (given.households is None) == (given.customers is None or given.orders is None):
        parser.error("give --customers and --orders, or --households")
    if given.then and not given.households:
        parser.error("--then goes with --households")
    began = time.perf_counter()
    try:
        counts = _write(given)
    except OSError as error:
        print(f"cannot write {given.out}: {error.strerror or error}; choose another --out", file=sys.stderr)
        return 1
    for stem, count in counts.items():
        print(f"{count:>12,} rows  {given.out / stem}.csv")
    print(f"in {time.perf_counter() - began:.1f} s; serve it: zaiseki sandbox --scenario {given.out}")
    return 0


def _write(given: argparse.Namespace) -> dict[str, int]:
    if given.households:
        later = given.then or given.out / "later"
        return write_households(given.out, later, records=given.households, seed=given.seed)
    return write_synthetic(given.out, customers=given.customers, orders=given.orders, seed=given.seed)


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number


if __name__ == "__main__":
    sys.exit(main())
