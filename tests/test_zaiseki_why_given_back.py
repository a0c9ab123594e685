"""What was given back of an order that never counted is nobody's complaint: as scored, told and announced."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from stored_people import SHOP, record, refund, touch
from why_people import TODAY, Explained, fill_store, order

from sync.model import Touch
from sync.store import Store
from zaiseki.counting import purchase_rules, refresh_frames
from zaiseki.settings import read_settings

SETTINGS = '[purchases]\nexclude = { tags = ["staff"] }\n'
FACTS: dict[str, dict[str, Any]] = {
    "1": {},
    "2": {"cancelled_day": TODAY - 10},
    "3": {"is_test": True},
    "4": {"tags": ["staff"]},
    "5": {"payment_status": "VOIDED"},
}
"""What the only order of each customer is, by the customer's number."""
SPEAK = {"1", "2"}


def sent_back(number: str) -> Touch:
    """A return of broken goods."""
    of_shop = {"platform": "shopify", "account": SHOP, "order_id": f"{number}00", "value": "quality"}
    return touch(f"r{number}", number, "return", day=TODAY - 20, **of_shop)


def filled(folder: Path, *, refunded: bool) -> Explained:
    """Everybody got money back for quality, or else sent broken goods back."""
    bought = [order(f"{one}00", 40, record_id=one, **facts) for one, facts in FACTS.items()]
    back = [
        refund(f"{one}00", TODAY - 20, "700", f"r{one}")._replace(reason="quality")
        for one in FACTS
        if refunded
    ]
    returned = [sent_back(one) for one in FACTS if not refunded]
    people = [record(one, created_day=TODAY - 100) for one in FACTS]
    return Explained(fill_store(folder, people, bought, back, settings=SETTINGS, touches=returned))


@pytest.mark.parametrize("refunded", [True, False])
def test_nobody_is_dissatisfied_with_an_order_that_never_counted(tmp_path: Path, refunded: bool) -> None:
    why = filled(tmp_path, refunded=refunded)
    told = {one: why.facts(f"shopify:{one}") for one in FACTS}
    codes = {one: facts["satisfaction"]["code"] for one, facts in told.items()}
    assert codes == {one: "dissatisfied" if one in SPEAK else "unknown" for one in FACTS}
    assert {
        one for one, facts in told.items() if facts["next_action"]["code"] == "resolve_complaint"
    } == SPEAK
    announced = {
        one for one in FACTS if "satisfaction" in {change.key for change in why.of(f"shopify:{one}").coming}
    }
    assert announced == SPEAK, "nor is anything announced that would follow from it"
    words = "money was given back on" if refunded else "something came back on"
    assert {one for one in FACTS if words in why.text(f"shopify:{one}")} == SPEAK


def test_the_order_of_a_return_stands_beside_it_and_no_other_touch_has_one(tmp_path: Path) -> None:
    why = filled(tmp_path, refunded=False)
    with Store.open(why.config.parent / "zaiseki.duckdb") as store:
        refresh_frames(store, purchase_rules(read_settings(why.config)), as_of_day=TODAY)
        found = store.rows("SELECT kind, touch_id, order_id FROM person_touches ORDER BY ALL")
    assert found == [("quality_return", f"r{one}", f"{one}00") for one in FACTS]
