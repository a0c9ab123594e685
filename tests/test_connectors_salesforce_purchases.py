"""Opportunities with their contact roles, and what the org's currencies are worth."""

from datetime import date, timedelta
from decimal import Decimal

from salesforce_look import TOUCHES
from salesforce_sandbox import TOML, Start, connected, independent, read

from connectors.base import Rate

OPPORTUNITY = {"purchases": "opportunity", "order_reference": "Shop_Order__c"}
ROWS = {
    "salesforce_Account": [{"Id": "001000000000001AAA", "Name": "Acme"}],
    "salesforce_Contact": [{"Id": "003000000000001AAA", "LastName": "Lee", "Email": "lee@example.com"}],
    "salesforce_Opportunity": [
        {
            "Id": f"00600000000000{number}AAA",
            "AccountId": "001000000000001AAA",
            "Name": "Deal",
            "StageName": stage,
            "CloseDate": "2026-02-03",
            "Amount": "12.50",
            "Shop_Order__c": "1001",
        }
        for number, stage in enumerate(("Closed Won", "Prospecting"))
    ],
    "salesforce_OpportunityContactRole": [
        {
            "Id": "00K000000000001AAA",
            "OpportunityId": "006000000000000AAA",
            "ContactId": "003000000000001AAA",
            "IsPrimary": "true",
        }
    ],
}
SEVERAL = f"{TOML.replace('USD', 'JPY')}currencies = {{USD = 0.0067, EUR = 0.006}}\n"


def test_opportunities_are_read_with_date_amount_and_their_primary_contact(sandbox: Start) -> None:
    ready = sandbox(ROWS, TOML)
    with connected(ready, OPPORTUNITY) as org:
        site = org.survey({})
        people = ("Contact", "Lead", "Account")
        assert org.streams == (*people, "Opportunity", "OpportunityContactRole", *TOUCHES[:5])
        assert site.counts["Opportunity"] == 2
        won = {row["Id"]: row for row in read(org, "Opportunity")}["006000000000000AAA"]
        assert (won["IsWon"], won["CloseDate"], won["Amount"]) == (True, "2026-02-03", Decimal("12.5"))
        assert (won["AccountId"], won["Shop_Order__c"]) == ("001000000000001AAA", "1001")
        (role,) = read(org, "OpportunityContactRole")
        assert (role["OpportunityId"], role["ContactId"], role["IsPrimary"]) == (
            won["Id"],
            "003000000000001AAA",
            True,
        )
    independent(ready).OpportunityContactRole.delete(role["Id"])
    with connected(ready, OPPORTUNITY) as org:
        org.survey(dict.fromkeys(org.streams, site.server_time))
        assert [row["IsDeleted"] for row in read(org, "OpportunityContactRole")] == [True]
        assert org.usage.requests == 5


def test_an_org_of_one_currency_tells_it_and_no_rates(sandbox: Start) -> None:
    with connected(sandbox(ROWS, TOML)) as org:
        site = org.survey({})
        assert (site.currency, site.rates) == ("USD", ())
        asked = org.usage.requests
        quiet = org.survey(dict.fromkeys(org.streams, site.server_time))
        assert quiet.currency == "", "it is asked only where a stream is read whole"
        assert org.usage.requests == asked + 4, "describes, and counts and first pages five by five"


def test_where_the_user_may_not_ask_for_the_currency_it_is_not_known(sandbox: Start) -> None:
    with connected(sandbox(ROWS, f"{TOML}tells_currency = false\n")) as org:
        assert org.survey({}).currency == ""


def test_an_org_of_several_currencies_tells_its_own_and_every_rate(sandbox: Start) -> None:
    dated = [
        {"Id": f"04w00000000000{n}AAA", "IsoCode": "USD", "ConversionRate": rate, "StartDate": start}
        for n, (rate, start) in enumerate((("0.0071", "2025-01-01"), ("0.0064", "2026-01-01")))
    ]
    euro = {"Id": "01L000000000009AAA", "IsoCode": "EUR", "ConversionRate": "0.0061", "IsActive": "false"}
    ready = sandbox(
        {**ROWS, "salesforce_DatedConversionRate": dated, "salesforce_CurrencyType": [euro]}, SEVERAL
    )
    with connected(ready) as org:
        site = org.survey({})
        assert org.usage.requests == 4
    assert site.currency == "JPY"
    assert set(site.rates) == {
        Rate("USD", Decimal("0.0067")),
        Rate("EUR", Decimal("0.0061")),
        Rate("USD", Decimal("0.0071"), date(2025, 1, 1), date(2026, 1, 1)),
        Rate("USD", Decimal("0.0064"), date(2026, 1, 1), date(9999, 12, 31)),
    }


def test_an_org_without_advanced_currencies_has_rates_without_dates(sandbox: Start) -> None:
    ready = sandbox(ROWS, f"{SEVERAL}dated_rates = false\n")
    with connected(ready) as org:
        assert org.survey({}).rates == (Rate("USD", Decimal("0.0067")), Rate("EUR", Decimal("0.006")))


def test_a_quiet_look_at_everything_there_can_be_takes_five_requests(sandbox: Start) -> None:
    ready = sandbox(ROWS, SEVERAL)
    with connected(ready, OPPORTUNITY) as org:
        site = org.survey({})
        first = [len(read(org, stream)) for stream in org.streams]
        assert first == [1, 0, 1, 2, 1, 0, 0, 0, 0, 2]
        assert org.usage.requests == 10
    with connected(ready, OPPORTUNITY) as org:
        org.survey(dict.fromkeys(org.streams, site.server_time + timedelta(hours=1)))
        assert [read(org, stream) for stream in org.streams] == [[]] * 10
        assert org.usage.requests == 5
