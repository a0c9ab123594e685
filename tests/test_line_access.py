"""What an org hides from our user field by field, what it does not tell, and access that comes later."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from conftest import write_scenario
from line_readback import read_salesforce, read_shopify
from line_small import LATER, NOW, contact_id, contacts, customers, orders, sales
from line_support import Line, small

Rows = Mapping[str, Sequence[Mapping[str, object]]]
Start = Callable[..., Line]


@pytest.fixture
def begun(tmp_path: Path) -> Iterator[Start]:
    """Give a function: rows, the rest of scenario.toml -> a provisioned line."""
    with ExitStack() as stack:

        def start(rows: Rows, toml: str) -> Line:
            scenario = write_scenario(tmp_path / "scenario", rows, f'now = "{NOW}"\n{toml}')
            line = stack.enter_context(small(tmp_path / "job", scenario))
            line.provision()
            return line

        yield start


def warned(told: Mapping[str, Any]) -> list[str]:
    """The codes of the warnings of a run."""
    return [warning["code"] for warning in told["warnings"]]


def written_fields(line: Line) -> set[str]:
    """The fields that hold anything on the shop."""
    return {key for values in read_shopify(line.ready).values() for key, value in values.items() if value}


def org(hidden: str) -> str:
    """The org's part of scenario.toml, where the integration user does not see everything."""
    return f"[salesforce]\n{hidden}\n"


CONSENT, MOBILE = "Contact.HasOptedOutOfEmail", "Contact.MobilePhone"


def couple() -> Rows:
    """Who said yes to the shop and no to the org; two people of one address; one known by a number only."""
    given = {"email_consent": "SUBSCRIBED"}
    return {
        "shopify_customers": [
            *customers([1], email="ann@example.com", **given),
            *customers([2], first_name="花子", last_name="佐藤", email="home@example.jp"),
            *customers([3], first_name="美咲", last_name="田中", email="", phone="+819012345678"),
        ],
        "shopify_orders": orders([1, 2, 3], "2026-05-01"),
        "salesforce_Contact": [
            *contacts([1], Email="ann@example.com", HasOptedOutOfEmail="true"),
            *contacts([2], FirstName="太郎", LastName="佐藤", Email="home@example.jp"),
            *contacts([3], FirstName="美咲", LastName="田中", Email="", MobilePhone="+81 90-1234-5678"),
        ],
    }


def test_who_refused_where_we_cannot_see_it_is_never_taken_for_willing(begun: Start) -> None:
    line = begun(couple(), org(f'hidden_fields = ["{CONSENT}"]'))
    told = line.sync().json
    assert warned(told) == ["consent_unseen"]
    assert "contact_by" not in written_fields(line)
    shown = line.run("plan").err
    assert "HasOptedOutOfEmail" in shown and "May Contact By" in shown and "provision" in shown


def test_two_people_of_one_address_stay_two_where_their_names_are_hidden(begun: Start) -> None:
    line = begun(couple(), org('hidden_fields = ["Contact.FirstName"]'))
    told = line.sync().json
    assert warned(told) == ["names_unseen"]
    assert (told["persons"], told["balanced"]) == (6, True)


def test_where_nothing_is_hidden_names_tell_who_is_one(begun: Start) -> None:
    told = begun(couple(), "").sync().json
    assert (warned(told), told["persons"]) == ([], 4)


def test_numbers_that_we_cannot_see_are_told(begun: Start) -> None:
    line = begun(couple(), org(f'hidden_fields = ["{MOBILE}"]'))
    told = line.sync().json
    assert warned(told) == ["phones_unseen"]
    assert told["persons"] == 5
    assert "MobilePhone" in line.run("plan").err


def test_access_that_is_granted_later_is_used_for_records_that_did_not_change(begun: Start) -> None:
    line = begun(couple(), org(f'hidden_fields = ["{CONSENT}", "{MOBILE}", "Contact.FirstName"]'))
    first = line.sync().json
    assert first["persons"] == 6
    line.apply(line.folder / "later", {}, LATER, "[salesforce]\nhidden_fields = []\n")
    told = line.sync().json
    assert warned(told) == []
    assert told["persons"] == 4
    assert told["streams"]["salesforce.Contact"]["fetched"] == 3
    assert told["streams"]["salesforce.Lead"]["fetched"] == 0
    quiet = line.sync().json
    assert quiet["streams"]["salesforce.Contact"]["fetched"] < 3, "read whole once, not for ever"


SINGLE = '[shopify]\ncurrency = "JPY"\n[salesforce]\ncurrency = "USD"\n'


def sold() -> Rows:
    return {
        "shopify_customers": customers([0]),
        "shopify_orders": orders([0], "2026-05-01"),
        "salesforce_Contact": contacts([0], Email="p0@example.com"),
        "salesforce_Order": sales([0], "2026-06-01"),
    }


def spent(line: Line) -> object:
    (values,) = read_shopify(line.ready).values()
    return values["net_spend"]


