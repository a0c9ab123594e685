"""Scenario rows in the org: ids, defaults, derived values, person accounts, deletes and merges."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests
from sandbox_salesforce_org import DAYS, TIMEOUT, Org, custom_object, package, permission_set

from sandbox.errors import ScenarioError
from sandbox.salesforce.ids import checksum, full_id, make_id
from sandbox.server import running

Start = Callable[..., dict[str, Any]]
Scenario = Callable[..., Path]
A, B = "003000000000001AAA", "003000000000002AAA"
CURRENCIES = (
    'now = "2026-10-01T12:00:00Z"\n[salesforce]\ncurrency = "JPY"\ncurrencies = {USD = 0.0067, EUR = 0.006}\n'
)
PEOPLE = 'now = "2026-10-01T12:00:00Z"\n[salesforce]\nperson_accounts = true\n'


def test_the_checksum_of_an_id_is_salesforces_own() -> None:
    # Ids of real records, as they stand in public documentation and recordings.
    for known in ("0057e00000RmwSWAAZ", "001B000001PUvQUIA1", "a00B000000FSkcvIAD", "005B0000008UC2PIAW"):
        assert checksum(known[:15]) == known[15:]
        assert full_id(known[:15]) == known
    assert full_id("too short") is None
    assert len(make_id("003", 123_456_789)) == 18


def test_missing_values_take_the_platforms_defaults(sandbox: Start) -> None:
    rows = {
        "salesforce_Contact": [{"Id": A[:15], "FirstName": "Ann", "LastName": "Lee"}],
        "salesforce_Order": [
            {"Id": f"80100000000000{number}", "Status": status, "StatusCode": code}
            for number, (status, code) in enumerate(
                [("Draft", ""), ("Activated", ""), ("Shipped", ""), ("Shipped", "Draft")]
            )
        ],
        "salesforce_Opportunity": [{"Id": "006000000000001", "StageName": "Closed Won", "Amount": "10"}],
        "salesforce_Case": [{"Id": "500000000000001", "Status": "Closed"}],
    }
    org = Org(sandbox(rows))
    found = org.get(f"sobjects/Contact/{A}").json()
    assert (found["Id"], found["Name"], found["IsDeleted"]) == (A, "Ann Lee", False)
    assert found["CreatedDate"] == found["SystemModstamp"] == found["LastModifiedDate"]
    assert found["CreatedDate"].startswith("2026-10-01T12:00:0")
    assert found["OwnerId"].startswith("005")
    codes = [one["StatusCode"] for one in org.rows("SELECT StatusCode FROM Order ORDER BY Id")]
    assert codes == ["Draft", "Activated", "Activated", "Draft"]
    assert org.rows("SELECT IsWon, IsClosed, Probability FROM Opportunity") == [
        {"IsWon": True, "IsClosed": True, "Probability": 100.0}
    ]
    assert org.rows("SELECT IsClosed FROM Case") == [{"IsClosed": True}]


def test_the_total_of_an_order_without_one_is_that_of_its_lines(sandbox: Start) -> None:
    rows = {
        "salesforce_Order": [{"Id": "801000000000001"}],
        "salesforce_OrderItem": [
            {
                "Id": f"80200000000000{number}",
                "OrderId": "801000000000001",
                "Quantity": "2",
                "UnitPrice": "1.25",
            }
            for number in range(2)
        ],
    }
    assert Org(sandbox(rows)).rows("SELECT TotalAmount FROM Order") == [{"TotalAmount": 5.0}]


def test_custom_columns_become_text_that_everybody_sees(sandbox: Start) -> None:
    org = Org(sandbox({"salesforce_Order": [{"Id": "801000000000001", "Shopify_Id__c": "42"}]}))
    assert org.rows("SELECT Shopify_Id__c FROM Order") == [{"Shopify_Id__c": "42"}]
    told = {one["name"]: one for one in org.get("sobjects/Order/describe").json()["fields"]}
    assert (told["Shopify_Id__c"]["type"], told["Shopify_Id__c"]["length"]) == ("string", 255)


@pytest.mark.parametrize(
    ("row", "word"),
    [
        ({"Id": A, "Nope": "x"}, "Nope"),
        ({"Id": A, "Birthdate": "soon"}, "Birthdate"),
        ({"LastName": "x"}, "Id"),
    ],
)
def test_a_scenario_that_cannot_be_loaded_names_the_cause(
    scenario: Scenario, row: dict[str, str], word: str
) -> None:
    with pytest.raises(ScenarioError, match=word), running(scenario({"salesforce_Contact": [row]})):
        pass


def test_applied_rows_change_records_delete_and_merge_them(sandbox: Start, scenario: Scenario) -> None:
    rows = {
        "salesforce_Contact": [{"Id": A, "LastName": "A", "FirstName": "Keep"}, {"Id": B, "LastName": "B"}],
        "salesforce_Order": [{"Id": "801000000000001", "BillToContactId": B}],
    }
    org = Org(sandbox(rows))
    later = scenario(
        {
            "salesforce_Contact": [
                {"Id": A, "LastName": "A2"},
                {"Id": B, "LastName": "B", "merged_into": A},
            ],
            "salesforce_Lead": [{"Id": "00Q000000000001", "LastName": "L", "deleted": "true"}],
        },
        'now = "2026-11-01T00:00:00Z"\n',
    )
    answer = requests.post(f"{org.url}/_sandbox/apply", json={"scenario": str(later)}, timeout=TIMEOUT)
    assert answer.status_code == 200, answer.text
    changed = org.rows("SELECT Name, SystemModstamp FROM Contact")
    assert len(changed) == 1
    assert changed[0]["Name"] == "Keep A2"
    assert changed[0]["SystemModstamp"].startswith("2026-11-01T00:00:0")
    lost = org.rows("SELECT Id, MasterRecordId FROM Contact WHERE IsDeleted = true", "queryAll")
    assert lost == [{"Id": B, "MasterRecordId": A}]
    assert org.rows("SELECT BillToContactId FROM Order") == [{"BillToContactId": A}]
    assert org.rows("SELECT Id FROM Lead") == []


def test_person_accounts_exist_only_where_the_org_has_them(sandbox: Start) -> None:
    org = Org(sandbox({"salesforce_Account": [{"Id": "001000000000001", "Name": "Acme"}]}))
    assert org.error("SELECT IsPersonAccount FROM Account")[1] == "INVALID_FIELD"


def test_a_person_account_is_one_person_in_two_rows(sandbox: Start) -> None:
    rows = {
        "salesforce_Account": [
            {"Id": "001000000000001", "Name": "Acme"},
            {
                "Id": "001000000000002",
                "FirstName": "Hana",
                "LastName": "Ito",
                "PersonEmail": "hana@buyers.example",
                "IsPersonAccount": "true",
            },
        ]
    }
    org = Org(sandbox(rows, PEOPLE))
    [person] = org.rows("SELECT Id, Name, PersonContactId FROM Account WHERE IsPersonAccount = true")
    [contact] = org.rows("SELECT Id, Name, Email, AccountId, IsPersonAccount FROM Contact")
    assert contact == {
        "Id": person["PersonContactId"],
        "Name": "Hana Ito",
        "Email": "hana@buyers.example",
        "AccountId": person["Id"],
        "IsPersonAccount": True,
    }
    assert person["Name"] == "Hana Ito"
    assert (
        org.patch(f"sobjects/Account/{person['Id']}", {"PersonEmail": "new@buyers.example"}).status_code
        == 204
    )
    assert org.rows("SELECT Email FROM Contact") == [{"Email": "new@buyers.example"}]
    refused = org.patch(f"sobjects/Contact/{contact['Id']}", {"Email": "x@buyers.example"}).json()
    assert refused[0]["errorCode"] == "INVALID_PERSON_ACCOUNT_OPERATION"


def test_a_custom_contact_field_shows_on_person_accounts_as_pc(sandbox: Start) -> None:
    rows = {"salesforce_Account": [{"Id": "001000000000002", "LastName": "Ito", "IsPersonAccount": "true"}]}
    org = Org(sandbox(rows, PEOPLE))
    deployed = org.deploy(
        {
            "package.xml": package(),
            "objects/Contact.object": custom_object(DAYS),
            "permissionsets/Zed.permissionset": permission_set("Z_Days__c"),
        }
    )
    assert deployed["success"] is True
    assert "No such column 'Z_Days__pc'" in org.error("SELECT Z_Days__pc FROM Account")[2]
    org.assign("Zed")
    assert org.patch("sobjects/Account/001000000000002", {"Z_Days__pc": 7}).status_code == 204
    assert org.rows("SELECT Z_Days__pc FROM Account") == [{"Z_Days__pc": 7.0}]
    assert org.rows("SELECT Z_Days__c FROM Contact") == [{"Z_Days__c": 7.0}]


def test_currencies_exist_only_where_the_org_has_several(sandbox: Start) -> None:
    toml = 'now = "2026-10-01T12:00:00Z"\n[salesforce]\ncurrency = "JPY"\ncurrencies = {USD = 0.0067}\n'
    org = Org(sandbox({"salesforce_Order": [{"Id": "801000000000001", "TotalAmount": "5"}]}, toml))
    assert org.rows("SELECT CurrencyIsoCode FROM Order") == [{"CurrencyIsoCode": "JPY"}]
    assert org.rows("SELECT IsoCode, ConversionRate, IsCorporate FROM CurrencyType ORDER BY IsCorporate") == [
        {"IsoCode": "USD", "ConversionRate": 0.0067, "IsCorporate": False},
        {"IsoCode": "JPY", "ConversionRate": 1.0, "IsCorporate": True},
    ]
    dated = org.rows("SELECT IsoCode FROM DatedConversionRate")
    assert dated == []
    plain = Org(sandbox({"salesforce_Order": [{"Id": "801000000000001"}]}))
    for name in ("CurrencyType", "DatedConversionRate"):
        assert plain.error(f"SELECT IsoCode FROM {name}")[1] == "INVALID_TYPE"
    assert "CurrencyIsoCode" not in {
        f["name"] for f in plain.get("sobjects/Contact/describe").json()["fields"]
    }


def test_a_dated_rate_ends_where_the_next_one_of_its_currency_begins(sandbox: Start) -> None:
    rates = [
        {"Id": f"04w00000000000{n}", "IsoCode": code, "ConversionRate": "2", "StartDate": start}
        for n, (code, start) in enumerate(
            [("USD", "2026-01-01"), ("EUR", "2025-06-01"), ("USD", "2025-01-01")]
        )
    ]
    org = Org(sandbox({"salesforce_DatedConversionRate": rates}, CURRENCIES))
    soql = "SELECT IsoCode, StartDate, NextStartDate FROM DatedConversionRate ORDER BY IsoCode, StartDate"
    assert [tuple(row.values()) for row in org.rows(soql)] == [
        ("EUR", "2025-06-01", "9999-12-31"),
        ("USD", "2025-01-01", "2026-01-01"),
        ("USD", "2026-01-01", "9999-12-31"),
    ]


def test_a_currency_of_the_scenarios_own_file_replaces_the_one_of_the_settings(sandbox: Start) -> None:
    rows = {"salesforce_CurrencyType": [{"Id": "01L000000000099", "IsoCode": "USD", "ConversionRate": "0.5"}]}
    org = Org(sandbox(rows, CURRENCIES))
    assert org.rows("SELECT ConversionRate FROM CurrencyType WHERE IsoCode = 'USD'") == [
        {"ConversionRate": 0.5}
    ]
    assert org.rows("SELECT IsoCode FROM CurrencyType WHERE IsCorporate = true") == [{"IsoCode": "JPY"}]


def test_rates_for_an_org_that_has_none_are_refused_in_words(scenario: Scenario) -> None:
    rows = {"salesforce_CurrencyType": [{"Id": "01L000000000099", "IsoCode": "USD"}]}
    with pytest.raises(ScenarioError, match="exists only where"), running(scenario(rows)):
        pass


def test_a_hidden_object_does_not_exist_for_the_integration_user(sandbox: Start) -> None:
    toml = 'now = "2026-10-01T12:00:00Z"\n[salesforce]\nhidden_objects = ["Lead"]\n'
    org = Org(sandbox({"salesforce_Lead": [{"Id": "00Q000000000001", "LastName": "L"}]}, toml))
    assert org.get("sobjects/Lead/describe").status_code == 404
    assert org.error("SELECT Id FROM Lead")[:2] == (400, "INVALID_TYPE")
    parts = [
        {"method": "GET", "url": f"/services/data/v67.0/sobjects/{name}/describe", "referenceId": name}
        for name in ("Contact", "Lead")
    ]
    told = org.post("composite", {"compositeRequest": parts}).json()["compositeResponse"]
    assert [(part["referenceId"], part["httpStatusCode"]) for part in told] == [
        ("Contact", 200),
        ("Lead", 404),
    ]
    assert told[1]["body"][0]["errorCode"] == "NOT_FOUND"


def test_a_converted_lead_can_be_deleted_and_not_changed(sandbox: Start) -> None:
    lead = {"Id": "00Q000000000001", "LastName": "L", "IsConverted": "true"}
    org = Org(sandbox({"salesforce_Lead": [lead]}))
    refused = org.patch("sobjects/Lead/00Q000000000001", {"Title": "x"}).json()
    assert refused[0]["errorCode"] == "CANNOT_UPDATE_CONVERTED_LEAD"
    assert org.send("DELETE", "sobjects/Lead/00Q000000000001").status_code == 204


def test_merged_person_accounts_keep_one_contact_row_and_all_orders(
    sandbox: Start, scenario: Scenario
) -> None:
    people = [{"Id": f"00100000000000{n}", "LastName": "Ito", "IsPersonAccount": "true"} for n in (2, 3)]
    org = Org(sandbox({"salesforce_Account": people}, PEOPLE))
    kept, lost = (
        row["PersonContactId"] for row in org.rows("SELECT PersonContactId FROM Account ORDER BY Id")
    )
    bought = {"Id": "801000000000001", "AccountId": "001000000000003", "BillToContactId": lost}
    for rows in (
        {"salesforce_Order": [bought]},
        {"salesforce_Account": [{**people[1], "merged_into": "001000000000002"}]},
    ):
        folder = scenario(rows, 'now = "2026-11-01T00:00:00Z"\n')
        answer = requests.post(f"{org.url}/_sandbox/apply", json={"scenario": str(folder)}, timeout=TIMEOUT)
        assert answer.status_code == 200, answer.text
    assert org.rows("SELECT Id FROM Contact") == [{"Id": kept}]
    assert [row["BillToContactId"] for row in org.rows("SELECT BillToContactId FROM Order")] == [kept]
    gone = org.rows(
        "SELECT Id, MasterRecordId, PersonContactId FROM Account WHERE IsDeleted = true", "queryAll"
    )
    assert [(row["MasterRecordId"][:15], row["PersonContactId"]) for row in gone] == [
        ("001000000000002", lost)
    ]
