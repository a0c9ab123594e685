"""Time, memory and requests of real runs, printed with the machine and the method; no test, no target.

Each command runs as a process of its own beside the sandbox, on this machine; seconds are wall time of that
process, memory is its peak resident set, requests are those the platforms counted.

    python scripts/run_bench.py [--small] [--keep DIR]
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SETTINGS = """\
[shopify]
shop = "{shop}"
url = "{shopify_url}"
[salesforce]
domain = "bench.my.salesforce.com"
url = "{salesforce_url}"
shopify_id_field = "Shopify_Customer_Id__c"
[segment]
best_spend = 133.95
lapse_days = 240
[referral]
code_metafield = "custom.referral_code"
"""


@dataclass(frozen=True, slots=True)
class Measured:
    """One command: wall seconds, peak megabytes, requests per platform, and the object it printed."""

    seconds: float
    megabytes: float
    requests: Mapping[str, int]
    printed: dict[str, Any]


def main() -> None:
    """Run every benchmark and print one line each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--small", action="store_true", help="the demo only")
    parser.add_argument("--keep", type=Path, help="keep scenario, settings and store in this folder")
    arguments = parser.parse_args()
    machine = f"{platform.platform()}, {os.cpu_count()} cores, {_memory_gb():.0f} GB"
    print(f"machine: {machine}, Python {platform.python_version()}")
    print("method:  each command is a process of its own beside the sandbox; wall time, peak resident set")
    with tempfile.TemporaryDirectory(prefix="zaiseki-bench-") as made:
        folder = arguments.keep or Path(made)
        _bench(
            folder / "demo", [sys.executable, "-m", "sandbox.cdnow"], "demo (23,570 people, 69,659 orders)"
        )
        if not arguments.small:
            command = [sys.executable, str(ROOT / "scripts" / "generate_scenario.py")]
            command += ["--customers", "100000", "--orders", "1000000", "--seed", "1"]
            _bench(folder / "large", command, "100,000 customers, 1,000,000 orders")


def _bench(folder: Path, generate: list[str], title: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    print(f"\n{title}")
    subprocess.run([*generate, "--out", str(folder / "scenario")], check=True, stdout=subprocess.DEVNULL)
    began = time.monotonic()
    with _sandbox(folder / "scenario") as (ready, process):
        print(f"  sandbox ready     {time.monotonic() - began:7.1f} s")
        _show("provision", _measure(folder, ready, "provision"))
        _show("first sync", _measure(folder, ready, "sync"))
        _show("second sync", _measure(folder, ready, "sync"))
        (folder / "zaiseki.duckdb").unlink()
        _show("sync, store lost", _measure(folder, ready, "sync"))
        print(f"  sandbox                    {_peak_megabytes(process.pid):7.0f} MB peak")


def _show(name: str, done: Measured) -> None:
    wrote = done.printed.get("written")
    told = "" if wrote is None else f"  planned {done.printed['planned']:,}, written {wrote:,}"
    calls = ", ".join(f"{key} {count}" for key, count in done.requests.items())
    print(f"  {name:16s}  {done.seconds:7.1f} s  {done.megabytes:7.0f} MB  requests: {calls}{told}")


def _measure(folder: Path, ready: Mapping[str, Any], command: str) -> Measured:
    settings = SETTINGS.format(
        shop=ready["shopify"]["shop"],
        shopify_url=ready["shopify"]["url"],
        salesforce_url=ready["salesforce"]["url"],
    )
    (folder / "zaiseki.toml").write_text(settings, encoding="utf-8")
    secrets = {
        "ZAISEKI_SHOPIFY_CLIENT_ID": ready["shopify"]["client_id"],
        "ZAISEKI_SHOPIFY_CLIENT_SECRET": ready["shopify"]["client_secret"],
        "ZAISEKI_SALESFORCE_CLIENT_ID": ready["salesforce"]["client_id"],
        "ZAISEKI_SALESFORCE_CLIENT_SECRET": ready["salesforce"]["client_secret"],
    }
    _requests(ready, delete=True)
    arguments = ["--config", str(folder / "zaiseki.toml"), command, "--json"]
    output = folder / f"{command}.json"
    began = time.monotonic()
    with output.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "zaiseki", *arguments], stdout=out, env={**os.environ, **secrets}
        )
        _, status, usage = os.wait4(process.pid, 0)
    seconds = time.monotonic() - began
    printed = json.loads(output.read_text(encoding="utf-8"))
    if os.waitstatus_to_exitcode(status) not in (0, 3):
        sys.exit(f"{command} ended with {os.waitstatus_to_exitcode(status)}: {printed}")
    return Measured(seconds, usage.ru_maxrss / 1024, _requests(ready), printed)


def _requests(ready: Mapping[str, Any], *, delete: bool = False) -> dict[str, int]:
    """How many requests the sandbox served each platform since the last delete."""
    address = ready["shopify"]["url"] + "/_sandbox/requests"
    request = urllib.request.Request(address, method="DELETE" if delete else "GET")
    with urllib.request.urlopen(request, timeout=30) as answer:
        body = answer.read()
    if delete:
        return {}
    counts = {"shopify": 0, "salesforce": 0}
    told = json.loads(body)
    for entry in told["requests"] if isinstance(told, dict) else told:
        if entry.get("platform") in counts:
            counts[entry["platform"]] += 1
    return counts


@contextmanager
def _sandbox(scenario: Path) -> Iterator[tuple[dict[str, Any], subprocess.Popen[str]]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "sandbox", "--scenario", str(scenario)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline()), process
    finally:
        process.terminate()
        process.wait(timeout=30)


def _peak_megabytes(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    line = next(part for part in status.splitlines() if part.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def _memory_gb() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30


if __name__ == "__main__":
    main()
