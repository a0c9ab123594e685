"""The settings key by key: what each takes, and what it is where it is not given."""

from decimal import Decimal
from pathlib import Path

import pytest
from settings_file import SHOP, stopped

from metrics.fields import KEYS
from zaiseki.settings import documented_keys, read_settings


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "zaiseki.toml"


def test_a_shop_alone_is_enough_and_the_rest_has_defaults(path: Path) -> None:
    path.write_text(SHOP)
    settings = read_settings(path)
    assert settings.salesforce is None
    assert settings.write.fields == KEYS
    assert (settings.segment.steady_days, settings.segment.best_days) == (90, 210)
    assert settings.segment.best_spend is None and settings.segment.lapse_days is None


EVERY_KEY = """
[[shopify]]
name = "tokyo"
shop = "a.myshopify.com"
api_version = "2026-07"
url = "http://127.0.0.1:1"

[salesforce]
domain = "a-b.my.salesforce.com"
api_version = "66.0"
purchases = "opportunity"
accounts = "never"
not_a_purchase = ["Draft"]
shopify_id_field = "Shopify__c"
order_reference = "Order__c"
channel_field = "Source__c"
currency = "USD"
url = "https://localhost:2"

[store]
path = "x.duckdb"
memory_limit = "1GB"

[sync]
sweep_days = 1

[purchases]
unit = "order"
count_unpaid = false
duplicates = "none"
[purchases.exclude]
tags = ["Staff"]
channels = ["store"]
b2b = true

[channels]
online = ["app one"]
store = ["till"]
phone = ["call centre"]
sales = ["agent"]
marketplace = ["mall"]
social = ["chat"]
other = ["fair"]

[history]
orders_csv = "old.csv"
opened_on = 2020-04-01
first_purchase_metafield = "custom.first"
first_purchase_field = "First__c"

[segment]
best_spend = 1.5
steady_days = 1
best_days = 2
lapse_days = 3

[metrics]
products = true
shop = false

[products]
front_end = ["Trial Set"]
back_end = ["7012345"]

[referral]
code_metafield = "custom.code"
code_tag = "ref:"
code_pattern = "[A-Z]+-[0-9]{5}"
salesforce_code_field = "Code__c"
referrer_field = "Referred_By__c"
referrer_source = ["Customer Referral"]
rewarded = false
window_days = 90
max_redemptions = 10

[satisfaction]
expectation_metafield = "survey.expectation"
expectation_values = { worse = ["bad"], as = ["fine"], better = ["great"] }
nps_metafield = "survey.nps"
stars_metafield = "survey.stars"
expectation_field = "Expectation__c"
nps_field = "Nps__c"
stars_field = "Stars__c"
answered_on_field = "Answered_On__c"
complaint_types = ["Anger"]
quality_notes = ["mould"]
nps = [6, 10]
days = 180
reviews_rewarded = true

[funnel]
memory_stages = ["Quoted"]
lead_new = ["Fresh"]
lead_closed = ["Dead"]

[contacts]
quiet_days = 60

[market]
total = 1000000
name = "honey"
year = 2025

[targets]
repeater_ratio = 0.4
"repeat_rate F2@90" = 0.3

[currency]
reporting = "JPY"
rates = { USD = 150.25 }

[identity]
phone_region = "JP"
max_sharing = 2
max_members = 30
relay_domains = ["relay.example"]
no_keys = ["front@example.com"]

[privacy]
exclude = { tag = "no-score", field = "No_Score__c", objects = ["Contact", "Lead"] }

[write]
platforms = ["shopify"]
objects = ["customer"]
fields = ["segment"]
max_segment_moves = 0.1
"""


def test_every_key_of_the_file_is_read(path: Path) -> None:
    path.write_text(EVERY_KEY)
    read = read_settings(path)
    same = [key for key, default in documented_keys().items() if _at(read, key) == default]
    assert same == []


def _at(read: object, key: str) -> object:
    for part in key.split("."):
        read = getattr(read[0] if isinstance(read, tuple) else read, part)
    return read


