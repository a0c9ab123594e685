"""What an org is asked of its currencies, and which of them is its own."""

from salesforce_sandbox import TOML, Start, connected

from connectors.salesforce import rates


def test_an_org_whose_orders_are_not_read_is_not_asked_what_they_are_in(sandbox: Start) -> None:
    rows = {"salesforce_Contact": [{"Id": "003000000000001AAA", "LastName": "Lee"}]}
    ready = sandbox(rows, TOML)
    with connected(ready) as org:
        assert org.survey({}).currency == "USD"
        asked = org.usage.requests
    with connected(ready, {"purchases": "none"}) as org:
        assert org.survey({}).currency == ""
        assert org.usage.requests < asked


def test_the_orgs_own_currency_is_the_one_marked_so_in_whatever_order_they_come() -> None:
    yen = {"IsoCode": "JPY", "ConversionRate": 1, "IsCorporate": True}
    dollar = {"IsoCode": "USD", "ConversionRate": 0.0067, "IsCorporate": False}
    for told in ([yen, dollar], [dollar, yen]):
        assert rates.corporate(told) == "JPY"
        assert [rate.currency for rate in rates.rates(told, [])] == ["USD"]
    assert rates.corporate([]) == ""
