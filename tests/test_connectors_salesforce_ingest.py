"""Writing many: one file up, three files back, and every record told of."""

import csv
import io
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
import responses
from salesforce_org import DATA, USER_ID, calls, connector, saves, send, update

from connectors.base import Update
from connectors.salesforce import ingest
from connectors.salesforce.ingest import parse_error

INGEST = f"{DATA}/jobs/ingest"


def an_ingest(files: dict[str, str], state: str = "JobComplete") -> list[str]:
    """Answer one ingest job; returns the list in which the uploaded text appears."""
    uploaded: list[str] = []

    def put(request: Any) -> tuple[int, dict[str, str], str]:
        uploaded.append(request.body.decode())
        return 201, {}, ""

    job = {"id": "750I", "contentUrl": "services/data/v67.0/jobs/ingest/750I/batches"}
    responses.post(INGEST, json={**job, "state": "Open"})
    responses.add_callback(responses.PUT, f"{INGEST}/750I/batches", put)
    responses.patch(f"{INGEST}/750I", json={**job, "state": "UploadComplete"})
    responses.get(f"{INGEST}/750I", json={**job, "state": state})
    for name in ("successfulResults", "failedResults", "unprocessedrecords"):
        responses.get(f"{INGEST}/750I/{name}", body=files[name])
    return uploaded


def result_files(
    ok: Iterable[int], failed: dict[int, str] | None = None, left: Iterable[int] = ()
) -> dict[str, str]:
    def text(rows: list[list[str]]) -> str:
        out = io.StringIO()
        csv.writer(out).writerows(rows)
        return out.getvalue()

    def id_(number: int) -> str:
        return update(number).record_id

    return {
        "successfulResults": text(
            [["sf__Id", "sf__Created", "Id"], *[[id_(n), "false", id_(n)] for n in ok]]
        ),
        "failedResults": text(
            [["sf__Id", "sf__Error", "Id"], *[["", why, id_(n)] for n, why in (failed or {}).items()]]
        ),
        "unprocessedrecords": text([["Id"], *[[id_(n)] for n in left]]),
    }


@responses.activate
def test_many_records_go_as_one_file_in_which_empty_means_untouched_and_na_means_null(tmp_path: Path) -> None:
    uploaded = an_ingest(result_files(range(2500)))
    mixed = [update(n, segment=None) if n == 1 else update(n) for n in range(2500)]
    results = send(mixed, 2500, tmp_path)
    assert {r.status for r in results.values()} == {"confirmed"}
    lines = uploaded[0].split("\n")
    assert lines[0] == (
        "Id,Zaiseki_Tenure_Days__c,Zaiseki_Net_Spend__c,Zaiseki_Segment__c,Zaiseki_Lapses_On__c"
    )
    assert lines[1] == "003000000000000AAA,0,,,"
    assert lines[2] == "003000000000001AAA,,,#N/A,"
    assert b'"operation":"update"' in calls("POST", "/jobs/ingest")[0].body
    assert list(tmp_path.iterdir()) == []


@responses.activate
def test_every_result_file_counts_and_what_was_in_the_way_goes_again_by_collections(tmp_path: Path) -> None:
    an_ingest(
        result_files(
            range(6, 2500),
            {
                0: "REQUIRED_FIELD_MISSING:Required fields are missing: [Name]:Name --",
                1: "UNABLE_TO_LOCK_ROW:unable to obtain exclusive access to this record or 1 records:--",
            },
            left=[2, 3],
        )
    )
    # Records 4 and 5 stand in no file at all.
    saves()
    results = send((update(n, segment=None) for n in range(2500)), 2500, tmp_path)
    assert len(results) == 2500
    assert [r.code for r in results.values() if r.status != "confirmed"] == ["REQUIRED_FIELD_MISSING"]
    files = [request.url.rpartition("/")[2] for request in calls("GET", "/750I/")]
    assert files == ["successfulResults", "failedResults", "unprocessedrecords"]
    (again,) = calls("PATCH", "/composite/sobjects")
    sent = json.loads(again.body)["records"]
    assert sorted(record["id"] for record in sent) == [update(n).record_id for n in (1, 2, 3, 4, 5)]
    assert {"Zaiseki_Segment__c": None}.items() <= sent[0].items()
    assert "Zaiseki_Tenure_Days__c" not in sent[0]


@responses.activate
def test_a_job_that_failed_as_a_whole_still_tells_of_every_record(tmp_path: Path) -> None:
    an_ingest(result_files([], {}, left=range(4500)), state="Failed")
    saves()
    results = send(map(update, range(4500)), 4500, tmp_path)
    assert len(results) == 4500
    # A second round stays a small one; the others wait for the next run.
    assert sum(r.status == "confirmed" for r in results.values()) == 2000
    assert {r.code for r in results.values() if r.status != "confirmed"} == {"UNPROCESSED"}


