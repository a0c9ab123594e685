"""The connector against the local org: rows, connections, faults, and a client that nobody here wrote."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests
from simple_salesforce import Salesforce

from connectors.http import Http
from connectors.salesforce import SalesforceAccess, SalesforceConnector
from connectors.salesforce.auth import is_own_host
from metrics.fields import catalogue, formulas

FIELDS = catalogue(currency="USD", scale=2)
TOML = 'now = "2026-10-01T12:00:00Z"\n[salesforce]\ntimezone = "Asia/Tokyo"\ncurrency = "USD"\n'
Start = Callable[..., dict[str, Any]]


def contacts(count: int) -> list[dict[str, str]]:
    return [
        {
            "Id": f"003{number:012d}AAA",
            "LastName": f'Doe "{number}",\nthe 山田',
            "Email": f"p{number}@example.com",
            "CreatedDate": "2025-01-01T00:00:00Z",
            "SystemModstamp": "2026-01-01T00:00:00Z",
        }
        for number in range(count)
    ]


def orders(count: int) -> list[dict[str, str]]:
    return [
        {
            "Id": f"801{number:012d}AAA",
            "AccountId": "001000000000001AAA",
            "BillToContactId": f"003{number % 10:012d}AAA",
            "EffectiveDate": "2026-02-03",
            "Status": "Activated",
            "TotalAmount": f"{number}.10",
            "SystemModstamp": "2026-02-03T00:00:00Z",
        }
        for number in range(count)
    ]


def rows(contact_count: int = 5, order_count: int = 3) -> dict[str, list[dict[str, str]]]:
    return {
        "salesforce_Account": [{"Id": "001000000000001AAA", "Name": "Acme"}],
        "salesforce_Contact": contacts(contact_count),
        "salesforce_Order": orders(order_count),
    }


def access(ready: dict[str, Any], **more: Any) -> SalesforceAccess:
    org = ready["salesforce"]
    given = {
        "domain": "acme.my.salesforce.com",
        "client_id": org["client_id"],
        "client_secret": org["client_secret"],
        "url": org["url"],
    }
    return SalesforceAccess(**{**given, **more})


@contextmanager
def connected(
    ready: dict[str, Any], setup: dict[str, Any] | None = None, **more: Any
) -> Iterator[SalesforceConnector]:
    """A connector to the org of a ready line: `setup` goes to the connector, `more` to its access."""
    with tempfile.TemporaryDirectory() as scratch:
        connector = SalesforceConnector(access(ready, **more), FIELDS, scratch=Path(scratch), **setup or {})
        yield connector
        connector.close()
        assert list(Path(scratch).iterdir()) == [], "raw downloads are deleted"


def provisioned(ready: dict[str, Any], setup: dict[str, Any] | None = None) -> None:
    with connected(ready, setup) as org:
        assert {p.action for p in org.provision(FIELDS, formulas(), dry_run=False)} <= {"created", "updated"}


def independent(ready: dict[str, Any]) -> Salesforce:
    """A client that nobody here wrote."""
    http = Http("salesforce", is_own_host, ready["salesforce"]["url"], "test")
    org = ready["salesforce"]
    return Salesforce(
        consumer_key=org["client_id"],
        consumer_secret=org["client_secret"],
        domain="acme.my",
        session=http.session,
        version="67.0",
    )


def fault(ready: dict[str, Any], **rule: Any) -> None:
    url = ready["salesforce"]["url"]
    requests.post(
        f"{url}/_sandbox/faults", json=[{"platform": "salesforce", **rule}], timeout=10
    ).raise_for_status()


def read(org: SalesforceConnector, stream: str) -> list[dict[str, Any]]:
    return [dict(row) for batch in org.pull(stream) for row in batch.rows]


def apply(ready: dict[str, Any], folder: Path) -> None:
    """Lay another scenario on top of the running one."""
    url = ready["salesforce"]["url"]
    answer = requests.post(f"{url}/_sandbox/apply", json={"scenario": str(folder)}, timeout=10)
    assert answer.status_code == 200, answer.text


def values(number: int) -> dict[str, str | None]:
    return {
        "person_id": f"00000000-0000-5000-8000-{number:012d}",
        "tenure_days": str(number),
        "net_spend": f"{number}.05",
        "segment": "steady_active",
        "lapses_on": "2027-03-31",
        "channels": "online;sales",
    }
