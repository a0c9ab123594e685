"""Bulk API 2.0: query jobs with their pages, ingest jobs with their three result files."""

import csv
import io
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from conftest import write_scenario
from sandbox_salesforce_org import EVERYTHING, TIMEOUT, Org

from sandbox.server import running

Start = Callable[..., dict[str, Any]]
COUNT = 2_500
NOW = 'now = "2026-10-01T12:00:00Z"\n'


def contact_id(number: int) -> str:
    return f"003000000{number:06}AAA"


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    contacts = [
        {
            "Id": contact_id(number),
            "LastName": 'Say "hi",\nthen 漢字' if number == 7 else f"L{number}",
            "CreatedDate": "2020-01-01T00:00:00Z",
            "DoNotCall": "true" if number == 7 else "",
        }
        for number in range(COUNT)
    ]
    folder = write_scenario(
        tmp_path_factory.mktemp("bulk") / "scenario", {"salesforce_Contact": contacts}, NOW
    )
    with running(folder) as line:
        org = Org(line)
        assert org.deploy(EVERYTHING)["success"]
        assert org.assign("Zed").status_code == 201
        yield line


@pytest.fixture
def org(ready: dict[str, Any]) -> Org:
    return Org(ready)


def start_query(org: Org, text: str, **more: Any) -> dict[str, Any]:
    job: dict[str, Any] = org.post("jobs/query", {"operation": "query", "query": text, **more}).json()
    return job


def run_query(org: Org, text: str, **more: Any) -> str:
    job = start_query(org, text, **more)
    assert org.ended(f"jobs/query/{job['id']}")["state"] == "JobComplete"
    return str(job["id"])


