"""The shop's figures out of a store: what is read, what is kept, and who is nobody."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from stored_people import make, order, put, record, touch

from metrics.calendar import day_of
from metrics.scores import score_persons
from metrics.segment import Thresholds
from metrics.shop_line import ShopLine
from sync.store import Store
from zaiseki import word_of_mouth
from zaiseki.counting import refresh_frames, score_rules
from zaiseki.scoring import given_of
from zaiseki.settings import Settings
from zaiseki.shop_scoring import keep_shop, known_ids, score_shop

AS_OF = date(2026, 9, 30)
DAY = day_of(AS_OF)
SHOP = {"shopify": {"shop": "tea.myshopify.com"}}
CODED = {"referral": {"code_tag": "ref:"}}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "store.duckdb") as opened:
        opened.bind("reporting currency", "JPY")
        yield opened


def fill(store: Store) -> None:
    """Ann brought Ben; Cat is known by a marketplace's address; one order is nobody's."""
    make(
        store,
        records=[
            record("ann", referral_codes=["ann-1"], rfm_group="champions", subscription_status="active"),
            record("ben", created_day=DAY - 50),
            record("cat", by_relay=True),
            record("dan"),
        ],
        orders=[
            order("1", DAY - 300, record_id="ann"),
            order("2", DAY - 40, record_id="ann", utm_medium="cpc"),
            order("3", DAY - 20, record_id="ben", discount_codes=["ann-1"]),
            order("4", DAY - 10, record_id="cat"),
            order("5", DAY - 5),
        ],
    )


def told(
    store: Store, more: dict[str, Any] | None = None, *, tracked: bool = True, sources_seen: bool = True
) -> list[ShopLine]:
    settings = Settings.model_validate(SHOP | (more or {}))
    rules = score_rules(settings, Thresholds(Decimal(1500)))
    refresh_frames(store, rules.purchases, as_of_day=DAY)
    friends = None
    if tracked:
        named, friends = word_of_mouth.named_and_friends(store, as_of_day=DAY, rules=rules.purchases)
        word_of_mouth.keep(store, named)
    scored = score_persons(
        given_of(store, friends), as_of_day=DAY, rules=rules, materialise=store.materialise
    )
    store.con.execute(f"CREATE OR REPLACE TABLE scores AS {scored.to_native().sql_query()}")
    return score_shop(
        store,
        settings,
        as_of=AS_OF,
        rules=rules,
        currency="JPY",
        tracked=tracked,
        sources_seen=sources_seen,
    )


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[ShopLine]]:
    """The figures of `fill`, with targets and a market."""
    aims = {"targets": {"repeater_ratio": "0.6", "month_buyers": "1"}}
    market = {"market": {"total": 20_000, "name": "tea", "year": 2025}}
    with Store.open(tmp_path_factory.mktemp("shop") / "store.duckdb") as opened:
        opened.bind("reporting currency", "JPY")
        fill(opened)
        yield told(opened, CODED | aims | market)


def value(lines: list[ShopLine], name: str, part: str = "") -> tuple[Decimal | None, int]:
    (line,) = [line for line in lines if (line.name, line.part) == (name, part)]
    return line.value, line.base


def test_the_figures_are_those_of_the_store(lines: list[ShopLine]) -> None:
    assert value(lines, "segment_people", "best_active") == (Decimal(1), 3)
    assert value(lines, "segment_people", "prospect") == (Decimal(1), 3)
    assert value(lines, "repeater_ratio") == (Decimal("0.5000"), 2)
    assert value(lines, "referral_share") == (Decimal("0.5000"), 2)
    assert value(lines, "rfm_people", "champions>best_active") == (Decimal(1), 1)
    assert value(lines, "subscription_buyers", "subscribers") == (Decimal(1), 2)
    assert value(lines, "new_by_source", "referral") == (Decimal("0.5000"), 2)
    assert value(lines, "no_next_touch")[1] == 3


def test_who_is_known_only_by_a_marketplaces_address_is_sales_and_no_person(lines: list[ShopLine]) -> None:
    assert value(lines, "month_net_sales", "2026-09") == (Decimal(3000), 3)
    assert value(lines, "month_buyers", "2026-09") == (Decimal(1), 1)
    assert value(lines, "tenure_mean_days", "all") == (Decimal("130.000"), 2)


def test_where_nothing_tracks_referrals_no_share_of_them_is_told(store: Store) -> None:
    fill(store)
    lines = told(store, tracked=False)
    assert {line.name for line in lines if line.name.startswith("referral_")} == set()
    assert value(lines, "new_by_source", "referral") == (Decimal("0.0000"), 2)
    assert value(lines, "gap_no_data", "referral_share") == (Decimal(1), 0)
    assert not [line for line in lines if line.name in ("market_share", "koopman_level", "target_met")]


def test_where_lead_sources_are_hidden_no_figure_says_where_customers_came_from(store: Store) -> None:
    fill(store)
    lines = told(store, CODED, sources_seen=False)
    assert not [line for line in lines if line.name in ("new_by_source", "referral_share", "k_observed")]
    assert value(lines, "gap_no_data", "new_by_source") == (Decimal(1), 0)
    assert value(lines, "repeater_ratio") == (Decimal("0.5000"), 2), "all else is told"


def test_who_was_referred_stands_beside_who_was_not_with_what_they_spent_in_their_first_days(
    store: Store,
) -> None:
    make(
        store,
        records=[record("ann", referral_codes=["ann-1"]), record("ben"), record("cat")],
        orders=[
            order("1", DAY - 300, record_id="ann"),
            order("2", DAY - 200, "3000", record_id="ben", discount_codes=["ann-1"]),
            order("3", DAY - 110, "500", record_id="ben"),
            order("4", DAY - 109, "7000", record_id="ben"),
            order("5", DAY - 199, record_id="cat"),
        ],
    )
    lines = told(store, CODED)
    found = {part: value(lines, "referred_spend", f"90 days {part}") for part in ("referred", "others")}
    assert found == {"referred": (Decimal(3500), 1), "others": (Decimal(1000), 1)}
    assert value(lines, "referred_repeat", "90 days referred") == (Decimal(1), 1)
    assert value(lines, "referred_spend", "365 days referred") == (None, 0)


def test_completed_tasks_and_events_are_touches_by_hand(store: Store) -> None:
    contact = "003000000000001AAA"
    make(store, records=[record(contact, "Contact"), record("ann")])
    done = [touch(f"{kind}1", contact, kind, day=DAY - 3) for kind in ("task", "event", "campaign_member")]
    put(store, "touches", [*done, touch("task2", contact, "task", day=DAY - 40)])
    lines = told(store, tracked=False)
    assert value(lines, "human_touches", "2026-09") == (Decimal(2), 1)
    assert value(lines, "human_touched_people", "2026-08") == (Decimal(1), 1)


def test_sources_that_tell_nothing_are_gaps(lines: list[ShopLine]) -> None:
    gaps = {line.part: line for line in lines if line.name == "gap_source"}
    connected = {part: line.base for part, line in gaps.items() if line.value == 0}
    assert connected == {"visit_sources": 1, "referral_codes": 1, "subscriptions": 1, "rfm_groups": 1}
    assert {"consent", "cases", "order_lines", "survey_nps"} <= set(gaps)


def test_a_target_stands_beside_its_figure_and_is_no_gap(lines: list[ShopLine]) -> None:
    assert value(lines, "target_difference", "repeater_ratio") == (Decimal("-0.1"), 2)
    assert value(lines, "target_met", "month_buyers 2026-08") == (Decimal(1), 1)
    aimless = {line.part for line in lines if line.name == "gap_no_target"}
    assert "repeater_ratio" not in aimless and "repeat_rate" in aimless


def test_the_share_is_of_the_market_that_the_merchant_states(lines: list[ShopLine]) -> None:
    assert value(lines, "market_share", "tea 2025") == (Decimal("0.2500"), 5)
    assert value(lines, "koopman_level", "tea 2025") == (Decimal("0.193"), 5)


def test_a_target_for_no_figure_of_the_shop_is_refused_with_the_nearest() -> None:
    with pytest.raises(ValidationError, match=r"'repeat_rates' is no figure.*'repeat_rate'"):
        Settings.model_validate(SHOP | {"targets": {"repeat_rates F2@90": 1}})


@pytest.mark.parametrize("missing", ["total", "name", "year"])
def test_a_market_is_stated_in_full_or_not_at_all(missing: str) -> None:
    market = {"total": 1, "name": "tea", "year": 2025}
    del market[missing]
    with pytest.raises(ValidationError, match=missing):
        Settings.model_validate(SHOP | {"market": market})


def kept(store: Store) -> list[tuple[Any, ...]]:
    return store.rows("SELECT as_of, name, part, value, base FROM shop_scores ORDER BY ALL")


def test_a_day_is_replaced_and_other_days_stay(store: Store) -> None:
    yesterday = date(2026, 9, 29)
    keep_shop(store, yesterday, [ShopLine("a", "", Decimal(1), 1)])
    keep_shop(store, AS_OF, [ShopLine("a", "", Decimal(1), 1), ShopLine("b", "", Decimal(1), 1)])
    keep_shop(store, AS_OF, [ShopLine("a", "x", Decimal("0.12345"), 2), ShopLine("c", "", None, 0)])
    assert kept(store) == [
        (yesterday, "a", "", Decimal("1.0000"), 1),
        (AS_OF, "a", "x", Decimal("0.1235"), 2),
        (AS_OF, "c", "", None, 0),
    ]


def test_what_is_kept_is_what_was_told_and_every_name_is_in_the_catalogue(
    store: Store, lines: list[ShopLine]
) -> None:
    keep_shop(store, AS_OF, lines)
    assert len(kept(store)) == len(lines)
    assert {row[1] for row in kept(store)} <= set(known_ids())


def test_a_second_count_of_the_same_day_says_the_same_and_leaves_nothing_behind(store: Store) -> None:
    fill(store)
    first = told(store, CODED)
    tables = "SELECT table_name FROM duckdb_tables() ORDER BY ALL"
    before = store.rows(tables)
    assert (told(store, CODED), store.rows(tables)) == (first, before)
