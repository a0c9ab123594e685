"""The whole job against a sandbox of its own, and both platforms and the store read back.

A command that is to be killed, or whose output is searched, is a process; all others run in this one, which
spares them the imports.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import duckdb
import requests
from line_support import Ran, run_inside
from shopify_sandbox_client import Shop

from sandbox.server import running

SECONDS = 180
BEST_SPEND = 70_000
FIELDS = (
    "Person_Id",
    "First_Purchase_On",
    "Last_Purchase_On",
    "Tenure_Days",
    "Purchases",
    "Net_Spend",
    "Segment",
    "Segment_Since",
    "Lapses_On",
    "Referrals",
    "Referral_Score",
    "Channels",
)
OUR_METAFIELDS = """{ customers { edges { node { id
  metafields(namespace: "zaiseki") { edges { node { key value } } } } } } }"""
SETTINGS = """\
[shopify]
shop = "{shop}"
url = "{url}"
[salesforce]
domain = "sandbox.my.salesforce.com"
url = "{url}"
shopify_id_field = "Shopify_Customer_Id__c"
[segment]
best_spend = {best_spend}
lapse_days = 240
[metrics]
shop = false
[referral]
code_metafield = "custom.referral_code"
"""
Held = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Run:
    """How a command ended: its exit code, the object it printed, and what it told on stderr."""

    code: int
    facts: dict[str, Any]
    told: str

    def stream(self, name: str) -> dict[str, int]:
        """One stream's line of the balance sheet."""
        line: dict[str, int] = self.facts["streams"][name]
        return line


@dataclass
class Place:
    """One sandbox and one folder of a job on it; `url` is what the job calls, the sandbox or a door to it."""

    ready: dict[str, Any]
    folder: Path
    url: str = ""

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.scratch.mkdir(exist_ok=True)
        text = SETTINGS.format(
            shop=self.ready["shopify"]["shop"], url=self.url or self.sandbox, best_spend=BEST_SPEND
        )
        self.config.write_text(text, encoding="utf-8")

    @property
    def sandbox(self) -> str:
        """Where the sandbox itself answers."""
        return str(self.ready["shopify"]["url"])

    @property
    def config(self) -> Path:
        """The settings file."""
        return self.folder / "zaiseki.toml"

    @property
    def store(self) -> Path:
        """The store's file."""
        return self.folder / "zaiseki.duckdb"

    @property
    def scratch(self) -> Path:
        """Where the job makes its temporary files."""
        return self.folder / "tmp"

    @property
    def secrets(self) -> dict[str, str]:
        """What a command needs in its environment."""
        return {
            f"ZAISEKI_{name.upper()}_{part.upper()}": self.ready[name][part]
            for name in ("shopify", "salesforce")
            for part in ("client_id", "client_secret")
        }

    def start(self, *words: str, **environment: str) -> "subprocess.Popen[str]":
        """Start a command of the product with `--json`."""
        return subprocess.Popen(
            [sys.executable, "-m", "zaiseki", "--config", str(self.config), *words, "--json"],
            env={**os.environ, **self.secrets, "TMPDIR": str(self.scratch), **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def within(self, *words: str, **environment: str) -> Ran:
        """Run a command to its end, in this process."""
        with patch.object(tempfile, "tempdir", str(self.scratch)):
            ran = run_inside(
                ["--config", str(self.config), *words], {**os.environ, **self.secrets, **environment}
            )
        assert "Traceback" not in ran.err, ran.err
        return ran

    def run(self, *words: str, **environment: str) -> Run:
        """As `within`, with `--json`."""
        ran = self.within(*words, "--json", **environment)
        return Run(ran.code, ran.json, ran.err)

    def faults(self, *rules: dict[str, Any]) -> None:
        """Put these rules in the place of all present ones."""
        answer = requests.post(f"{self.sandbox}/_sandbox/faults", json=list(rules), timeout=SECONDS)
        assert answer.status_code == 200, answer.text

    def apply(self, folder: Path) -> None:
        """Lay another scenario folder on top of what the platforms hold."""
        body = {"scenario": str(folder)}
        answer = requests.post(f"{self.sandbox}/_sandbox/apply", json=body, timeout=SECONDS)
        assert answer.status_code == 200, answer.text

    def requests(self) -> list[dict[str, Any]]:
        """What the sandbox served since `forget_requests`, oldest first."""
        answer = requests.get(f"{self.sandbox}/_sandbox/requests", timeout=SECONDS)
        found: list[dict[str, Any]] = answer.json()["requests"]
        return found

    def forget_requests(self) -> None:
        """Let `requests` begin anew."""
        requests.delete(f"{self.sandbox}/_sandbox/requests", timeout=SECONDS).raise_for_status()

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """What the store says; no run may hold it meanwhile."""
        with duckdb.connect(str(self.store), read_only=True) as con:
            return con.execute(sql).fetchall()


def balanced(done: Run, code: int = 0) -> Run:
    """`done`, having ended with `code` and with books that add up."""
    assert (done.code, done.facts.get("balanced")) == (code, True), f"{done.facts}"[:3_000] + done.told
    for name, line in done.facts["streams"].items():
        parts = line["inserted"] + line["updated"] + line["unchanged"] + line["quarantined"]
        assert line["fetched"] == parts, name
    return done


def finish(process: "subprocess.Popen[str]") -> tuple[str, str]:
    """What a process printed until it ended; one that does not end is killed."""
    try:
        return process.communicate(timeout=SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        raise


@contextmanager
def provisioned(scenario: Path, folder: Path) -> Iterator[Place]:
    """A sandbox on `scenario` that has our fields, with a job's folder and no run yet."""
    with running(scenario) as ready:
        place = Place(ready, folder)
        assert place.run("provision").code == 0
        place.forget_requests()
        yield place


def on_shopify(place: Place) -> Held:
    """Our metafields by customer number, as the shop's own API tells them; blank ones are absent."""
    held: Held = {}
    for row in Shop(place.ready).export(OUR_METAFIELDS):
        if "__parentId" in row:
            held[row["__parentId"].rpartition("/")[2]][row["key"]] = row["value"]
        else:
            held[row["id"].rpartition("/")[2]] = {}
    return held


def on_salesforce(place: Place, *also: str) -> Held:
    """Our fields of every live contact by Id, as the org's own API tells them; blank ones are absent."""
    names = [*(f"Zaiseki_{name}__c" for name in FIELDS), *also]
    url: str | None = "/services/data/v67.0/query?q=" + f"SELECT Id, {', '.join(names)} FROM Contact"
    headers = {"Authorization": f"Bearer {place.ready['salesforce']['access_token']}"}
    held: Held = {}
    while url:
        answer = requests.get(place.sandbox + url, headers=headers, timeout=SECONDS)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        for row in page["records"]:
            held[row["Id"]] = {name: row[name] for name in names if row[name] is not None}
        url = page.get("nextRecordsUrl")
    return held


def scores(place: Place) -> list[tuple[Any, ...]]:
    """Every score of every person in the store."""
    return place.rows("SELECT * FROM scores ORDER BY person_id")


def persons(place: Place) -> list[tuple[Any, ...]]:
    """Who belongs to whom in the store, and which record each person was named after."""
    return place.rows(
        """SELECT person_id, platform, account, object, id, rule, anchor_platform, anchor_object, anchor_id
        FROM members JOIN persons USING (person_id) ORDER BY ALL"""
    )