def test_an_org_in_another_currency_than_the_shop_is_never_added_up(begun: Start) -> None:
    line = begun(sold(), SINGLE)
    told = line.sync(code=3).json
    assert told["unacknowledged"]["causes"] == [
        {"stream": "salesforce.Order", "field": "CurrencyIsoCode", "cause": "no_rate:USD", "count": 1}
    ]
    alone = spent(line)
    assert told["streams"]["salesforce.Order"]["apart"] == 1
    again = line.sync(code=3).json
    assert (again["written"], spent(line)) == (0, alone), "quiet runs remember the currency"


def test_an_org_that_does_not_tell_its_currency_needs_the_setting(begun: Start) -> None:
    line = begun(sold(), f"{SINGLE}tells_currency = false\n")
    ran = line.run("sync")
    assert ran.code == 1
    assert "salesforce.currency" in ran.err and "currency" in ran.err
    settings = line.settings.read_text(encoding="utf-8")
    line.settings.write_text(settings.replace("[salesforce]", '[salesforce]\ncurrency = "JPY"'), "utf-8")
    assert line.sync().json["streams"]["salesforce.Order"]["apart"] == 0


def known_by_number(country: str) -> tuple[Rows, str]:
    """One person in both systems, known by a number without a country code only, where people pay in euro."""
    rows = {
        "shopify_customers": customers([1], first_name="Anna", last_name="Lang", email="", phone=NATIONAL),
        "salesforce_Contact": contacts(
            [1], FirstName="Anna", LastName="Lang", Email="", MobilePhone=NATIONAL
        ),
    }
    place = f'country = "{country}"\n' if country else ""
    return rows, f'[shopify]\ncurrency = "EUR"\n{place}[salesforce]\ncurrency = "EUR"\ncountry = "DE"\n'


NATIONAL = "01512 3456789"


def test_a_shop_that_tells_its_country_has_its_national_numbers_read(begun: Start) -> None:
    line = begun(*known_by_number("DE"))
    told = line.sync().json
    assert (warned(told), told["persons"]) == ([], 1)


def test_a_shop_of_an_unknown_country_is_told_that_its_numbers_are_not_read(begun: Start) -> None:
    line = begun(*known_by_number(""))
    told = line.sync().json
    assert (warned(told), told["persons"]) == (["phone_region_unknown"], 2)
    assert "identity.phone_region" in line.run("plan").err


@pytest.mark.parametrize(("typed", "persons"), [("Germany", 1), ("ドイツ", 1), ("DEU", 1), ("Atlantis", 2)])
def test_an_org_that_writes_its_country_as_a_name_has_its_national_numbers_read(
    begun: Start, typed: str, persons: int
) -> None:
    rows = dict(known_by_number("DE")[0])
    rows["shopify_customers"] = [{**rows["shopify_customers"][0], "phone": "+49 1512 3456789"}]
    line = begun(rows, f'[salesforce]\ncurrency = "EUR"\ncountry = "{typed}"\n[shopify]\ncountry = "JP"\n')
    told = line.sync().json
    assert (warned(told), told["persons"]) == ([] if persons == 1 else ["country_unread"], persons)
    shown = line.run("plan").err
    assert ("Atlantis" in shown and "identity.phone_region" in shown) == (persons == 2)


def test_referrals_by_a_lead_source_that_is_hidden_keep_their_values_until_it_is_seen(
    begun: Start, tmp_path: Path
) -> None:
    brought = contacts(
        [2], Email="b@example.com", LeadSource="Customer Referral", Brought_By__c=contact_id(1)
    )
    rows = {
        "salesforce_Contact": [*contacts([1], Email="a@example.com", Brought_By__c=""), *brought],
        "salesforce_Order": [*sales([1], "2026-01-05"), *sales([2], "2026-03-05", start=2)],
    }
    line = begun(rows, org(""))
    line.configure(plain=True, best_spend=100, more=REFERRED)
    line.provision()
    line.sync()
    before = referrals(line)
    assert before == [0, 1]
    hide = org('hidden_fields = ["Contact.LeadSource"]')
    third = contacts([3], LastModifiedDate=LATER, LeadSource="Customer Referral", Brought_By__c=contact_id(1))
    more = {"salesforce_Contact": third, "salesforce_Order": sales([3], "2026-09-05", start=3)}
    line.apply(tmp_path / "hidden", more, LATER, hide)
    told = line.sync("--full").json
    assert (warned(told), referrals(line)) == (["sources_unseen"], [None, *before]), "never a silent zero"
    assert "LeadSource" in line.run("plan").err
    line.apply(tmp_path / "shown", {}, LATER, org("hidden_fields = []"))
    told = line.sync().json
    assert (warned(told), referrals(line)) == ([], [0, 0, 2]), "lifted by itself"


REFERRED = """
[referral]
referrer_field = "Brought_By__c"
referrer_source = ["Customer Referral"]
"""


def referrals(line: Line) -> list[Any]:
    """What stands in the field of every contact, the least first."""
    held = [values["referrals"] for values in read_salesforce(line.ready).values()]
    return sorted(held, key=lambda one: -1 if one is None else one)
