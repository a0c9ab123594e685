"""A households scenario through the whole line, and what the store made of it beside what is true."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import requests
from line_support import Line

from sandbox.households import write_households
from sandbox.server import running

ROOT = Path(__file__).parents[1]
SECONDS = 300
SETTINGS = """\
[shopify]
shop = "{shop}"
url = "{url}"
[salesforce]
domain = "households.my.salesforce.com"
url = "{url}"
shopify_id_field = "Shopify_Customer_Id__c"
order_reference = "Shopify_Order__c"
[segment]
best_spend = 30000
[metrics]
shop = false
[identity]
relay_domains = ["relay.example.com"]
"""
ASSIGNED = """
SELECT person_id, epoch_us(assigned_at), epoch_us(anchor_at), anchor_platform, anchor_account, anchor_object,
    anchor_id FROM persons"""
Key = tuple[str, str, str]


@dataclass(frozen=True)
class Seen:
    """What a store holds after a run: the person of every record, for every id when it was assigned and to
    which anchor (as they are compared on a join), and what was logged."""

    told: dict[str, Any]
    judged: dict[str, Any]
    member: dict[Key, str]
    assigned: dict[str, list[Any]]
    log: list[tuple[str, str, str | None]]


@dataclass(frozen=True)
class Homes:
    """A running line on a households scenario; `later` is the folder of the second day."""

    line: Line
    scenario: Path
    seen: dict[str, Seen] = field(default_factory=dict)

    @property
    def later(self) -> Path:
        """What happens until the second day."""
        return self.scenario / "later"

    def run(self, name: str, *folders: Path) -> Seen:
        """Sync, and keep what came of it; `folders` hold the truth of now."""
        told = self.line.sync().json
        self.seen[name] = look(self.line.store, told, *folders)
        return self.seen[name]

    def next_day(self) -> None:
        """Let the second day happen on the platforms."""
        body = {"scenario": str(self.later)}
        url = f"{self.line.ready['shopify']['url']}/_sandbox/apply"
        answer = requests.post(url, json=body, timeout=SECONDS)
        assert answer.status_code == 200, answer.text


@contextmanager
def homes(folder: Path, *, records: int, seed: int) -> Iterator[Homes]:
    """A households scenario served in this process, with our fields provisioned and no run yet."""
    scenario = folder / "scenario"
    write_households(scenario, scenario / "later", records=records, seed=seed)
    job = folder / "job"
    job.mkdir()
    with running(scenario) as ready:
        line = Line(job, ready, inside=True)
        text = SETTINGS.format(shop=ready["shopify"]["shop"], url=ready["shopify"]["url"])
        line.settings.write_text(text, encoding="utf-8")
        line.provision()
        yield Homes(line, scenario)


def look(store: Path, told: dict[str, Any], *folders: Path) -> Seen:
    """Read a store that nobody holds open."""
    judged = subprocess.run(
        [sys.executable, ROOT / "scripts" / "judge_households.py", store, *folders, "--json"],
        capture_output=True,
        timeout=SECONDS,
        check=True,
    )
    with duckdb.connect(str(store), read_only=True) as con:
        member = con.execute("SELECT platform, object, id, person_id FROM members").fetchall()
        assigned = con.execute(ASSIGNED).fetchall()
        log = con.execute("SELECT kind, person_id, other_id FROM person_log").fetchall()
    placed = {(platform, kind, record): person for platform, kind, record, person in member}
    assert len(placed) == len(member), "a record belongs to two persons"
    return Seen(
        told, json.loads(judged.stdout), placed, {person: anchor for person, *anchor in assigned}, log
    )


def truth(*folders: Path) -> list[dict[str, str]]:
    """The rows of the truth of these folders, one after the other."""
    rows: list[dict[str, str]] = []
    for folder in folders:
        with (folder / "truth.csv").open(encoding="utf-8", newline="") as lines:
            rows += csv.DictReader(lines)
    return rows


def untouched(scenario: Path) -> set[Key]:
    """The records, guests left out, of households that the second day has nothing to do with: no row of
    theirs, and none that bears an address or a number of theirs."""
    first, second = truth(scenario), truth(scenario / "later")
    homes_of_values: dict[str, set[str]] = defaultdict(set)
    for row in first:
        for value in (row["email"], row["phone"]):
            homes_of_values[value].add(row["household"])
    touched = {row["household"] for row in second}
    for row in [*second, *(one for one in first if one["household"] in touched)]:
        for value in (row["email"], row["phone"]):
            if value:
                touched |= homes_of_values[value]
    return {
        (row["platform"], row["object"], row["id"])
        for row in first
        if row["household"] not in touched and row["object"] not in ("guest", "Account")
    }
