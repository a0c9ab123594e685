"""Rows as the platforms send them, and a connector that plays given batches, for the tests of sync."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

from connectors.base import Batch, Platform, Provisioned, Site, Swept, Update, Usage, WriteResult
from connectors.base import Field as OurField
from metrics.fields import catalogue
from sync.intake import StreamCount
from sync.keys import HashKey
from sync.model import Account
from sync.pull import pull_stream
from sync.rates import Rates
from sync.store import Store

SHOP = "tea.myshopify.com"
ORG = "00D000000000001EAA"
NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
KEY = HashKey(b"for tests only, 32 bytes or more")
FIELDS = catalogue(currency="JPY", scale=0)
SHOPIFY = Account(
    platform="shopify",
    account=SHOP,
    timezone=ZoneInfo("Asia/Tokyo"),
    currency="JPY",
    reporting="JPY",
    region="JP",
    fields=FIELDS,
    key=KEY,
    rates=Rates("JPY", "JPY"),
    now=NOW,
)
SALESFORCE = dataclasses.replace(
    SHOPIFY,
    platform="salesforce",
    account=ORG,
    shopify_id_field="Shopify_Id__c",
    code_field="Code__c",
    order_reference="Shop_Order__c",
    exclude_field="Leave_Alone__c",
    first_purchase_field="Buys_Since__c",
)
SITES = {
    account.platform: Site(
        account.platform, account.account, NOW, "Asia/Tokyo", "JPY", {}, {}, {}, whole_history=True
    )
    for account in (SHOPIFY, SALESFORCE)
}
ACCOUNTS = {account.platform: account for account in (SHOPIFY, SALESFORCE)}


def customer(number: int, email: str | None = None, **more: Any) -> dict[str, Any]:
    """A Shopify customer row; `more` replaces or adds keys."""
    return {
        "id": f"gid://shopify/Customer/{number}",
        "createdAt": "2025-01-01T00:00:00Z",
        "updatedAt": "2026-01-01T00:00:00Z",
        "firstName": "Hanako",
        "lastName": "Yamada",
        "defaultEmailAddress": {"emailAddress": email, "marketingState": "SUBSCRIBED"} if email else None,
        "defaultPhoneNumber": None,
        "productSubscriberStatus": "NEVER_SUBSCRIBED",
        **more,
    }


def order(number: int, customer_number: int | None = None, **more: Any) -> dict[str, Any]:
    """A Shopify order row of ¥1,000."""
    return {
        "id": f"gid://shopify/Order/{number}",
        "name": f"#{number}",
        "createdAt": "2026-01-01T00:00:00Z",
        "processedAt": "2026-01-01T00:00:00Z",
        "updatedAt": "2026-01-01T00:00:00Z",
        "cancelledAt": None,
        "test": False,
        "displayFinancialStatus": "PAID",
        "sourceName": "web",
        "customer": {"id": f"gid://shopify/Customer/{customer_number}"} if customer_number else None,
        "email": None,
        "phone": None,
        "tags": [],
        "discountCodes": [],
        "totalPriceSet": money("1000"),
        "refunds": [],
        "customerJourneySummary": None,
        **more,
    }


def money(amount: str, currency: str = "JPY") -> dict[str, Any]:
    """A MoneyBag."""
    return {"shopMoney": {"amount": amount, "currencyCode": currency}}


def refund(number: int, amount: str, at: str = "2026-02-01T00:00:00Z") -> dict[str, Any]:
    """A refund inside an order row."""
    return {
        "id": f"gid://shopify/Refund/{number}",
        "createdAt": at,
        "processedAt": at,
        "note": "Hanako Yamada called",
        "totalRefundedSet": money(amount),
    }


def sf_id(prefix: str, number: int) -> str:
    """An 18-character Salesforce id."""
    return f"{prefix}{number:012d}AAA"


def contact(number: int, email: str | None = None, **more: Any) -> dict[str, Any]:
    """A Salesforce Contact row of account `number`."""
    return {
        "Id": sf_id("003", number),
        "AccountId": sf_id("001", number),
        "CreatedDate": "2025-02-01T00:00:00.000+0000",
        "SystemModstamp": "2026-01-01T00:00:00.000+0000",
        "IsDeleted": False,
        "MasterRecordId": None,
        "FirstName": "Hanako",
        "LastName": "Yamada",
        "Email": email,
        "Phone": None,
        "MobilePhone": None,
        "HasOptedOutOfEmail": False,
        "DoNotCall": False,
        "LeadSource": None,
        **more,
    }


def sf_order(number: int, **more: Any) -> dict[str, Any]:
    """An activated Salesforce Order row of ¥2,000 on account `number`."""
    return {
        "Id": sf_id("801", number),
        "CreatedDate": "2026-01-01T00:00:00.000+0000",
        "AccountId": sf_id("001", number),
        "BillToContactId": None,
        "EffectiveDate": "2026-03-01",
        "Status": "Activated",
        "StatusCode": "Activated",
        "TotalAmount": "2000.0",
        "IsReductionOrder": False,
        "OriginalOrderId": None,
        "OrderNumber": f"{number:08d}",
        "SystemModstamp": "2026-03-01T00:00:00.000+0000",
        "IsDeleted": False,
        **more,
    }


@dataclass
class PlayedConnector:
    """A connector that yields given batches, then raises `failure` if there is one."""

    platform: Any
    batches: Sequence[Batch]
    failure: Exception | None = None
    streams: tuple[str, ...] = ()
    usage: Usage = field(default_factory=Usage)
    asked_again: list[list[str]] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The platform: there is one account of each."""
        return str(self.platform)

    def survey(self, since: Any) -> Site:
        """The site of the platform."""
        return SITES[self.platform]

    def settle(self) -> None:
        """Nothing runs here."""

    def pull(self, stream: str, again: Sequence[str] = ()) -> Iterator[Batch]:
        """The given batches, then the failure; `again` is remembered."""
        self.asked_again.append(list(again))
        yield from self.batches
        if self.failure:
            raise self.failure

    def sweep(self, stream: str) -> Iterator[Sequence[Swept]]:
        """Nothing."""
        yield from ()

    def write(self, updates: Iterable[Update], total: int) -> Iterator[WriteResult]:
        """Nothing."""
        yield from ()

    def provision(self, fields: Sequence[OurField], formulas: Any, *, dry_run: bool) -> list[Provisioned]:
        """Nothing."""
        return []

    def close(self) -> None:
        """Nothing is open."""


def pull(
    store: Store,
    stream: str,
    *batches: Sequence[dict[str, Any]],
    run_id: str = "r1",
    failure: Exception | None = None,
    save_rows: int = 20_000,
    **context: Any,
) -> StreamCount:
    """Pull raw batches of `stream` (`shopify.orders`, ...), each with a bookmark a day after the last.

    `context` changes what the rows are normalised with: fields of `sync.model.Account`.
    """
    platform, name = cast("tuple[Platform, str]", tuple(stream.split(".")))
    played = [Batch(name, rows, NOW - timedelta(days=len(batches) - nth)) for nth, rows in enumerate(batches)]
    connector = PlayedConnector(platform, played, failure)
    return pull_stream(
        connector,
        SITES[platform],
        store,
        account=dataclasses.replace(ACCOUNTS[platform], **context),
        stream=name,
        run_id=run_id,
        save_rows=save_rows,
    )


def open_store(folder: Path) -> Store:
    """A store in `folder`, new or not."""
    return Store.open(folder / "zaiseki.duckdb")
