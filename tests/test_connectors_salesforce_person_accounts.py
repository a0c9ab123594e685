"""One row of a Person Account out of two sets of names."""

from typing import Any

import pytest

from connectors.salesforce.columns import PERSON_COLUMNS, person_column
from connectors.salesforce.person_accounts import unify

NAMES = {**PERSON_COLUMNS, "Staff__pc": "Staff__c", "Zaiseki_Segment__pc": "Zaiseki_Segment__c"}


def unified(**row: Any) -> dict[str, Any]:
    rows = [row]
    unify(rows, NAMES)
    return rows[0]


@pytest.mark.parametrize("yes", [True, "true"])
def test_our_fields_are_the_persons_own_even_where_its_account_holds_another_value(yes: object) -> None:
    found = unified(IsPersonAccount=yes, Zaiseki_Segment__pc=None, Zaiseki_Segment__c="best_active")
    assert found["Zaiseki_Segment__c"] is None


@pytest.mark.parametrize("no", [False, "false"])
def test_a_business_keeps_its_own_fields_and_has_none_of_a_person(no: object) -> None:
    found = unified(
        IsPersonAccount=no,
        PersonEmail=None,
        Staff__pc=False,
        Staff__c=True,
        Zaiseki_Segment__pc=None,
        Zaiseki_Segment__c="best_active",
    )
    assert found == {
        "IsPersonAccount": no,
        "Staff__c": True,
        "Zaiseki_Segment__c": "best_active",
        **dict.fromkeys(PERSON_COLUMNS.values()),
    }


@pytest.mark.parametrize(
    ("persons", "accounts", "told"),
    [
        (True, False, True),
        (False, True, True),
        ("false", "true", "true"),
        (None, "1001", "1001"),
        ("1002", "1001", "1002"),
        (False, None, False),
        (None, None, None),
    ],
)
def test_of_a_merchants_field_on_both_sides_the_one_that_says_something_counts(
    persons: object, accounts: object, told: object
) -> None:
    assert unified(IsPersonAccount=True, Staff__pc=persons, Staff__c=accounts)["Staff__c"] == told


def test_what_a_person_refused_is_no_silence() -> None:
    row = unified(IsPersonAccount=True, PersonDoNotCall=False, PersonHasOptedOutOfEmail=True)
    assert (row["DoNotCall"], row["HasOptedOutOfEmail"], row["Email"]) == (False, True, None)


def test_fields_of_contact_have_other_names_on_an_account() -> None:
    names = ("Shop_Id__c", "Email", "MobilePhone", "Title")
    assert [person_column(name) for name in names] == [
        "Shop_Id__pc",
        "PersonEmail",
        "PersonMobilePhone",
        "PersonTitle",
    ]
