#!/usr/bin/env python3
"""The summary of Lifetimes over a file of purchases, in an environment of its own: Zaiseki does not need it.

python scripts/bench_lifetimes.py valid.parquet 2024-10-04 summary.parquet

The first file holds `person_id`, `day` and `net` of every purchase; the summary of every customer is written
to the last. Prints one JSON object: seconds of the summary alone (reading and writing are not counted), and
its sums.
"""

from __future__ import annotations

import json
import sys
import time
import warnings

import pandas

warnings.simplefilter("ignore")  # Lifetimes is of 2020 and sets an option that pandas no longer has

from lifetimes.utils import summary_data_from_transaction_data  # noqa: E402


def main() -> None:
    """Sum up, and tell what it came to."""
    bought = pandas.read_parquet(sys.argv[1])
    began = time.monotonic()
    found = summary_data_from_transaction_data(
        bought, "person_id", "day", "net", observation_period_end=sys.argv[2], freq="D"
    )
    told = {"seconds": round(time.monotonic() - began, 2), "persons": len(found)}
    found.reset_index().to_parquet(sys.argv[3])
    for name, column in (("frequency", "frequency"), ("recency", "recency"), ("age", "T")):
        told[name] = int(found[column].sum())
    print(json.dumps(told | {"money": round(float(found["monetary_value"].sum()))}))


if __name__ == "__main__":
    main()
