"""Kill it anywhere, run it again: the end state of one clean run, and no field ever got two values."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from survival_door import Door, Moment, door_to
from survival_shop import Filled, blank_again, end_of, filled
from survival_support import SECONDS, Held, Place, balanced, finish, on_salesforce, on_shopify

ROUNDS = {
    "while it looks around, then between two pages of customers": (
        Moment("POST .*/composite .*sobjects/Order/describe", when="after"),
        Moment("ZaisekiCustomerPage", nth=2),
    ),
    "after the bulk query was started, then halfway through its result": (
        Moment("ZaisekiBulkRunQuery", when="after"),
        Moment("GET /_bulk/", when="halfway"),
    ),
    "with one platform stored, then halfway through the other's rows": (
        Moment("POST .*/jobs/query "),
        Moment("GET .*/jobs/query/.*/results", when="halfway"),
    ),
    "before the last rows arrive, then with a plan of which nothing was sent": (
        Moment("GET .*/queryAll", when="after"),
        Moment("ZaisekiStageUpload"),
    ),
    "with the values uploaded, then while they are being written": (
        Moment("POST /_staged/", when="after"),
        Moment("ZaisekiBulkRunMutation", when="after"),
    ),
    "with results arriving, then with the other platform's job open": (
        Moment("GET /_bulk/", nth=2, when="halfway"),
        Moment("POST .*/jobs/ingest ", when="after"),
    ),
    "with rows uploaded, then with the job handed in": (
        Moment("PUT .*/batches", when="after"),
        Moment("PATCH .*/jobs/ingest/", when="after"),
    ),
    "halfway through the successes, then looking for their rest": (
        Moment("GET .*/successfulResults", when="halfway"),
        Moment("POST .*/composite .*/query"),
    ),
    "with every answer given and the last one lost": (Moment("GET .*/unprocessedrecords", when="after"),),
}
GROWTHS = (60_000, 300_000, 600_000, 1_500_000, 2_500_000)
"""Kills while the store is written, one run after the other: when its files have grown by so many bytes."""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Filled]:
    with filled(tmp_path_factory.mktemp("kill")) as made:
        yield made


@contextmanager
def fresh(shop: Filled, folder: Path) -> Iterator[tuple[Place, Door]]:
    """A job that never ran, behind a door, on platforms that hold nothing of ours."""
    with door_to(shop.place.sandbox) as door:
        yield blank_again(shop, folder, door.url), door


def kill_at(place: Place, door: Door, moment: Moment) -> None:
    """Run `sync` until the moment and kill it there."""
    door.wait_for(moment)
    with place.start("sync") as process:
        door.victim = process
        out, told = finish(process)
    assert process.returncode == -9, f"it ended before the moment: {out} {told}"
    door.wait_for(None)


def kill_when_grown(place: Place, growth: int) -> None:
    """Run `sync` and kill it when the files of its store have grown by so many bytes."""
    before = bytes_of_store(place)
    with place.start("sync") as process:
        until = time.monotonic() + SECONDS
        while process.poll() is None and time.monotonic() < until:
            if bytes_of_store(place) >= before + growth:
                process.kill()
                break
            time.sleep(0.001)
        finish(process)
    assert process.returncode == -9, "it ended before it had written so much"


def bytes_of_store(place: Place) -> int:
    """The size of the store's file and of its log, which comes and goes."""
    return sum(size_of(path) for path in (place.store, place.store.with_name(f"{place.store.name}.wal")))


def size_of(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def recovered(shop: Filled, place: Place, door: Door) -> None:
    """The next run ends as a clean one would have; nothing is sent again that had arrived, or otherwise."""
    arrived, before = fields_of(on_shopify(place), on_salesforce(place)), len(door.passed)
    balanced(place.run("sync"))
    assert end_of(place) == shop.clean
    assert arrived.isdisjoint(door.sent_values(since=before))
    assert {at: sent for at, sent in door.sent_values().items() if len(set(sent)) > 1} == {}
    assert place.rows("SELECT DISTINCT state FROM writes WHERE state = 'sent'") == []
    left = {path.name for path in place.folder.glob("zaiseki.duckdb*")} | {*place.scratch.iterdir()}
    assert left == {"zaiseki.duckdb", "zaiseki.duckdb.lock", "zaiseki.duckdb.run.json"}, "downloads are left"


def fields_of(shopify: Held, salesforce: Held) -> set[tuple[str, str]]:
    """The fields that have a value, as a door tells them."""
    customers = {(f"gid://shopify/Customer/{record}", f) for record, held in shopify.items() for f in held}
    return customers | {(record, f) for record, held in salesforce.items() for f in held}


@pytest.mark.parametrize("moments", ROUNDS.values(), ids=ROUNDS)
def test_killed_at_a_request_and_run_again_it_ends_as_a_clean_run(
    shop: Filled, tmp_path: Path, moments: tuple[Moment, ...]
) -> None:
    with fresh(shop, tmp_path) as (place, door):
        for moment in moments:
            kill_at(place, door, moment)
        recovered(shop, place, door)


def test_killed_while_the_store_is_written_it_loses_nothing(shop: Filled, tmp_path: Path) -> None:
    with fresh(shop, tmp_path) as (place, door):
        for growth in GROWTHS:
            kill_when_grown(place, growth)
        recovered(shop, place, door)


def test_the_values_sent_are_seen_by_these_tests_on_every_way_they_go(shop: Filled, tmp_path: Path) -> None:
    """Else `recovered` would compare nothing: every field of every record was sent, once."""
    with fresh(shop, tmp_path) as (place, door):
        recovered(shop, place, door)
        sent = door.sent_values()
    held = fields_of(shop.clean.shopify, shop.clean.salesforce)
    assert {at for at, values in sent.items() if values != [None]} == held
    assert all(len(values) == 1 for values in sent.values())
