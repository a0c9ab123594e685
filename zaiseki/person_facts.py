"""Where a person came from, what the shop says of them, and personal codes, as plain values of `--json`."""

from __future__ import annotations

from datetime import date
from typing import Any

from zaiseki.came_by import CameBy, NamedIn
from zaiseki.explanation import Explanation
from zaiseki.named import name_of
from zaiseki.shop_states import rfm_told, subscription_told


def person_facts(found: Explanation) -> dict[str, Any]:
    """The keys `acquisition`, `shopify_rfm`, `subscription` and `referral_codes`; docs/why.md tells them."""
    return {
        "acquisition": _acquisition(found.came_by) if found.came_by else None,
        "shopify_rfm": [
            {"record": name_of(one.ref), "group": one.group, "agreement": one.agreement}
            for one in rfm_told(found)
        ],
        "subscription": _subscription(found),
        "referral_codes": [
            {
                "code": one.code,
                "person_id": one.person_id,
                "record": name_of(one.ref),
                "written_on": _day(one.written_on),
            }
            for one in found.codes
        ],
    }


def _acquisition(came: CameBy) -> dict[str, Any]:
    told, referrer = came.told, came.referrer
    return {
        "source": told.source,
        "decided_by": told.decided_by,
        "order": list(told.order) if told.order else None,
        "on": _day(told.on),
        "utm_medium": told.medium,
        "utm_source": told.link_source,
        "utm_campaign": told.campaign,
        "visit": told.visit,
        "referrer_id": referrer.referrer_id if referrer else None,
        "via": referrer.via if referrer else None,
        "named_in": _named_in(came.named_in) if came.named_in else None,
    }


def _named_in(named: NamedIn) -> dict[str, Any]:
    return {
        "record": name_of(named.ref),
        "object": named.ref.object,
        "created_on": _day(named.created_on),
        "lead_source": named.lead_source,
    }


def _subscription(found: Explanation) -> dict[str, Any] | None:
    told = subscription_told(found)
    if told is None:
        return None
    records = [{"record": name_of(ref), "status": status} for ref, status in told.records]
    return {"active": told.active, "records": records}


def _day(on: date | None) -> str | None:
    return on.isoformat() if on else None
