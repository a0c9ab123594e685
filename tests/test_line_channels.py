"""Marketplaces and social networks, from what the platforms call them to the shares of the shop."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import duckdb
from conftest import write_scenario
from line_support import Line, small

NOW = "2026-10-01T12:00:00+09:00"
TOML = f"""now = "{NOW}"
[shopify]
timezone = "Asia/Tokyo"
currency = "JPY"
[salesforce]
timezone = "Asia/Tokyo"
currency = "JPY"
"""
SHOP = "\n[metrics]\nshop = true\n"
SOURCES = ("web", "1234567", "amazon-us", "fair", "fair", "tiktok")
ROWS: dict[str, list[dict[str, object]]] = {
    "shopify_customers": [
        {"id": n, "email": f"p{n}@example.com", "first_name": f"P{n}", "created_at": NOW, "updated_at": NOW}
        for n in range(len(SOURCES))
    ],
    "shopify_orders": [
        {
            "id": 10 + n,
            "customer_id": n,
            "processed_at": "2026-09-01T12:00:00+09:00",
            "updated_at": NOW,
            "total": 1_000,
            "source_name": source,
        }
        for n, source in enumerate(SOURCES)
    ],
    "salesforce_Account": [{"Id": "001000000000001AAA", "Name": "A1"}],
    "salesforce_Contact": [
        {
            "Id": "003000000000001AAA",
            "LastName": "Q",
            "Email": "q@example.com",
            "AccountId": "001000000000001AAA",
        }
    ],
    "salesforce_Order": [
        {
            "Id": f"80100000000000{n}AAA",
            "AccountId": "001000000000001AAA",
            "BillToContactId": "003000000000001AAA",
            "EffectiveDate": "2026-08-01",
            "Status": "Activated",
            "TotalAmount": 2_000,
            "Place__c": place,
        }
        for n, place in ((1, ""), (2, "楽天"))
    ],
}


def told(line: Line) -> tuple[dict[str, Decimal], dict[str, str]]:
    """Net spend by channel, and the direct and the marketplace share."""
    with duckdb.connect(str(line.store), read_only=True) as con:
        net = con.execute("SELECT channel, sum(amount) FROM orders GROUP BY 1").fetchall()
        shares = con.execute(
            """SELECT name, value FROM shop_scores
            WHERE part = '' AND name IN ('direct_share', 'marketplace_share')"""
        ).fetchall()
    return dict(net), {name: f"{value:.4f}" for name, value in shares}


def test_a_marketplace_named_in_the_settings_counts_as_one_for_the_orders_read_before(tmp_path: Path) -> None:
    with small(tmp_path / "job", write_scenario(tmp_path / "scenario", ROWS, TOML)) as line:
        line.configure(plain=True, more=SHOP, best_spend=100)
        line.provision()
        notes = {note.pop("key"): note for note in line.sync().json["notes"]}
        assert notes == {
            "sources_other": {"count": "2", "names": "fair (2)"},
            "sources_apps": {"count": "1", "names": "1234567 (1)"},
        }
        # 10,000 in all: the app's order counts as online, and Salesforce's as those of the sales staff.
        assert told(line) == (
            {"online": 2_000, "marketplace": 1_000, "other": 2_000, "social": 1_000, "sales": 4_000},
            {"direct_share": "0.7000", "marketplace_share": "0.1000"},
        )

        said = '\n[channels]\nmarketplace = ["1234567", "楽天"]\nstore = ["Fair"]\n'
        line.configure(plain=True, more=SHOP + said, best_spend=100)
        text = line.settings.read_text(encoding="utf-8")
        line.settings.write_text(
            text.replace("[salesforce]\n", '[salesforce]\nchannel_field = "Place__c"\n'), encoding="utf-8"
        )
        assert line.sync("--approve").json["notes"] == []
        assert told(line) == (
            {"online": 1_000, "marketplace": 4_000, "store": 2_000, "social": 1_000, "sales": 2_000},
            {"direct_share": "0.6000", "marketplace_share": "0.4000"},
        )

        text = line.settings.read_text(encoding="utf-8")
        line.settings.write_text(text.replace('store = ["Fair"]', 'other = ["Fair"]'), encoding="utf-8")
        assert line.sync("--approve").json["notes"] == []
        assert told(line)[1] == {"direct_share": "0.4000", "marketplace_share": "0.4000"}


def test_more_names_than_can_be_looked_at_are_told_by_the_commonest(tmp_path: Path) -> None:
    orders = [
        {**ROWS["shopify_orders"][0], "id": 100 + n, "source_name": f"place {n % 12:02}"} for n in range(25)
    ]
    rows = {"shopify_customers": ROWS["shopify_customers"], "shopify_orders": orders}
    with small(tmp_path / "job", write_scenario(tmp_path / "scenario", rows, TOML)) as line:
        line.provision()
        ran = line.run("sync")
        (sentence,) = [told for told in ran.err.splitlines() if "channel `other`" in told]
        assert sentence.startswith("25 orders") and "place 00 (3), place 01 (2)" in sentence
        assert "place 09 (2), …" in sentence and "place 10" not in sentence
