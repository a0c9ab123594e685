"""Forgetting in the store: all of a person goes, orders stay as orders of nobody, others are left alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import narwhals as nw
import pytest
import sync_rows
from sync_rows import KEY, NOW, ORG, SHOP, contact, customer, open_store, order, pull, sf_id, sf_order

from connectors.base import Swept
from sync import counts, erase, renewal, whole_person
from sync.decisions import Decision, Ref, decide
from sync.erase import INTENTION, Erased
from sync.errors import StoreUnusable
from sync.identify import identify
from sync.keyed_lines import KeyedFile, load_tombstones
from sync.owners import find_owners
from sync.store import Store
from sync.sweep import sweep
from sync.tombstones import Tombstones
from sync.writes import save_plan

HANAKO, TARO = "hanako@example.com", "taro@example.com"
C1, C2 = Ref("shopify", SHOP, "customer", "1"), Ref("shopify", SHOP, "customer", "2")
CONTACT = Ref("salesforce", ORG, "Contact", sf_id("003", 1))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Hanako: customer 1, contact 1, a guest order and a merged contact; Taro: customer 2."""
    with open_store(tmp_path) as store:
        pull(
            store,
            "shopify.customers",
            [customer(1, HANAKO), customer(2, TARO, firstName="Taro")],
        )
        pull(
            store,
            "shopify.orders",
            [
                order(11, 1, email=HANAKO, discountCodes=["TARO-5"]),
                order(12, 2, email=TARO),
                order(13, email=HANAKO),
                order(14),
            ],
        )
        merged = contact(2, HANAKO, IsDeleted=True, MasterRecordId=sf_id("003", 1))
        pull(store, "salesforce.Contact", [contact(1, HANAKO), merged])
        pull(store, "salesforce.Order", [sf_order(1)])
        identify(store, run_id="r1", at=NOW)
        yield store


@pytest.fixture
def file(tmp_path: Path) -> KeyedFile:
    return KeyedFile(tmp_path / "zaiseki.tombstones", "tombstones", KEY)


def parts(store: Store, *refs: Ref) -> list[Ref]:
    return [part.ref for part in whole_person.parts_of(store, refs)]


def erased(store: Store, file: KeyedFile, *refs: Ref) -> Erased | None:
    erase.intend(store, parts(store, *refs), NOW)
    return erase.carry_out(store, file)


def everything(store: Store) -> str:
    """Every value of every table, as one text."""
    tables = [name for (name,) in store.rows("SELECT table_name FROM duckdb_tables() WHERE NOT temporary")]
    return "\n".join(
        str(row) for table in tables for row in store.rows(f"SELECT COLUMNS(*)::VARCHAR FROM {table}")
    )


def keeping_out(tombstones: Tombstones) -> Any:
    """Pulls inside it know who was forgotten."""
    accounts = {name: replace(one, tombstones=tombstones) for name, one in sync_rows.ACCOUNTS.items()}
    return patch.dict(sync_rows.ACCOUNTS, accounts)


def owner(store: Store, order_id: str) -> Any:
    find_owners(store)
    return store.rows("SELECT object, id FROM order_owners WHERE order_id = ?", order_id)[0]


def test_a_person_is_all_its_members_and_what_was_merged_into_them(store: Store) -> None:
    found = parts(store, C1)
    assert len(found) == 4
    assert {(ref.object, ref.id) for ref in found} >= {
        ("customer", "1"),
        ("Contact", sf_id("003", 1)),
        ("Contact", sf_id("003", 2)),
    }
    assert "guest" in {ref.object for ref in found}
    assert parts(store, C2) == [C2]


def test_a_merged_record_stands_for_the_person_it_was_merged_into(store: Store) -> None:
    assert set(parts(store, Ref("salesforce", ORG, "Contact", sf_id("003", 2)))) == set(parts(store, C1))


def test_a_record_that_nobody_is_made_of_stands_for_itself(store: Store) -> None:
    store.con.execute("DELETE FROM members WHERE id = '2'")
    (part,) = whole_person.parts_of(store, [C2])
    assert (part.ref, part.person_id, part.rule) == (C2, None, None)


