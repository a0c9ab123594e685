"""SOQL: what it reads, what it means, and the words it refuses with."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from conftest import write_scenario
from hypothesis import given
from hypothesis import strategies as st
from sandbox_salesforce_org import Org

from sandbox.salesforce.soql import parse
from sandbox.salesforce.soql_dates import relative_days
from sandbox.server import running

ROWS = {
    "salesforce_Account": [
        {"Id": "001000000000001", "Name": "Acme", "OwnerId": "005000000000009"},
        {"Id": "001000000000002", "Name": "Beta"},
    ],
    "salesforce_User": [{"Id": "005000000000009", "FirstName": "Guy", "LastName": "Smiley"}],
    "salesforce_Contact": [
        {
            "Id": "003000000000001",
            "LastName": "Abe",
            "Email": "Abe@X.example",
            "AccountId": "001000000000001",
            "SystemModstamp": "2026-09-30T15:00:00Z",
            "Birthdate": "1990-05-05",
            "Medium__c": "mail;phone",
        },
        {
            "Id": "003000000000002",
            "LastName": "O'Neil 100%",
            "AccountId": "001000000000002",
            "SystemModstamp": "2026-09-30T14:59:59Z",
            "HasOptedOutOfEmail": "true",
        },
        {"Id": "003000000000003", "LastName": "Cho", "SystemModstamp": "2026-10-01T00:00:01+00:00"},
    ],
    "salesforce_Order": [
        {
            "Id": f"80100000000000{number}",
            "AccountId": "001000000000001",
            "BillToContactId": "003000000000001" if number < 3 else "",
            "EffectiveDate": f"2026-0{number}-15",
            "Status": "Draft" if number == 1 else "Activated",
            "TotalAmount": f"{number}00.50",
        }
        for number in range(1, 5)
    ],
}


@pytest.fixture(scope="module")
def org(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Org]:
    toml = 'now = "2026-10-01T12:00:00+09:00"\n[salesforce]\ntimezone = "Asia/Tokyo"\n'
    with running(write_scenario(tmp_path_factory.mktemp("soql") / "scenario", ROWS, toml)) as ready:
        yield Org(ready)


def last_names(org: Org, where: str) -> set[str]:
    return {one["LastName"].split()[0] for one in org.rows(f"SELECT LastName FROM Contact WHERE {where}")}


ALL = {"Abe", "O'Neil", "Cho"}


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("Email = 'abe@x.EXAMPLE'", {"Abe"}),
        ("Email != 'abe@x.example'", {"O'Neil", "Cho"}),
        ("Email = null", {"O'Neil", "Cho"}),
        ("Email <> NULL", {"Abe"}),
        ("NOT Email = 'abe@x.example'", {"O'Neil", "Cho"}),
        ("Email NOT IN ('abe@x.example')", {"O'Neil", "Cho"}),
        ("LastName IN ('abe', 'CHO')", {"Abe", "Cho"}),
        ("LastName LIKE 'o\\'n%'", {"O'Neil"}),
        ("LastName LIKE '%\\%'", {"O'Neil"}),
        ("LastName LIKE '_b_'", {"Abe"}),
        ("HasOptedOutOfEmail = true", {"O'Neil"}),
        ("Id = '003000000000003'", {"Cho"}),
        ("Id IN ('003000000000003AAA')", {"Cho"}),
        ("Account.Name = 'ACME'", {"Abe"}),
        ("Account.Owner.Name = 'Guy Smiley'", {"Abe"}),
        ("AccountId = null", {"Cho"}),
        ("Account.Name != 'Acme'", {"O'Neil", "Cho"}),
        ("SystemModstamp >= 2026-10-01T00:00:00+09:00", {"Abe", "Cho"}),
        ("SystemModstamp > 2026-10-01T00:00:00.000+00:00", {"Cho"}),
        ("SystemModstamp >= 2026-09-30T14:59:59.500Z", {"Abe", "Cho"}),
        ("SystemModstamp = TODAY", {"Abe", "Cho"}),
        ("SystemModstamp = YESTERDAY", {"O'Neil"}),
        ("SystemModstamp < TODAY", {"O'Neil"}),
        ("SystemModstamp = LAST_N_DAYS:1", ALL),
        ("Birthdate = 1990-05-05", {"Abe"}),
        ("(LastName = 'Abe' OR LastName = 'Cho') AND Email = null", {"Cho"}),
        ("NOT (LastName = 'Abe' OR Email = null)", set()),
        ("Id IN (SELECT BillToContactId FROM Order)", {"Abe"}),
        ("Id NOT IN (SELECT BillToContactId FROM Order WHERE Status = 'Activated')", {"O'Neil", "Cho"}),
        ("CreatedDate >= 2026-01-01T00:00:00Z ORDER BY LastName", ALL),
    ],
)
def test_conditions_mean_what_they_mean_on_the_platform(org: Org, where: str, expected: set[str]) -> None:
    assert last_names(org, where) == expected


def test_long_lists_of_values_work(org: Org) -> None:
    ids = ", ".join(f"'0030000000{number:05}'" for number in range(600))
    text = f"SELECT COUNT() FROM Contact WHERE Id IN ({ids})"
    assert org.query(text)["totalSize"] == 3


def test_numbers_compare_as_numbers(org: Org) -> None:
    found = org.rows("SELECT TotalAmount FROM Order WHERE TotalAmount > 99 AND TotalAmount <= 200.5")
    assert sorted(one["TotalAmount"] for one in found) == [100.5, 200.5]


def test_parents_come_as_records_inside_the_record(org: Org) -> None:
    found = org.query("SELECT Id, Account.Name, Account.Owner.Name FROM Contact ORDER BY Id")["records"]
    assert found[0]["attributes"]["url"] == "/services/data/v67.0/sobjects/Contact/003000000000001AAA"
    assert found[0]["Account"]["attributes"]["type"] == "Account"
    assert found[0]["Account"]["Name"] == "Acme"
    assert found[0]["Account"]["Owner"]["Name"] == "Guy Smiley"
    assert found[2]["Account"] is None


def test_order_limit_and_offset(org: Org) -> None:
    def names(tail: str) -> list[str]:
        return [one["LastName"].split()[0] for one in org.rows(f"SELECT LastName FROM Contact {tail}")]

    assert names("ORDER BY LastName DESC LIMIT 2") == ["O'Neil", "Cho"]
    assert names("ORDER BY LastName ASC OFFSET 1") == ["Cho", "O'Neil"]
    assert names("ORDER BY Email NULLS LAST LIMIT 1") == ["Abe"]
    assert names("ORDER BY Email DESC, LastName LIMIT 1") == ["Cho"]


def test_counts_and_groups(org: Org) -> None:
    assert org.query("SELECT count() FROM Order") == {"totalSize": 4, "done": True, "records": []}
    assert org.rows("SELECT COUNT(Id) FROM Order") == [{"expr0": 4}]
    text = "SELECT Status, COUNT(Id) n, MAX(EffectiveDate) d FROM Order GROUP BY Status ORDER BY Status"
    grouped = org.rows(text)
    assert grouped == [
        {"Status": "Activated", "n": 3, "d": "2026-04-15"},
        {"Status": "Draft", "n": 1, "d": "2026-01-15"},
    ]
    assert org.rows("SELECT Status FROM Order GROUP BY Status HAVING COUNT(Id) > 1") == [
        {"Status": "Activated"}
    ]


def test_a_null_in_a_multi_value_text_is_no_match_and_a_part_is(org: Org) -> None:
    assert last_names(org, "Medium__c INCLUDES ('phone')") == {"Abe"}
    assert last_names(org, "Medium__c EXCLUDES ('phone')") == {"O'Neil", "Cho"}


def test_fields_functions_list_what_they_name(org: Org) -> None:
    assert org.rows("SELECT FIELDS(CUSTOM) FROM Contact WHERE LastName = 'Abe' LIMIT 1") == [
        {"Medium__c": "mail;phone"}
    ]
    everything = org.rows("SELECT FIELDS(ALL) FROM Contact LIMIT 200")[0]
    assert {"Id", "Email", "Medium__c", "MailingAddress"} <= everything.keys()
    assert "Medium__c" not in org.rows("SELECT FIELDS(STANDARD) FROM Contact")[0]
    assert org.error("SELECT FIELDS(ALL) FROM Contact")[1] == "MALFORMED_QUERY"


def test_an_object_may_be_called_like_a_keyword(org: Org) -> None:
    assert len(org.rows("SELECT Id FROM Order ORDER BY Id")) == 4
    assert len(org.rows("SELECT o.Id FROM Order o WHERE o.Status = 'Draft' ORDER BY o.Id")) == 1


def test_refusals_have_the_platforms_own_words(org: Org) -> None:
    status, code, message = org.error("SELECT Bacon__c FROM Account LIMIT 2")
    assert (status, code) == (400, "INVALID_FIELD")
    assert message == (
        "\nSELECT Bacon__c FROM Account LIMIT 2\n       ^\nERROR at Row:1:Column:8\n"
        "No such column 'Bacon__c' on entity 'Account'. If you are attempting to use a custom field, be "
        "sure to append the '__c' after the custom field name. Please reference your WSDL or the describe "
        "call for the appropriate names."
    )
    assert org.error("SELEKT Name FROM Account") == (400, "MALFORMED_QUERY", "unexpected token: SELEKT")
    status, code, message = org.error("SELECT Id FROM ScratchOrgInfo")
    assert (status, code) == (400, "INVALID_TYPE")
    assert message.startswith("sObject type 'ScratchOrgInfo' is not supported.")
    assert "Didn't understand relationship 'Boss'" in org.error("SELECT Boss.Name FROM Contact")[2]


@pytest.mark.parametrize(
    "text",
    [
        "SELECT Id FROM",
        "SELECT Id, FROM Contact",
        "SELECT Id FROM Contact WHERE",
        "SELECT Id FROM Contact WHERE Name = 'open",
        "SELECT Id FROM Contact LIMIT ten",
        "SELECT Id FROM Contact; DROP",
        "SELECT Id FROM Contact WHERE Name = 'a' AND Email = 'b' OR Phone = 'c'",
        "SELECT Id FROM Contact WHERE Birthdate = SOMEDAY",
    ],
)
def test_what_is_no_soql_is_a_malformed_query(org: Org, text: str) -> None:
    assert org.error(text)[:2] == (400, "MALFORMED_QUERY")


def test_a_long_text_cannot_be_filtered(org: Org) -> None:
    status, code, message = org.error("SELECT Id FROM Contact WHERE Description = 'x'")
    assert (status, code) == (400, "INVALID_FIELD")
    assert message.endswith("field 'Description' can not be filtered in a query call")


@pytest.mark.parametrize(
    ("where", "kind"),
    [
        ("SystemModstamp > '2026-01-01'", "dateTime"),
        ("Birthdate = '2026-01-01'", "date"),
        ("HasOptedOutOfEmail = 'true'", "boolean"),
        ("Email = 3", "string"),
    ],
)
def test_values_of_the_wrong_type_are_refused(org: Org, where: str, kind: str) -> None:
    status, code, message = org.error(f"SELECT Id FROM Contact WHERE {where}")
    assert (status, code) == (400, "INVALID_FIELD")
    assert f"must be of type {kind}" in message


_TEXT = (
    "select,Id,#,LastName,from,Contact,where,NOT,(,LastName,in,(,'a',),),and,SystemModstamp,>=,"
    "2026-01-01T00:00:00Z,order by,Id,desc,nulls last,limit,5"
)
_WORDS = [word.replace("#", ",") for word in _TEXT.split(",")]


@given(st.data())
def test_letter_case_and_spaces_never_matter(data: st.DataObject) -> None:
    text = ""
    for word in _WORDS:
        fixed = word.startswith(("'", "2026"))
        shown = (
            word if fixed else "".join(data.draw(st.sampled_from((one.lower(), one.upper()))) for one in word)
        )
        text += shown.replace(" ", data.draw(st.sampled_from((" ", "  ", "\n"))))
        text += data.draw(st.sampled_from((" ", "   ", "\t", "\n")))
    query, plain = parse(text), parse(" ".join(_WORDS))
    assert query.object_name.lower() == plain.object_name.lower()
    assert [one.term.parts[0].lower() for one in query.columns] == ["id", "lastname"]  # type: ignore[union-attr]
    assert (query.limit, query.order[0].descending, query.order[0].nulls_last) == (5, True, True)
    assert query.where is not None and query.where.kind == "and"  # type: ignore[union-attr]


@given(st.text(max_size=40))
def test_any_text_can_be_quoted(text: str) -> None:
    quoted = text.replace("\\", "\\\\").replace("'", "\\'")
    query = parse(f"SELECT Id FROM Contact WHERE Name = '{quoted}'")
    assert query.where.values[0].text == text  # type: ignore[union-attr,index]


@pytest.mark.parametrize(
    ("literal", "first", "last"),
    [
        ("TODAY", "2026-10-01", "2026-10-01"),
        ("yesterday", "2026-09-30", "2026-09-30"),
        ("LAST_N_DAYS:30", "2026-09-01", "2026-10-01"),
        ("NEXT_N_DAYS:2", "2026-10-02", "2026-10-03"),
        ("N_DAYS_AGO:1", "2026-09-30", "2026-09-30"),
        ("THIS_WEEK", "2026-09-27", "2026-10-03"),
        ("THIS_MONTH", "2026-10-01", "2026-10-31"),
        ("LAST_MONTH", "2026-09-01", "2026-09-30"),
        ("LAST_N_MONTHS:2", "2026-08-01", "2026-09-30"),
        ("THIS_QUARTER", "2026-10-01", "2026-12-31"),
        ("LAST_QUARTER", "2026-07-01", "2026-09-30"),
        ("NEXT_YEAR", "2027-01-01", "2027-12-31"),
        ("LAST_90_DAYS", "2026-07-03", "2026-10-01"),
    ],
)
def test_relative_dates_are_ranges_of_days(literal: str, first: str, last: str) -> None:
    found = relative_days(literal, date(2026, 10, 1))
    assert found is not None
    assert (found[0].isoformat(), found[1].isoformat()) == (first, last)


def test_plus_and_percent_spaces_and_a_trailing_slash_are_accepted(org: Org) -> None:
    for text in ("SELECT+Id+FROM+Contact", "SELECT%20Id%20%20FROM%20Contact"):
        answer: Any = org.get(f"query/?q={text}").json()
        assert answer["totalSize"] == 3


def test_columns_true_tells_the_columns_without_records(org: Org) -> None:
    told = org.get("query", params={"q": "SELECT Id, LastName FROM Contact", "columns": "true"}).json()
    assert told["entityName"] == "Contact"
    assert [one["columnName"] for one in told["columnMetadata"]] == ["Id", "LastName"]
