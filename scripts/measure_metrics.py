#!/usr/bin/env python3
"""The metrics of a person over invented purchases, timed: a process for each part, and Lifetimes beside.

    python scripts/measure_metrics.py --cdnow tests/data/cdnow_lifetimes.csv.gz

makes anew what the test of tenure is held to: the summary of every customer of CDNOW by Lifetimes itself.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb

ROOT = Path(__file__).resolve().parent.parent
METRICS = {
    "group_by": "a bare GROUP BY",
    "tenure_and_segment": "tenure and segment",
    "every_metric": "every metric of a person",
    "expectation": "return expectation",
    "export": "purchases that count, to a file",
    "summary": "x, t_x, T and monetary value",
}
AS_OF = "2024-10-04"  # the day that bench_metrics counts to
LIFETIMES = ("lifetimes==0.11.3", "pyarrow")
CDNOW, CDNOW_END = ROOT / "sandbox" / "data" / "cdnow_master.csv.gz", "1998-06-30"


def bench_metrics(folder: Path, *, people: int) -> None:
    """Time every part and print a line each; starting a process and opening the store is not counted."""
    folder.mkdir(parents=True, exist_ok=True)
    print(f"\nmetrics: {people:,} people, about 10 orders each, the store opened with 3GB;")
    print("  wall time of the part, processor time of both cores and peak resident set of its whole process")
    script = str(ROOT / "scripts" / "bench_metrics.py")
    subprocess.run([sys.executable, script, "fill", str(folder), str(people)], check=True)
    told = {}
    for part, title in METRICS.items():
        told[part], spent = _part([sys.executable, script, part, str(folder)])
        print(f"  {title:34s}  {told[part]['seconds']:7.1f} s  {spent}{_more(part, told[part])}")
    _lifetimes(folder, told["summary"])


def _more(part: str, told: Mapping[str, Any]) -> str:
    if part == "export":
        return f"  {told['orders']:,} orders count"
    if part == "expectation":
        return f"  {told['rows']:,} distinct histories, fit {told['fit_seconds']:.1f} s"
    return f"  {told['persons']:,} persons"


def _lifetimes(folder: Path, ours: Mapping[str, Any]) -> None:
    """The same summary by Lifetimes, and how many people it tells anything else of."""
    python = _python_with_lifetimes(folder)
    if python is None:
        print("  the same summary by Lifetimes: not measured, the package could not be installed here")
        return
    told, spent = _part(_summing(python, folder, AS_OF))
    print(f"  {'the same summary by Lifetimes':34s}  {told['seconds']:7.1f} s  {spent}", end="")
    print(f"  money {told['money']:,}, ours {ours['money']:,}")
    other, _ = _part([sys.executable, str(ROOT / "scripts" / "bench_metrics.py"), "differences", str(folder)])
    print(
        f"  of {other['persons']:,} people, told otherwise by Lifetimes: frequency, recency or age of ",
        end="",
    )
    print(f"{other['numbers']:,}, monetary value of {other['money']:,}")


def _python_with_lifetimes(folder: Path) -> Path | None:
    """The interpreter of an environment made for Lifetimes, which is no dependency of ours; None if it could
    not be made."""
    python = folder / "lifetimes" / "bin" / "python"
    install = [str(python), "-m", "pip", "install", "--quiet", *LIFETIMES]
    made = subprocess.run([sys.executable, "-m", "venv", str(python.parent.parent)], check=False)
    if made.returncode or subprocess.run(install, check=False, stderr=subprocess.DEVNULL).returncode:
        return None
    return python


def _summing(python: Path, folder: Path, end: str) -> list[str]:
    """The command that sums up the purchases of a folder (valid.parquet) to summary.parquet beside them."""
    script, files = (
        ROOT / "scripts" / "bench_lifetimes.py",
        (folder / "valid.parquet", folder / "summary.parquet"),
    )
    return [str(python), str(script), str(files[0]), end, str(files[1])]


def summarise_cdnow(target: Path) -> None:
    """Write frequency, recency and T of every customer of CDNOW as Lifetimes sums them up; purchases of an
    amount of 0 are none. The file is the same whenever it is made."""
    with tempfile.TemporaryDirectory(prefix="zaiseki-lifetimes-") as made, duckdb.connect() as con:
        folder = Path(made)
        con.execute(f"""COPY (
            SELECT customer_id AS person_id, date::TIMESTAMP AS day, amount::DOUBLE AS net
            FROM read_csv('{CDNOW}', all_varchar = true) WHERE amount::DOUBLE > 0)
            TO '{folder / "valid.parquet"}'""")
        python = _python_with_lifetimes(folder)
        if python is None:
            sys.exit("Lifetimes could not be installed here")
        told, _ = _part(_summing(python, folder, CDNOW_END))
        found = con.execute(f"""SELECT person_id, frequency::INT, recency::INT, "T"::INT
            FROM '{folder / "summary.parquet"}' ORDER BY person_id""").fetchall()
    lines = ["customer_id,frequency,recency,T", *(",".join(map(str, row)) for row in found)]
    target.write_bytes(gzip.compress("\n".join([*lines, ""]).encode(), 9, mtime=0))
    print(f"{told['persons']:,} customers, {target.stat().st_size:,} bytes")


def _part(command: list[str]) -> tuple[dict[str, Any], str]:
    """Run a process that prints one JSON object; the object, and what the process took of the machine."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert process.stdout is not None
    printed = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status):
        sys.exit(f"{command[1]} failed")
    processor = usage.ru_utime + usage.ru_stime
    return json.loads(printed), f"{processor:6.1f} s of processor  {usage.ru_maxrss / 1024:6.0f} MB"


def main() -> None:
    """Make what the tests are held to."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cdnow", type=Path, required=True, metavar="FILE", help="the summary to write")
    summarise_cdnow(parser.parse_args().cdnow)


if __name__ == "__main__":
    main()
