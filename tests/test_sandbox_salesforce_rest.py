"""The org's REST resources: sessions, limits, describes, rows, collections, composite."""

import base64
import hashlib
import hmac
import re
from collections.abc import Callable
from typing import Any

import jwt
import pytest
import requests
from sandbox_salesforce_org import EVERYTHING, TIMEOUT, Org

Start = Callable[..., dict[str, Any]]
A, B, C = "003000000000001AAA", "003000000000002AAA", "003000000000003AAA"
CONTACTS = {
    "salesforce_Contact": [{"Id": one, "LastName": name} for one, name in ((A, "A"), (B, "B"), (C, "C"))]
}


def token(ready: dict[str, Any], **form: str) -> requests.Response:
    return requests.post(f"{ready['salesforce']['url']}/services/oauth2/token", data=form, timeout=TIMEOUT)


def credentials(ready: dict[str, Any]) -> dict[str, str]:
    keys = ready["salesforce"]
    return {"client_id": keys["client_id"], "client_secret": keys["client_secret"]}


def set_faults(org: Org, *rules: dict[str, Any]) -> None:
    answer = requests.post(f"{org.url}/_sandbox/faults", json=rules, timeout=TIMEOUT)
    assert answer.status_code == 200, answer.text


def update(org: Org, *records: dict[str, Any], **more: Any) -> list[dict[str, Any]]:
    body = {"records": [{"attributes": {"type": "Contact"}, **one} for one in records], **more}
    found: list[dict[str, Any]] = org.patch("composite/sobjects", body).json()
    return found


def test_a_token_reply_is_signed_and_names_no_lifetime(sandbox: Start) -> None:
    ready = sandbox()
    told = token(ready, grant_type="client_credentials", **credentials(ready)).json()
    signed = (told["id"] + told["issued_at"]).encode()
    digest = hmac.new(ready["salesforce"]["client_secret"].encode(), signed, hashlib.sha256).digest()
    assert told["signature"] == base64.b64encode(digest).decode()
    assert told["instance_url"] == ready["salesforce"]["url"]
    assert "expires_in" not in told
    used = requests.get(
        f"{told['instance_url']}/services/data/v67.0/limits",
        headers={"Authorization": f"Bearer {told['access_token']}"},
        timeout=TIMEOUT,
    )
    assert used.status_code == 200


def test_token_errors_are_objects_in_the_words_of_oauth(sandbox: Start) -> None:
    ready = sandbox()
    wrong = token(ready, grant_type="client_credentials", **{**credentials(ready), "client_secret": "no"})
    assert (wrong.status_code, wrong.json()["error"]) == (400, "invalid_client")
    assert set(wrong.json()) == {"error", "error_description"}
    assert token(ready, grant_type="guess").json()["error"] == "unsupported_grant_type"
    forged = jwt.encode(
        {"iss": "x", "sub": "y", "aud": "z", "exp": 9_999_999_999}, "secret" * 8, algorithm="HS256"
    )
    grant = "urn:ietf:params:oauth:grant-type:jwt-bearer"
    assert token(ready, grant_type=grant, assertion=forged).json()["error"] == "invalid_grant"


