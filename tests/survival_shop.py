"""Platforms large enough for every bulk path, which the tests of a module share: blank again for each."""

import csv
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conftest import write_scenario
from survival_support import FIELDS, Held, Place, on_salesforce, on_shopify, persons, provisioned, scores

from sandbox.salesforce.ids import make_id
from sandbox.synthetic import write_synthetic

BLANKED_AT, NOW = "now = 2026-10-01T11:00:00+09:00\n", "now = 2026-10-01T12:00:00+09:00\n"


@dataclass(frozen=True)
class End:
    """What a run came to: both platforms, every score, and who is whom."""

    shopify: Held
    salesforce: Held
    scores: list[tuple[Any, ...]]
    persons: list[tuple[Any, ...]]


@dataclass(frozen=True)
class Filled:
    """Platforms after a clean run, what it came to, and a scenario folder that blanks our fields again."""

    place: Place
    blank: Path
    clean: End


@contextmanager
def filled(folder: Path) -> Iterator[Filled]:
    """Platforms after one clean run over a generated scenario."""
    scenario = large_scenario(folder / "scenario", customers=700, orders=2_200, letters=1_800)
    with provisioned(scenario, folder / "clean") as place:
        done = place.run("sync")
        assert (done.code, done.facts["balanced"], done.facts["rejected"]) == (0, True, 0)
        assert done.stream("shopify.orders")["fetched"] > 1_500, "too few to be read in bulk"
        assert done.facts["writes"]["salesforce"]["written"] > 2_000, "too few to be written in bulk"
        clean = end_of(place)
        yield Filled(place, blanking(folder / "blank", clean), clean)


def end_of(place: Place) -> End:
    return End(on_shopify(place), on_salesforce(place), scores(place), persons(place))


def blanking(folder: Path, held: End) -> Path:
    """A scenario folder that takes our fields off every record again, as if nothing had ever been written."""
    folder.mkdir()
    (folder / "scenario.toml").write_text(BLANKED_AT, encoding="utf-8")
    with (folder / "shopify_metafields.csv").open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["owner_id", "namespace", "key", "deleted"])
        writer.writerows(
            [owner, "zaiseki", key, "true"] for owner, keys in held.shopify.items() for key in keys
        )
    with (folder / "salesforce_Contact.csv").open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["Id", *(f"Zaiseki_{name}__c" for name in FIELDS)])
        writer.writerows([record, *("" for _ in FIELDS)] for record in held.salesforce)
    return folder


def large_scenario(folder: Path, *, customers: int, orders: int, letters: int) -> Path:
    """A generated scenario with `letters` contacts on top who only read the newsletter.

    Over 1,500 orders on Shopify are read in bulk, over 2,000 contacts read and written in bulk.
    """
    write_synthetic(folder, customers=customers, orders=orders, seed=5)
    text = (folder / "scenario.toml").read_text(encoding="utf-8")
    assert "[shopify]\n" in text
    # What changes only by our own writing is then read back only where somebody takes care to.
    text = text.replace("[shopify]\n", "[shopify]\nmetafield_writes_bump = false\n")
    (folder / "scenario.toml").write_text(text, encoding="utf-8")
    path = folder / "salesforce_Contact.csv"
    with path.open(encoding="utf-8", newline="") as lines:
        header = next(csv.reader(lines))
    with path.open("a", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, header, restval="", lineterminator="\n")
        stamp = "2024-05-01T09:00:00+09:00"
        for number in range(letters):
            writer.writerow(
                {
                    "Id": make_id("003", 3_000_000 + number),
                    "LastName": f"Letter {number}",
                    "Email": f"letter.{number}@example.com",
                    "CreatedDate": stamp,
                    "LastModifiedDate": stamp,
                }
            )
    return folder


def blank_again(shop: Filled, folder: Path, url: str = "") -> Place:
    """A job that never ran, on platforms that hold nothing of ours; it calls `url`, else the sandbox."""
    shop.place.faults()
    shop.place.apply(shop.blank)
    shop.place.apply(write_scenario(folder / "now", {}, NOW))
    assert not any(on_shopify(shop.place).values()), "blanking leaves something"
    place = Place(shop.place.ready, folder / "job", url)
    # Guests are named after keyed hashes: only under the same key have they the same ids.
    shutil.copy(shop.place.folder / "zaiseki.key", place.folder)
    shop.place.forget_requests()
    return place
