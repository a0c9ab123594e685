"""Which stream fills which table, and what normalises its rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from connectors.base import Platform
from sync import (
    normalise_salesforce,
    normalise_salesforce_orders,
    normalise_salesforce_touches,
    normalise_shopify,
    normalise_shopify_returns,
    normalise_shopify_touches,
)
from sync.model import Account, Normalised, Rows

Table = Literal["records", "orders", "roles", "touches"]


@dataclass(frozen=True, slots=True)
class Stream:
    """A stream's table, every `object` that its records may bear (none for the other tables), and its
    normaliser. An id stands once among the objects of a stream: an account may become a person."""

    table: Table
    objects: tuple[str, ...]
    normalise: Callable[[Rows, Account], Normalised]


STREAMS: Mapping[tuple[Platform, str], Stream] = {
    ("shopify", "customers"): Stream("records", ("customer",), normalise_shopify.customers),
    ("shopify", "orders"): Stream("orders", (), normalise_shopify.orders),
    ("shopify", "abandoned_checkouts"): Stream(
        "touches", ("abandoned_checkout",), normalise_shopify_touches.checkouts
    ),
    ("shopify", "draft_orders"): Stream("touches", ("draft_order",), normalise_shopify_touches.drafts),
    ("shopify", "returns"): Stream("touches", ("return",), normalise_shopify_returns.returns),
    ("salesforce", "Contact"): Stream("records", ("Contact",), normalise_salesforce.contacts),
    ("salesforce", "Lead"): Stream("records", ("Lead",), normalise_salesforce.leads),
    ("salesforce", "Account"): Stream("records", ("Account", "PersonAccount"), normalise_salesforce.accounts),
    ("salesforce", "Order"): Stream("orders", (), normalise_salesforce_orders.orders),
    ("salesforce", "Opportunity"): Stream("orders", (), normalise_salesforce_orders.opportunities),
    ("salesforce", "OpportunityContactRole"): Stream("roles", (), normalise_salesforce_orders.roles),
    ("salesforce", "Pipeline"): Stream("touches", ("opportunity",), normalise_salesforce_touches.deals),
    ("salesforce", "Case"): Stream("touches", ("case",), normalise_salesforce_touches.cases),
    ("salesforce", "CampaignMember"): Stream(
        "touches", ("campaign_member",), normalise_salesforce_touches.campaign_members
    ),
    ("salesforce", "Task"): Stream("touches", ("task",), normalise_salesforce_touches.tasks),
    ("salesforce", "Event"): Stream("touches", ("event",), normalise_salesforce_touches.events),
    ("salesforce", "OpportunityHistory"): Stream(
        "touches", ("opportunity_stage",), normalise_salesforce_touches.stages
    ),
}
