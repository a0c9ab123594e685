"""Rows are read anew where they were read without something that can be seen by now, and only then."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from connectors.base import Rate, Site
from sync import bookmarks
from sync.store import Store
from zaiseki.read_with import in_money, is_outdated, remember, reopen
from zaiseki.settings import Settings

AT = datetime(2026, 10, 1, tzinfo=UTC)
ORG = Site(
    platform="salesforce",
    account="00D000000000001AAA",
    server_time=AT,
    timezone="UTC",
    currency="JPY",
    counts={},
    present={},
    writable={},
    whole_history=None,
)
SETTINGS = Settings.model_validate({"salesforce": {"domain": "a.my.salesforce.com"}})


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "store.duckdb") as opened:
        yield opened


def seen(**columns: str) -> Site:
    return replace(ORG, columns={name: frozenset(told.split()) for name, told in columns.items()})


def read(store: Store, *streams: str) -> None:
    for name in streams:
        bookmarks.put(store, ORG.platform, ORG.account, name, AT)


def reached(store: Store) -> set[str]:
    return set(bookmarks.all_of(store, ORG.platform, ORG.account))


def test_a_column_granted_later_reopens_its_stream_and_no_other(store: Store) -> None:
    assert reopen(store, seen(Contact="Id Email", Lead="Id")) == ()
    read(store, "Contact", "Lead")
    assert reopen(store, seen(Contact="Id Email", Lead="Id")) == ()
    assert reopen(store, seen(Contact="Id Email Phone", Lead="Id")) == ("Contact",)
    assert reached(store) == {"Lead"}


def test_a_column_that_went_and_came_back_reopens_its_stream(store: Store) -> None:
    """What was read in between lacks it."""
    reopen(store, seen(Contact="Id Phone"))
    read(store, "Contact")
    assert reopen(store, seen(Contact="Id")) == ()
    assert reached(store) == {"Contact"}
    assert reopen(store, seen(Contact="Id Phone")) == ("Contact",)


def test_a_run_that_died_before_it_read_the_stream_whole_is_made_good_by_the_next(store: Store) -> None:
    reopen(store, seen(Contact="Id"))
    read(store, "Contact")
    assert reopen(store, seen(Contact="Id Phone")) == ("Contact",)
    assert reached(store) == set(), "without a bookmark the next run reads it whole"
    assert reopen(store, seen(Contact="Id Phone")) == ()
    read(store, "Contact")
    assert reopen(store, seen(Contact="Id Phone")) == ()


def test_a_stream_that_was_not_shown_for_a_while_is_compared_with_what_it_was_read_with(store: Store) -> None:
    reopen(store, seen(Contact="Id", Lead="Id"))
    read(store, "Contact", "Lead")
    reopen(store, seen(Contact="Id"))
    assert reopen(store, seen(Contact="Id", Lead="Id Phone")) == ("Lead",)


def test_the_currency_of_an_org_is_remembered_until_it_is_told_again(store: Store) -> None:
    quiet = replace(ORG, currency="")
    assert in_money(store, quiet).currency == ""
    assert in_money(store, ORG).currency == "JPY"
    assert in_money(store, quiet).currency == "JPY"
    assert in_money(store, replace(quiet, account="00D000000000002AAA")).currency == ""


def test_another_country_or_currency_of_an_account_makes_its_rows_outdated(store: Store) -> None:
    sites = {"salesforce": ORG}
    assert not is_outdated(store, SETTINGS, sites), "nothing was read yet"
    remember(store, SETTINGS, sites)
    assert not is_outdated(store, SETTINGS, sites)
    assert is_outdated(store, SETTINGS, {"salesforce": replace(ORG, country="US")})
    assert not is_outdated(store, SETTINGS, {"salesforce": replace(ORG, country="JP")}), "as by currency"
    rated = replace(ORG, rates=(Rate("USD", Decimal("0.0067")),))
    assert is_outdated(store, SETTINGS, {"salesforce": rated})