def test_whoever_holds_an_address_is_found_by_its_key(store: Store) -> None:
    found = whole_person.holders(store, KEY.of("email", HANAKO))
    assert {ref.object for ref in found} == {"customer", "Contact", "guest"}
    assert whole_person.holders(store, KEY.of("email", "nobody@example.com")) == []


def vanish(store: Store, *refs: Ref) -> None:
    """Their platforms have deleted these, and a run has seen it."""
    if C1 in refs:
        sweep(store, "shopify", SHOP, "customers", [[Swept("2")]])
    if CONTACT in refs:
        pull(store, "salesforce.Contact", [contact(1, HANAKO, IsDeleted=True)])
    identify(store, run_id="later", at=NOW)


def test_a_record_that_its_platform_has_deleted_still_leads_to_its_person(store: Store) -> None:
    whole = set(parts(store, CONTACT))
    vanish(store, C1)
    assert store.rows("SELECT deleted FROM records WHERE id = '1'") == [(True,)]
    assert set(parts(store, C1)) == set(parts(store, CONTACT)) == whole
    assert [part.rule for part in whole_person.parts_of(store, [C1]) if part.ref == C1] == [None]
    assert parts(store, C2) == [C2]


def test_it_leads_there_although_the_whole_stream_is_read_again_and_nobody_is_left(
    store: Store, file: KeyedFile
) -> None:
    ((person_id,),) = store.rows("SELECT person_id FROM members WHERE id = '1'")
    vanish(store, C1, CONTACT)
    pull(
        store,
        "salesforce.Contact",
        [contact(1, HANAKO, IsDeleted=True, SystemModstamp="2026-11-21T00:00:00Z")],
    )
    assert {C1, CONTACT} <= set(parts(store, CONTACT))
    erased(store, file, C1)
    assert not {C1.id, CONTACT.id} & {one for (one,) in store.rows("SELECT id FROM records")}
    assert person_id not in everything(store)


def test_it_leads_to_the_person_that_its_own_was_joined_to(store: Store) -> None:
    vanish(store, C1)
    ((mine,), (other,)) = store.rows("SELECT person_id FROM persons ORDER BY anchor_id = '2'")
    store.con.execute("UPDATE members SET person_id = ? WHERE person_id = ?", [other, mine])
    store.con.execute("INSERT INTO person_log VALUES ('r2', now(), 'join', ?, ?)", [other, mine])
    assert {C1, C2, CONTACT} <= set(parts(store, C1))


def test_a_record_that_is_known_to_be_gone_is_not_counted_as_there(store: Store, file: KeyedFile) -> None:
    erase.intend(store, parts(store, C1), NOW, gone=[C1])
    erase.carry_out(store, file)
    assert counts.forgotten(store, "shopify", SHOP, "customers") == 0
    assert counts.forgotten(store, "salesforce", ORG, "Contact") == 1


def test_only_a_record_that_is_not_there_counts_as_cleared(store: Store) -> None:
    refusals = {"1": ("OWNER_GONE", "gone"), "2": ("INVALID", "x")}
    lines = [("shopify", SHOP, "customer", one, *told) for one, told in refusals.items()]
    ids = [sf_id("003", n) for n in range(3)]
    told = [
        ("ENTITY_IS_DELETED", "ENTITY_IS_DELETED"),
        ("INVALID_CROSS_REFERENCE_KEY", "INVALID_CROSS_REFERENCE_KEY"),
        ("INVALID_CROSS_REFERENCE_KEY", "INVALID_CROSS_REFERENCE_KEY (OwnerId)"),
    ]
    lines += [("salesforce", ORG, "Contact", one, *why) for one, why in zip(ids, told, strict=True)]
    for line in lines:
        store.con.execute(
            "INSERT INTO writes (run_id, platform, account, object, id, error_code, error, state)"
            " VALUES ('f', ?, ?, ?, ?, ?, ?, 'rejected')",
            list(line),
        )
    assert erase.cleared_by_being_gone(store, "other run", "shopify", SHOP) == []
    assert erase.cleared_by_being_gone(store, "f", "shopify", SHOP) == [C1]
    found = erase.cleared_by_being_gone(store, "f", "salesforce", ORG)
    assert {ref.id for ref in found} == set(ids[:2])
    assert sorted(store.rows("SELECT id FROM writes WHERE state = 'rejected'")) == sorted([("2",), (ids[2],)])