@pytest.mark.parametrize("pattern", ["(", "(?=a)b", r"(a)\1", "a{2,1}"])
def test_a_pattern_of_codes_is_one_that_every_engine_understands(path: Path, pattern: str) -> None:
    stop = stopped(path, f"{SHOP}[referral]\ncode_pattern = '{pattern}'\n")
    assert (stop.code, stop.details["key"]) == ("settings_bad_value", "referral.code_pattern")
    assert "regular expression" in stop.details["cause"]


def test_a_product_is_a_trial_offer_or_what_it_leads_to(path: Path) -> None:
    stop = stopped(path, f'{SHOP}[products]\nfront_end = ["Tea"]\nback_end = ["tea"]\n')
    assert (stop.code, stop.details["key"]) == ("settings_bad_value", "products")
    assert "'Tea' cannot be both" in stop.details["cause"]


def test_an_unknown_field_names_the_nearest_known_one(path: Path) -> None:
    stop = stopped(path, f'{SHOP}[write]\nfields = ["tenure_day"]\n')
    assert stop.details["key"] == "write.fields"
    assert stop.details["cause"] == "'tenure_day' is no field; did you mean 'tenure_days'?"


def test_money_and_shares_are_exact_decimals_never_floats(path: Path) -> None:
    path.write_text(
        f"{SHOP}[segment]\nbest_spend = 133.95000000000000000001\n[write]\nmax_segment_moves = 0.07\n"
    )
    settings = read_settings(path)
    assert isinstance(settings.segment.best_spend, Decimal)
    assert settings.segment.best_spend == Decimal("133.95000000000000000001")
    assert settings.write.max_segment_moves == Decimal("0.07")
    path.write_text(EVERY_KEY)
    settings = read_settings(path)
    assert [key for key in documented_keys() if isinstance(_at(settings, key), float)] == []
    assert settings.currency.rates == {"USD": Decimal("150.25")}


@pytest.mark.parametrize("value", ["0", "-1", "nan", "inf", '"much"', "true"])
def test_a_best_spend_is_a_positive_number(path: Path, value: str) -> None:
    assert stopped(path, f"{SHOP}[segment]\nbest_spend = {value}\n").details["key"] == "segment.best_spend"


@pytest.mark.parametrize("key", ["steady_days", "best_days", "lapse_days"])
@pytest.mark.parametrize("value", ["0", "-5", "1.5"])
def test_days_are_positive_whole_numbers(path: Path, key: str, value: str) -> None:
    assert stopped(path, f"{SHOP}[segment]\n{key} = {value}\n").details["key"] == f"segment.{key}"


@pytest.mark.parametrize("days", ["steady_days = 210", "best_days = 90", "steady_days = 300\nbest_days = 5"])
def test_a_customer_is_steady_before_being_best(path: Path, days: str) -> None:
    stop = stopped(path, f"{SHOP}[segment]\n{days}\n")
    assert stop.code == "settings_bad_value"
    assert stop.details["key"] == "segment"
    assert "must be less than best_days" in stop.details["cause"]


@pytest.mark.parametrize("key", ["expectation_field", "nps_field", "stars_field"])
def test_answers_in_salesforce_need_the_field_with_their_day(path: Path, key: str) -> None:
    error = stopped(path, f'{SHOP}[satisfaction]\n{key} = "Answer__c"\n')
    assert "answered_on_field" in str(error.details)
    path.write_text(f'{SHOP}[satisfaction]\n{key} = "Answer__c"\nanswered_on_field = "On__c"\n')
    assert read_settings(path).satisfaction.answered_on_field == "On__c"


@pytest.mark.parametrize(
    ("exclude", "cause"),
    [
        ('objects = ["Contact"]', "field must name it"),
        ('field = "X__c"\nobjects = ["Case"]', "Input should be"),
    ],
)
def test_where_a_box_stands_is_said_of_people_and_with_the_box(path: Path, exclude: str, cause: str) -> None:
    stop = stopped(path, f"{SHOP}[privacy.exclude]\n{exclude}\n")
    assert stop.code == "settings_bad_value" and stop.details["key"].startswith("privacy.exclude")
    assert cause in stop.details["cause"]
