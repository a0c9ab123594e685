"""Where an order was made: what the settings say, what is known anyway, and names that nobody knows."""

from __future__ import annotations

import dataclasses

import pytest
from sync_rows import SALESFORCE, SHOPIFY, order, sf_order

from sync import normalise_salesforce_orders, normalise_shopify
from sync.channels import Placed, of_field, of_source

SAID = dataclasses.replace(
    SHOPIFY, channels={"1234567": "marketplace", "amazon-us": "other", "web": "store", "ｗeird": "sales"}
)


@pytest.mark.parametrize(
    ("source", "channel"),
    [
        ("amazon", "marketplace"),
        ("Amazon-US", "marketplace"),
        ("Rakuten Ichiba", "marketplace"),
        ("ＺＯＺＯＴＯＷＮ", "marketplace"),
        ("instagram", "social"),
        ("tiktok", "social"),
        ("facebook_shop", "social"),
        ("sales", "sales"),
        ("web", "online"),
        ("POS", "store"),
        ("amazonas-importer", "other"),
    ],
)
def test_a_name_that_can_mean_only_one_channel_needs_no_setting(source: str, channel: str) -> None:
    placed = of_source(source, SHOPIFY)
    assert placed.channel == channel
    assert placed.unnamed == (source if channel == "other" else None)


@pytest.mark.parametrize(
    ("source", "channel"), [("1234567", "marketplace"), ("AMAZON-us", "other"), (" web ", "store")]
)
def test_the_settings_win_over_what_is_known_anyway(source: str, channel: str) -> None:
    assert of_source(source, SAID) == Placed(channel)  # type: ignore[arg-type]  # a code of the closed list


def test_an_app_counts_as_online_until_the_settings_name_it_and_is_told() -> None:
    assert of_source("7654321", SHOPIFY) == Placed("online", "7654321")
    assert of_source("09012345678", SHOPIFY) == Placed("online", None)


@pytest.mark.parametrize("source", ["orders of hanako@example.com", "call 090-1234-5678"])
def test_a_source_that_names_somebody_is_not_kept(source: str) -> None:
    assert of_source(source, SHOPIFY) == Placed("other", None)


def test_a_long_name_is_cut_and_a_blank_one_is_none() -> None:
    assert of_source("x" * 300, SHOPIFY) == Placed("other", "x" * 80)
    assert of_source("  ", SHOPIFY) == of_source(None, SHOPIFY) == Placed("other")


@pytest.mark.parametrize(
    ("value", "placed"),
    [
        (None, Placed("sales")),
        ("", Placed("sales")),
        (" Store ", Placed("store")),
        ("Amazon JP", Placed("marketplace")),
        ("カタログ", Placed("phone")),
        ("Fair", Placed("other", "Fair")),
    ],
)
def test_a_purchase_in_salesforce_is_sold_by_people_unless_its_field_tells(
    value: str | None, placed: Placed
) -> None:
    account = dataclasses.replace(SALESFORCE, channels={"カタログ": "phone"}, channel_field="Place__c")
    assert of_field(value, account) == placed
    (made,) = normalise_salesforce_orders.orders([sf_order(1, Place__c=value)], account).orders
    assert (made.channel, made.source) == placed


def test_without_the_field_every_purchase_in_salesforce_is_of_the_sales_staff() -> None:
    (made,) = normalise_salesforce_orders.orders([sf_order(1, Place__c="amazon")], SALESFORCE).orders
    assert (made.channel, made.source) == ("sales", None)


def test_an_order_keeps_the_name_of_its_source_only_where_nobody_knows_it() -> None:
    rows = [order(1, sourceName="fair-2026"), order(2, sourceName="web"), order(3, sourceName="1234567")]
    made = normalise_shopify.orders(rows, SAID).orders
    assert [(one.channel, one.source) for one in made] == [
        ("other", "fair-2026"),
        ("store", None),
        ("marketplace", None),
    ]
