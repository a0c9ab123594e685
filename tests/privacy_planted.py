"""Addresses and phone numbers where merchants' own words belong: codes, campaigns, notes, order ids."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

CUSTOMER, CONTACT = "4999999999999", "003000000009999AAA"
SETTINGS = """\
[referral]
code_metafield = "custom.referral_code"
salesforce_code_field = "Personal_Code__c"
[history]
orders_csv = "{history}"
"""
CODE = "my.code@planted.example.jp"
"""The personal code of the planted customer, which its order was paid with."""
_TIMES = {"created_at": "2026-03-01T00:00:00Z", "updated_at": "2026-03-01T00:00:00Z"}
_STAMPS = {"CreatedDate": "2026-03-01T00:00:00Z", "LastModifiedDate": "2026-03-01T00:00:00Z"}
ROWS: Mapping[str, Mapping[str, str]] = {
    "shopify_customers": {"id": CUSTOMER, "last_name": "Plantedname", **_TIMES},
    "shopify_metafields": {
        "owner_id": CUSTOMER,
        "namespace": "custom",
        "key": "referral_code",
        "type": "single_line_text_field",
        "value": CODE,
    },
    "shopify_orders": {
        "id": "5999999999998",
        "name": "090-5555-0001",
        "customer_id": CUSTOMER,
        "processed_at": "2026-03-02T00:00:00Z",
        "updated_at": "2026-03-02T00:00:00Z",
        "total": "1000",
        "financial_status": "PAID",
        "source_name": "web",
        "discount_codes": f"{CODE.upper()};090-5555-0002;THANKS-09055550003",
        "referral_code": "link@planted.example.jp",
        "utm_source": "source@planted.example.jp",
        "utm_medium": "+819055550004",
        "utm_campaign": "for-090-5555-0005",
        "utm_content": "content%40planted.example.jp",
        "referrer_url": "https://planted.example.jp/?who=referrer%40planted.example.jp&tel=090-5555-0001",
        "landing_page": "https://tea.example/?email=landing%40planted.example.jp&gclid=090-5555-0002",
        "visit_source": "planted.example.jp",
    },
    "shopify_refunds": {
        "id": "6999999999998",
        "order_id": "5999999999998",
        "processed_at": "2026-03-03T00:00:00Z",
        "amount": "10",
        "note": "call 090-5555-0006 or note@planted.example.jp",
    },
    "salesforce_Contact": {
        "Id": CONTACT,
        "LastName": "Plantedname",
        "LeadSource": "friend of lead@planted.example.jp",
        "Personal_Code__c": "090-5555-0007",
        **_STAMPS,
    },
}
_HISTORY = (
    ("history@planted.example.jp", "2019-04-01", "100"),
    ("090-5555-0008", "2019-04-02", "100"),
    ("090-5555-0009", "no day", "100"),
    ("twice@planted.example.jp", "2019-04-03", "100"),
    ("twice@planted.example.jp", "2019-04-03", "200"),
)
NEEDLES = frozenset(
    {b"planted.example.jp"}
    | {
        form.encode()
        for nth in range(1, 10)
        for form in (f"090-5555-{nth:04}", f"0905555{nth:04}", f"81905555{nth:04}")
    }
)


def plant(scenario: Path, history: Path) -> None:
    """Add the rows to the scenario's files, and write the file of earlier orders."""
    for stem, row in ROWS.items():
        path = scenario / f"{stem}.csv"
        rows: list[Mapping[str, str]] = []
        if path.exists():
            with path.open(encoding="utf-8", newline="") as lines:
                rows = list(csv.DictReader(lines))
        header = dict.fromkeys([*(rows[0] if rows else ()), *row])
        with path.open("w", encoding="utf-8", newline="") as out:
            writer = csv.DictWriter(out, list(header), restval="", lineterminator="\n")
            writer.writeheader()
            writer.writerows([*rows, row])
    with history.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out, lineterminator="\n").writerows([("order_id", "ordered_on", "amount"), *_HISTORY])