def test_nothing_of_the_person_is_left_in_any_table(store: Store, file: KeyedFile) -> None:
    changes = """SELECT r.platform, r.account, r.object, r.id, 'segment' AS field, NULL AS old, 'x' AS new
        FROM records r"""
    save_plan(store, "r1", nw.from_native(store.con.sql(changes)), at=NOW)
    store.con.execute(
        "INSERT INTO quarantine BY NAME SELECT 'salesforce' platform, ? account, 'Contact' stream, ? id",
        [ORG, CONTACT.id],
    )
    ((person_id,),) = store.rows("SELECT person_id FROM members WHERE id = '1'")
    store.con.execute("CREATE TABLE scores AS SELECT person_id FROM persons")
    store.con.execute("INSERT INTO person_log VALUES ('r1', now(), 'join', 'somebody', ?)", [person_id])
    found = parts(store, C1)
    secrets = {ref.id for ref in found} - {"1"} | {KEY.of("email", HANAKO), person_id}
    assert all(secret in everything(store) for secret in secrets)
    assert erased(store, file, C1) == Erased(records=4, persons=1, orders=3)
    left = everything(store)
    assert [secret for secret in secrets if secret in left] == []
    assert store.rows("SELECT object, id FROM records") == [("customer", "2")]


def test_the_orders_stay_as_orders_of_nobody(store: Store, file: KeyedFile) -> None:
    before = store.rows("SELECT id, amount, ordered_day, name FROM orders ORDER BY id")
    erased(store, file, C1)
    assert store.rows("SELECT id, amount, ordered_day, name FROM orders ORDER BY id") == before
    for order_id in ("11", "13", sf_order(1)["Id"]):
        assert owner(store, order_id) == (None, None)
    assert store.rows("SELECT count(*) FROM orders WHERE discount_codes <> []") == [(0,)]


def test_nobody_else_is_touched(store: Store, file: KeyedFile) -> None:
    others = (
        "SELECT COLUMNS(*)::VARCHAR FROM records WHERE id = '2'",
        "SELECT COLUMNS(*)::VARCHAR FROM orders WHERE id IN ('12', '14') ORDER BY id",
    )
    before = [store.rows(query) for query in others]
    erased(store, file, C1)
    assert [store.rows(query) for query in others] == before
    assert owner(store, "12") == ("customer", "2")
    assert store.rows("SELECT id FROM members") == [("2",)]


def test_the_lines_keep_records_keys_and_orders_of_the_org_out(store: Store, file: KeyedFile) -> None:
    erased(store, file, C1)
    kept_out = load_tombstones(file)
    assert kept_out.has_record("shopify", SHOP, "1") and not kept_out.has_record("shopify", SHOP, "2")
    assert all(kept_out.has_record("salesforce", ORG, sf_id("003", n)) for n in (1, 2))
    assert kept_out.has_record("salesforce", ORG, sf_order(1)["Id"])
    assert kept_out.has_keys(KEY.of("email", HANAKO), None, NOW)
    assert not kept_out.has_keys(KEY.of("email", HANAKO), None, NOW + timedelta(seconds=1))
    assert not kept_out.has_keys(KEY.of("email", TARO), None, NOW)


def test_rows_that_the_platforms_still_have_are_counted_as_forgotten(store: Store, file: KeyedFile) -> None:
    erased(store, file, C1)
    assert counts.forgotten(store, "shopify", SHOP, "customers") == 1
    assert counts.forgotten(store, "salesforce", ORG, "Contact") == 1, "the merged one is deleted there"
    assert counts.live(store, "shopify", SHOP, "customers") == 1


