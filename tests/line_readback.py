"""What an admin sees, read with clients that nobody here wrote: ShopifyAPI and simple-salesforce."""

from __future__ import annotations

import json
import socket
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

import requests
import shopify
from requests.adapters import HTTPAdapter
from simple_salesforce.api import Salesforce

Value = str | int | date | Decimal | tuple[str, ...] | None
Held = dict[str, dict[str, Value]]
"""Per record id the values of our fields by key; what is not there is None."""

SECONDS = 60
POLLS = 600
PAUSE = 0.1
SHOPIFY_TYPES = {
    "person_id": "single_line_text_field",
    "first_purchase_on": "date",
    "last_purchase_on": "date",
    "tenure_days": "number_integer",
    "purchases": "number_integer",
    "net_spend": "number_decimal",
    "segment": "single_line_text_field",
    "segment_since": "date",
    "lapses_on": "date",
    "referrals": "number_integer",
    "referral_score": "number_decimal",
    "satisfaction": "single_line_text_field",
    "funnel_stage": "single_line_text_field",
    "next_action": "single_line_text_field",
    "channels": "list.single_line_text_field",
    "contact_by": "list.single_line_text_field",
}
SALESFORCE_NAMES = {
    "person_id": "Zaiseki_Person_Id__c",
    "first_purchase_on": "Zaiseki_First_Purchase_On__c",
    "last_purchase_on": "Zaiseki_Last_Purchase_On__c",
    "tenure_days": "Zaiseki_Tenure_Days__c",
    "purchases": "Zaiseki_Purchases__c",
    "net_spend": "Zaiseki_Net_Spend__c",
    "segment": "Zaiseki_Segment__c",
    "segment_since": "Zaiseki_Segment_Since__c",
    "lapses_on": "Zaiseki_Lapses_On__c",
    "referrals": "Zaiseki_Referrals__c",
    "referral_score": "Zaiseki_Referral_Score__c",
    "satisfaction": "Zaiseki_Satisfaction__c",
    "funnel_stage": "Zaiseki_Funnel_Stage__c",
    "next_action": "Zaiseki_Next_Action__c",
    "channels": "Zaiseki_Channels__c",
    "contact_by": "Zaiseki_Contact_By__c",
}
READERS: Mapping[str, Callable[[str], Value]] = {
    "single_line_text_field": str,
    "date": date.fromisoformat,
    "number_integer": int,
    "number_decimal": Decimal,
}
CUSTOMERS = """{ customers { edges { node { id
  metafields(namespace: "zaiseki") { edges { node { id key type value } } } } } } }"""
RUN = """mutation($query: String!) { bulkOperationRunQuery(query: $query) {
  bulkOperation { id } userErrors { message } } }"""
POLL = "query($id: ID!) { bulkOperation(id: $id) { status objectCount url } }"


class _Carried(HTTPAdapter):
    """Carries https requests for one host to the sandbox's http address, as a resolver entry would."""

    def __init__(self, host: str, url: str) -> None:
        super().__init__()
        self._host = host
        self._url = url

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        """Send a request to the other address."""
        request.url = str(request.url).replace(self._host, self._url, 1)
        return super().send(request, *args, **options | {"timeout": SECONDS})


@contextmanager
def shopify_session(ready: Mapping[str, Any]) -> Iterator[None]:
    """ShopifyAPI, pointed at the sandbox while the block runs."""
    keys = ready["shopify"]
    port = urlsplit(keys["url"]).port
    waited = socket.getdefaulttimeout()
    try:
        # Its transport has no timeout of its own, and makes `<first label>.<domain>` of every shop.
        socket.setdefaulttimeout(SECONDS)
        shopify.Session.setup(protocol="http", myshopify_domain="0.0.1", port=port)
        session = shopify.Session("127.myshopify.com", "2026-10", keys["access_token"])
        shopify.ShopifyResource.activate_session(session)
        yield
    finally:
        shopify.ShopifyResource.clear_session()
        shopify.Session.setup(protocol="https", myshopify_domain="myshopify.com", port=None)
        socket.setdefaulttimeout(waited)


