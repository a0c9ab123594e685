"""Deploys that really change the org: fields, formulas, permission sets, and what is refused."""

from collections.abc import Callable
from typing import Any

import pytest
from sandbox_salesforce_org import DAYS, EVERYTHING, NOTE, NS, Org, custom_object, package, permission_set

Start = Callable[..., dict[str, Any]]
A = "003000000000001AAA"
CONTACTS = {"salesforce_Contact": [{"Id": A, "LastName": "A", "Birthdate": "2026-09-01"}]}


@pytest.fixture
def org(sandbox: Start) -> Org:
    return Org(sandbox(CONTACTS))


def visible(org: Org, name: str = "Contact") -> set[str]:
    return {one["name"] for one in org.get(f"sobjects/{name}/describe").json()["fields"]}


def problems(result: dict[str, Any]) -> dict[str, str]:
    return {one["fullName"]: one["problem"] for one in result["details"]["componentFailures"]}


def test_a_deployed_field_is_invisible_until_the_permission_set_is_assigned(org: Org) -> None:
    result = org.deploy(EVERYTHING)
    assert (result["status"], result["numberComponentsDeployed"]) == ("Succeeded", 7)
    assert "Z_Segment__c" not in visible(org)
    assert "No such column 'Z_Segment__c'" in org.error("SELECT Z_Segment__c FROM Contact")[2]
    assert (
        org.patch(f"sobjects/Contact/{A}", {"Z_Segment__c": "best"}).json()[0]["errorCode"] == "INVALID_FIELD"
    )
    assert org.assign("Zed").status_code == 201
    assert "Z_Segment__c" in visible(org)
    assert org.patch(f"sobjects/Contact/{A}", {"Z_Segment__c": "best"}).status_code == 204
    assert org.rows("SELECT Z_Segment__c FROM Contact") == [{"Z_Segment__c": "best"}]
    assert org.assign("Zed").json()[0]["errorCode"] == "DUPLICATE_VALUE"


def test_a_describe_tells_what_was_deployed(org: Org) -> None:
    org.deploy(EVERYTHING)
    org.assign("Zed")
    told = {one["name"]: one for one in org.get("sobjects/Contact/describe").json()["fields"]}
    segment = told["Z_Segment__c"]
    assert (
        segment["label"],
        segment["inlineHelpText"],
        segment["restrictedPicklist"],
        segment["custom"],
    ) == (
        "Segment",
        "Where they stand",
        True,
        True,
    )
    assert [(one["value"], one["label"]) for one in segment["picklistValues"]] == [
        ("best", "Best"),
        ("first", "First"),
    ]
    assert (told["Z_Days__c"]["type"], told["Z_Days__c"]["precision"]) == ("double", 6)
    assert (told["Z_Note__c"]["externalId"], told["Z_Note__c"]["length"]) == (True, 10)
    assert (told["Z_Since__c"]["calculated"], told["Z_Since__c"]["updateable"]) == (True, False)


def test_a_formula_is_worked_out_when_it_is_read(org: Org) -> None:
    org.deploy(EVERYTHING)
    org.assign("Zed")
    assert org.rows("SELECT Z_Since__c FROM Contact WHERE Z_Since__c = 30") == [{"Z_Since__c": 30.0}]


