"""Definitions: made whole, completed where needed, an admin's changes left alone."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import responses
from shopify_answers import FIELDS, Shop, Time, connector

from connectors.shopify import ShopifyConnector


@pytest.fixture
def shop() -> Iterator[Shop]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield Shop(mock)


@pytest.fixture
def one(tmp_path: Path) -> ShopifyConnector:
    return connector(tmp_path, Time())


def standing(**types: str) -> dict[str, Any]:
    nodes = [{"key": key, "type": {"name": name}, "validations": []} for key, name in types.items()]
    return {"metafieldDefinitions": {"nodes": nodes}}


def fine(given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: {"userErrors": []} for name in given}


def actions(one: ShopifyConnector, *, dry_run: bool = False) -> dict[str, str]:
    return {made.name: made.action for made in one.provision(FIELDS, (), dry_run=dry_run)}


def test_missing_definitions_are_created_in_one_request(shop: Shop, one: ShopifyConnector) -> None:
    shop.reply("Definitions", standing())
    shop.reply("Provision", fine)
    assert set(actions(one).values()) == {"created"}
    assert one.usage.requests == 2
    tenure, money, segment, channels = shop.variables("Provision")[0].values()
    assert segment == {
        "ownerType": "CUSTOMER",
        "namespace": "zaiseki",
        "key": "segment",
        "name": "Segment",
        "description": "CPM.",
        "type": "single_line_text_field",
        "access": {"storefront": "NONE", "customerAccount": "NONE"},
        "pin": True,
        "capabilities": {"adminFilterable": {"enabled": True}},
        "validations": [{"name": "choices", "value": '["a","b"]'}],
    }
    assert (tenure["pin"], tenure["type"]) == (False, "number_integer")
    assert (money["type"], "capabilities" in money) == ("number_decimal", False)
    assert channels["type"] == "list.single_line_text_field"


def test_a_dry_run_only_tells(shop: Shop, one: ShopifyConnector) -> None:
    shop.reply("Definitions", standing(tenure_days="number_integer"))
    assert actions(one, dry_run=True) == {
        "zaiseki.tenure_days": "unchanged",
        "zaiseki.net_spend": "created",
        "zaiseki.segment": "created",
        "zaiseki.channels": "created",
    }
    assert shop.names() == ["Definitions"]


def test_a_second_time_nothing_is_sent_whatever_an_admin_renamed(shop: Shop, one: ShopifyConnector) -> None:
    shop.reply(
        "Definitions",
        standing(
            tenure_days="number_integer",
            net_spend="number_decimal",
            segment="single_line_text_field",
            channels="list.single_line_text_field",
        ),
    )
    assert set(actions(one).values()) == {"unchanged"}
    assert one.usage.requests == 1


def test_missing_choices_are_added_and_the_admins_kept(shop: Shop, one: ShopifyConnector) -> None:
    found = standing(
        tenure_days="number_integer",
        net_spend="number_decimal",
        segment="single_line_text_field",
        channels="list.single_line_text_field",
    )
    found["metafieldDefinitions"]["nodes"][2]["validations"] = [
        {"name": "max", "value": "40"},
        {"name": "choices", "value": '["theirs","b"]'},
    ]
    shop.reply("Definitions", found)
    shop.reply("Provision", fine)
    assert actions(one)["zaiseki.segment"] == "updated"
    assert shop.variables("Provision") == [
        {
            "d0": {
                "ownerType": "CUSTOMER",
                "namespace": "zaiseki",
                "key": "segment",
                "validations": [
                    {"name": "max", "value": "40"},
                    {"name": "choices", "value": '["theirs","b","a"]'},
                ],
            }
        }
    ]


def test_a_definition_of_another_type_is_reported(shop: Shop, one: ShopifyConnector) -> None:
    shop.reply("Definitions", standing(segment="json"))
    shop.reply("Provision", fine)
    made = {done.name: done for done in one.provision(FIELDS, (), dry_run=False)}
    assert made["zaiseki.segment"].action == "failed"
    assert made["zaiseki.segment"].reason == "its type is json, not single_line_text_field"


def test_no_room_for_pins_or_filters_costs_only_those(shop: Shop, one: ShopifyConnector) -> None:
    def refuse(given: Mapping[str, Any]) -> dict[str, Any]:
        def errors(wanted: Mapping[str, Any]) -> list[dict[str, str]]:
            if wanted["pin"]:
                return [{"code": "PINNED_LIMIT_REACHED", "message": "Limit of 50 pinned definitions."}]
            if "capabilities" in wanted:
                return [{"code": "OWNER_TYPE_LIMIT_EXCEEDED_FOR_USE_AS_ADMIN_FILTERS", "message": "…"}]
            return []

        return {name: {"userErrors": errors(wanted)} for name, wanted in given.items()}

    shop.reply("Definitions", standing())
    shop.reply("Provision", refuse)
    assert set(actions(one).values()) == {"created"}
    assert [len(given) for given in shop.variables("Provision")] == [4, 2, 1]


def test_a_refusal_is_told_with_its_code(shop: Shop, one: ShopifyConnector) -> None:
    refused = {"userErrors": [{"code": "RESOURCE_TYPE_LIMIT_EXCEEDED", "message": "Too many."}]}
    taken = {"userErrors": [{"code": "TAKEN", "message": "…"}]}
    shop.reply("Definitions", standing())
    shop.reply("Provision", {"d0": refused, "d1": taken, "d2": {"userErrors": []}, "d3": {"userErrors": []}})
    made = {done.name: done for done in one.provision(FIELDS, (), dry_run=False)}
    assert (made["zaiseki.tenure_days"].action, made["zaiseki.tenure_days"].reason) == (
        "failed",
        "RESOURCE_TYPE_LIMIT_EXCEEDED: Too many.",
    )
    assert made["zaiseki.net_spend"].action == "unchanged", "a lost answer had made it"