def parsed(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def results(org: Org, job: dict[str, Any], name: str) -> list[dict[str, str]]:
    answer = org.get(f"jobs/ingest/{job['id']}/{name}")
    answer.encoding = "utf-8"
    return parsed(answer.text)


def test_a_query_job_is_announced_as_the_platform_does(org: Org) -> None:
    job = start_query(org, "SELECT Id FROM Contact")
    assert set(job) == {
        "id", "operation", "object", "createdById", "createdDate", "systemModstamp", "state",
        "concurrencyMode", "contentType", "apiVersion", "lineEnding", "columnDelimiter",
    }  # fmt: skip
    assert (job["object"], job["state"], job["apiVersion"]) == ("Contact", "UploadComplete", 67.0)
    done = org.ended(f"jobs/query/{job['id']}")
    assert (done["state"], done["numberRecordsProcessed"]) == ("JobComplete", COUNT)
    assert job["id"] in {one["id"] for one in org.get("jobs/query").json()["records"]}


def test_pages_follow_the_locator_until_it_says_null(org: Org) -> None:
    job_id = run_query(org, "SELECT Id, LastName FROM Contact ORDER BY Id")
    locator, seen, sizes = "", [], []
    while locator != "null":
        page = org.get(f"jobs/query/{job_id}/results", params={"maxRecords": 1_000, "locator": locator})
        page.encoding = "utf-8"
        rows = parsed(page.text)
        assert int(page.headers["Sforce-NumberOfRecords"]) == len(rows)
        seen += rows
        sizes.append(len(rows))
        locator = page.headers["Sforce-Locator"]
    assert sizes == [1_000, 1_000, 500]
    assert [one["Id"] for one in seen] == [contact_id(number) for number in range(COUNT)]
    assert seen[7]["LastName"] == 'Say "hi",\nthen 漢字'


def test_values_look_as_the_bulk_api_writes_them(org: Org) -> None:
    text = f"SELECT CreatedDate, DoNotCall, Email FROM Contact WHERE Id = '{contact_id(7)}'"
    job_id = run_query(org, text)
    answer = org.get(f"jobs/query/{job_id}/results")
    assert answer.text == '"CreatedDate","DoNotCall","Email"\n"2020-01-01T00:00:00.000Z","true",""\n'
    assert answer.headers["Content-Type"] == "text/csv; charset=UTF-8"


def test_results_are_compressed_when_asked_for(org: Org) -> None:
    job_id = run_query(org, "SELECT Id FROM Contact")
    path = f"jobs/query/{job_id}/results"
    packed, plain = (org.get(path, headers={"Accept-Encoding": kind}) for kind in ("gzip", "identity"))
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain.headers
    assert packed.content == plain.content


def test_result_pages_can_be_read_apart(org: Org) -> None:
    job_id = run_query(org, "SELECT Id FROM Contact")
    told = org.get(f"jobs/query/{job_id}/resultPages").json()
    assert told["done"] is True
    [page] = told["resultPages"]
    assert len(parsed(org.get(org.url + page["resultUrl"]).text)) == COUNT


def test_an_empty_result_still_has_its_header(org: Org) -> None:
    job_id = run_query(org, "SELECT Id FROM Contact WHERE LastName = 'nobody'")
    answer = org.get(f"jobs/query/{job_id}/results")
    assert answer.text == '"Id"\n'
    assert (answer.headers["Sforce-NumberOfRecords"], answer.headers["Sforce-Locator"]) == ("0", "null")


def test_results_of_another_api_version_or_a_job_at_work_are_refused(ready: dict[str, Any]) -> None:
    org = Org(ready)
    job_id = run_query(org, "SELECT Id FROM Contact")
    assert Org(ready, version="66.0").get(f"jobs/query/{job_id}/results").status_code == 409
    stuck = {"fault": "stick_job", "platform": "salesforce"}
    requests.post(f"{org.url}/_sandbox/faults", json=[stuck], timeout=TIMEOUT)
    job = start_query(org, "SELECT Id FROM Contact")
    assert org.get(f"jobs/query/{job['id']}/results").status_code == 412
    assert org.send("DELETE", f"jobs/query/{job['id']}").status_code == 400
    assert org.patch(f"jobs/query/{job['id']}", {"state": "Aborted"}).json()["state"] == "Aborted"
    assert org.send("DELETE", f"jobs/query/{job['id']}").status_code == 204
    assert org.get(f"jobs/query/{job['id']}").status_code == 404


def test_a_failed_job_says_so(org: Org) -> None:
    failed = {"fault": "fail_job", "platform": "salesforce", "message": "Query failed"}
    requests.post(f"{org.url}/_sandbox/faults", json=[failed], timeout=TIMEOUT)
    job = start_query(org, "SELECT Id FROM Contact")
    ended = org.ended(f"jobs/query/{job['id']}")
    assert (ended["state"], ended["errorMessage"]) == ("Failed", "InternalServerError: Query failed")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("SELECT Nope FROM Contact", "INVALID_FIELD"),
        ("SELECT COUNT() FROM Contact", "API_ERROR"),
        ("SELECT MailingAddress FROM Contact", "API_ERROR"),
        ("", "INVALIDJOB"),
    ],
)
def test_a_query_that_bulk_cannot_run_is_refused_at_once(org: Org, text: str, code: str) -> None:
    answer = org.post("jobs/query", {"operation": "query", "query": text})
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, code)


def test_an_update_leaves_empty_cells_and_clears_na(org: Org) -> None:
    one = contact_id(100)
    org.patch(f"sobjects/Contact/{one}", {"FirstName": "Keep", "Z_Days__c": 5, "Z_Spend__c": 1})
    job = org.ingest(f"Id,FirstName,Z_Days__c,Z_Spend__c\n{one},,#N/A,2.345\n")
    assert (job["state"], job["numberRecordsProcessed"], job["numberRecordsFailed"]) == ("JobComplete", 1, 0)
    found = org.rows(f"SELECT FirstName, Z_Days__c, Z_Spend__c FROM Contact WHERE Id = '{one}'")
    assert found == [{"FirstName": "Keep", "Z_Days__c": None, "Z_Spend__c": 2.35}]


def test_each_row_stands_in_one_result_file_with_its_own_columns(org: Org) -> None:
    good, bad, gone = contact_id(200), contact_id(201), contact_id(999_999)
    job = org.ingest(f"Id,Z_Segment__c\n{good},best\n{bad},worst\n{gone},best\n")
    assert (job["numberRecordsProcessed"], job["numberRecordsFailed"]) == (3, 2)
    assert results(org, job, "successfulResults") == [
        {"sf__Id": good, "sf__Created": "false", "Id": good, "Z_Segment__c": "best"}
    ]
    failed = {one["Id"]: one["sf__Error"] for one in results(org, job, "failedResults")}
    assert failed == {
        bad: "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST:Segment: bad value for restricted picklist field: "
        "worst:Z_Segment__c --",
        gone: "INVALID_CROSS_REFERENCE_KEY:invalid cross reference id: --",
    }
    assert org.get(f"jobs/ingest/{job['id']}/unprocessedrecords").text == '"Id","Z_Segment__c"\n'