def test_values_are_held_to_the_deployed_type(org: Org) -> None:
    org.deploy(EVERYTHING)
    org.assign("Zed")
    for body, code in (
        ({"Z_Segment__c": "worst"}, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"),
        ({"Z_Days__c": 1_000_000}, "NUMBER_OUTSIDE_VALID_RANGE"),
        ({"Z_Note__c": "x" * 11}, "STRING_TOO_LONG"),
        ({"Z_Since__c": 1}, "INVALID_FIELD_FOR_INSERT_UPDATE"),
    ):
        answer = org.patch(f"sobjects/Contact/{A}", body).json()[0]
        assert (answer["errorCode"], answer["fields"]) == (code, list(body))


def test_check_only_validates_and_changes_nothing(org: Org) -> None:
    assert org.deploy(EVERYTHING, checkOnly=True)["status"] == "Succeeded"
    assert org.rows("SELECT Id FROM PermissionSet") == []
    assert org.deploy(EVERYTHING)["details"]["componentSuccesses"][0]["created"] is not None


def test_one_bad_component_rolls_everything_back(org: Org) -> None:
    files = {**EVERYTHING, "objects/Contact.object": custom_object(DAYS, NOTE.replace("Text", "Nubmer"))}
    result = org.deploy(files, part="entity_content")
    assert (result["status"], result["success"]) == ("Failed", False)
    found = problems(result)
    assert found["Contact.Z_Note__c"] == "'Nubmer' is not a valid value for the enum 'FieldType'"
    assert found["Zed"].startswith("In field: field - no CustomField named Contact.Z_")
    missing = "An object 'Contact.Z_Segment__c' of type CustomField was named in package.xml"
    assert found["Contact.Z_Segment__c"].startswith(missing)
    assert org.deploy(EVERYTHING)["success"] is True


@pytest.mark.parametrize(
    ("field", "problem"),
    [
        (DAYS.replace("<scale>0", "<scael>0").replace("0</scale>", "0</scael>"), "invalid at this location"),
        (DAYS.replace(">Days<", ">" + "D" * 41 + "<"), "max length=40"),
        (DAYS.replace("<precision>6</precision>", ""), "Must specify 'precision'"),
        (NOTE.replace("<length>10</length>", ""), "Must specify 'length'"),
        (NOTE.replace("<label>Note</label>", ""), "Required field is missing: label"),
    ],
)
def test_a_field_that_is_wrong_is_refused_with_its_problem(org: Org, field: str, problem: str) -> None:
    result = org.deploy({"package.xml": package(), "objects/Contact.object": custom_object(field)})
    [told] = result["details"]["componentFailures"]
    assert problem in told["problem"]
    assert (told["componentType"], told["problemType"], told["fileName"]) == (
        "CustomField",
        "Error",
        "objects/Contact.object",
    )


def test_an_unknown_type_or_broken_file_is_refused(org: Org) -> None:
    result = org.deploy({"package.xml": package(("Nonsense", "X"))})
    assert "Unknown type name 'Nonsense'" in problems(result)["Nonsense"]
    broken = org.deploy({"package.xml": package(), "objects/Contact.object": "<CustomObject"})
    assert problems(broken)["Contact"].startswith("Error parsing file")


def test_a_permission_set_is_replaced_as_a_whole(org: Org) -> None:
    org.deploy(EVERYTHING)
    org.assign("Zed")
    fewer = {
        "package.xml": package(("PermissionSet", "Zed")),
        "permissionsets/Zed.permissionset": permission_set("Z_Days__c", read_only=("Z_Note__c",)),
    }
    assert org.deploy(fewer)["success"] is True
    told = {one["name"]: one["updateable"] for one in org.get("sobjects/Contact/describe").json()["fields"]}
    assert {name: may for name, may in told.items() if name.startswith("Z_")} == {
        "Z_Days__c": True,
        "Z_Note__c": False,
    }
    answer = org.patch(f"sobjects/Contact/{A}", {"Z_Note__c": "x"}).json()[0]
    assert answer["errorCode"] == "INVALID_FIELD_FOR_INSERT_UPDATE"


def test_taking_the_assignment_away_takes_the_field_away(org: Org) -> None:
    org.deploy(EVERYTHING)
    made = org.assign("Zed").json()["id"]
    assert org.send("DELETE", f"sobjects/PermissionSetAssignment/{made}").status_code == 204
    assert "Z_Days__c" not in visible(org)


def test_a_permission_set_cannot_grant_what_is_always_granted(org: Org) -> None:
    result = org.deploy(
        {"package.xml": package(), "permissionsets/Zed.permissionset": permission_set("LastName")}
    )
    assert problems(result) == {"Zed": "You cannot deploy to a required field: Contact.LastName"}


def test_source_layout_deploys_too(org: Org) -> None:
    inner = NOTE.replace("<fields>", f"<CustomField {NS}>").replace("</fields>", "</CustomField>")
    root = "force-app/main/default"
    files = {
        f"{root}/objects/Contact/fields/Z_Note__c.field-meta.xml": inner,
        f"{root}/permissionsets/Zed.permissionset-meta.xml": permission_set("Z_Note__c"),
    }
    assert org.deploy(files)["success"] is True
    org.assign("Zed")
    assert "Z_Note__c" in visible(org)


def test_the_tooling_query_knows_fields_that_nobody_may_see(org: Org) -> None:
    org.deploy(EVERYTHING)
    text = "SELECT DeveloperName FROM CustomField WHERE TableEnumOrId = 'Contact'"
    assert {one["DeveloperName"] for one in org.rows(text, "tooling/query")} == {
        "Z_Segment",
        "Z_Days",
        "Z_Spend",
        "Z_Note",
        "Z_Since",
    }


def test_what_is_no_archive_fails_the_deploy(org: Org) -> None:
    result = org.deploy({"readme.txt": "nothing here"})
    assert (result["status"], result["errorMessage"]) == ("Failed", "No package.xml found")