def test_decisions_and_questions_about_the_person_go(store: Store, file: KeyedFile, tmp_path: Path) -> None:
    decisions = KeyedFile(tmp_path / "zaiseki.decisions", "decisions", KEY)
    decide(store, decisions, [Decision("reject", C2, C1, NOW), Decision("accept", C2, None, NOW)])
    store.con.execute(
        "INSERT INTO match_review BY NAME SELECT 'i' AS item, 'shopify' AS platform, ? AS account,"
        " 'customer' AS object, '2' AS id, 'shopify' AS other_platform, ? AS other_account,"
        " 'customer' AS other_object, '1' AS other_id",
        [SHOP, SHOP],
    )
    erased(store, file, C1)
    assert store.rows("SELECT id, other_id FROM decisions") == [("2", None)]
    assert store.rows("SELECT count(*) FROM match_review") == [(0,)]


def test_a_group_that_waits_keeps_nothing_made_of_a_forgotten_id(store: Store, file: KeyedFile) -> None:
    row = "(item, platform, account, object, id) VALUES (?, ?, ?, ?, ?)"
    for item, first in (("i", C1), ("j", C2)):
        store.con.execute(f"INSERT INTO match_review {row}", [item, *first])
        store.con.executemany(f"INSERT INTO review_members {row}", [[item, *C1], [item, *C2]])
    erased(store, file, C1)
    assert store.rows("SELECT item, id FROM review_members") == [("j", "2")]


def test_an_erasure_that_was_cut_short_is_carried_out_by_the_next_command(
    store: Store, file: KeyedFile
) -> None:
    erase.intend(store, parts(store, C1), NOW)
    (folder := file.path.parent / "locked").mkdir()
    nowhere = KeyedFile(folder / "gone" / "zaiseki.tombstones", "tombstones", KEY)
    with pytest.raises(StoreUnusable):
        erase.carry_out(store, nowhere)
    assert store.meta(INTENTION) is not None
    assert store.rows("SELECT count(*) FROM members WHERE id = '1'") == [(1,)]
    assert erase.carry_out(store, file) == Erased(4, 1, 3)
    assert store.meta(INTENTION) is None
    assert erase.carry_out(store, file) is None


def test_a_kill_between_erasing_and_writing_the_file_anew_is_made_good_by_the_next_command(
    store: Store, file: KeyedFile
) -> None:
    erase.intend(store, parts(store, C1), NOW)
    with patch.object(Store, "renew", side_effect=KeyboardInterrupt), pytest.raises(KeyboardInterrupt):
        erase.carry_out(store, file)
    assert (store.meta(INTENTION), store.meta(renewal.DUE)) == (None, "yes")
    assert erase.carry_out(store, file) is None
    assert store.meta(renewal.DUE) is None, "the file was written anew"


def test_the_file_is_written_anew_with_every_erasure(store: Store, file: KeyedFile) -> None:
    before = store.path.stat().st_ino
    erased(store, file, C1)
    assert store.path.stat().st_ino != before
    assert store.meta(renewal.DUE) is None


def test_who_came_back_and_is_forgotten_again_stays_out_from_then_on(store: Store, file: KeyedFile) -> None:
    erased(store, file, C1)
    back, again = NOW + timedelta(hours=12), NOW + timedelta(days=1)
    with keeping_out(load_tombstones(file)):
        pull(store, "shopify.orders", [order(21, email=HANAKO, processedAt=back.isoformat())])
    identify(store, run_id="r2", at=NOW)
    (guest,) = store.rows("SELECT platform, account, object, id FROM records WHERE object = 'guest'")
    erase.intend(store, [Ref(*guest)], again)
    erase.carry_out(store, file)
    key = KEY.of("email", HANAKO)
    known = load_tombstones(file)
    assert [known.has_keys(key, None, at) for at in (back, again, again + timedelta(seconds=1))] == [
        True,
        True,
        False,
    ]


