"""Bulk operations: few polls, every way to fail, complete results only."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import responses
from shopify_answers import STORE, Shop, Time, connector, lines, polled, rows_of, started

from connectors import errors
from connectors.shopify import ShopifyConnector
from connectors.shopify import bulk as jobs

RESULT = f"{STORE}/bulk-1.jsonl"
QUERY = "{ customers { edges { node { id } } } }"


@pytest.fixture
def mock() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as made:
        yield made


@pytest.fixture
def shop(mock: responses.RequestsMock) -> Shop:
    return Shop(mock)


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def one(tmp_path: Path, time: Time) -> ShopifyConnector:
    return connector(tmp_path, time)


def test_a_job_of_thirty_seconds_takes_at_most_eight_polls(
    shop: Shop, one: ShopifyConnector, time: Time
) -> None:
    shop.reply("BulkRunQuery", started())
    shop.reply("BulkPoll", lambda _: polled("COMPLETED" if time.at >= 30 else "RUNNING"))
    assert one.bulk.query(QUERY, "customers") is None
    assert shop.names().count("BulkPoll") <= 8


def test_a_job_that_counts_is_found_done_soon_after_it_is(
    shop: Shop, one: ShopifyConnector, time: Time
) -> None:
    shop.reply("BulkRunQuery", started())
    shop.reply(
        "BulkPoll",
        lambda _: polled("COMPLETED") if time.at >= 45 else polled("RUNNING", int(time.at * 20_000)),
    )
    one.bulk.query(QUERY, "orders", expected=900_000)
    assert time.at < 45 * 1.15, "growing pauses alone would overshoot by up to two thirds"
    assert shop.names().count("BulkPoll") <= 10


def test_a_quick_job_is_found_done_at_once(shop: Shop, one: ShopifyConnector, time: Time) -> None:
    shop.reply("BulkRunQuery", started())
    shop.reply("BulkPoll", polled("COMPLETED"))
    one.bulk.query(QUERY, "customers")
    assert time.at <= 0.5
    assert one.usage.requests == 2


def test_a_result_is_complete_on_disk_before_it_is_handed_out(
    shop: Shop, mock: responses.RequestsMock, one: ShopifyConnector, tmp_path: Path
) -> None:
    shop.reply("BulkRunQuery", started())
    shop.reply("BulkPoll", polled("COMPLETED", 3, RESULT))
    short = mock.get(RESULT, body=lines(*rows_of(2)))
    mock.get(RESULT, body=lines(*rows_of(3)))
    path = one.bulk.query(QUERY, "customers")
    assert path is not None
    assert path.read_bytes() == lines(*rows_of(3))
    assert short.call_count == 1
    assert shop.names().count("BulkRunQuery") == 2, "a short result is asked for anew"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("status", ["FAILED", "CANCELED", "EXPIRED"])
def test_a_job_that_came_to_nothing_is_started_anew(shop: Shop, one: ShopifyConnector, status: str) -> None:
    shop.reply("BulkRunQuery", started())
    shop.reply("BulkPoll", polled(status, 5, None, "INTERNAL_SERVER_ERROR"), polled("COMPLETED"))
    assert one.bulk.query(QUERY, "customers") is None
    assert shop.names() == ["BulkRunQuery", "BulkPoll"] * 2


def test_a_job_that_keeps_failing_is_given_up(shop: Shop, one: ShopifyConnector) -> None:
    shop.reply("BulkRunQuery", started())
    shop.reply("BulkPoll", polled("FAILED", 0, None, "TIMEOUT"))
    with pytest.raises(errors.Unavailable) as raised:
        one.bulk.query(QUERY, "customers")
    assert raised.value.code == "bulk_failed"
    assert shop.names().count("BulkRunQuery") == jobs.SUBMISSIONS


def test_completed_with_rows_but_no_address_is_no_success(shop: Shop, one: ShopifyConnector) -> None:
    shop.reply("BulkRunQuery", started())
    shop.reply("BulkPoll", polled("COMPLETED", 5, None), polled("COMPLETED"))
    assert one.bulk.query(QUERY, "customers") is None
    assert shop.names().count("BulkRunQuery") == 2


def test_a_job_refused_for_want_of_access_is_for_the_merchant(shop: Shop, one: ShopifyConnector) -> None:
    shop.reply("BulkRunQuery", started())
    shop.reply("BulkPoll", polled("FAILED", 0, None, "ACCESS_DENIED"))
    with pytest.raises(errors.MendSettings):
        one.bulk.query(QUERY, "customers")
    assert shop.names().count("BulkRunQuery") == 1


def busy(code: str) -> dict[str, object]:
    return {"bulkOperationRunQuery": {"bulkOperation": None, "userErrors": [{"code": code, "message": "…"}]}}


@pytest.mark.parametrize("code", ["OPERATION_IN_PROGRESS", "LIMIT_REACHED"])
def test_a_free_slot_is_waited_for(shop: Shop, one: ShopifyConnector, time: Time, code: str) -> None:
    shop.reply("BulkRunQuery", busy(code), busy(code), started())
    shop.reply("BulkPoll", polled("COMPLETED"))
    assert one.bulk.query(QUERY, "customers") is None
    assert time.slept[0] >= 5.0


def test_waiting_for_a_free_slot_ends(shop: Shop, one: ShopifyConnector, time: Time) -> None:
    shop.reply("BulkRunQuery", busy("OPERATION_IN_PROGRESS"))
    with pytest.raises(errors.Unavailable) as raised:
        one.bulk.query(QUERY, "customers")
    assert raised.value.code == "bulk_busy"
    assert time.at < jobs.BUSY_SECONDS + 2 * jobs.LONGEST_POLL_SECONDS


def test_a_refused_query_is_told_at_once(shop: Shop, one: ShopifyConnector) -> None:
    shop.reply("BulkRunQuery", busy("INVALID"))
    with pytest.raises(errors.UnexpectedAnswer) as raised:
        one.bulk.query(QUERY, "customers")
    assert raised.value.code == "bulk_refused"


def test_a_stuck_job_is_cancelled_and_started_anew_and_then_given_up(
    shop: Shop, one: ShopifyConnector, time: Time
) -> None:
    shop.reply("BulkRunQuery", started())
    shop.reply("BulkPoll", polled("RUNNING", 7))
    shop.reply("BulkCancel", {"bulkOperationCancel": {"bulkOperation": None, "userErrors": []}})
    with pytest.raises(errors.Unavailable) as raised:
        one.bulk.query(QUERY, "customers")
    assert "bulk_stuck" in raised.value.detail
    assert shop.names().count("BulkCancel") == jobs.SUBMISSIONS
    assert time.at < jobs.SUBMISSIONS * (jobs.STUCK_SECONDS + 2 * jobs.LONGEST_POLL_SECONDS)


def test_a_job_that_goes_on_is_not_stuck(shop: Shop, one: ShopifyConnector, time: Time) -> None:
    shop.reply("BulkRunQuery", started())
    shop.reply(
        "BulkPoll",
        lambda _: polled("COMPLETED") if time.at > 7_000 else polled("RUNNING", int(time.at // 60)),
    )
    assert one.bulk.query(QUERY, "customers") is None
    assert "BulkCancel" not in shop.names()


def test_progress_is_told_as_rows_so_far(shop: Shop, tmp_path: Path, time: Time) -> None:
    heard: list[tuple[str, int]] = []
    one = connector(tmp_path, time, on_progress=lambda what, done: heard.append((what, done)))
    shop.reply("BulkRunQuery", started())
    shop.reply(
        "BulkPoll", polled("RUNNING", 10), polled("RUNNING", 10), polled("RUNNING", 30), polled("COMPLETED")
    )
    one.bulk.query(QUERY, "orders")
    assert heard == [("orders", 10), ("orders", 30)]


def recent(*found: tuple[str, str]) -> dict[str, object]:
    nodes = [
        {"id": f"gid://shopify/BulkOperation/{nth}", "status": status, "query": query}
        for nth, (status, query) in enumerate(found, start=1)
    ]
    return {"bulkOperations": {"nodes": nodes}}


def test_settling_waits_for_our_running_writes_only(shop: Shop, one: ShopifyConnector) -> None:
    ours, theirs = "mutation ZaisekiSet($metafields: …)", "mutation call($input: …)"
    shop.reply("BulkRecent", recent(("RUNNING", theirs), ("COMPLETED", ours), ("RUNNING", ours)))
    shop.reply("BulkPoll", polled("RUNNING"), polled("FAILED"))
    one.settle()
    assert shop.names() == ["BulkRecent", "BulkPoll", "BulkPoll"]
    assert {given["id"] for given in shop.variables("BulkPoll")} == {"gid://shopify/BulkOperation/3"}


def test_settling_with_nothing_running_is_one_request(shop: Shop, one: ShopifyConnector) -> None:
    shop.reply("BulkRecent", recent(("COMPLETED", "mutation ZaisekiSet")))
    one.settle()
    assert one.usage.requests == 1
