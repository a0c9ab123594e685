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

from judge_households import judge, lines
from measure_metrics import bench_metrics

ROOT = Path(__file__).resolve().parent.parent
GENERATE = [sys.executable, str(ROOT / "scripts" / "generate_scenario.py")]
SETTINGS = """\
[shopify]
shop = "{shop}"
url = "{shopify_url}"
[salesforce]
domain = "bench.my.salesforce.com"
url = "{salesforce_url}"
shopify_id_field = "Shopify_Customer_Id__c"
{org}
[segment]
best_spend = 133.95
lapse_days = 240
{more}
"""
CODES = '[referral]\ncode_metafield = "custom.referral_code"'
RELAYS = '[identity]\nrelay_domains = ["relay.example.com"]'


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
    parser.add_argument("--small", action="store_true", help="little of everything")
    parser.add_argument(
        "--only", choices=("runs", "households", "identity", "metrics"), help="one part of it"
    )
    parser.add_argument("--keep", type=Path, help="keep scenario, settings and store in this folder")
    arguments = parser.parse_args()
    machine = f"{platform.platform()}, {os.cpu_count()} cores, {_memory_gb():.0f} GB"
    print(f"machine: {machine}, Python {platform.python_version()}")
    print("method:  each command is a process of its own beside the sandbox; wall time, peak resident set")
    with tempfile.TemporaryDirectory(prefix="zaiseki-bench-") as made:
        folder = arguments.keep or Path(made)
        if arguments.only in (None, "runs"):
            _runs(folder, small=arguments.small)
        if arguments.only in (None, "households"):
            _households(folder / "homes", records=4_000 if arguments.small else 100_000)
        if arguments.only in (None, "identity"):
            _identity(folder / "identity", records=20_000 if arguments.small else 1_000_000)
        if arguments.only in (None, "metrics"):
            bench_metrics(folder / "metrics", people=20_000 if arguments.small else 1_000_000)


def _runs(folder: Path, *, small: bool) -> None:
    _bench(folder / "demo", [sys.executable, "-m", "sandbox.cdnow"], "demo (23,570 people, 69,659 orders)")
    if not small:
        numbers = ["--customers", "100000", "--orders", "1000000", "--seed", "1"]
        _bench(folder / "large", [*GENERATE, *numbers], "100,000 customers, 1,000,000 orders")


def _households(folder: Path, *, records: int) -> None:
    """Judge who was made one person, against the truth that the scenario knows, on both days."""
    folder.mkdir(parents=True, exist_ok=True)
    print(f"\nhouseholds: {records:,} records, and who is whom")
    scenario = folder / "scenario"
    command = [*GENERATE, "--households", str(records), "--seed", "1", "--out", str(scenario)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    with _sandbox(scenario) as (ready, _):
        settings = {"org": 'order_reference = "Shopify_Order__c"', "more": RELAYS}
        _measure(folder, ready, "provision", **settings)
        _show("first sync", _measure(folder, ready, "sync", **settings))
        _judge(folder / "zaiseki.duckdb", scenario)
        _control(ready, "apply", {"scenario": str(scenario / "later")})
        _show("second day", _measure(folder, ready, "sync", **settings))
        _judge(folder / "zaiseki.duckdb", scenario, scenario / "later")


def _judge(store: Path, *folders: Path) -> None:
    for line in lines(judge(store, *folders)):
        print(f"    {line}")


def _identity(folder: Path, *, records: int) -> None:
    """Time the way from stored keys to persons, with no request and no order read."""
    folder.mkdir(parents=True, exist_ok=True)
    print(f"\nidentity: {records:,} records from stored keys to persons, the store opened with 1000MB")
    script = str(ROOT / "scripts" / "bench_identity.py")
    subprocess.run([sys.executable, script, "fill", str(folder), str(records)], check=True)
    output = folder / "identity.json"
    with output.open("wb") as out:
        process = subprocess.Popen([sys.executable, script, "identify", str(folder)], stdout=out)
        _, status, usage = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status):
        sys.exit("identity failed")
    told = json.loads(output.read_text(encoding="utf-8"))
    print(f"  no person known   {told['first_seconds']:7.1f} s  {usage.ru_maxrss / 1024:7.0f} MB", end="")
    print(f"  {told['records']:,} records, {told['persons']:,} persons")
    print(f"  all known         {told['again_seconds']:7.1f} s")
    print(f"  both together     {usage.ru_utime + usage.ru_stime:7.1f} s of processor time")


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


def _measure(
    folder: Path, ready: Mapping[str, Any], command: str, *, org: str = "", more: str = CODES
) -> Measured:
    settings = SETTINGS.format(
        org=org,
        more=more,
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
    _control(ready, "requests")
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


def _control(ready: Mapping[str, Any], switch: str, body: Mapping[str, str] | None = None) -> None:
    """Throw one of the sandbox's switches; without a body, empty what it holds."""
    address = f"{ready['shopify']['url']}/_sandbox/{switch}"
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(address, data, method="DELETE" if body is None else "POST")
    with urllib.request.urlopen(request, timeout=300):
        pass


def _requests(ready: Mapping[str, Any]) -> dict[str, int]:
    """How many requests the sandbox served each platform since its log was emptied."""
    with urllib.request.urlopen(f"{ready['shopify']['url']}/_sandbox/requests", timeout=30) as answer:
        told = json.loads(answer.read())
    counts = {"shopify": 0, "salesforce": 0}
    for entry in told["requests"]:
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
