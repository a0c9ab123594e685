"""Nothing personal is left behind, in the store, the logs, the plans or the reports, whatever went wrong."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import privacy_planted
import pytest
from privacy_needles import Needles, left_behind, needles, stored
from survival_door import Door, Moment, door_to
from survival_support import Place, finish

from sandbox.households import write_households
from sandbox.server import running

RECORDS = 700
SETTINGS = """\
[shopify]
shop = "{shop}"
url = "{url}"
[salesforce]
domain = "privacy.my.salesforce.com"
url = "{url}"
shopify_id_field = "Shopify_Customer_Id__c"
order_reference = "Shopify_Order__c"
[segment]
best_spend = 30000
"""
KILLED_AT = (Moment("ZaisekiOrderPage|ZaisekiCustomerPage", nth=2), Moment("GET .*/queryAll", when="after"))
FAILING = (
    {"platform": "shopify", "fault": "status", "status": 500, "times": 2},
    {"platform": "salesforce", "fault": "status", "status": 500, "times": 2},
    {"platform": "shopify", "contains": "ZaisekiSurvey", "fault": "throttle"},
    {"platform": "shopify", "fault": "reject_records", "contains": "Customer/", "times": 3},
    {"platform": "salesforce", "fault": "reject_records", "contains": "00", "times": 3},
)
DOWN = {
    "platform": "salesforce",
    "method": "GET",
    "path": "/services/data",
    "fault": "status",
    "status": 500,
    "times": None,
}
UNUSABLE = {
    "shopify_orders": {
        "id": "5999999999999",
        "email": "tomorrow@example.jp",
        "processed_at": "2031-01-01T00:00:00Z",
    },
    "salesforce_Order": {
        "Id": "801000000009999",
        "EffectiveDate": "2031-01-01",
        "TotalAmount": "1",
        "Status": "Activated",
    },
}
"""Rows that nobody can use, with somebody's address on them."""


class Heard:
    """What the commands of a job told on both streams, by the command."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.said: dict[str, bytes] = {}

    def run(self, *words: str, **environment: str) -> int:
        """Run a command that may fail, and keep what it said."""
        with self.place.start(*words, **environment) as process:
            return self._hear(words, process)

    def look(self, *words: str) -> int:
        """Run a command that only shows something, within this process."""
        ran = self.place.within(*words)
        self.said[f"{' '.join(words)} #{len(self.said)}"] = (ran.out + ran.err).encode()
        return ran.code

    def text(self, *words: str) -> int:
        """As `run`, but with words for people."""
        with subprocess.Popen(
            [sys.executable, "-m", "zaiseki", "--config", self.place.config, *words],
            env={**os.environ, **self.place.secrets, "TMPDIR": str(self.place.scratch)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            return self._hear(words, process)

    def killed(self, door: Door, moment: Moment, *words: str) -> None:
        """Run a command until the moment and kill it there."""
        door.wait_for(moment)
        with self.place.start(*words) as process:
            door.victim = process
            code = self._hear(words, process)
        door.wait_for(None)
        assert code == -9, "it ended before the moment"

    def _hear(self, words: tuple[str, ...], process: subprocess.Popen[str]) -> int:
        out, told = finish(process)
        assert "Traceback" not in told, told
        self.said[f"{' '.join(words)} #{len(self.said)}"] = (out + told).encode()
        return process.returncode


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Place, Door, Needles]]:
    """Households with a few rows that are no good, a job in its own folder, and what must not be found."""
    folder = tmp_path_factory.mktemp("privacy")
    scenario = folder / "scenario"
    write_households(scenario, scenario / "later", records=RECORDS, seed=11)
    for stem, row in UNUSABLE.items():
        path = scenario / f"{stem}.csv"
        with path.open(encoding="utf-8", newline="") as lines:
            header = next(csv.reader(lines))
        with path.open("a", encoding="utf-8", newline="") as out:
            csv.DictWriter(out, header, restval="", lineterminator="\n").writerow(row)
    history = folder / "earlier.csv"
    privacy_planted.plant(scenario, history)
    with running(scenario) as ready, door_to(ready["shopify"]["url"]) as door:
        made = Place(ready, folder / "job", door.url)
        settings = SETTINGS.format(shop=ready["shopify"]["shop"], url=door.url)
        settings += privacy_planted.SETTINGS.format(history=history)
        made.config.write_text(settings, encoding="utf-8")
        sought = needles([scenario, scenario / "later"], ready)
        yield made, door, replace(sought, anywhere=sought.anywhere | privacy_planted.NEEDLES)


def scan(place: Place, sought: Needles, *, store: bool = True) -> dict[str, list[str]]:
    """What is found where in the job's folder."""
    found = {
        name: sought.found(content, binary=".duckdb" in name)
        for name, content in left_behind(place.folder).items()
    }
    if store:
        found["what the store says"] = sought.found(stored(place.store))
    return {name: hits for name, hits in found.items() if hits}


