"""Thresholds end to end: those of the settings, those the first sync derives, and changing them."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from conftest import write_scenario
from line_readback import read_both
from line_small import TOML, customers, orders
from line_support import Line, small

FILE = "zaiseki.thresholds.toml"


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Line]:
    """110 people who bought twice, 100 days apart: 12.34 and then 23.45; no best_spend in the settings."""
    people = range(110)
    rows = {
        "shopify_customers": customers(people),
        "shopify_orders": orders(people, "2026-05-01", total="12.34")
        + orders(people, "2026-08-09", start=1_000, total="23.45"),
    }
    with small(tmp_path / "job", write_scenario(tmp_path / "scenario", rows, TOML)) as line:
        line.configure(plain=True)
        line.provision()
        yield line


def test_the_first_sync_derives_best_spend_and_keeps_it(shop: Line) -> None:
    planned = shop.run("plan")
    assert planned.code == 0
    assert "130" in planned.err  # 7 x 17.895 = 125.265, in two digits
    assert not (shop.folder / FILE).exists()
    first = shop.run("sync")
    assert first.code == 0
    assert "130" in first.err
    assert FILE in first.err
    accepted = tomllib.loads((shop.folder / FILE).read_text(encoding="utf-8"), parse_float=Decimal)
    assert accepted.keys() == {"segment"}
    assert accepted["segment"].keys() == {"best_spend", "lapse_days", "accepted_on", "evidence"}
    assert (accepted["segment"]["best_spend"], accepted["segment"]["lapse_days"]) == (130, 240)
    assert str(accepted["segment"]["accepted_on"]) == "2026-10-01"
    assert "17.9" in accepted["segment"]["evidence"] or "17.90" in accepted["segment"]["evidence"]
    # More orders would derive another value; what is accepted stays.
    one = orders([0], "2026-10-01", start=5_000, total="9000.00", updated_at="2026-10-01T12:30:00Z")
    shop.apply(shop.folder / "more", {"shopify_orders": one}, "2026-10-01T13:00:00Z")
    again = shop.sync()
    assert again.json["holds"] == []
    assert tomllib.loads((shop.folder / FILE).read_text(encoding="utf-8"), parse_float=Decimal) == accepted
    assert again.json["segments"]["steady_active"] == 109


def test_changed_thresholds_are_held_until_approved(shop: Line) -> None:
    shop.sync()
    before = read_both(shop.ready)
    assert {values["segment"] for values in before["shopify"].values()} == {"steady_active"}
    shop.configure(plain=True, best_spend=30)
    with shop.watched() as tried:
        held = shop.sync(code=2)
    assert ("thresholds", {"before": "130 / 90 / 210 / 240", "now": "30 / 90 / 210 / 240"}) in held.holds
    assert (held.json["planned"], held.json["held"], held.json["written"]) == (110, 110, 0)
    assert tried == []
    assert read_both(shop.ready) == before
    assert shop.sync("--approve").json["written"] == 110
    after = read_both(shop.ready)
    assert {values["segment"] for values in after["shopify"].values()} == {"trend_active"}
    assert shop.sync().json["planned"] == 0


def test_a_changed_lapse_alone_is_held_too(shop: Line) -> None:
    shop.sync()
    # Nobody moves: only the announced date does, and the thresholds are not those of the last write.
    shop.configure(plain=True, lapse_days=230)
    held = shop.sync(code=2)
    assert [code for code, _ in held.holds] == ["thresholds"]


@pytest.mark.parametrize("orders_there", [0, 99])
def test_under_a_hundred_orders_nothing_is_scored_without_a_best_spend(
    tmp_path: Path, orders_there: int
) -> None:
    people = range(120)
    rows = {
        "shopify_customers": customers(people),
        # A free sample and a test order are no valid orders.
        "shopify_orders": orders(range(orders_there), "2026-05-01")
        + orders([100], "2026-05-01", start=2_000, total="0")
        + orders([101], "2026-05-01", start=2_001, test="true"),
    }
    with small(tmp_path / "job", write_scenario(tmp_path / "scenario", rows, TOML)) as line:
        line.configure(plain=True)
        line.provision()
        for command in ("plan", "sync"):
            with line.watched() as tried:
                ran = line.run(command, "--json")
            assert ran.code == 1
            told = ran.json["error"]
            assert "segment.best_spend" in told["message"] + told["next_step"]
            assert tried == []
        assert not (line.folder / FILE).exists()
        line.configure(plain=True, best_spend=50)
        assert line.sync().json["written"] == 120
