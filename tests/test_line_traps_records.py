"""The traps of an org's records, each through the whole line: leads, Person Accounts, companies, money."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import requests
from conftest import write_scenario
from trap_shop import MADE, Traps, contact_id, synced

from sandbox.salesforce.ids import derived_id, make_id

TOML = """\
[shopify]
shop = "traps"
timezone = "Asia/Tokyo"
currency = "JPY"
[salesforce]
person_accounts = true
timezone = "Asia/Tokyo"
currency = "JPY"
currencies = { USD = 0.008 }
"""
PERSON, COMPANY, HOME, ALONE = (make_id("001", number) for number in (1, 2, 3, 4))
OPEN, TO_CONTACT, TO_PERSON = (make_id("00Q", number) for number in (1, 2, 3))
STAMPS = {"CreatedDate": MADE, "LastModifiedDate": MADE}


def build() -> Traps:
    """A person kept as an account, one as a contact, a company, and leads of each fate."""
    case = Traps()
    case.customer(1, "花子", "佐藤", email="a1@example.com")
    case.rows["salesforce_Account"] += [
        person(PERSON, "花子", "佐藤", "a1@example.com"),
        account(COMPANY, "株式会社第一商店", Phone="03-1234-5678"),
        account(HOME, "田中家"),
        account(ALONE, "鈴木家"),
    ]
    case.contact(10, "健一", "田中", Email="a10@example.com", AccountId=HOME)
    case.contact(11, "陽子", "田中", Email="a11@example.com", AccountId=HOME)
    case.contact(12, "由美", "鈴木", Email="a12@example.com", AccountId=ALONE)
    case.contact(20, "隆", "木村", Email="info@firm.example", AccountId=COMPANY)
    case.contact(21, "亮", "青木", Email="info@firm.example", AccountId=COMPANY)
    case.order(1_001, 1, "2026-01-10", 1000)
    case.sale(1, 10, "2026-02-10", 2000, AccountId=HOME, CurrencyIsoCode="JPY")
    case.sale(2, 0, "2026-03-10", 4000, AccountId=PERSON, BillToContactId="", CurrencyIsoCode="JPY")
    case.sale(3, 0, "2026-03-10", 8000, AccountId=COMPANY, BillToContactId="", CurrencyIsoCode="JPY")
    case.sale(4, 0, "2026-03-10", 16, AccountId=ALONE, BillToContactId="", CurrencyIsoCode="USD")
    case.rows["salesforce_Lead"] += [
        lead(OPEN, "翔太", "山口", "a30@example.com"),
        lead(TO_CONTACT, "健一", "田中", "old10@example.com", HOME, contact_id(10)),
        lead(TO_PERSON, "花子", "佐藤", "old1@example.com", PERSON, derived_id("003", PERSON)),
    ]
    return case


def person(record: str, first: str, last: str, email: str) -> dict[str, Any]:
    row = {"Id": record, "IsPersonAccount": "true", "FirstName": first, "LastName": last}
    return row | {"PersonEmail": email, "Shopify_Customer_Id__pc": ""} | STAMPS


def account(record: str, name: str, **more: str) -> dict[str, Any]:
    return {"Id": record, "IsPersonAccount": "false", "Name": name, **STAMPS, **more}


def lead(record: str, first: str, last: str, email: str, *into: str) -> dict[str, Any]:
    """A lead; `into`: the account and the contact that it was converted to."""
    row = {"Id": record, "FirstName": first, "LastName": last, "Email": email, "Company": "-", **STAMPS}
    became = dict(zip(("ConvertedAccountId", "ConvertedContactId"), into, strict=False))
    return row | became | {"IsConverted": "true" if into else "false"}


def fields(shop: Traps, kind: str, *names: str, of: str = "__c") -> dict[str, list[Any]]:
    """Some of our fields on every record of one kind, as the org's own API tells them."""
    assert shop.line is not None
    org = shop.line.ready["salesforce"]
    asked = [f"Zaiseki_{name}{of}" for name in names]
    answer = requests.get(
        f"{org['url']}/services/data/v67.0/query",
        params={"q": f"SELECT Id, {', '.join(asked)} FROM {kind}"},
        headers={"Authorization": f"Bearer {org['access_token']}"},
        timeout=30,
    )
    assert answer.status_code == 200, answer.text
    return {row["Id"]: [row[name] for name in asked] for row in answer.json()["records"]}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Traps]:
    with synced(tmp_path_factory.mktemp("records"), build(), toml=TOML) as made:
        yield made


