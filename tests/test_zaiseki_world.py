"""The frame of a run: which day, which currency, which fields; and what has to be mended first."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from connectors.base import Finding, Rate, Site
from metrics.fields import KEYS, REFERRAL_KEYS
from zaiseki.errors import Stop
from zaiseki.settings import Settings
from zaiseki.world import World, look_around, region_in, title, without_history

ALL = frozenset(KEYS)
SHOP = Site(
    platform="shopify",
    account="example.myshopify.com",
    server_time=datetime(2026, 10, 1, 16, 0, tzinfo=UTC),
    timezone="Asia/Tokyo",
    currency="JPY",
    counts={"customers": 1, "orders": 1},
    present={"customer": ALL},
    writable={"customer": ALL},
    whole_history=True,
)
ORG = Site(
    platform="salesforce",
    account="00D000000000001AAA",
    server_time=datetime(2026, 10, 1, 14, 59, tzinfo=UTC),
    timezone="America/New_York",
    currency="USD",
    counts={"Contact": 1},
    present={"Contact": ALL},
    writable={"Contact": ALL},
    whole_history=None,
)


def settings(**sections: object) -> Settings:
    return Settings.model_validate(
        {
            "shopify": {"shop": "example.myshopify.com"},
            "salesforce": {"domain": "a.my.salesforce.com"},
            "referral": {"code_metafield": "custom.code"},
            **sections,
        }
    )


def look(*sites: Site, as_of: date | None = None, **sections: object) -> World:
    named = {site.platform: site for site in sites or (SHOP, ORG)}
    return look_around(settings(**sections), named, as_of=as_of)


def stopped(*sites: Site, **sections: object) -> Stop:
    with pytest.raises(Stop) as caught:
        look(*sites, **sections)
    assert caught.value.exit_code == 1
    return caught.value


def test_the_run_starts_by_the_earlier_clock_and_its_day_is_the_shops() -> None:
    world = look()
    assert world.started_at == datetime(2026, 10, 1, 14, 59, tzinfo=UTC)
    # 14:59 UTC is a minute before midnight in Tokyo.
    assert (world.today, world.as_of) == (date(2026, 10, 1), date(2026, 10, 1))
    assert look(SHOP).today == date(2026, 10, 2)
    assert look(as_of=date(2026, 1, 31)).as_of == date(2026, 1, 31)


def test_sums_are_in_the_shops_currency_unless_the_settings_say() -> None:
    assert (look().currency, look().region) == ("JPY", "JP")
    assert (look(ORG).currency, look(ORG).region) == ("USD", "US")
    assert look(currency={"reporting": "EUR"}).currency == "EUR"
    assert look(identity={"phone_region": "DE"}).region == "DE"


def test_without_a_shop_the_org_gives_day_and_currency_or_the_settings_must() -> None:
    assert look(ORG).timezone == "America/New_York"
    silent = replace(ORG, currency="")
    assert stopped(silent).code == "currency_unknown"
    assert look(silent, currency={"reporting": "USD"}).currency == "USD"


def test_every_wanted_field_is_written_where_there_is_a_place_for_it() -> None:
    assert look().keys == {("shopify", "customer"): KEYS, ("salesforce", "Contact"): KEYS}
    assert list(look(write={"platforms": ["shopify"]}).keys) == [("shopify", "customer")]
    chosen = look(write={"fields": ["segment", "person_id"]}).keys["shopify", "customer"]
    assert set(chosen) == {"segment", "person_id"}


def test_a_wanted_field_that_is_not_there_or_not_writable_stops_the_run() -> None:
    stop = stopped(SHOP, replace(ORG, present={"Contact": ALL - {"segment", "lapses_on"}}))
    assert stop.code == "fields_missing"
    assert stop.details == {"platform": "Salesforce", "object": "Contact", "fields": "segment, lapses_on"}
    stop = stopped(SHOP, replace(ORG, writable={"Contact": ALL - {"segment"}}))
    assert (stop.code, stop.details["fields"]) == ("fields_not_writable", "segment")
    assert stopped(replace(SHOP, writable={})).code == "fields_not_writable"


def test_a_field_that_nobody_wants_may_be_missing() -> None:
    bare = replace(ORG, present={"Contact": frozenset({"person_id"})}, writable={"Contact": ALL})
    assert look(SHOP, bare, write={"fields": ["person_id"]}).keys["salesforce", "Contact"] == ("person_id",)
    assert look(SHOP, bare, write={"platforms": ["shopify"]}).keys


def test_referral_fields_are_written_where_they_stand_and_asked_for_only_when_set_up() -> None:
    without = replace(SHOP, present={"customer": ALL - set(REFERRAL_KEYS)})
    keys = look(without, referral={}).keys["shopify", "customer"]
    assert set(KEYS) - set(keys) == set(REFERRAL_KEYS)
    assert look(SHOP, referral={}).keys["shopify", "customer"] == KEYS
    assert stopped(without).code == "fields_missing"


def test_without_the_whole_history_only_what_needs_none_is_written() -> None:
    short = replace(
        SHOP,
        whole_history=False,
        findings=(Finding("short_history", "warning", {"scope": "read_all_orders"}),),
    )
    world = look(short, ORG)
    assert not world.whole_history
    assert set(world.keys.values()) == {("person_id", "satisfaction", "contact_by")}
    assert [(platform, finding.code) for platform, finding in world.warnings] == [
        ("shopify", "short_history")
    ]
    assert look(replace(SHOP, whole_history=None)).keys["shopify", "customer"] == KEYS


def test_an_error_of_a_survey_stops_the_run_with_everything_of_its_kind() -> None:
    found = tuple(Finding("missing_scope", "error", {"scope": scope}) for scope in ("a", "b"))
    other = Finding("wrong_field_type", "error", {"field": "f", "type": "t"})
    stop = stopped(replace(SHOP, findings=(*found, other)))
    assert (stop.code, stop.details) == ("missing_scope", {"platform": "Shopify", "scope": "a, b"})


def test_which_fields_are_needed_is_decided_here_and_not_by_the_platform() -> None:
    fussy = replace(
        ORG,
        present={"Contact": ALL - {"segment"}},
        findings=(
            Finding("fields_missing", "error", {"platform": "", "object": "Contact", "fields": "x"}),
            Finding("fields_not_writable", "error", {"platform": "", "object": "Contact", "fields": "x"}),
        ),
    )
    assert look(SHOP, fussy, write={"fields": ["person_id"]}).keys
    assert stopped(SHOP, fussy).details["fields"] == "segment"


def test_history_that_turns_out_to_be_hidden_takes_its_fields_out_of_the_run() -> None:
    world = without_history(look(), settings())
    assert not world.whole_history
    assert set(world.keys.values()) == {("person_id", "satisfaction", "contact_by")}
    assert replace(world, keys={}, whole_history=True) == replace(look(), keys={})


PARIS = replace(SHOP, account="paris.myshopify.com", timezone="Europe/Paris", currency="EUR")
SHOPS = {"shopify:tokyo": SHOP, "shopify:paris": PARIS, "salesforce": ORG}
BOTH = (
    {"name": "tokyo", "shop": "example.myshopify.com"},
    {"name": "paris", "shop": "paris.myshopify.com"},
)


def test_of_several_shops_the_first_gives_day_and_currency() -> None:
    world = look_around(settings(shopify=BOTH), SHOPS, as_of=None)
    assert (world.timezone, world.currency, world.region) == ("Asia/Tokyo", "JPY", "JP")
    assert set(world.keys) == {
        ("shopify:tokyo", "customer"),
        ("shopify:paris", "customer"),
        ("salesforce", "Contact"),
    }
    other = dict(reversed(SHOPS.items()))
    assert look_around(settings(shopify=BOTH), other, as_of=None).currency == "USD"


def test_what_is_wrong_with_one_of_several_shops_is_told_with_its_name() -> None:
    bare = {**SHOPS, "shopify:paris": replace(PARIS, writable={})}
    with pytest.raises(Stop) as caught:
        look_around(settings(shopify=BOTH), bare, as_of=None)
    assert (caught.value.code, caught.value.details["platform"]) == ("fields_not_writable", "Shopify (paris)")
    assert (title("shopify"), title("salesforce")) == ("Shopify", "Salesforce")


def test_only_the_kinds_of_records_wanted_are_written_to() -> None:
    everywhere = dict.fromkeys(("Contact", "Lead", "Account", "PersonAccount"), ALL)
    org = replace(ORG, present=everywhere, writable=everywhere)
    assert {name for _, name in look(SHOP, org).keys} == {"customer", *everywhere}
    chosen = look(SHOP, org, write={"objects": ["customer", "Lead"]})
    assert set(chosen.keys) == {("shopify", "customer"), ("salesforce", "Lead")}
    unprovisioned = replace(org, present={**everywhere, "Lead": frozenset()})
    assert stopped(SHOP, unprovisioned).details["object"] == "Lead"
    assert look(SHOP, unprovisioned, write={"objects": ["Contact"]}).keys


def test_an_org_of_one_currency_counts_in_what_the_settings_say() -> None:
    silent = replace(ORG, currency="")
    org = {"domain": "a.my.salesforce.com", "currency": "USD"}
    assert look(silent, salesforce=org).currency == "USD"
    assert look(SHOP, silent, salesforce=org).currency == "JPY"


def test_a_code_field_of_salesforce_sets_referrals_up_too() -> None:
    without = replace(SHOP, present={"customer": ALL - set(REFERRAL_KEYS)})
    referral = {"salesforce_code_field": "Code__c"}
    assert stopped(without, referral=referral).details["fields"] == "referrals, referral_score"


def unseen(code: str, sobject: str) -> Finding:
    return Finding(code, "warning", {"platform": "Salesforce", "object": sobject, "fields": "x"})


@pytest.mark.parametrize("sobject", ["Contact", "Lead", "Account"])
def test_where_refusals_are_hidden_nobodys_consent_is_written_anywhere(sobject: str) -> None:
    blind = replace(ORG, findings=(unseen("consent_unseen", sobject),))
    world = look(SHOP, blind)
    rest = tuple(key for key in KEYS if key != "contact_by")
    assert set(world.keys.values()) == {rest}
    assert [finding.code for _, finding in world.warnings] == ["consent_unseen"]
    assert set(without_history(world, settings()).keys.values()) == {("person_id", "satisfaction")}


LOOKUP = {"referrer_field": "Brought_By__c", "referrer_source": ["Customer Referral"]}


def test_referrals_told_by_a_lead_source_that_is_hidden_are_refused_and_never_zero() -> None:
    blind = replace(ORG, findings=(unseen("sources_unseen", "Lead"),))
    world = look(SHOP, blind, referral=LOOKUP)
    assert set(world.keys.values()) == {tuple(key for key in KEYS if key not in REFERRAL_KEYS)}
    assert (world.sources_unseen, [f.code for _, f in world.warnings]) == (True, ["sources_unseen"])
    free = look(SHOP, blind, referral={**LOOKUP, "rewarded": False})
    refused = {*REFERRAL_KEYS, "satisfaction", "next_action"}
    assert set(free.keys.values()) == {tuple(key for key in KEYS if key not in refused)}


@pytest.mark.parametrize("asked", [{"code_metafield": "custom.code"}, {"referrer_field": "Brought_By__c"}])
def test_a_hidden_lead_source_that_nothing_depends_on_is_not_told(asked: dict[str, object]) -> None:
    world = look(SHOP, replace(ORG, findings=(unseen("sources_unseen", "Lead"),)), referral=asked)
    assert (world.sources_unseen, world.warnings) == (False, ())
    assert set(world.keys.values()) == {KEYS}


def test_a_country_that_nobody_knows_is_told_until_the_settings_say_it() -> None:
    told = Finding("country_unread", "warning", {"platform": "Salesforce", "country": "Atlantis"})
    lost = replace(ORG, findings=(told,))
    assert [finding.code for _, finding in look(SHOP, lost).warnings] == ["country_unread"]
    assert look(SHOP, lost, identity={"phone_region": "US"}).warnings == ()


def test_every_object_of_a_stream_without_names_is_known_by_links_only() -> None:
    blind = replace(ORG, findings=(unseen("names_unseen", "Account"), unseen("names_unseen", "Lead")))
    names = {name for _, _, name in look(SHOP, blind).names_unseen}
    assert names == {"Account", "PersonAccount", "Lead"}
    assert look().names_unseen == frozenset()
    hidden = replace(ORG, findings=(unseen("phones_unseen", "Account"),))
    assert look(SHOP, hidden).names_unseen == frozenset()
    assert look(SHOP, hidden).keys == look().keys


ORDERS = {"Contact": frozenset({"Id"}), "Order": frozenset({"Id", "TotalAmount"})}
SILENT = replace(ORG, currency="", columns=ORDERS)


def test_amounts_of_an_org_that_does_not_tell_their_currency_are_never_read_as_the_shops() -> None:
    stop = stopped(SHOP, SILENT)
    assert (stop.code, stop.details) == ("org_currency_unknown", {"platform": "Salesforce"})
    org = {"domain": "a.my.salesforce.com"}
    assert look(SHOP, SILENT, salesforce={**org, "currency": "JPY"}).currency == "JPY"
    assert look(SHOP, SILENT, salesforce={**org, "purchases": "none"}).currency == "JPY"
    assert look(SHOP, replace(SILENT, whole_history=False)).currency == "JPY"
    several = {**ORDERS, "Order": ORDERS["Order"] | {"CurrencyIsoCode"}}
    assert look(SHOP, replace(SILENT, columns=several)).currency == "JPY"


def test_the_settings_know_better_what_the_amounts_of_an_org_of_one_currency_are_in() -> None:
    org = {"domain": "a.my.salesforce.com", "currency": "JPY"}
    assert look(ORG, salesforce=org).currency == "JPY"
    several = replace(ORG, rates=(Rate("JPY", Decimal(150)),))
    assert look(several, salesforce=org).currency == "USD"


def region(site: Site, *sites: Site, **sections: object) -> str:
    return region_in(settings(**sections), site, {one.platform: one for one in sites or (site,)})


def test_phone_numbers_are_read_by_the_settings_then_the_country_then_the_currency() -> None:
    euro = replace(SHOP, currency="EUR", country="DE")
    assert region(euro) == "DE"
    assert region(euro, identity={"phone_region": "AT"}) == "AT"
    assert region(replace(SHOP, country="US")) == "US"
    assert region(SHOP) == "JP"
    assert region(replace(SHOP, country="XX")) == "JP", "no country of this world"


def test_an_org_that_tells_no_country_is_where_the_first_shop_is() -> None:
    shop = replace(SHOP, currency="EUR", country="DE")
    org = replace(ORG, currency="")
    assert region(org, shop, org) == "DE"
    assert region(replace(org, country="FR"), shop, org) == "FR"


def test_national_numbers_that_nobody_can_read_are_told() -> None:
    shop = replace(SHOP, currency="EUR")
    assert [(n, f.code) for n, f in look(shop, ORG).warnings] == [("shopify", "phone_region_unknown")]
    assert look(replace(shop, country="DE"), ORG).warnings == ()
    assert look(shop, ORG, identity={"phone_region": "DE"}).warnings == ()
    named = look_around(settings(shopify=BOTH), SHOPS, as_of=None)
    assert [(n, f.details) for n, f in named.warnings] == [("shopify:paris", {"platform": "Shopify (paris)"})]