@responses.activate
def test_a_file_that_is_full_makes_a_second_job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ingest, "PART_ROWS", 1500)
    parts = [
        (p.rows, p.path.read_text())
        for p in ingest.write_parts(map(update, range(2500)), {"Contact": ["tenure_days"]}, tmp_path)
    ]
    assert [rows for rows, _ in parts] == [1500, 1000]
    written = [line.split(",")[0] for _, text in parts for line in text.splitlines()[1:]]
    assert written == [update(n).record_id for n in range(2500)]


def test_a_file_holds_records_of_one_kind_under_the_names_of_that_kind(tmp_path: Path) -> None:
    kinds = ("Contact", "PersonAccount", "Account")
    updates = [Update(kind, f"00{n}000000000001AAA", {"tenure_days": None}) for n, kind in enumerate(kinds)]
    parts = []
    for part in ingest.write_parts(updates, dict.fromkeys(kinds, ("tenure_days",)), tmp_path):
        parts.append((part.target, part.rows, part.path.read_text()))
        assert list(ingest.read_part(part, ["tenure_days"])) == [updates[len(parts) - 1]]
    assert parts == [
        ("Contact", 1, "Id,Zaiseki_Tenure_Days__c\n000000000000001AAA,#N/A\n"),
        ("PersonAccount", 1, "Id,Zaiseki_Tenure_Days__pc\n001000000000001AAA,#N/A\n"),
        ("Account", 1, "Id,Zaiseki_Tenure_Days__c\n002000000000001AAA,#N/A\n"),
    ]


@responses.activate
def test_a_job_is_for_the_object_through_which_its_records_are_written_and_a_few_go_without_one(
    tmp_path: Path,
) -> None:
    """2500 Person Accounts make one job over Account; the ten leads beside them need none."""
    an_ingest(result_files(range(2500)))
    saves()
    many = [Update("PersonAccount", update(n).record_id, {"tenure_days": "1"}) for n in range(2500)]
    few = [Update("Lead", f"00Q{n:012d}AAA", {"tenure_days": "1"}) for n in range(10)]
    results = send([*many, *few], 2510, tmp_path)
    assert {r.status for r in results.values()} == {"confirmed"}
    assert {r.object for r in results.values()} == {"PersonAccount", "Lead"}
    (job,) = calls("POST", "/jobs/ingest")
    assert json.loads(job.body)["object"] == "Account"
    (call,) = calls("PATCH", "/composite/sobjects")
    assert {record["attributes"]["type"] for record in json.loads(call.body)["records"]} == {"Lead"}


@pytest.mark.parametrize(
    ("text", "code", "names"),
    [
        (
            "REQUIRED_FIELD_MISSING:Required fields are missing: [Name]:Name --",
            "REQUIRED_FIELD_MISSING",
            ["Name"],
        ),
        (
            "STRING_TOO_LONG:Zip: data value too large: 1:2 (max length=5):A__c,B__c --",
            "STRING_TOO_LONG",
            ["A__c", "B__c"],
        ),
        ("ENTITY_IS_DELETED:entity is deleted:--", "ENTITY_IS_DELETED", [""]),
        ("FIELD_CUSTOM_VALIDATION_EXCEPTION:Dear Taro", "FIELD_CUSTOM_VALIDATION_EXCEPTION", []),
        ("Yamada Taro was refused", "UNKNOWN", []),
        ("", "UNKNOWN", []),
    ],
)
def test_code_and_fields_of_a_failed_row_are_read_without_its_message(
    text: str, code: str, names: list[str]
) -> None:
    assert parse_error(text) == (code, names)


@responses.activate
def test_settle_waits_for_our_own_running_jobs_only(tmp_path: Path) -> None:
    def job(id_: str, state: str, user: str = USER_ID) -> dict[str, str]:
        return {"id": id_, "state": state, "createdById": user}

    org = connector(tmp_path)
    more = "/services/data/v67.0/jobs/ingest?queryLocator=1"
    first = {
        "done": False,
        "records": [job("A", "JobComplete"), job("B", "InProgress", "005X")],
        "nextRecordsUrl": more,
    }
    responses.get(f"{INGEST}?jobType=V2Ingest", json=first)
    responses.get(
        f"{DATA}/jobs/ingest?queryLocator=1", json={"done": True, "records": [job("C", "UploadComplete")]}
    )
    responses.get(f"{INGEST}/C", json=job("C", "InProgress"))
    responses.get(f"{INGEST}/C", json=job("C", "JobComplete"))
    org.settle()
    assert len(calls("GET", "/jobs/ingest/")) == 2