def test_a_person_account_is_one_person_and_is_written_through_its_account(shop: Traps) -> None:
    told = fields(shop, "Account", "Person_Id", "Net_Spend", "Purchases", of="__pc")[PERSON]
    assert told == [shop.of(1)["person_id"], 5000, 2]
    assert shop.of(1)["net_spend"] == 5000
    # The org shows it as a contact too: that is the same record, not one more.
    assert shop.told["streams"]["salesforce.Contact"]["fetched"] == 5
    assert shop.told["writes"]["salesforce"]["rejected"] == 0


def test_an_open_lead_is_written_and_a_converted_one_is_only_a_member(shop: Traps) -> None:
    told = fields(shop, "Lead", "Person_Id", "Segment")
    assert told[OPEN][1] == "prospect"
    assert told[TO_CONTACT] == [None, None]
    assert told[TO_PERSON] == [None, None]


@pytest.mark.parametrize(("record", "into"), [(TO_CONTACT, contact_id(10)), (TO_PERSON, PERSON)])
def test_a_converted_lead_is_whom_it_was_converted_to(shop: Traps, record: str, into: str) -> None:
    assert shop.line is not None
    why = shop.line.run("why", record, "--json")
    assert why.code == 0, why.err
    assert into in why.out


def test_a_company_that_buys_in_its_own_name_is_a_record_and_a_household_is_none(shop: Traps) -> None:
    told = fields(shop, "Account", "Net_Spend", "Purchases")
    assert told[COMPANY] == [8000, 1]
    assert told[HOME] == [None, None]
    assert told[ALONE] == [None, None]
    assert [shop.of(contact_id(number))["purchases"] for number in (20, 21)] == [0, 0]


def test_an_order_that_names_only_an_account_is_its_only_contacts(shop: Traps) -> None:
    assert shop.of(contact_id(12))["purchases"] == 1


def test_an_order_in_another_currency_counts_at_the_orgs_rate(shop: Traps) -> None:
    assert shop.of(contact_id(12))["net_spend"] == Decimal(2000)


def test_two_of_a_household_share_its_account_and_nothing_else(shop: Traps) -> None:
    assert shop.are_apart(contact_id(10), contact_id(11))
    assert shop.of(contact_id(11))["purchases"] == 0


def test_merges_in_the_org_keep_one_person_and_count_every_order(shop: Traps, tmp_path: Path) -> None:
    """To be asked last: it changes the org."""
    assert shop.line is not None
    before = shop.of(contact_id(10))["person_id"]
    loser = next(row for row in shop.rows["salesforce_Contact"] if row["Id"] == contact_id(10))
    gone = loser | {"merged_into": contact_id(11), "LastModifiedDate": "2026-10-02T10:00:00+09:00"}
    rows = {"salesforce_Contact": [gone]}
    folder = tmp_path / "merged"
    write_scenario(folder, rows, 'now = "2026-10-02T12:00:00+09:00"\n')
    url = f"{shop.line.ready['shopify']['url']}/_sandbox/apply"
    answer = requests.post(url, json={"scenario": str(folder)}, timeout=30)
    assert answer.ok, answer.text
    assert shop.line.sync().json["people"]["joins"] == 1
    told = fields(shop, "Contact", "Person_Id", "Net_Spend")
    assert told[contact_id(11)] == [before, 2000]
    assert contact_id(10) not in told
