"""Kill it anywhere, run it again: the end state of one clean run, and no field ever got two values."""

import csv
import json
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from survival_door import Door, Moment, door_to
from survival_support import (
    FIELDS,
    Held,
    Place,
    large_scenario,
    on_salesforce,
    on_shopify,
    persons,
    provisioned,
    scores,
)

NOW = "now = 2026-10-01T12:00:00+09:00\n"
ROUNDS = {
    "while it looks around, then between two pages of customers": (
        Moment("GET .*/sobjects/Order/describe", when="after"),
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
        Moment("GET .*/describe", nth=2),
    ),
    "with every answer given and the last one lost": (Moment("GET .*/unprocessedrecords", when="after"),),
}
COMMITS = (2, 6, 11)
"""Kills while the store is written, counted in changes of its files."""


@dataclass(frozen=True)
class End:
    """What a run came to: both platforms, every score, and who is whom."""

    shopify: Held
    salesforce: Held
    scores: list[tuple[Any, ...]]
    persons: list[tuple[Any, ...]]


@dataclass(frozen=True)
class Shop:
    """The platforms all rounds share, the folder that blanks our fields on them, and what a clean run does."""

    place: Place
    blank: Path
    clean: End


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("kill")
    scenario = large_scenario(folder / "scenario", customers=700, orders=3_000, letters=1_800)
    with provisioned(scenario, folder / "clean") as place:
        done = place.run("sync")
        assert (done.code, done.facts["balanced"], done.facts["rejected"]) == (0, True, 0)
        assert done.stream("shopify.orders")["fetched"] > 1_500, "too few to be read in bulk"
        assert done.facts["writes"]["salesforce"]["written"] > 2_000, "too few to be written in bulk"
        clean = end_of(place)
        yield Shop(place, blanking(folder / "blank", clean), clean)


def end_of(place: Place) -> End:
    return End(on_shopify(place), on_salesforce(place), scores(place), persons(place))


def blanking(folder: Path, held: End) -> Path:
    """A scenario folder that takes our fields off every record again, as if nothing had ever been written."""
    folder.mkdir()
    (folder / "scenario.toml").write_text(NOW, encoding="utf-8")
    with (folder / "shopify_metafields.csv").open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["owner_id", "namespace", "key", "deleted"])
        writer.writerows([owner, "zaiseki", key, "true"] for owner, keys in held.shopify.items() for key in keys)
    with (folder / "salesforce_Contact.csv").open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["Id", *(f"Zaiseki_{name}__c" for name in FIELDS)])
        writer.writerows([record, *("" for _ in FIELDS)] for record in held.salesforce)
    return folder


@contextmanager
def fresh(shop: Shop, folder: Path) -> Iterator[tuple[Place, Door]]:
    """A job that never ran, behind a door, on platforms that hold nothing of ours."""
    shop.place.apply(shop.blank)
    assert not any(on_shopify(shop.place).values()), "blanking leaves something"
    with door_to(shop.place.sandbox) as door:
        place = Place(shop.place.ready, folder / "job", door.url)
        # Guests are named after keyed hashes: only under the same key have they the same ids.
        shutil.copy(shop.place.folder / "zaiseki.key", place.folder)
        yield place, door


def kill_at(place: Place, door: Door, moment: Moment) -> None:
    """Run `sync` until the moment and kill it there."""
    door.wait_for(moment)
    with place.start("sync") as process:
        door.victim = process
        out, told = process.communicate(timeout=120)
    assert process.returncode == -9, f"it ended before the moment: {out} {told}"
    door.wait_for(None)


def kill_at_change(place: Place, nth: int) -> None:
    """Run `sync` and kill it when the files of its store have changed so many times."""
    with place.start("sync") as process:
        seen, last, until = 0, None, time.monotonic() + 120
        while process.poll() is None and seen < nth and time.monotonic() < until:
            now = sorted((path.name, size_of(path)) for path in place.folder.glob("zaiseki.duckdb*"))
            seen, last = seen + (now != last), now
            time.sleep(0.001)
        process.kill()
        process.communicate(timeout=120)
    assert process.returncode == -9, "it ended before so many changes"


def size_of(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return -1


def recovered(shop: Shop, place: Place, door: Door) -> None:
    """The next run ends as a clean one would have, and whatever was sent twice was sent alike."""
    done = place.run("sync")
    assert (done.code, done.facts.get("balanced")) == (0, True), json.dumps(done.facts)[:2_000] + done.told
    assert end_of(place) == shop.clean
    changed = {at: values for at, values in door.sent_values().items() if len(set(values)) > 1}
    assert changed == {}
    assert place.rows("SELECT DISTINCT state FROM writes WHERE state IN ('planned', 'sent')") == []


@pytest.mark.parametrize("moments", ROUNDS.values(), ids=ROUNDS)
def test_killed_at_a_request_and_run_again_it_ends_as_a_clean_run(
    shop: Shop, tmp_path: Path, moments: tuple[Moment, ...]
) -> None:
    with fresh(shop, tmp_path) as (place, door):
        for moment in moments:
            kill_at(place, door, moment)
        recovered(shop, place, door)


def test_killed_while_the_store_is_written_it_loses_nothing(shop: Shop, tmp_path: Path) -> None:
    with fresh(shop, tmp_path) as (place, door):
        for nth in COMMITS:
            kill_at_change(place, nth)
        recovered(shop, place, door)


def test_the_values_sent_are_seen_by_these_tests_on_every_way_they_go(shop: Shop, tmp_path: Path) -> None:
    """Else `recovered` would compare nothing: every field of every record was sent, once."""
    with fresh(shop, tmp_path) as (place, door):
        recovered(shop, place, door)
        sent = door.sent_values()
    held = {(f"gid://shopify/Customer/{k}", f) for k, fields in shop.clean.shopify.items() for f in fields}
    held |= {(k, f) for k, fields in shop.clean.salesforce.items() for f in fields}
    assert {at for at, values in sent.items() if values != [None]} == held
    assert all(len(values) == 1 for values in sent.values())