def test_lines_that_stand_already_are_not_added_again(store: Store, file: KeyedFile) -> None:
    refs = parts(store, C1)
    erased(store, file, C1)
    before = file.read()
    erase.intend(store, refs, NOW)
    erase.carry_out(store, file)
    assert file.read() == before


def test_no_order_of_the_org_goes_over_to_the_next_contact_of_its_account(
    store: Store, file: KeyedFile
) -> None:
    other = contact(3, "jiro@example.com", AccountId=sf_id("001", 1), FirstName="Jiro")
    named, bare = sf_order(2, AccountId=sf_id("001", 1), BillToContactId=CONTACT.id), sf_order(1)
    pull(store, "salesforce.Order", [named])
    erased(store, file, C1)
    with keeping_out(load_tombstones(file)):
        pull(store, "salesforce.Contact", [other])
        assert [owner(store, one["Id"]) for one in (named, bare)] == [(None, None)] * 2
        pull(store, "salesforce.Order", [named, bare, sf_order(3, AccountId=sf_id("001", 1))])
    assert [owner(store, one["Id"]) for one in (named, bare)] == [(None, None)] * 2
    assert owner(store, sf_order(3)["Id"]) == ("Contact", other["Id"]), "bought afterwards"


def test_who_was_forgotten_stays_out_of_the_next_pull(store: Store, file: KeyedFile) -> None:
    erased(store, file, C1)
    with keeping_out(load_tombstones(file)):
        pull(store, "shopify.customers", [customer(1, HANAKO, updatedAt="2026-11-20T00:00:00Z")])
        pull(store, "shopify.orders", [order(11, 1, email=HANAKO), order(13, email=HANAKO)])
        pull(store, "salesforce.Contact", [contact(1, HANAKO)])
        pull(store, "salesforce.Order", [sf_order(1)])
    identify(store, run_id="r2", at=NOW)
    assert store.rows("SELECT object, id FROM records") == [("customer", "2")]
    assert counts.forgotten(store, "shopify", SHOP, "customers") == 1


def test_what_else_happened_with_somebody_forgotten_is_nobodys_and_stays_so(
    store: Store, file: KeyedFile
) -> None:
    stamps = {"createdAt": "2026-01-02T00:00:00Z", "updatedAt": "2026-01-02T00:00:00Z"}
    left = [
        {"id": f"gid://shopify/AbandonedCheckout/{one}", "customer": {"id": f"gid://shopify/Customer/{one}"}}
        | stamps
        for one in (1, 2)
    ]
    pull(store, "shopify.abandoned_checkouts", left)
    erased(store, file, C1)
    told = "SELECT id, record_id FROM touches ORDER BY id"
    assert store.rows(told) == [("1", None), ("2", "2")]
    with keeping_out(load_tombstones(file)):
        pull(store, "shopify.abandoned_checkouts", left)
    assert store.rows(told) == [("1", None), ("2", "2")]


@pytest.mark.parametrize("gone", [C1, C2])
def test_a_decision_goes_whichever_of_the_two_is_forgotten(
    store: Store, file: KeyedFile, tmp_path: Path, gone: Ref
) -> None:
    decisions = KeyedFile(tmp_path / "zaiseki.decisions", "decisions", KEY)
    decide(store, decisions, [Decision("reject", C2, C1, NOW)])
    erased(store, file, gone)
    assert store.rows("SELECT * FROM decisions") == []


def test_nobody_is_said_to_have_been_introduced_by_somebody_forgotten(store: Store, file: KeyedFile) -> None:
    friends = [contact(number, f"friend{number}@example.com") for number in (3, 4)]
    pull(store, "salesforce.Contact", friends)
    for friend, introduced_by in ((3, sf_id("003", 1)), (4, sf_id("003", 3))):
        row = [introduced_by, sf_id("003", friend)]
        store.con.execute("UPDATE records SET referrer_id = ? WHERE id = ?", row)
    erased(store, file, C1)
    told = store.rows("SELECT id, referrer_id FROM records WHERE object = 'Contact' ORDER BY id")
    assert told == [(sf_id("003", 3), None), (sf_id("003", 4), sf_id("003", 3))]
