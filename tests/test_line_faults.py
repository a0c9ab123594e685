"""What goes wrong on the way: hiccups leave no trace, refusals touch one record, an outage one platform."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from survival_days import BEN, C_FUMI, C_GEN, CHIE, FirstDay, customer, first_day, next_day, order, sale
from survival_shop import Filled, blank_again, end_of, filled
from survival_support import Held, Place, balanced, on_salesforce, on_shopify

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
CALLS = (
    *LOGINS,
    {"platform": "shopify", "contains": "ZaisekiSurvey"},
    {"platform": "shopify", "contains": "ZaisekiWrite"},
    {"platform": "salesforce", "path": "/composite$", "contains": "/describe"},
    {"platform": "salesforce", "path": "/composite$", "contains": "/query"},
    {"platform": "salesforce", "path": "/composite/sobjects$"},
)
"""Every request of a run with little to do."""
HICCUPS: Mapping[str, tuple[Rule, ...]] = {
    "503 everywhere": tuple({**at, "fault": "status", "status": 503} for at in EVERYWHERE),
    "connections reset everywhere": tuple({**at, "fault": "reset"} for at in EVERYWHERE),
    "answers lost everywhere": tuple({**at, "fault": "lost_answer"} for at in EVERYWHERE),
    "answers cut off everywhere": tuple({**at, "fault": "cut_off"} for at in EVERYWHERE),
    "empty buckets and expired tokens everywhere": (
        *({**at, "fault": "throttle"} for at in SHOPIFY_CALLS),
        *({**at, "fault": "expired_token"} for at in WITH_TOKEN),
    ),
}
JOBS: Mapping[str, tuple[Rule, ...]] = {
    "failed": (
        {"platform": "shopify", "fault": "fail_job", "contains": "orders"},
        {"platform": "shopify", "fault": "fail_job", "contains": "metafieldsSet"},
        {"platform": "salesforce", "fault": "fail_job", "contains": "FROM Contact"},
        {"platform": "salesforce", "fault": "fail_job", "contains": "Contact", "skip": 1},  # the write
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


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> FirstDay:
    return first_day(tmp_path_factory.mktemp("first"))


@pytest.fixture
def small(first: FirstDay, tmp_path: Path) -> Iterator[Place]:
    """The first day of a small shop and org: everything later goes by single calls."""
    with first.again(tmp_path) as (behind_a_door, _):
        yield Place(behind_a_door.ready, behind_a_door.folder)


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
        "salesforce": {"platform": "salesforce", "method": "POST", "path": "/jobs/ingest"},
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


def test_hiccups_of_a_run_with_little_to_do_change_nothing_either(small: Place) -> None:
    faults = [{"fault": "status"}, {"fault": "reset"}, {"fault": "lost_answer"}, {"fault": "cut_off"}]
    for day, fault in enumerate(faults, start=2):
        on = f"2026-10-{day:02d}"
        rows = {
            "shopify_orders": [order(500 + day, BEN, on, 1000)],
            "salesforce_Order": [sale(500 + day, C_FUMI, on, 1000)],
        }
        next_day(small, day, rows)
        small.forget_requests()
        small.faults(*({**at, **fault} for at in CALLS))
        assert balanced(small.run("sync")).facts["written"] == 2
        assert faulted(small) == len(CALLS)
        assert on_shopify(small)[str(BEN)]["last_purchase_on"] == on
        assert on_salesforce(small)[C_FUMI]["Zaiseki_Net_Spend__c"] == 1_000 * day


def test_a_refusal_that_somebody_has_seen_is_no_news_but_another_one_is(small: Place) -> None:
    refused = [rejecting("shopify", f"Customer/{BEN} "), rejecting("salesforce", C_FUMI)]
    small.faults(*refused)
    rows = {
        "shopify_orders": [order(501 + buyer, buyer, "2026-10-02", 1000) for buyer in (BEN, CHIE)],
        "salesforce_Order": [sale(501, C_FUMI, "2026-10-02", 1000)],
    }
    next_day(small, 2, rows)
    done = balanced(small.run("sync"), code=3)
    assert (done.facts["written"], done.facts["rejected"]) == (1, 2)
    assert on_shopify(small)[str(CHIE)]["net_spend"] == "7000.0", "her neighbour in the call was refused"
    assert on_shopify(small)[str(BEN)]["net_spend"] == "5000.0", "a refused record keeps what it had, whole"

    small.run("status", "--acknowledge")
    assert balanced(small.run("sync"), code=0).facts["rejected"] == 2

    small.faults(*refused, rejecting("salesforce", C_GEN))
    next_day(small, 3, {"salesforce_Order": [sale(502, C_GEN, "2026-10-03", 1000)]})
    done = balanced(small.run("sync"), code=3)
    assert (done.facts["rejected"], done.facts["unacknowledged"]["rejected"]) == (3, 1)
    told = small.run("status").facts["rejected"]
    unseen = [(one["platform"], one["count"]) for one in told if not one["acknowledged"]]
    assert unseen == [("salesforce", 1)]

    small.faults()
    assert balanced(small.run("sync")).facts["written"] == 3


def test_a_count_that_disagrees_is_settled_at_once_or_stops_the_run_by_name(small: Place) -> None:
    next_day(small, 2, {"shopify_customers": [{"id": CHIE, "deleted": "true"}]})
    done = balanced(small.run("sync"))
    assert (done.facts["records"], done.facts["people"]["gone"]) == (10, 1)
    assert done.facts["orders_unattributed"] == 1, "her order has lost its customer"

    # A row that no search finds: it is there, it counts, and it says that it changed long ago.
    next_day(small, 3, {"shopify_customers": [customer(41, "lost", "2024-01-01")]})
    before = on_shopify(small), on_salesforce(small)
    stopped = small.run("sync")
    assert (on_shopify(small), on_salesforce(small)) == (before[0], before[1])
    assert (stopped.code, stopped.facts["error"]["code"]) == (1, "unbalanced")
    assert "shopify.customers" in stopped.facts["error"]["message"]
    assert "shopify.orders" not in stopped.facts["error"]["message"]

    done = balanced(small.run("sync"))
    assert (done.stream("shopify.customers")["inserted"], done.facts["written"]) == (1, 1)
