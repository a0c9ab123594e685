"""Trial offers whose conversion cannot be counted: said once a run, by `sync` and by `plan`."""

from __future__ import annotations

from pathlib import Path

from conftest import write_scenario
from line_small import TOML, customers, orders
from line_support import small


def test_a_run_says_once_what_trial_conversion_lacks(tmp_path: Path) -> None:
    rows = {"shopify_customers": customers(range(2)), "shopify_orders": orders(range(2), "2026-05-01")}
    with small(tmp_path / "job", write_scenario(tmp_path / "scenario", rows, TOML)) as line:
        line.configure(plain=True, more='\n[products]\nfront_end = ["trial"]\n', best_spend=100)
        line.provision()
        keys = [note["key"] for note in line.sync().json["notes"]]
        assert keys == ["products_not_read", "products_no_back_end"]
        assert line.run("plan").err.count("metrics.products = true") == 1
        read = "[metrics]\nshop = false\nproducts = true\n"
        read += '[products]\nfront_end = ["trial"]\nback_end = ["main"]\n'
        line.configure(plain=True, more=read, best_spend=100)
        assert line.sync().json["notes"] == []