def test_an_unknown_session_is_refused_with_a_token_challenge(sandbox: Start) -> None:
    org = Org(sandbox())
    org.token = "wrong"
    answer = org.get("sobjects")
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Token"
    assert answer.json() == [{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]


def test_versions_need_no_session_and_retired_ones_are_gone(sandbox: Start) -> None:
    ready = sandbox()
    told = requests.get(f"{ready['salesforce']['url']}/services/data/", timeout=TIMEOUT).json()
    assert told[-1] == {"label": "Winter '27", "url": "/services/data/v68.0", "version": "68.0"}
    assert Org(ready, version="30.0").get("limits").status_code == 410
    assert Org(ready, version="99.0").get("limits").status_code == 404
    assert Org(ready).get("nowhere").json()[0]["errorCode"] == "NOT_FOUND"


def test_every_data_reply_counts_against_the_day_and_the_day_ends(sandbox: Start) -> None:
    org = Org(sandbox(toml='now = "2026-10-01T12:00:00Z"\n[salesforce]\ndaily_requests = 2\n'))
    assert org.get("sobjects").headers["Sforce-Limit-Info"] == "api-usage=1/2"
    assert org.get("limits").json()["DailyApiRequests"] == {"Max": 2, "Remaining": 0}
    refused = org.get("sobjects")
    assert (refused.status_code, refused.json()[0]["errorCode"]) == (403, "REQUEST_LIMIT_EXCEEDED")
    assert "Retry-After" not in refused.headers


def test_a_describe_has_the_keys_and_types_of_a_real_one(sandbox: Start) -> None:
    told = Org(sandbox(CONTACTS)).get("sobjects/contact/describe").json()
    assert (told["name"], told["keyPrefix"], told["labelPlural"]) == ("Contact", "003", "Contacts")
    by_name = {one["name"]: one for one in told["fields"]}
    account = by_name["AccountId"]
    assert (account["type"], account["referenceTo"], account["relationshipName"]) == (
        "reference",
        ["Account"],
        "Account",
    )
    last_name = by_name["LastName"]
    assert (last_name["type"], last_name["length"], last_name["nillable"]) == ("string", 80, False)
    assert by_name["Name"]["updateable"] is False
    assert by_name["LeadSource"]["picklistValues"][0]["value"] == "Web"


def test_a_big_result_comes_in_pages_that_are_evicted_with_their_cursor(sandbox: Start) -> None:
    contacts = [{"Id": f"003000000{number:06}", "LastName": "L"} for number in range(450)]
    org = Org(sandbox({"salesforce_Contact": contacts}))
    options = {
        "params": {"q": "SELECT Id FROM Contact"},
        "headers": {"Sforce-Query-Options": "batchSize=200"},
    }
    first = org.get("query", **options).json()
    assert (first["totalSize"], first["done"], len(first["records"])) == (450, False, 200)
    assert re.fullmatch(r"/services/data/v67\.0/query/01g\w{15}-200", first["nextRecordsUrl"])
    second = org.get(org.url + first["nextRecordsUrl"]).json()
    third = org.get(org.url + second["nextRecordsUrl"]).json()
    assert (len(third["records"]), third["done"]) == (50, True)
    assert "nextRecordsUrl" not in third
    seen = [one["Id"] for page in (first, second, third) for one in page["records"]]
    assert len(set(seen)) == 450
    for _ in range(10):
        org.get("query", **options)
    assert org.get(org.url + first["nextRecordsUrl"]).json()[0]["errorCode"] == "INVALID_QUERY_LOCATOR"


def test_an_accepted_update_moves_the_stamps_even_when_nothing_changes(sandbox: Start) -> None:
    rows = [{"Id": A, "LastName": "A", "LastModifiedDate": "2020-01-01T00:00:00Z"}]
    org = Org(sandbox({"salesforce_Contact": rows}))
    text = f"SELECT LastModifiedDate, SystemModstamp, LastModifiedBy.Name FROM Contact WHERE Id = '{A}'"
    assert org.rows(text)[0]["SystemModstamp"] == "2020-01-01T00:00:00.000+0000"
    assert org.patch(f"sobjects/Contact/{A[:15]}", {"LastName": "A"}).status_code == 204
    after = org.rows(text)[0]
    assert after["SystemModstamp"] == after["LastModifiedDate"] > "2026-10-01"
    assert after["LastModifiedBy"]["Name"] == "Nightly Integration"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"Nope": 1}, "INVALID_FIELD"),
        ({"Email": "no mail"}, "INVALID_EMAIL_ADDRESS"),
        ({"FirstName": "x" * 41}, "STRING_TOO_LONG"),
        ({"LastName": None}, "REQUIRED_FIELD_MISSING"),
        ({"CreatedDate": "2020-01-01T00:00:00Z"}, "INVALID_FIELD_FOR_INSERT_UPDATE"),
        ({"AccountId": "001000000000009AAA"}, "INVALID_CROSS_REFERENCE_KEY"),
        ({"AccountId": "nonsense"}, "MALFORMED_ID"),
        ({"Birthdate": "1990-13-01"}, "INVALID_TYPE_ON_FIELD_IN_RECORD"),
    ],
)
def test_a_bad_value_is_refused_with_its_code(sandbox: Start, body: dict[str, Any], code: str) -> None:
    org = Org(sandbox(CONTACTS))
    answer = org.patch(f"sobjects/Contact/{A}", body)
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, code)
    assert org.rows(f"SELECT LastName FROM Contact WHERE Id = '{A}'") == [{"LastName": "A"}]


