"""The visits before an order: what a scenario says of them, and nothing while they are not worked out."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from conftest import write_scenario
from shopify_sandbox_client import Shop

Start = Callable[..., dict[str, Any]]
ASKED = """{ order(id: "gid://shopify/Order/1") { updatedAt customerJourneySummary { ready
    firstVisit { sourceType }
    lastVisit { source sourceType referrerUrl landingPage referralCode utmParameters { medium } } } } }"""
BEFORE = "2026-09-30T12:00:00Z"


def journey(shop: Shop) -> Any:
    """The journey of the one order, which has not changed since it was made."""
    order = shop.data(ASKED)["order"]
    assert order["updatedAt"] == BEFORE
    return order["customerJourneySummary"]


def test_a_visit_says_where_it_came_from_once_it_is_worked_out(sandbox: Start, tmp_path: Path) -> None:
    made = {"id": 1, "processed_at": BEFORE, "updated_at": BEFORE, "source_name": "pos"}
    seen = {"visit_source": "Google", "visit_source_type": "SEO", "referrer_url": "https://www.google.com/"}
    shop = Shop(sandbox({"shopify_orders": [{**made, **seen, "journey_pending": "true"}]}))
    assert journey(shop) == {"ready": False, "firstVisit": None, "lastVisit": None}
    later = {"shopify_orders": [{"id": 1, "updated_at": BEFORE, "journey_pending": "false"}]}
    shop.sandbox("apply", {"scenario": str(write_scenario(tmp_path / "later", later, ""))})
    assert journey(shop) == {
        "ready": True,
        "firstVisit": {"sourceType": "SEO"},
        "lastVisit": {
            "source": "Google",
            "sourceType": "SEO",
            "referrerUrl": "https://www.google.com/",
            "landingPage": None,
            "referralCode": None,
            "utmParameters": None,
        },
    }


def test_who_came_directly_has_no_source_type_and_a_till_has_no_journey(sandbox: Start) -> None:
    made = {"processed_at": BEFORE, "updated_at": BEFORE}
    shop = Shop(sandbox({"shopify_orders": [{"id": 1, **made, "visit_source": "direct"}]}))
    visit = journey(shop)["lastVisit"]
    assert (visit["source"], visit["sourceType"], visit["referrerUrl"]) == ("direct", None, None)
    assert journey(Shop(sandbox({"shopify_orders": [{"id": 1, **made, "source_name": "pos"}]}))) is None
