"""simple-salesforce 1.12.10, unmodified, against the sandbox over TLS."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests
from conftest import write_scenario
from requests.adapters import HTTPAdapter
from sandbox_salesforce_org import EVERYTHING, Org
from simple_salesforce import Salesforce, SalesforceMalformedRequest, SalesforceResourceNotFound
from simple_salesforce.exceptions import SalesforceAuthenticationFailed, SalesforceExpiredSession

from sandbox.server import running

HOST = "https://acme.my.salesforce.com"
VERSION = "67.0"
COUNT = 4_321


class ToLoopback(HTTPAdapter):
    """Carries requests for one https host to the sandbox, as a resolver entry would."""

    def __init__(self, url: str, ca_file: str) -> None:
        super().__init__()
        self._url = url
        self._ca_file = ca_file

    def send(self, request: requests.PreparedRequest, *args: Any, **options: Any) -> requests.Response:
        """Send a request to the other address."""
        request.url = str(request.url).replace(HOST, self._url)
        return super().send(request, *args, **{**options, "verify": self._ca_file})


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    contacts = [
        {
            "Id": f"003000000{number:06}",
            "FirstName": f"First{number}",
            "LastName": f"Last{number}",
            "Email": f"c{number}@buyers.example",
            "Birthdate": "1990-01-01",
        }
        for number in range(COUNT)
    ]
    folder = write_scenario(
        tmp_path_factory.mktemp("clients") / "scenario",
        {"salesforce_Contact": contacts},
        'now = "2026-10-01T12:00:00Z"\n',
    )
    with running(folder, tls=True) as line:
        yield line


@pytest.fixture
def session(ready: dict[str, Any]) -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.trust_env = False
        session.verify = ready["ca_file"]
        session.mount(HOST, ToLoopback(ready["salesforce"]["url"], ready["ca_file"]))
        yield session


@pytest.fixture
def org(ready: dict[str, Any], session: requests.Session) -> Salesforce:
    keys = ready["salesforce"]
    return Salesforce(
        consumer_key=keys["client_id"],
        consumer_secret=keys["client_secret"],
        domain="acme.my",
        session=session,
        version=VERSION,
    )


@pytest.fixture(scope="module")
def fields(ready: dict[str, Any]) -> None:
    """Deploy the custom fields that the writing tests need, once."""
    plain = Org({"salesforce": {**ready["salesforce"]}})
    plain.send = _verifying(plain.send, ready["ca_file"])  # type: ignore[method-assign]
    assert plain.deploy(EVERYTHING)["success"]
    assert plain.assign("Zed").status_code == 201


def _verifying(send: Any, ca_file: str) -> Any:
    return lambda method, path, **options: send(method, path, verify=ca_file, **options)


def test_client_credentials_log_in(org: Salesforce) -> None:
    assert org.query("SELECT COUNT() FROM Contact")["totalSize"] == COUNT


def test_jwt_bearer_logs_in(ready: dict[str, Any], session: requests.Session) -> None:
    keys = ready["salesforce"]
    org = Salesforce(
        username=keys["username"],
        consumer_key=keys["client_id"],
        privatekey_file=keys["private_key_file"],
        domain="acme.my",
        session=session,
        version=VERSION,
    )
    name = org.query("SELECT Username FROM User WHERE Name = 'Nightly Integration'")["records"][0]["Username"]
    assert name == keys["username"]


def test_a_wrong_secret_is_refused_in_the_words_of_oauth(
    ready: dict[str, Any], session: requests.Session
) -> None:
    with pytest.raises(SalesforceAuthenticationFailed) as refused:
        Salesforce(
            consumer_key=ready["salesforce"]["client_id"],
            consumer_secret="wrong",
            domain="acme.my",
            session=session,
        )
    assert refused.value.code == "invalid_client"


def test_an_unknown_user_has_not_approved_the_consumer(
    ready: dict[str, Any], session: requests.Session
) -> None:
    with (
        pytest.warns(UserWarning, match="authorize"),
        pytest.raises(SalesforceAuthenticationFailed) as refused,
    ):
        Salesforce(
            username="somebody@else.example",
            consumer_key=ready["salesforce"]["client_id"],
            privatekey_file=ready["salesforce"]["private_key_file"],
            domain="acme.my",
            session=session,
        )
    assert "user hasn't approved this consumer" in str(refused.value)


def test_a_direct_session_works_and_a_wrong_one_is_expired(
    ready: dict[str, Any], session: requests.Session
) -> None:
    keys = ready["salesforce"]
    good = Salesforce(
        session_id=keys["access_token"], instance_url=keys["url"], session=session, version=VERSION
    )
    assert good.query("SELECT Id FROM Contact LIMIT 1")["totalSize"] == 1
    bad = Salesforce(session_id="wrong", instance_url=keys["url"], session=session, version=VERSION)
    with pytest.raises(SalesforceExpiredSession):
        bad.bulk2.Contact._client.get_job("7505g0000000001AAA", is_query=True)


def test_query_all_walks_every_page(org: Salesforce) -> None:
    first = org.query("SELECT Id, Name FROM Contact ORDER BY Id")
    assert (first["totalSize"], first["done"], len(first["records"])) == (COUNT, False, 2_000)
    whole = org.query_all("SELECT Id, Name FROM Contact ORDER BY Id")
    assert len({one["Id"] for one in whole["records"]}) == COUNT
    assert whole["done"] is True
    assert len(list(org.query_all_iter("SELECT Id FROM Contact"))) == COUNT


def test_describes_limits_and_usage(org: Salesforce) -> None:
    assert {"Contact", "Account", "Lead", "Order"} <= {one["name"] for one in org.describe()["sobjects"]}
    email = next(one for one in org.Contact.describe()["fields"] if one["name"] == "Email")
    assert (email["type"], email["length"], email["nillable"]) == ("email", 80, True)
    assert org.Contact.metadata()["objectDescribe"]["keyPrefix"] == "003"
    assert org.limits()["DailyApiRequests"]["Max"] == 15_000
    assert org.api_usage["api-usage"].total == 15_000
    assert org.is_sandbox() is True


def test_rows_are_read_made_changed_and_deleted(org: Salesforce) -> None:
    made = org.Contact.create({"LastName": "New", "Email": "new@buyers.example"})
    assert made["success"] is True
    assert org.Contact.update(made["id"], {"FirstName": "Brand"}) == 204
    assert org.Contact.get(made["id"])["Name"] == "Brand New"
    assert org.Contact.delete(made["id"]) == 204
    with pytest.raises(SalesforceResourceNotFound) as gone:
        org.Contact.get(made["id"])
    assert gone.value.content[0]["errorCode"] == "NOT_FOUND"
    with pytest.raises(SalesforceMalformedRequest) as refused:
        org.Contact.create({"FirstName": "Nobody"})
    assert refused.value.content[0]["errorCode"] == "REQUIRED_FIELD_MISSING"


def test_bulk2_query_reads_every_row_once(org: Salesforce) -> None:
    pages = list(org.bulk2.Contact.query("SELECT Id, Name, CreatedDate FROM Contact", max_records=1_000))
    lines = [line for page in pages for line in page.splitlines()[1:]]
    assert len(pages) == 5
    assert len({line.split(",")[0] for line in lines}) == len(lines) == COUNT
    assert pages[0].splitlines()[0] == '"Id","Name","CreatedDate"'


def test_bulk2_update_and_upsert_write_and_tell_what_failed(org: Salesforce, fields: None) -> None:
    rows = [{"Id": f"003000000{number:06}", "Z_Segment__c": "best"} for number in range(10)]
    rows.append({"Id": "003000000000010", "Z_Segment__c": "worst"})
    [told] = org.bulk2.Contact.update(records=rows, wait=0)
    assert (told["numberRecordsProcessed"], told["numberRecordsFailed"]) == (11, 1)
    failed = org.bulk2.Contact.get_failed_records(told["job_id"])
    assert "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST:Segment: bad value" in failed
    assert org.query("SELECT COUNT() FROM Contact WHERE Z_Segment__c = 'best'")["totalSize"] == 10
    rows = [{"Z_Note__c": "n1", "LastName": "Upserted"}]
    for created in ("true", "false"):
        [told] = org.bulk2.Contact.upsert(records=rows, external_id_field="Z_Note__c", wait=0)
        done = org.bulk2.Contact.get_successful_records(told["job_id"])
        assert done.splitlines()[1].split(",")[1] == f'"{created}"'
    assert org.Contact.get_by_custom_id("Z_Note__c", "n1")["LastName"] == "Upserted"
    org.Contact.delete(org.Contact.get_by_custom_id("Z_Note__c", "n1")["Id"])


def test_collections_by_restful_answer_record_by_record(org: Salesforce, fields: None) -> None:
    records = [
        {"attributes": {"type": "Contact"}, "Id": "003000000000020", "Z_Days__c": 5},
        {"attributes": {"type": "Contact"}, "Id": "003000000000021", "Z_Days__c": 12_345_678},
    ]
    good, bad = org.restful("composite/sobjects", method="PATCH", json={"records": records})
    assert good == {"id": "003000000000020AAA", "success": True, "errors": []}
    assert (bad["success"], bad["errors"][0]["statusCode"]) == (False, "NUMBER_OUTSIDE_VALID_RANGE")
