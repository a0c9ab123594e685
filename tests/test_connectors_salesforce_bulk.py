"""Bulk queries: every row once and whole, in few requests, whatever breaks on the way."""

import gzip
from pathlib import Path
from typing import Any

import pytest
import responses
from salesforce_org import DATA, calls, error, rest_api

from connectors.errors import JobFailed
from connectors.salesforce import bulk, pull
from connectors.salesforce.streams import Stream

JOBS = f"{DATA}/jobs/query"
RESULTS = f"{JOBS}/750A/results"


def a_job(*states: tuple[str, int], job_id: str = "750A") -> None:
    responses.post(JOBS, json={"id": job_id, "state": "UploadComplete"})
    for state, rows in states:
        responses.get(f"{JOBS}/{job_id}", json={"id": job_id, "state": state, "numberRecordsProcessed": rows})


def a_page(body: str | bytes, locator: str = "null", **headers: str) -> None:
    responses.get(RESULTS, body=body, headers={"Sforce-Locator": locator, **headers})


def read(scratch: Path, slept: list[float] | None = None) -> list[dict[str, Any]]:
    rest = rest_api(slept)
    return [
        row for rows in pull.by_bulk(rest, "SELECT Id FROM Contact", scratch, deleted=True) for row in rows
    ]


@responses.activate
def test_pages_follow_the_locator_and_line_breaks_in_cells_survive(tmp_path: Path) -> None:
    a_job(("InProgress", 0), ("JobComplete", 3))
    a_page('"Id","LastName"\n"003A","山田\r\n\u2028太郎, ""T"""\n"003B",""\n', "MTAw")
    a_page('"Id","LastName"\n"003C","O\'Brien"\n')
    assert read(tmp_path) == [
        {"Id": "003A", "LastName": '山田\r\n\u2028太郎, "T"'},
        {"Id": "003B", "LastName": None},
        {"Id": "003C", "LastName": "O'Brien"},
    ]
    first, second = calls("GET", "/results")
    assert "locator" not in first.url
    assert "locator=MTAw" in second.url
    assert "gzip" in first.headers["Accept-Encoding"]
    assert list(tmp_path.iterdir()) == []


@responses.activate
def test_a_compressed_page_is_read(tmp_path: Path) -> None:
    a_job(("JobComplete", 1))
    a_page(gzip.compress(b'"Id"\n"003A"\n'), **{"Content-Encoding": "gzip"})
    assert read(tmp_path) == [{"Id": "003A"}]


@responses.activate
def test_a_download_that_breaks_off_is_fetched_again_and_gives_every_row_once(tmp_path: Path) -> None:
    a_job(("JobComplete", 2))
    whole = gzip.compress(b'"Id"\n"003A"\n"003B"\n')
    a_page(whole[:-9] + b"garbage!!", **{"Content-Encoding": "gzip"})
    a_page(whole, **{"Content-Encoding": "gzip"})
    assert [row["Id"] for row in read(tmp_path)] == ["003A", "003B"]


@responses.activate
def test_a_result_asked_for_too_early_is_asked_for_again(tmp_path: Path) -> None:
    a_job(("JobComplete", 1))
    responses.get(RESULTS, json=error("JOB_NOT_COMPLETE"), status=412)
    a_page('"Id"\n"003A"\n')
    assert [row["Id"] for row in read(tmp_path)] == ["003A"]


@responses.activate
def test_a_result_with_fewer_rows_than_the_job_had_is_read_anew_and_then_refused(tmp_path: Path) -> None:
    a_job(("JobComplete", 2))
    a_page('"Id"\n"003A"\n')
    with pytest.raises(JobFailed) as caught:
        read(tmp_path)
    assert caught.value.code == "result_incomplete"
    assert len(calls("POST", "/jobs/query")) == 2


@responses.activate
def test_a_row_that_is_cut_off_is_no_row(tmp_path: Path) -> None:
    a_job(("JobComplete", 1))
    a_page('"Id","LastName"\n"003A"\n')
    with pytest.raises(JobFailed):
        read(tmp_path)


@responses.activate
def test_an_empty_result_is_empty(tmp_path: Path) -> None:
    a_job(("JobComplete", 0))
    responses.get(RESULTS, status=204)
    assert read(tmp_path) == []


@responses.activate
@pytest.mark.parametrize("state", ["Failed", "Aborted"])
def test_a_failed_job_is_asked_for_once_more_and_no_further(tmp_path: Path, state: str) -> None:
    a_job((state, 0))
    with pytest.raises(JobFailed) as caught:
        read(tmp_path)
    assert caught.value.code == "job_failed"
    assert len(calls("POST", "/jobs/query")) == 2


@responses.activate
def test_a_second_job_may_succeed(tmp_path: Path) -> None:
    a_job(("Failed", 0))
    a_job(("JobComplete", 1))
    a_page('"Id"\n"003A"\n')
    assert [row["Id"] for row in read(tmp_path)] == ["003A"]


@responses.activate
def test_a_stuck_job_is_given_up_and_aborted(tmp_path: Path) -> None:
    a_job(("InProgress", 10))
    responses.patch(f"{JOBS}/750A", json={"id": "750A", "state": "Aborted"})
    slept: list[float] = []
    with pytest.raises(JobFailed) as caught:
        read(tmp_path, slept)
    assert caught.value.code == "job_stuck"
    assert len(calls("PATCH", "/jobs/query")) == 1
    assert 1800 <= sum(slept) <= 1900
    assert len(slept) < 80


@responses.activate
def test_a_job_that_goes_on_is_not_stuck_and_costs_few_questions(tmp_path: Path) -> None:
    a_job(*[("InProgress", n // 40) for n in range(120)], ("JobComplete", 1))
    a_page('"Id"\n"003A"\n')
    slept: list[float] = []
    read(tmp_path, slept)
    assert sum(slept) > 3000
    assert max(slept) <= 30


@responses.activate
def test_a_bulk_query_carries_no_order_and_no_limit_and_sees_deleted_rows(tmp_path: Path) -> None:
    rest = rest_api()
    responses.post(JOBS, json={"id": "750A"})
    bulk.start(rest, Stream("Order", ("Id", "TotalAmount")).select(None), deleted=True)
    body = calls("POST", "/jobs/query")[0].body
    assert b'"query":"SELECT Id, TotalAmount FROM Order"' in body
    assert b'"operation":"queryAll"' in body


@responses.activate
def test_a_lost_cursor_makes_the_slice_start_again_as_a_job(tmp_path: Path) -> None:
    more = "/services/data/v67.0/query/01gA-2000"
    rest = rest_api()
    responses.get(f"https://acme.my.salesforce.com{more}", json=error("INVALID_QUERY_LOCATOR"), status=400)
    a_job(("JobComplete", 2))
    a_page('"Id"\n"003A"\n"003B"\n')
    page = {"totalSize": 2, "records": [{"Id": "003A"}], "nextRecordsUrl": more}
    part = pull.Slice("SELECT Id FROM Contact", 2, 2, page)
    assert [r["Id"] for rows in pull.batches(rest, part, tmp_path) for r in rows] == ["003A", "003A", "003B"]
