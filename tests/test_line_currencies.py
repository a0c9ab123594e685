"""An org of several currencies, none of which need be the one that everything is counted in."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from conftest import write_scenario
from line_readback import read_shopify
from line_small import NOW, contacts, customers, orders, sales
from line_support import small

ORG_OF_EURO = f"""\
now = "{NOW}"
[shopify]
currency = "JPY"
[salesforce]
currency = "EUR"
currencies = {{ JPY = 165, USD = 1.1 }}
"""


def test_the_orgs_rates_turn_amounts_of_org_and_shop_into_a_currency_that_is_neithers_own(
    tmp_path: Path,
) -> None:
    """1,650 yen and 10 euro are 11 dollars each where a euro is 165 yen and 1.1 dollars."""
    rows = {
        "shopify_customers": customers([1, 2]),
        "shopify_orders": orders([1], "2026-05-01", total="1650"),
        "salesforce_Contact": contacts([2], Email="p2@example.com"),
        "salesforce_Order": [
            *sales([2], "2026-06-01", total="10.00", CurrencyIsoCode="EUR"),
            *sales([2], "2026-07-01", start=2, total="165", CurrencyIsoCode="JPY"),
        ],
    }
    with small(tmp_path / "job", write_scenario(tmp_path / "scenario", rows, ORG_OF_EURO)) as line:
        line.configure(plain=True, best_spend=100, more='\n[currency]\nreporting = "USD"\n')
        line.provision()
        assert line.sync().json["balanced"]
        held = read_shopify(line.ready)
    spent = {number: values["net_spend"] for number, values in held.items()}
    assert spent == {"1001": Decimal("11.00"), "1002": Decimal("12.10")}
