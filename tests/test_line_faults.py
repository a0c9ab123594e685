"""What goes wrong on the way: hiccups leave no trace, refusals touch one record, an outage one platform."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from survival_shop import Filled, blank_again, end_of, filled
from survival_support import Held, Place, Run, on_salesforce, on_shopify

Rule = dict[str, Any]

LOGINS = (
    {"platform": "shopify", "path": "/oauth/access_token"},
    {"platform": "salesforce", "path": "/oauth2/token"},
)
SHOPIFY_CALLS = tuple(
    {"platform": "shopify", "contains": name}
    for name in (
        "ZaisekiSurvey",
        "ZaisekiCustomerPage",
        "ZaisekiBulkRunQuery",
        "ZaisekiBulkPoll",
        "ZaisekiStageUpload",
        "ZaisekiBulkRunMutation",
    )
)
SALESFORCE_CALLS = tuple(
    {"platform": "salesforce", "method": method, "path": path}
    for method, path in (
        ("GET", "/Contact/describe$"),
        ("POST", "/composite$"),
        ("POST", "/jobs/query$"),
        ("GET", "/jobs/query/[^/]+$"),
        ("GET", "/jobs/query/[^/]+/results$"),
        ("GET", "/queryAll$"),
        ("POST", "/jobs/ingest$"),
        ("PUT", "/batches$"),
        ("PATCH", "/jobs/ingest/[^/]+$"),
        ("GET", "/jobs/ingest/[^/]+$"),
        ("GET", "/successfulResults$"),
        ("GET", "/failedResults$"),
        ("GET", "/unprocessedrecords$"),
    )
)
FILES = ({"platform": "shopify", "path": "^/_bulk/"}, {"platform": "shopify", "path": "^/_staged/"})
WITH_TOKEN = (*SHOPIFY_CALLS, *SALESFORCE_CALLS)
EVERYWHERE = (*LOGINS, *WITH_TOKEN, *FILES)
HICCUPS: Mapping[str, tuple[Rule, ...]] = {
    "503 everywhere": tuple({**at, "fault": "status", "status": 503} for at in EVERYWHERE),
    "connections reset everywhere": tuple({**at, "fault": "reset"} for at in EVERYWHERE),
    "answers lost everywhere": tuple({**at, "fault": "lost_answer"} for at in EVERYWHERE),
    "answers cut off everywhere": tuple({**at, "fault": "cut_off"} for at in EVERYWHERE),
    "tokens expired everywhere": tuple({**at, "fault": "expired_token"} for at in WITH_TOKEN),
    "an empty bucket everywhere": tuple({**at, "fault": "throttle"} for at in SHOPIFY_CALLS),
}
JOBS: Mapping[str, tuple[Rule, ...]] = {
    "failed": (
        {"platform": "shopify", "fault": "fail_job", "contains": "orders"},
        {"platform": "shopify", "fault": "fail_job", "contains": "metafieldsSet"},
        {"platform": "salesforce", "fault": "fail_job", "contains": "FROM Contact"},
        {"platform": "salesforce", "fault": "fail_job", "contains": "Contact"},
    ),
    "with a part of their result": (
        {"platform": "shopify", "fault": "partial_result", "contains": "orders"},
        {"platform": "salesforce", "fault": "partial_result", "contains": "FROM Contact"},
    ),
}
IMPATIENT = {"ZAISEKI_RETRY_SECONDS": "1"}
"""For platforms that stay down: how long one call is tried, else minutes."""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Filled]:
    with filled(tmp_path_factory.mktemp("faults")) as made:
        yield made


@pytest.fixture
def place(shop: Filled, tmp_path: Path) -> Iterator[Place]:
    """A job that never ran, on platforms that hold nothing of ours; faults end with the test."""
    made = blank_again(shop, tmp_path)
    yield made
    made.faults()


def balanced(done: Run, code: int = 0) -> Run:
    assert (done.code, done.facts.get("balanced")) == (code, True), json.dumps(done.facts)[:2_000] + done.told
    return done


def faulted(place: Place) -> int:
    return sum(1 for one in place.requests() if one["fault"])


@pytest.mark.parametrize("rules", HICCUPS.values(), ids=HICCUPS)
def test_a_hiccup_at_every_request_in_turn_changes_nothing_in_the_end(
    shop: Filled, place: Place, rules: tuple[Rule, ...]
) -> None:
    place.faults(*rules)
    balanced(place.run("sync"))
    assert faulted(place) == len(rules), "a request that this test is about was not made"
    assert end_of(place) == shop.clean


@pytest.mark.parametrize("rules", JOBS.values(), ids=JOBS)
def test_jobs_that_end_badly_are_run_again_and_nothing_of_them_is_taken(
    shop: Filled, place: Place, rules: tuple[Rule, ...]
) -> None:
    place.faults(*rules)
    done = balanced(place.run("sync"))
    assert done.facts["rejected"] == 0
    assert end_of(place) == shop.clean


def test_locked_rows_are_written_in_the_same_run(shop: Filled, place: Place) -> None:
    place.faults({"platform": "salesforce", "fault": "lock_records", "times": 40})
    assert balanced(place.run("sync")).facts["rejected"] == 0
    assert end_of(place) == shop.clean


def without(held: Held, records: set[str]) -> Held:
    return {record: {} if record in records else values for record, values in held.items()}


def test_rejected_records_take_nobody_with_them_and_ride_along_until_they_are_taken(
    shop: Filled, place: Place
) -> None:
    customers, contacts = {*list(shop.clean.shopify)[10:13]}, {*list(shop.clean.salesforce)[500:502]}
    rules = [rejecting("shopify", f"Customer/{number} segment") for number in customers]
    rules += [rejecting("salesforce", record) for record in contacts]
    place.faults(*rules)

    done = balanced(place.run("sync"), code=3)
    lines = done.facts["writes"]
    assert (lines["shopify"]["rejected"], lines["salesforce"]["rejected"]) == (3, 2)
    assert done.facts["written"] == done.facts["planned"] - 5
    assert on_salesforce(place) == without(shop.clean.salesforce, contacts)
    assert on_shopify(place) == without(shop.clean.shopify, customers)

    again = balanced(place.run("sync"), code=3)
    assert (again.facts["planned"], again.facts["rejected"]) == (5, 5), "they ride along, and nobody else"

    place.run("status", "--acknowledge")
    assert balanced(place.run("sync"), code=0).facts["rejected"] == 5, "known refusals are no news"

    place.faults()
    assert balanced(place.run("sync")).facts["written"] == 5
    assert end_of(place) == shop.clean


def rejecting(platform: str, text: str) -> Rule:
    return {"platform": platform, "fault": "reject_records", "contains": text, "times": None}


@pytest.mark.parametrize(
    ("down", "rule"),
    {
        "shopify": {"platform": "shopify", "contains": "ZaisekiStageUpload"},
        "salesforce": {"platform": "salesforce", "path": "/jobs/ingest"},
    }.items(),
)
def test_a_platform_that_fails_while_writing_does_not_stop_the_other(
    shop: Filled, place: Place, down: str, rule: Rule
) -> None:
    place.faults({**rule, "fault": "status", "status": 503, "times": None})
    done = balanced(place.run("sync", **IMPATIENT), code=1)
    lines, up = done.facts["writes"], {"shopify": "salesforce", "salesforce": "shopify"}[down]
    assert (lines[down]["written"], lines[down]["held"]) == (0, lines[down]["planned"])
    assert lines[up]["written"] == lines[up]["planned"] > 0
    held = {"shopify": on_shopify(place), "salesforce": on_salesforce(place)}
    assert held[up] == getattr(shop.clean, up)
    assert not any(held[down].values())

    place.faults()
    lines = balanced(place.run("sync")).facts["writes"]
    assert (lines[up]["planned"], lines[down]["written"]) == (0, lines[down]["planned"])
    assert end_of(place) == shop.clean


@pytest.mark.parametrize(
    ("rule", "stored"),
    [
        ({"platform": "shopify", "contains": "ZaisekiCustomerPage", "skip": 1}, {"customer": 500}),
        ({"platform": "salesforce", "path": "/queryAll"}, {"customer": 598, "Contact": 2_079}),
    ],
    ids=["between two pages", "at the last stream"],
)
def test_a_pull_that_breaks_off_keeps_what_was_stored_and_writes_nothing(
    shop: Filled, place: Place, rule: Rule, stored: dict[str, int]
) -> None:
    place.faults({**rule, "fault": "status", "status": 503, "times": None})
    done = place.run("sync", **IMPATIENT)
    assert (done.code, done.facts["error"]["code"]) == (1, "platform_unavailable")
    assert dict(place.rows("SELECT object, count(*) FROM records GROUP BY 1")) == stored
    assert place.rows("SELECT count(*) FROM writes") == [(0,)]
    assert place.rows("SELECT count(*) FROM duckdb_tables() WHERE table_name = 'scores'") == [(0,)]
    assert not any(on_shopify(place).values())
    assert not any(on_salesforce(place).values())

    place.faults()
    balanced(place.run("sync"))
    assert end_of(place) == shop.clean
