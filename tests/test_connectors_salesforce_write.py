"""Writing some: one result for every record, exact values, nulls that are nulls, no personal word."""

import json
from pathlib import Path
from typing import Any

import pytest
import responses
from salesforce_org import COLLECTIONS, calls, error, saves, send, update

from connectors.base import Update
from connectors.errors import MendSettings


@responses.activate
def test_values_go_out_exact_and_blanks_as_null(tmp_path: Path) -> None:
    saves()
    values = {
        "net_spend": "9007199254740993.10",
        "tenure_days": "0",
        "segment": None,
        "lapses_on": "2027-01-31",
    }
    assert [r.status for r in send([update(1, **values)], 1, tmp_path).values()] == ["confirmed"]
    (request,) = calls("PATCH", "/composite/sobjects")
    assert request.body == (
        b'{"allOrNone":false,"records":[{"attributes":{"type":"Contact"},"id":"003000000000001AAA",'
        b'"Zaiseki_Net_Spend__c":9007199254740993.10,"Zaiseki_Tenure_Days__c":0,"Zaiseki_Segment__c":null,'
        b'"Zaiseki_Lapses_On__c":"2027-01-31"}]}'
    )
    assert request.headers["Sforce-Auto-Assign"] == "FALSE"


@responses.activate
def test_a_person_account_is_written_as_an_account_with_the_fields_of_its_person(tmp_path: Path) -> None:
    saves()
    ids = {
        "PersonAccount": "001000000000001AAA",
        "Lead": "00Q000000000001AAA",
        "Account": "001000000000002AAA",
    }
    updates = [Update(name, record_id, {"tenure_days": "7"}) for name, record_id in ids.items()]
    results = send(updates, 3, tmp_path)
    assert {result.object: result.record_id for result in results.values()} == ids
    (request,) = calls("PATCH", "/composite/sobjects")
    sent = [
        (r["attributes"]["type"], *sorted(set(r) - {"attributes"}))
        for r in json.loads(request.body)["records"]
    ]
    assert sent == [
        ("Account", "Zaiseki_Tenure_Days__pc", "id"),
        ("Lead", "Zaiseki_Tenure_Days__c", "id"),
        ("Account", "Zaiseki_Tenure_Days__c", "id"),
    ]


@responses.activate
def test_two_hundred_records_go_in_one_call(tmp_path: Path) -> None:
    saves()
    assert len(send(map(update, range(450)), 450, tmp_path)) == 450
    assert [len(json.loads(c.body)["records"]) for c in calls("PATCH", "/composite/sobjects")] == [
        200,
        200,
        50,
    ]


@responses.activate
def test_a_rejected_record_fails_alone_and_its_reason_quotes_nobody(tmp_path: Path) -> None:
    bad = update(7).record_id
    saves({bad: "FIELD_CUSTOM_VALIDATION_EXCEPTION"})
    results = send(map(update, range(10)), 10, tmp_path)
    assert {r.status for id_, r in results.items() if id_ != bad} == {"confirmed"}
    assert results[bad].code == "FIELD_CUSTOM_VALIDATION_EXCEPTION"
    assert results[bad].reason == "FIELD_CUSTOM_VALIDATION_EXCEPTION (Zaiseki_Segment__c)"


@responses.activate
def test_a_locked_record_is_sent_again_after_the_others(tmp_path: Path) -> None:
    locked = update(3).record_id
    saves({locked: "UNABLE_TO_LOCK_ROW"}, first_only=True)
    assert {r.status for r in send(map(update, range(10)), 10, tmp_path).values()} == {"confirmed"}
    assert len(calls("PATCH", "/composite/sobjects")) == 2


@responses.activate
def test_a_record_that_stays_locked_is_rejected_after_three_rounds(tmp_path: Path) -> None:
    locked = update(3).record_id
    saves({locked: "UNABLE_TO_LOCK_ROW"})
    assert send(map(update, range(10)), 10, tmp_path)[locked].code == "UNABLE_TO_LOCK_ROW"
    assert len(calls("PATCH", "/composite/sobjects")) == 3


@responses.activate
def test_a_call_refused_as_a_whole_is_halved_until_the_culprit_stands_alone(tmp_path: Path) -> None:
    culprit = update(77).record_id

    def answer(request: Any) -> tuple[int, dict[str, str], str]:
        records = json.loads(request.body)["records"]
        if any(record["id"] == culprit for record in records):
            return 400, {}, json.dumps(error("JSON_PARSER_ERROR", "Cannot deserialize: Yamada"))
        return 200, {}, json.dumps([{"id": r["id"], "success": True, "errors": []} for r in records])

    responses.add_callback(responses.PATCH, COLLECTIONS, answer)
    results = send(map(update, range(200)), 200, tmp_path)
    assert len(results) == 200
    assert [id_ for id_, r in results.items() if r.status != "confirmed"] == [culprit]
    assert results[culprit].reason == "JSON_PARSER_ERROR"


@responses.activate
def test_a_field_that_is_gone_stops_the_write(tmp_path: Path) -> None:
    responses.patch(
        COLLECTIONS,
        json=error("INVALID_FIELD", "No such column 'X__c' on sobject of type Contact"),
        status=400,
    )
    with pytest.raises(MendSettings) as caught:
        send(map(update, range(5)), 5, tmp_path)
    assert caught.value.details["field"] == "Contact.X__c"
