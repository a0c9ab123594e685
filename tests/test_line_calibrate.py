"""`zaiseki calibrate` over a real store: what it says, what it writes, and what the next sync makes of it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from conftest import write_scenario
from line_readback import read_both
from line_small import TOML, customers, orders
from line_support import Line, small

FILE = "zaiseki.thresholds.toml"
PEOPLE = 800
RELAY = 20
"""More, who are known by a marketplace's forwarding address only."""


def rows() -> dict[str, Any]:
    """600 people of June 2025, of whom 300 bought again 30 days later and 150 others 120 days later, and 200
    of April 2026. Of those idle for 30 to 119 days 150 of 950 return; from 120 days on nobody does. Those of
    `RELAY` bought in April too.
    """
    first = orders(range(600), "2025-06-01")
    again = orders(range(300), "2025-07-01", start=1_001) + orders(range(300, 450), "2025-09-29", start=2_001)
    relay = [
        one | {"email": f"x{number}@marketplace.amazon.co.jp"}
        for number, one in enumerate(customers(range(PEOPLE, PEOPLE + RELAY)))
    ]
    return {
        "shopify_customers": customers(range(PEOPLE)) + relay,
        "shopify_orders": first
        + again
        + orders(range(600, 800), "2026-04-01", start=3_001)
        + orders(range(PEOPLE, PEOPLE + RELAY), "2026-04-01", start=4_001),
    }


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Line]:
    """A shop that is synced with the preset lapse of 240 days and the derived best spend of 70."""
    folder = tmp_path_factory.mktemp("calibrate")
    with small(folder / "job", write_scenario(folder / "scenario", rows(), TOML)) as line:
        line.configure(plain=True)
        line.provision()
        assert line.sync().json["segments"]["first_active"] == 200
        yield line


@pytest.fixture
def file(shop: Line) -> Iterator[Path]:
    """The thresholds file, which stands again afterwards as the first sync wrote it."""
    path = shop.folder / FILE
    before = path.read_text(encoding="utf-8")
    yield path
    path.write_text(before, encoding="utf-8")


def accepted(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)["segment"]
    return found


def test_it_shows_what_holds_and_what_the_purchases_propose_and_changes_nothing(shop: Line) -> None:
    before = (shop.folder / FILE).read_bytes()
    with shop.watched():
        ran = shop.run("calibrate")
        told = shop.run("calibrate", "--json").json
    assert shop.served() == []
    assert ran.code == 0
    assert "lapsed after 240 days (accepted in zaiseki.thresholds.toml)" in ran.out
    assert "lapsed after 120 days" in ran.out and "calibrate --accept" in ran.out
    assert (shop.folder / FILE).read_bytes() == before
    # Whoever a marketplace hides may be several people: their orders count, their gaps do not.
    assert (told["buyers"], told["days"]) == (PEOPLE, 487)
    assert told["in_force"] == {
        "best_spend": "70",
        "best_spend_from": "accepted",
        "lapse_days": 240,
        "lapse_days_from": "accepted",
    }
    proposed = told["proposed"]
    assert (proposed["lapse_days"], proposed["returning"], proposed["best_spend"]) == (120, 0, "70")
    assert (told["mean_order"], told["orders"]) == ("10.00", 1_250 + RELAY)
    curve = {point["idle_days"]: point for point in told["curve"]}
    assert curve[90]["pooled"] == round(150 / 950, 4)
    # After the first purchase 500 gaps are open then, of which 150 end; nobody bought three times.
    assert (curve[90]["after_first"], curve[90]["after_later"]) == (0.3, 0)
    assert told["moves"] == [{"old": "first_active", "new": "first_lapsed", "people": 200}]
    assert told["accepted"] is None and "error" not in told


def test_it_speaks_japanese(shop: Line) -> None:
    ran = shop.run("--lang", "ja", "calibrate")
    assert "提案: 購入のない日が 120 日続いたら離脱とします" in ran.out
    assert "初回現役客" in ran.out


def test_a_value_in_the_settings_wins_and_is_told(shop: Line, file: Path) -> None:
    shop.configure(plain=True, lapse_days=200)
    try:
        ran = shop.run("calibrate", "--accept")
        assert "segment.lapse_days = 200" in ran.err and "wins" in ran.err
        assert "segment.best_spend" not in ran.err
        told = shop.run("calibrate", "--json").json
        assert told["in_force"]["lapse_days_from"] == "settings"
        assert accepted(file)["lapse_days"] == 120
    finally:
        shop.configure(plain=True)


