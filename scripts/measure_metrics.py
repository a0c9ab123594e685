"""The metrics of a person over invented purchases, timed: a process for each part, and Lifetimes beside."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

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
    """The same summary by Lifetimes, in an environment made for it; it is no dependency of ours."""
    python = folder / "lifetimes" / "bin" / "python"
    install = [str(python), "-m", "pip", "install", "--quiet", *LIFETIMES]
    made = subprocess.run([sys.executable, "-m", "venv", str(python.parent.parent)], check=False)
    if made.returncode or subprocess.run(install, check=False, stderr=subprocess.DEVNULL).returncode:
        print("  the same summary by Lifetimes: not measured, the package could not be installed here")
        return
    script, purchases = ROOT / "scripts" / "bench_lifetimes.py", folder / "valid.parquet"
    told, spent = _part([str(python), str(script), str(purchases), AS_OF])
    same = all(told[name] == ours[name] for name in ("persons", "frequency", "recency", "age"))
    print(f"  {'the same summary by Lifetimes':34s}  {told['seconds']:7.1f} s  {spent}", end="")
    print(f"  {'the same sums' if same else 'OTHER SUMS'}; money {told['money']:,}, ours {ours['money']:,}")


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