def test_a_deleted_row_is_found_by_query_all_only(sandbox: Start) -> None:
    org = Org(sandbox(CONTACTS))
    assert org.send("DELETE", f"sobjects/Contact/{A}").status_code == 204
    again = org.send("DELETE", f"sobjects/Contact/{A}")
    assert (again.status_code, again.json()) == (
        404,
        [{"message": "entity is deleted", "errorCode": "ENTITY_IS_DELETED", "fields": []}],
    )
    assert len(org.rows("SELECT Id FROM Contact")) == 2
    assert org.rows("SELECT Id FROM Contact WHERE IsDeleted = true", "queryAll") == [{"Id": A}]


def test_collections_answer_each_record_in_order(sandbox: Start) -> None:
    org = Org(sandbox(CONTACTS))
    good, unknown, wrong = update(
        org, {"Id": A, "LastName": "Z"}, {"Id": "003000000000009AAA"}, {"id": "001000000000001AAA"}
    )
    assert good == {"id": A, "success": True, "errors": []}
    assert unknown["errors"][0]["statusCode"] == "INVALID_CROSS_REFERENCE_KEY"
    assert wrong["errors"] == [
        {
            "statusCode": "MALFORMED_ID",
            "message": "Record ID: id value of incorrect type: 001000000000001AAA",
            "fields": ["Id"],
        }
    ]


def test_all_or_none_leaves_nothing_behind(sandbox: Start) -> None:
    org = Org(sandbox(CONTACTS))
    rolled_back, bad = update(org, {"Id": A, "LastName": "Z"}, {"Id": B, "LastName": None}, allOrNone=True)
    assert rolled_back["errors"][0]["statusCode"] == "ALL_OR_NONE_OPERATION_ROLLED_BACK"
    assert bad["errors"][0]["statusCode"] == "REQUIRED_FIELD_MISSING"
    assert org.rows("SELECT LastName FROM Contact ORDER BY Id")[0] == {"LastName": "A"}


def test_collections_hold_at_most_200_records(sandbox: Start) -> None:
    records = [{"attributes": {"type": "Contact"}, "Id": A}] * 201
    answer = Org(sandbox(CONTACTS)).patch("composite/sobjects", {"records": records})
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "EXCEEDED_MAX_SIZE_REQUEST")


def test_collections_make_and_delete(sandbox: Start) -> None:
    org = Org(sandbox(CONTACTS))
    records = [
        {"attributes": {"type": "Account"}, "Name": "New"},
        {"attributes": {"type": "Contact"}, "LastName": "New"},
    ]
    made = org.post("composite/sobjects", {"records": records}).json()
    assert [one["id"][:3] for one in made] == ["001", "003"]
    gone = org.send("DELETE", f"composite/sobjects?ids={A},{made[1]['id']}").json()
    assert [one["success"] for one in gone] == [True, True]
    assert org.query("SELECT COUNT() FROM Contact")["totalSize"] == 2


def test_rejected_and_locked_records_are_told_one_by_one(sandbox: Start) -> None:
    org = Org(sandbox(CONTACTS))
    set_faults(
        org,
        {"fault": "lock_records", "platform": "salesforce", "contains": A},
        {
            "fault": "reject_records",
            "platform": "salesforce",
            "contains": B,
            "message": "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY: their trigger",
        },
    )
    locked, rejected, good = update(org, *({"Id": one, "FirstName": "F"} for one in (A, B, C)))
    assert locked["errors"][0]["statusCode"] == "UNABLE_TO_LOCK_ROW"
    assert rejected["errors"][0]["statusCode"] == "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY"
    assert good["success"] is True
    assert update(org, {"Id": A, "FirstName": "F"})[0]["success"] is True