def test_a_picture_is_drawn_without_a_network(shop: Line, tmp_path: Path) -> None:
    for name, start in (("curve.svg", b"<?xml"), ("curve.png", b"\x89PNG")):
        ran = shop.run("calibrate", "--picture", tmp_path / name)
        assert ran.code == 0 and name in ran.out
        assert (tmp_path / name).read_bytes().startswith(start)
    drawn = (tmp_path / "curve.svg").read_text(encoding="utf-8")
    assert "proposed: 120 days" in drawn and "in force: 240 days" in drawn and "<script" not in drawn
    first = (tmp_path / "curve.svg").read_bytes()
    shop.run("calibrate", "--picture", tmp_path / "curve.svg")
    assert (tmp_path / "curve.svg").read_bytes() == first
    shop.run("--lang", "ja", "calibrate", "--picture", tmp_path / "curve.svg")
    assert "最終購入からの日数" in (tmp_path / "curve.svg").read_text(encoding="utf-8")


@pytest.mark.parametrize(("name", "says"), [("curve.pdf", ".svg or .png"), ("none/curve.svg", "cannot be")])
def test_a_picture_that_cannot_be_drawn_is_an_error(shop: Line, tmp_path: Path, name: str, says: str) -> None:
    ran = shop.run("calibrate", "--picture", tmp_path / name)
    assert ran.code == 1
    assert says in ran.err


def test_what_is_accepted_is_written_with_its_date_and_evidence(shop: Line, file: Path) -> None:
    ran = shop.run("calibrate", "--accept", "--json")
    assert ran.code == 0
    assert ran.json["accepted"] == str(file)
    found = accepted(file)
    assert found.keys() == {"best_spend", "lapse_days", "accepted_on", "evidence"}
    assert (found["best_spend"], found["lapse_days"]) == (70, 120)
    assert str(found["accepted_on"]) == "2026-10-01"
    assert "0.0 % of those idle 120 days" in found["evidence"] and "800 buyers" in found["evidence"]


def test_only_the_very_values_it_wrote_pass_the_guard(shop: Line, file: Path) -> None:
    assert shop.run("calibrate", "--accept").code == 0
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("lapse_days = 120", "lapse_days = 121"), encoding="utf-8")
    held = shop.sync(code=2)
    assert {code for code, _ in held.holds} == {"thresholds", "segment_moves"}
    file.write_text(text, encoding="utf-8")
    # The lapse moves 200 of 800 segments, which is what was approved.
    done = shop.sync()
    assert (done.json["holds"], done.json["written"]) == ([], PEOPLE + RELAY)
    segments = {values["segment"] for values in read_both(shop.ready)["shopify"].values()}
    assert segments == {"first_lapsed", "fledgling_lapsed", "steady_lapsed"}
    assert shop.sync().json["planned"] == 0


def test_before_the_first_run_there_is_nothing_to_calibrate(tmp_path: Path) -> None:
    scenario = write_scenario(tmp_path / "scenario", {"shopify_customers": customers([1])}, TOML)
    with small(tmp_path / "job", scenario) as line:
        ran = line.run("calibrate")
        assert ran.code == 1 and "No sync has run" in ran.err


def test_too_few_buyers_are_refused_with_the_numbers_and_nothing_is_written(tmp_path: Path) -> None:
    people = range(120)
    rows = {"shopify_customers": customers(people), "shopify_orders": orders(people, "2025-06-01")}
    with small(tmp_path / "job", write_scenario(tmp_path / "scenario", rows, TOML)) as line:
        line.provision()
        line.sync()
        for words in ((), ("--accept",)):
            ran = line.run("calibrate", *words)
            assert ran.code == 1
            assert "120 people have bought" in ran.err and "240 days" in ran.err
            told = line.run("calibrate", *words, "--json")
            assert told.code == 1
            assert (told.json["proposed"], told.json["error"]["code"]) == (None, "calibrate_few_buyers")
        assert not (line.folder / FILE).exists()
        drawn = line.run("calibrate", "--picture", tmp_path / "curve.svg")
        assert drawn.code == 1 and (tmp_path / "curve.svg").exists()