def execute(document: str, **variables: Any) -> dict[str, Any]:
    """A document that has to succeed, sent with ShopifyAPI; gives its data."""
    answer = json.loads(shopify.GraphQL().execute(document, variables))
    assert "errors" not in answer, answer["errors"]
    data: dict[str, Any] = answer["data"]
    return data


def read_shopify(ready: Mapping[str, Any]) -> Held:
    """Every customer's values, by numeric id, from one bulk query that ShopifyAPI started."""
    with shopify_session(ready):
        started = execute(RUN, query=CUSTOMERS)["bulkOperationRunQuery"]
        assert started["userErrors"] == []
        operation = _finished(started["bulkOperation"]["id"])
    held: Held = {}
    lines = 0
    with urllib.request.urlopen(operation["url"], timeout=SECONDS) as result:
        for line in result:
            row = json.loads(line)
            lines += 1
            owner = _number(row.get("__parentId") or row["id"])
            values = held.setdefault(owner, dict.fromkeys(SHOPIFY_TYPES))
            if "__parentId" in row:
                values[row["key"]] = shopify_value(row["key"], row["type"], row["value"])
    assert lines == int(operation["objectCount"])
    return held


def shopify_value(key: str, kind: str, text: str) -> Value:
    """A metafield's value; its type has to be the one the design gives to `key`."""
    assert kind == SHOPIFY_TYPES[key]
    if kind == "list.single_line_text_field":
        return tuple(json.loads(text))
    return READERS[kind](text)


def salesforce_session(ready: Mapping[str, Any], session: requests.Session) -> Salesforce:
    """simple-salesforce, logged in with client credentials; its https calls are carried to the sandbox."""
    keys = ready["salesforce"]
    session.trust_env = False
    for host in ("https://zaiseki-demo.my.salesforce.com", keys["url"].replace("http:", "https:")):
        session.mount(host, _Carried(host, keys["url"]))
    return Salesforce(
        consumer_key=keys["client_id"],
        consumer_secret=keys["client_secret"],
        domain="zaiseki-demo.my",
        session=session,
        version="67.0",
        parse_float=Decimal,
    )


def read_salesforce(ready: Mapping[str, Any]) -> Held:
    """Every contact's values, by Id, page by page."""
    with requests.Session() as session:
        org = salesforce_session(ready, session)
        told: Any = org.restful("sobjects/Contact/describe")
        there = {one["name"] for one in told["fields"]}
        names = [name for name in SALESFORCE_NAMES.values() if name in there]
        rows = org.query_all_iter(f"SELECT {', '.join(['Id', *names])} FROM Contact")
        return {
            row["Id"]: {key: salesforce_value(key, row.get(name)) for key, name in SALESFORCE_NAMES.items()}
            for row in rows
        }


def salesforce_value(key: str, held: Any) -> Value:
    """A field's value in the same form as `shopify_value`."""
    kind = SHOPIFY_TYPES[key]
    if held is None:
        return None
    if kind.startswith("number_"):
        number = Decimal(held)
        return int(number) if kind == "number_integer" and number == int(number) else number
    assert isinstance(held, str)
    assert held != ""
    if kind.startswith("list."):
        return tuple(held.split(";"))
    return READERS[kind](held)


def read_both(ready: Mapping[str, Any]) -> dict[str, Held]:
    """What both platforms hold."""
    return {"shopify": read_shopify(ready), "salesforce": read_salesforce(ready)}


def _finished(operation: str) -> dict[str, Any]:
    for _ in range(POLLS):
        told: dict[str, Any] = execute(POLL, id=operation)["bulkOperation"]
        if told["status"] == "COMPLETED":
            return told
        assert told["status"] in ("CREATED", "RUNNING")
        time.sleep(PAUSE)  # the sandbox needs the processor more than we do
    raise AssertionError("the bulk query did not end")


def _number(gid: str) -> str:
    return gid.rsplit("/", 1)[1]
