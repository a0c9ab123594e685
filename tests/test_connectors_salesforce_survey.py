"""One look at the org: few requests, and everything that stands in the way is named."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import responses
from salesforce_org import (
    CONTACT,
    DATA,
    FIELDS,
    HOST,
    ORDER,
    ORG_ID,
    OURS,
    calls,
    composite,
    connector,
    described,
    error,
)

from connectors.errors import MendSettings

SINCE = datetime(2026, 10, 31, 12, 0, tzinfo=UTC)
ORGANIZATION = {"Id": ORG_ID, "TimeZoneSidKey": "Asia/Tokyo"}


def page(*rows: dict[str, Any], total: int | None = None, more: str | None = None) -> dict[str, Any]:
    records = [{"attributes": {"type": "Contact", "url": "/x"}, **row} for row in rows]
    found = {"totalSize": len(rows) if total is None else total, "done": more is None, "records": records}
    return {**found, "nextRecordsUrl": more} if more else found


def an_org(
    contact: tuple[str, ...] = CONTACT + OURS,
    order: tuple[str, ...] = ORDER,
    read_only: tuple[str, ...] = (),
    **bodies: Any,
) -> None:
    responses.get(f"{DATA}/sobjects/Contact/describe", json=described(contact, read_only))
    responses.get(f"{DATA}/sobjects/Order/describe", json=described(order))
    known = {
        "organization": ORGANIZATION,
        "countContact": {"totalSize": 3},
        "countOrder": {"totalSize": 5},
        "sinceContact": page(),
        "sinceOrder": page(),
        **bodies,
    }
    responses.add_callback(responses.POST, f"{DATA}/composite", composite(known))


@responses.activate
def test_a_survey_with_quiet_increments_takes_four_requests_and_pulling_them_none(tmp_path: Path) -> None:
    an_org(sinceContact=page({"Id": "003A", "IsDeleted": True}))
    org = connector(tmp_path)
    site = org.survey({"Contact": SINCE, "Order": SINCE})
    assert org.usage.requests == 4
    contacts, orders = list(org.pull("Contact")), list(org.pull("Order"))
    assert org.usage.requests == 4
    assert [row for batch in contacts for row in batch.rows] == [{"Id": "003A", "IsDeleted": True}]
    assert site.server_time == datetime(2026, 11, 1, 3, 4, 5, tzinfo=UTC)
    assert contacts[-1].bookmark == orders[-1].bookmark == site.server_time
    assert (site.account, site.timezone, site.currency) == (ORG_ID, "Asia/Tokyo", "")
    assert site.counts == {"Contact": 3, "Order": 5}
    assert site.writable == {"Contact": frozenset(field.key for field in FIELDS)}
    assert site.findings == ()


@responses.activate
def test_an_increment_starts_ten_minutes_before_the_bookmark_and_has_no_upper_bound(tmp_path: Path) -> None:
    an_org()
    connector(tmp_path).survey({"Contact": SINCE, "Order": None})
    parts = json.loads(calls("POST", "/composite")[0].body)["compositeRequest"]
    assert [part["referenceId"] for part in parts] == [
        "organization",
        "countContact",
        "sinceContact",
        "countOrder",
    ]
    address = urlsplit(parts[2]["url"])
    (soql,) = parse_qs(address.query)["q"]
    assert address.path.rstrip("/").endswith("/queryAll")
    assert soql.endswith(" FROM Contact WHERE SystemModstamp >= 2026-10-31T11:50:00Z")
    assert "Zaiseki_Tenure_Days__c" in soql
    assert "MobilePhone" not in soql


@responses.activate
def test_the_corporate_currency_is_asked_where_there_are_several(tmp_path: Path) -> None:
    an_org(order=(*ORDER, "CurrencyIsoCode"), currency=page({"IsoCode": "JPY"}))
    org = connector(tmp_path)
    assert org.survey({"Contact": SINCE, "Order": SINCE}).currency == "JPY"
    assert org.usage.requests == 4
    parts = json.loads(calls("POST", "/composite")[0].body)["compositeRequest"]
    assert sum("/query" in part["url"] for part in parts) == 5


@responses.activate
def test_missing_and_locked_fields_are_named_apart(tmp_path: Path) -> None:
    an_org(contact=CONTACT + OURS[:2], read_only=("Zaiseki_Net_Spend__c",))
    site = connector(tmp_path).survey({})
    told = {finding.code: finding.details["fields"] for finding in site.findings}
    assert told == {
        "fields_missing": "Zaiseki_Segment__c, Zaiseki_Lapses_On__c",
        "fields_not_writable": "Zaiseki_Net_Spend__c",
    }
    assert {finding.severity for finding in site.findings} == {"error"}
    assert site.present == {"Contact": frozenset({"tenure_days", "net_spend"})}
    assert site.writable == {"Contact": frozenset({"tenure_days"})}


@responses.activate
def test_fields_that_identity_or_the_settings_need_are_named_when_unseen(tmp_path: Path) -> None:
    an_org(contact=tuple(name for name in CONTACT + OURS if name != "Email"))
    site = connector(tmp_path, shopify_id_field="Shop_Id__c", order_reference="Shop_Order__c").survey({})
    told = {finding.details["object"]: finding.details["fields"] for finding in site.findings}
    assert told == {"Contact": "Email, Shop_Id__c", "Order": "Shop_Order__c"}


@responses.activate
def test_an_object_that_the_user_cannot_see_is_a_finding(tmp_path: Path) -> None:
    responses.get(f"{DATA}/sobjects/Order/describe", json=error("NOT_FOUND"), status=404)
    responses.get(f"{HOST}/services/data/", json=[{"version": "66.0"}, {"version": "67.0"}])
    an_org()
    site = connector(tmp_path).survey({"Contact": SINCE, "Order": SINCE})
    assert [(finding.code, finding.details["object"]) for finding in site.findings] == [
        ("object_not_visible", "Order")
    ]
    assert site.counts == {"Contact": 3}


@responses.activate
def test_a_version_that_the_org_does_not_offer_is_never_replaced_by_another(tmp_path: Path) -> None:
    responses.get(f"{DATA}/sobjects/Contact/describe", json=error("NOT_FOUND"), status=404)
    responses.get(f"{HOST}/services/data/", json=[{"version": "65.0"}, {"version": "66.0"}])
    with pytest.raises(MendSettings) as caught:
        connector(tmp_path).survey({})
    assert caught.value.code == "api_version_unknown"
    assert caught.value.details["offered"] == "65.0 – 66.0"


@responses.activate
def test_small_increments_are_paged_until_the_address_is_missing(tmp_path: Path) -> None:
    more = "/services/data/v67.0/query/01gA-2000"
    an_org(sinceContact=page({"Id": "003A"}, total=2, more=more))
    responses.get(f"{HOST}{more}", json=page({"Id": "003B"}))
    org = connector(tmp_path, purchases="none")
    org.survey({"Contact": SINCE})
    assert [row["Id"] for batch in org.pull("Contact") for row in batch.rows] == ["003A", "003B"]
    assert org.usage.requests == 4