def test_inserts_upserts_and_deletes(org: Org) -> None:
    job = org.ingest("FirstName,LastName\nNo,\nA,New\n", "insert")
    [failed] = results(org, job, "failedResults")
    assert failed["sf__Error"] == "REQUIRED_FIELD_MISSING:Required fields are missing: [LastName]:LastName --"
    [made] = results(org, job, "successfulResults")
    assert made["sf__Created"] == "true"
    assert org.ingest(f"Id\n{made['sf__Id']}\n", "delete")["numberRecordsFailed"] == 0
    for created in ("true", "false"):
        job = org.ingest("Z_Note__c,LastName\nup,U\n", "upsert", externalIdFieldName="Z_Note__c")
        [row] = results(org, job, "successfulResults")
        assert row["sf__Created"] == created
    org.ingest(f"Id\n{row['sf__Id']}\n", "delete")


def test_locked_rows_fail_alone(org: Org) -> None:
    rule = {"fault": "lock_records", "platform": "salesforce", "contains": contact_id(301)}
    requests.post(f"{org.url}/_sandbox/faults", json=[rule], timeout=TIMEOUT)
    job = org.ingest(f"Id,FirstName\n{contact_id(300)},F\n{contact_id(301)},F\n")
    [failed] = results(org, job, "failedResults")
    assert failed["sf__Error"].startswith(
        "UNABLE_TO_LOCK_ROW:unable to obtain exclusive access to this record"
    )


def test_a_failed_ingest_job_tells_what_it_did_not_touch(org: Org) -> None:
    rule = {"fault": "fail_job", "platform": "salesforce", "contains": "Contact"}
    requests.post(f"{org.url}/_sandbox/faults", json=[rule], timeout=TIMEOUT)
    lines = "".join(f"{contact_id(number)},G\n" for number in range(1_500))
    job = org.ingest("Id,FirstName\n" + lines)
    assert (job["state"], job["numberRecordsProcessed"]) == ("Failed", 1_000)
    assert len(results(org, job, "successfulResults")) == 1_000
    assert len(results(org, job, "unprocessedrecords")) == 500


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Id,Nope__c\n1,2\n", "InvalidBatch : Field name not found : Nope__c"),
        ("Id,FirstName\r\n1,2\r\n", "ClientInputError : LineEnding is invalid on user data."),
        ("Id,FirstName\n1,2,3\n", "InvalidBatch : The number of fields in a row differs"),
    ],
)
def test_a_file_that_cannot_be_used_fails_the_job(org: Org, text: str, message: str) -> None:
    job = org.ingest(text)
    assert job["state"] == "Failed"
    assert job["errorMessage"].startswith(message)


def test_a_job_takes_one_upload_and_no_other_operation(org: Org) -> None:
    job = org.post("jobs/ingest", {"object": "Contact", "operation": "update"}).json()
    assert (job["state"], job["contentUrl"]) == (
        "Open",
        f"services/data/v67.0/jobs/ingest/{job['id']}/batches",
    )
    headers = {"Content-Type": "text/csv"}
    path = f"jobs/ingest/{job['id']}/batches"
    codes = [org.send("PUT", path, data=b"Id\n1\n", headers=headers).status_code for _ in range(2)]
    assert codes == [201, 400]
    assert org.patch(f"jobs/ingest/{job['id']}", {"state": "Aborted"}).json()["state"] == "Aborted"
    wrong = org.post("jobs/ingest", {"object": "Contact", "operation": "merge"})
    assert (wrong.status_code, wrong.json()[0]["errorCode"]) == (400, "INVALIDJOB")
    assert org.post("jobs/ingest", {"object": "Nope", "operation": "update"}).status_code == 400


def test_other_delimiters_and_line_endings_are_read_and_written(org: Org) -> None:
    job = org.ingest(
        f"Id;FirstName\r\n{contact_id(400)};F\r\n", lineEnding="CRLF", columnDelimiter="SEMICOLON"
    )
    assert job["numberRecordsFailed"] == 0
    text = org.get(f"jobs/ingest/{job['id']}/successfulResults").content.decode()
    assert text.startswith('"sf__Id";"sf__Created";"Id";"FirstName"\r\n')
