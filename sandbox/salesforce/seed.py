"""What every org has before anybody uses it: its Organization, two users, a profile, its currencies."""

import sqlite3
from typing import Any

from sandbox.salesforce.ids import full_id, make_id
from sandbox.salesforce.schema import meta
from sandbox.state import State

INTEGRATION_ID = make_id("005", 1)
"""The user that the ready line's credentials log in as: the nightly job's, and able to deploy metadata."""
ADMIN_ID = make_id("005", 2)
"""The user who owns what the scenario brings."""
PROFILE_ID = make_id("00e", 1)

_LOCALE = {"LocaleSidKey": "en_US", "LanguageLocaleKey": "en_US", "EmailEncodingKey": "UTF-8"}
_COUNTRIES = {"JPY": "JP", "GBP": "GB"}
_LOCALES = {"JP": "ja_JP", "GB": "en_GB", "DE": "de_DE", "FR": "fr_FR"}
_NO_DECIMALS = ("JPY", "KRW")


def ensure_seeded(state: State) -> None:
    """Fill the tables that no scenario brings; does nothing the second time."""
    with state.writing() as db:
        if meta(db, "seeded"):
            return
        db.execute("INSERT INTO sf_meta VALUES ('seeded', '1')")
        now = state.stamp()
        _put(db, "Organization", now, _organization(state))
        _put(db, "Profile", now, {"Id": PROFILE_ID, "Name": "System Administrator", "UserType": "Standard"})
        _put(db, "User", now, _user(state, INTEGRATION_ID, "Nightly", "Integration"))
        _put(db, "User", now, _user(state, ADMIN_ID, "Org", "Administrator"))
        for currency in _currencies(state):
            _put(db, "CurrencyType", now, currency)


def _put(db: sqlite3.Connection, object_name: str, now: str, row: dict[str, Any]) -> None:
    stamps = {"CreatedDate": now, "LastModifiedDate": now, "SystemModstamp": now}
    whole = row | stamps | {"CreatedById": ADMIN_ID, "LastModifiedById": ADMIN_ID}
    names, marks = ", ".join(whole), ", ".join("?" * len(whole))
    db.execute(f"INSERT INTO sf_{object_name} ({names}) VALUES ({marks})", [*whole.values()])


def _organization(state: State) -> dict[str, Any]:
    org = state.config.salesforce
    country = org.country or _COUNTRIES.get(org.currency, "US")
    return {
        "Id": full_id(state.secrets.salesforce_org_id),
        "Name": "Zaiseki Sandbox",
        "OrganizationType": "Developer Edition",
        "InstanceName": "SBX",
        "IsSandbox": 1,
        "TimeZoneSidKey": org.timezone,
        "DefaultLocaleSidKey": _LOCALES.get(country, "en_US"),
        "LanguageLocaleKey": "en_US",
        "FiscalYearStartMonth": 1,
        "Country": country,
    }


def _user(state: State, user_id: str, first_name: str, last_name: str) -> dict[str, Any]:
    admin = "admin@zaiseki-sandbox.example.com"
    username = state.secrets.salesforce_username if user_id == INTEGRATION_ID else admin
    return _LOCALE | {
        "Id": user_id,
        "Username": username,
        "Email": username,
        "FirstName": first_name,
        "LastName": last_name,
        "Name": f"{first_name} {last_name}",
        "Alias": first_name.lower(),
        "IsActive": 1,
        "UserType": "Standard",
        "ProfileId": PROFILE_ID,
        "TimeZoneSidKey": state.config.salesforce.timezone,
    }


def _currencies(state: State) -> list[dict[str, Any]]:
    """Give the org's currencies; an org of one currency has no list of them."""
    org = state.config.salesforce
    rates = {org.currency: 1.0} | {code: float(rate) for code, rate in org.currencies.items()}
    return [
        {
            "Id": make_id("01L", number),
            "IsoCode": code,
            "ConversionRate": rate,
            "DecimalPlaces": 0 if code in _NO_DECIMALS else 2,
            "IsActive": 1,
            "IsCorporate": int(code == org.currency),
        }
        for number, (code, rate) in enumerate(rates.items(), start=1)
        if org.currencies
    ]
