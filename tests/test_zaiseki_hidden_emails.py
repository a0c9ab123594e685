"""Which shops are taken to keep their buyers' addresses from us, by the rows alone, and what follows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from job_rows import checked, job_of, org_site, shop_site, world_of
from stored_people import ORG, SHOP, order, put, record, sold

from sync.store import Store
from zaiseki.limits import found
from zaiseki.run import identify
from zaiseki.world import World

OTHER = "coffee.myshopify.com"
DAY = 20_000


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "zaiseki.duckdb") as opened:
        yield opened


def buyers(store: Store, count: int, *, shown: bool, account: str = SHOP, **more: Any) -> None:
    """Customers of a shop who bought once each; their addresses are `shown` or kept from us."""
    ((start,),) = store.rows("SELECT count(*) FROM records")
    ids = [str(start + number) for number in range(count)]
    facts = {"account": account, "has_email": shown, "email_key": "k" if shown else None, **more}
    put(store, "records", [record(one, **facts) for one in ids])
    put(store, "orders", [order(f"o{one}", DAY, record_id=one, account=account) for one in ids])


def looked(store: Store, folder: Path, *shops: str) -> World:
    """What the rows tell of these shops, beside an org."""
    settings = checked(*shops)
    sites = [shop_site(shop) for shop in shops or (SHOP,)]
    return found(job_of(store, folder, settings), world_of(settings, *sites, org_site()))


def refused(world: World) -> set[str]:
    """The shops whose addresses join nobody, of which each run has a warning."""
    told = {world.sites[name].account for name, one in world.warnings if one.code == "emails_hidden"}
    assert {("shopify", shop) for shop in told} == world.email_refused
    return told


@pytest.mark.parametrize(("without", "hidden"), [(50, True), (49, False)])
def test_fifty_buyers_without_an_address_are_the_least_that_says_anything(
    store: Store, tmp_path: Path, without: int, *, hidden: bool
) -> None:
    buyers(store, without, shown=False)
    assert refused(looked(store, tmp_path)) == ({SHOP} if hidden else set())


@pytest.mark.parametrize(("shown", "hidden"), [(200, False), (199, True)])
def test_exactly_a_fifth_of_the_buyers_without_an_address_may_come_about_by_itself(
    store: Store, tmp_path: Path, shown: int, *, hidden: bool
) -> None:
    buyers(store, 50, shown=False)
    buyers(store, shown, shown=True)
    world = looked(store, tmp_path)
    assert refused(world) == ({SHOP} if hidden else set())
    if hidden:
        ((name, told),) = world.warnings
        assert (name, told.severity) == ("shopify", "warning")
        assert told.details == {"count": "50", "base": "249", "percent": "20"}


def test_an_address_that_is_no_key_has_been_shown_all_the_same(store: Store, tmp_path: Path) -> None:
    buyers(store, 60, shown=True, email_key=None)
    assert refused(looked(store, tmp_path)) == set()


def test_who_is_gone_who_never_bought_and_whose_order_is_gone_say_nothing(
    store: Store, tmp_path: Path
) -> None:
    buyers(store, 60, shown=False, deleted=True)
    put(store, "records", [record(f"n{one}") for one in range(60)])
    put(store, "records", [record(f"c{one}") for one in range(60)])
    put(store, "orders", [order(f"c{one}", DAY, record_id=f"c{one}", deleted=True) for one in range(60)])
    assert refused(looked(store, tmp_path)) == set()


def test_contacts_without_an_address_say_nothing_of_a_shop(store: Store, tmp_path: Path) -> None:
    put(store, "records", [record(f"c{one}", "Contact") for one in range(60)])
    put(store, "orders", [sold(f"s{one}", DAY, record_id=f"c{one}") for one in range(60)])
    assert refused(looked(store, tmp_path)) == set()


def test_of_several_shops_only_the_one_that_hides_addresses_joins_nobody_by_them(
    store: Store, tmp_path: Path
) -> None:
    buyers(store, 60, shown=False, account=OTHER)
    buyers(store, 400, shown=True)
    assert refused(looked(store, tmp_path, SHOP, OTHER)) == {OTHER}


@pytest.mark.parametrize(
    ("hidden", "persons"),
    [
        ({}, 2),
        ({"email_refused": frozenset({("shopify", SHOP)})}, 3),
        ({"email_refused": frozenset({("shopify", OTHER)})}, 2),
        ({"names_unseen": frozenset({("salesforce", ORG, "Contact")})}, 3),
    ],
    ids=["nothing", "the shop's addresses", "another shop's addresses", "the contacts' names"],
)
def test_a_run_joins_nobody_by_what_it_found_hidden(
    store: Store, tmp_path: Path, hidden: dict[str, Any], persons: int
) -> None:
    put(store, "records", [record("1", email_key="ann"), record("c1", "Contact", email_key="ann")])
    put(store, "records", [record("2", email_key="ben")])
    world = replace(world_of(checked(), shop_site(), org_site()), **hidden)
    assert identify(job_of(store, tmp_path), world).persons == persons
