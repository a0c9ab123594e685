"""A sandbox that was kept: others go on from what it held, each on its own, and not before its time."""

from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from shopify_sandbox_client import SET, Shop

from sandbox.salesforce.objects import custom_text
from sandbox.salesforce.schema import load_schema, put_field
from sandbox.server import prepared, serving

Scenario = Callable[..., Path]
VALUES = '{ customer(id: "gid://shopify/Customer/1") { metafields(first: 9) { nodes { value } } } }'
LATER = datetime(2026, 10, 2, 12, tzinfo=UTC)


def write(shop: Shop, value: str) -> None:
    one = {"ownerId": "gid://shopify/Customer/1", "namespace": "custom", "key": "note", "value": value}
    told = shop.data(SET, m=[{**one, "type": "single_line_text_field"}])
    assert told["metafieldsSet"]["userErrors"] == []


def values(shop: Shop) -> list[str]:
    nodes: list[dict[str, Any]] = shop.data(VALUES)["customer"]["metafields"]["nodes"]
    return [node["value"] for node in nodes]


def test_others_go_on_from_what_was_kept_and_know_nothing_of_each_other(
    scenario: Scenario, tmp_path: Path
) -> None:
    folder = scenario({"shopify_customers": [{"id": 1, "email": "a@example.com"}]})
    with prepared(folder) as state, serving(state) as ready:
        write(Shop(ready), "kept")
        state.clock.set(LATER)
        kept = state.keep(tmp_path / "kept")
        write(Shop(ready), "too late")
    with ExitStack() as stack:
        states = [stack.enter_context(prepared(folder, kept)) for _ in range(2)]
        one, other = (Shop(stack.enter_context(serving(state))) for state in states)
        assert all(state.clock.now() >= LATER for state in states)
        assert values(one) == values(other) == ["kept"]
        write(one, "changed")
        assert (values(one), values(other)) == (["changed"], ["kept"])


def test_a_field_of_one_org_is_not_there_in_another(scenario: Scenario) -> None:
    folder = scenario()
    with prepared(folder) as one, prepared(folder) as other:
        with one.writing() as db:
            put_field(db, "Contact", custom_text("Favourite_Tea__c"))
            assert load_schema(db)["contact"].get("Favourite_Tea__c") is not None
        assert load_schema(other.connection())["contact"].get("Favourite_Tea__c") is None