def test_nothing_personal_is_left_behind_by_runs_with_faults(place: tuple[Place, Door, Needles]) -> None:
    job, door, sought = place
    heard = Heard(job)
    assert heard.run("provision") == 0
    for moment in KILLED_AT:
        heard.killed(door, moment, "-vv", "sync")
        assert scan(job, sought, store=False) == {}, "after a kill"
    job.faults(DOWN)
    assert heard.run("-vv", "sync", ZAISEKI_RETRY_SECONDS="0") == 1
    job.faults(*FAILING)
    plan = str(job.folder / "plan.json")
    assert heard.run("-v", "plan", "--out", plan) == 0
    assert heard.run("-vv", "--log-format", "json", "sync") == 3
    job.faults()
    job.apply(job.folder.parent / "scenario" / "later")
    assert heard.run("-v", "sync", "--full", "--approve") in (0, 3)
    contacts = "SELECT id FROM records WHERE object = 'Contact' AND write_target AND NOT deleted ORDER BY id"
    # Not the planted one: what it would have left in the store must still be there to be found.
    record = next(one for (one,) in job.rows(contacts) if one != privacy_planted.CONTACT)
    for words in (("status",), ("why", record), ("why", privacy_planted.CONTACT), ("review", "list")):
        assert heard.look("--lang", "en", *words) == 0
        assert heard.look("--lang", "ja", *words) == 0
        assert heard.look(*words, "--json") == 0
    assert heard.look("why", f"shopify:{privacy_planted.CUSTOMER}", "--json") == 0
    assert heard.text("-vv", "forget", record, "--yes") == 0
    assert heard.run("-vv", "sync") in (0, 3)

    assert scan(job, sought) == {}
    matching = "SELECT count(*) FROM orders, records WHERE list_has_any(discount_codes, referral_codes)"
    assert job.rows(matching) == [(1,)], "a code that became a hash matches no more"
    assert job.rows("SELECT count(*) FROM orders WHERE platform = 'history'") == [(2,)]
    assert job.rows("SELECT count(DISTINCT id) FROM quarantine WHERE platform = 'history'") == [(2,)]
    assert {name: hits for name, said in heard.said.items() if (hits := sought.found(said))} == {}
    assert job.rows("SELECT count(*) > 0 FROM quarantine") == [(True,)], "nothing was quarantined"
    assert job.rows("SELECT count(*) > 1 FROM writes WHERE error_code IS NOT NULL") == [(True,)]
    assert {"zaiseki.key", "zaiseki.tombstones", "plan.json"} <= set(left_behind(job.folder))


def test_the_search_would_find_each_kind(place: tuple[Place, Door, Needles], tmp_path: Path) -> None:
    """Else the other test could pass by looking for nothing."""
    job, _, sought = place
    scenario = job.folder.parent / "scenario"
    assert len(sought.anywhere) > RECORDS
    assert len(sought.words) > 50
    for stem in ("shopify_customers", "salesforce_Contact", "salesforce_Account", "salesforce_Lead"):
        content = (scenario / f"{stem}.csv").read_bytes()
        hits = sought.found(content)
        assert any("@" in hit for hit in hits), stem
        assert any(hit.lstrip("+").isdigit() for hit in hits), stem
    assert "金沢" not in sought.found("金沢".encode())
    token = job.ready["shopify"]["access_token"]
    assert sought.found(f"Bearer {token}".encode())
    assert sought.found(b"shpat_0123456789abcdef0123456789abcdef")
    latin = next(one.decode() for one in sought.words if one.isascii() and one.isalpha())
    assert sought.found(f"for {latin.title()}, who".encode()) == [latin]
    assert sought.found(f"x{latin}y".encode()) == []
