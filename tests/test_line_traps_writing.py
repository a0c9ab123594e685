"""We write by the record's own Id: no external id is ever matched, so that none can be there twice."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from conftest import write_scenario
from line_small import TOML, contact_id, contacts, customers, orders
from line_support import Line, small

VERSION = "/services/data/v67.0"
MANY = 2_100
"""More records than go by small calls."""


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    """One customer and one contact that are one person."""
    rows: dict[str, Any] = {
        "shopify_customers": customers([1]),
        "shopify_orders": orders([1], "2026-05-01"),
        "salesforce_Contact": contacts([1], Email="p1@example.com"),
    }
    with small(tmp_path / "job", write_scenario(tmp_path / "world", rows, TOML)) as made:
        made.provision()
        yield made


def sent(line: Line) -> list[tuple[str, str]]:
    """Method and path of every request that changes records of the org."""
    return [
        (one["method"], one["path"])
        for one in line.served()
        if one["platform"] == "salesforce"
        and one["method"] in ("POST", "PUT", "PATCH", "DELETE")
        and one["path"].startswith(VERSION)
        and not one["path"].startswith((f"{VERSION}/jobs/query", f"{VERSION}/composite/batch"))
        and one["path"] != f"{VERSION}/composite"
    ]


def test_a_few_records_are_updated_by_their_ids_and_never_upserted_by_an_external_one(line: Line) -> None:
    line.forget_requests()
    assert line.sync().json["writes"]["salesforce"]["written"] == 1
    assert sent(line) == [("PATCH", f"{VERSION}/composite/sobjects")], "no object and no field in the path"


def test_many_records_are_updated_by_their_ids_in_a_job_that_names_no_external_one(
    line: Line, tmp_path: Path
) -> None:
    line.apply(
        tmp_path / "more", {"salesforce_Contact": contacts(range(2, MANY + 1))}, "2026-10-01T13:00:00Z"
    )
    line.forget_requests()
    assert line.sync().json["writes"]["salesforce"]["written"] == MANY
    org = line.ready["salesforce"]
    token = {"Authorization": f"Bearer {org['access_token']}"}
    url = f"{org['url']}{VERSION}/jobs/ingest"
    listed = requests.get(url, headers=token, timeout=30).json()["records"]
    assert {one["operation"] for one in listed} == {"update"}
    jobs = [requests.get(f"{url}/{one['id']}", headers=token, timeout=30).json() for one in listed]
    assert {one.get("externalIdFieldName") for one in jobs} == {None}
    assert sum(one["numberRecordsProcessed"] for one in jobs) == MANY
    assert contact_id(1) in {record[:15] for record in _held(url, token, listed)}
    assert not [path for _, path in sent(line) if "sobjects/" in path]


def _held(url: str, token: dict[str, str], jobs: list[dict[str, Any]]) -> list[str]:
    """The ids that the jobs wrote to, as the platform tells them."""
    told = [
        requests.get(f"{url}/{job['id']}/successfulResults", headers=token, timeout=30).text for job in jobs
    ]
    return [line.split(",")[0].strip('"') for text in told for line in text.splitlines()[1:]]