def test_a_composite_refers_to_earlier_answers(sandbox: Start) -> None:
    org = Org(sandbox(CONTACTS))
    root = "/services/data/v67.0"
    requests_ = [
        {"method": "POST", "url": f"{root}/sobjects/Account", "referenceId": "made", "body": {"Name": "N"}},
        {"method": "GET", "url": f"{root}/sobjects/Account/@{{made.id}}?fields=Name", "referenceId": "read"},
        {"method": "GET", "url": f"{root}/query?q=SELECT+COUNT()+FROM+Contact", "referenceId": "count"},
        {"method": "GET", "url": f"{root}/sobjects/Nope/describe", "referenceId": "nope"},
    ]
    told = org.post("composite", {"compositeRequest": requests_}).json()["compositeResponse"]
    assert [one["httpStatusCode"] for one in told] == [201, 200, 200, 404]
    assert told[1]["body"]["Name"] == "N"
    assert told[2]["body"]["totalSize"] == 3


def test_a_composite_of_all_or_none_is_undone(sandbox: Start) -> None:
    org = Org(sandbox(CONTACTS))
    root = "/services/data/v67.0/sobjects"
    requests_ = [
        {"method": "POST", "url": f"{root}/Account", "referenceId": "a", "body": {"Name": "N"}},
        {"method": "POST", "url": f"{root}/Contact", "referenceId": "b", "body": {"FirstName": "N"}},
    ]
    told = org.post("composite", {"allOrNone": True, "compositeRequest": requests_}).json()[
        "compositeResponse"
    ]
    assert told[0]["body"][0]["errorCode"] == "PROCESSING_HALTED"
    assert told[1]["body"][0]["errorCode"] == "REQUIRED_FIELD_MISSING"
    assert org.query("SELECT COUNT() FROM Account")["totalSize"] == 0


def test_a_composite_holds_25_requests_and_5_queries(sandbox: Start) -> None:
    org = Org(sandbox())

    def status(url: str, count: int) -> int:
        asked = [{"method": "GET", "url": url, "referenceId": f"r{number}"} for number in range(count)]
        return org.post("composite", {"compositeRequest": asked}).status_code

    query = "/services/data/v67.0/query?q=SELECT+Id+FROM+Contact"
    assert (status(query, 5), status(query, 6)) == (200, 400)
    limits = "/services/data/v67.0/limits"
    assert (status(limits, 25), status(limits, 26)) == (200, 400)


def test_hidden_fields_do_not_exist_and_read_only_ones_cannot_be_written(sandbox: Start) -> None:
    toml = (
        'now = "2026-10-01T12:00:00Z"\n[salesforce]\nhidden_fields = ["Contact.Email"]\n'
        'read_only_fields = ["Contact.Phone"]\n'
    )
    org = Org(sandbox(CONTACTS, toml))
    assert "No such column 'Email'" in org.error("SELECT Email FROM Contact")[2]
    names = {one["name"]: one["updateable"] for one in org.get("sobjects/Contact/describe").json()["fields"]}
    assert "Email" not in names
    assert names["Phone"] is False
    assert (
        update(org, {"Id": A, "Phone": "1"})[0]["errors"][0]["statusCode"]
        == "INVALID_FIELD_FOR_INSERT_UPDATE"
    )


def test_rows_are_upserted_by_external_id(sandbox: Start) -> None:
    org = Org(sandbox(CONTACTS))
    assert org.deploy(EVERYTHING)["success"]
    assert org.assign("Zed").status_code == 201
    first = org.patch("sobjects/Contact/Z_Note__c/n%2F1", {"LastName": "N"})
    assert (first.status_code, first.json()["created"]) == (201, True)
    second = org.patch("sobjects/Contact/Z_Note__c/n%2F1", {"LastName": "M"})
    assert (second.status_code, second.json()["id"]) == (200, first.json()["id"])
    assert org.get("sobjects/Contact/Z_Note__c/n%2F1").json()["LastName"] == "M"
    records = [
        {"attributes": {"type": "Contact"}, "Z_Note__c": note, "LastName": "N"} for note in ("n/1", "n2")
    ]
    told = org.patch("composite/sobjects/Contact/Z_Note__c", {"records": records}).json()
    assert [one["created"] for one in told] == [False, True]


def test_an_address_is_one_compound_value(sandbox: Start) -> None:
    rows = [{"Id": A, "LastName": "A", "MailingCity": "Sapporo"}, {"Id": B, "LastName": "B"}]
    org = Org(sandbox({"salesforce_Contact": rows}))
    first, second = org.rows("SELECT MailingAddress FROM Contact ORDER BY Id")
    assert first["MailingAddress"]["city"] == "Sapporo"
    assert second["MailingAddress"] is None
