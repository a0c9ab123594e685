"""What waits for a decision, and what decisions do."""

from __future__ import annotations

from identity_rows import contact, decide, new_store, put, review, together, typed, who

from sync.store import Store

SAME = {"email": "ie@example.com"}
HUSBAND, WIFE = typed("1", "田中", "太郎", **SAME), contact("2", "田中", "花子", day=1, **SAME)
NAMELESS = contact("3", day=2, **SAME)


def items(store: Store) -> dict[str, str]:
    return dict(store.rows("SELECT other_id, item FROM match_review"))


def test_an_accepted_pair_is_one_person_whatever_the_names_say_and_waits_no_more() -> None:
    with new_store() as store:
        put(store, HUSBAND, WIFE)
        decide(store, "accept", HUSBAND, WIFE)
        found = who(store)
        assert (together(store), review(store), found.review) == ({frozenset("12")}, set(), 0)
        assert store.rows("SELECT DISTINCT rule FROM members") == [("accepted",)]


def test_a_rejected_pair_waits_no_more_and_stays_apart() -> None:
    with new_store() as store:
        put(store, HUSBAND, WIFE)
        decide(store, "reject", WIFE, HUSBAND)
        who(store)
        assert (together(store), review(store)) == ({frozenset("1"), frozenset("2")}, set())


def test_a_rejected_pair_that_nothing_else_parts_loses_its_ties() -> None:
    one, other = typed("1", email="a@example.com"), contact("2", email="a@example.com")
    far = contact("3", email="b@example.com", linked_platform="shopify", linked_id="1")
    with new_store() as store:
        put(store, one, other, far)
        decide(store, "reject", one, other)
        who(store)
        assert together(store) == {frozenset("13"), frozenset("2")}


def test_rejecting_a_phone_pair_leaves_what_addresses_tie() -> None:
    phone = {"phone": "090-1234-5678"}
    one, other = (
        typed("1", "田中", "花子", email="a@example.com", **phone),
        contact("2", "田中", "花子", **phone),
    )
    with new_store() as store:
        put(store, one, other, contact("3", "田中", "花子", email="a@example.com"))
        who(store)
        assert together(store) == {frozenset("123")}
        decide(store, "reject", one, other)
        who(store, "r2")
        assert together(store) == {frozenset("13"), frozenset("2")}


def test_a_rejection_parts_the_later_record_only_and_says_so_of_what_else_it_shared() -> None:
    phone, mail = {"phone": "090-1234-5678"}, {"email": "a@example.com"}
    records = (
        typed("1", "田中", "花子", **mail, **phone),
        contact("2", "田中", "花子", day=1, **mail),
        contact("3", "田中", "花子", day=2, **phone),
        contact("4", "田中", "花子", day=3, **phone),
        typed("5", "田中", "花子", day=4, **mail),
    )
    found = []
    for arrival in (records, records[::-1]):
        with new_store() as store:
            put(store, *arrival)
            decide(store, "reject", records[3], records[0])
            who(store)
            found.append((together(store), review(store)))
    assert found == [({frozenset("1235"), frozenset("4")}, set())] * 2


def test_who_went_with_a_rejection_waits_beside_the_others_for_that_reason() -> None:
    mail = {"email": "a@example.com"}
    one, two = typed("1", **mail), contact("2", day=1, **mail)
    three = contact("3", day=2, **mail)
    with new_store() as store:
        put(store, one, two, three)
        decide(store, "reject", one, two)
        decide(store, "reject", one, three)
        who(store)
        assert together(store) == {frozenset("1"), frozenset("2"), frozenset("3")}
        assert review(store) == {("2", "3", "email", "rejected")}
        decide(store, "accept", two, three)
        who(store, "r2")
        assert (together(store), review(store)) == ({frozenset("1"), frozenset("23")}, set())


def test_all_that_a_link_holds_to_a_rejected_record_goes_with_it() -> None:
    mail = {"email": "a@example.com"}
    one, two = typed("1", **mail), typed("2", day=1, **mail)
    linked = contact("3", day=2, linked_platform="shopify", linked_id="2", **mail)
    with new_store() as store:
        put(store, one, two, linked, contact("4", day=3, **mail))
        decide(store, "reject", one, linked)
        who(store)
        assert together(store) == {frozenset("14"), frozenset("23")}


def test_a_link_stands_even_against_a_rejection() -> None:
    linked = contact("2", linked_platform="shopify", linked_id="1")
    with new_store() as store:
        put(store, typed("1"), linked)
        decide(store, "reject", typed("1"), linked)
        who(store)
        assert together(store) == {frozenset("12")}


def test_of_several_decisions_on_a_pair_the_last_counts_in_whichever_order_they_name_it() -> None:
    with new_store() as store:
        put(store, HUSBAND, WIFE)
        decide(store, "accept", HUSBAND, WIFE, day=1)
        decide(store, "reject", WIFE, HUSBAND, day=2)
        who(store)
        assert together(store) == {frozenset("1"), frozenset("2")}
        decide(store, "accept", WIFE, HUSBAND, day=3)
        who(store, "r2")
        assert together(store) == {frozenset("12")}


def test_a_decision_speaks_for_all_records_of_the_two_persons() -> None:
    with new_store() as store:
        put(store, HUSBAND, WIFE)
        decide(store, "reject", HUSBAND, WIFE)
        put(store, typed("0", "田中", "太郎", day=-1, **SAME), contact("4", "田中", "花子", **SAME))
        who(store)
        assert together(store) == {frozenset("01"), frozenset("24")}
        assert review(store) == set()


def test_two_acceptances_join_three_even_where_the_ends_were_rejected() -> None:
    """An acceptance is as sure as a link: a rejection parts only what it does not hold together."""
    one, two, three = (
        typed(str(n), "田中", name, day=n, **SAME) for n, name in enumerate(("太郎", "花子", "一郎"))
    )
    for last in (0, 9):
        with new_store() as store:
            put(store, one, two, three)
            decide(store, "reject", one, three, day=last)
            decide(store, "accept", one, two, day=1)
            decide(store, "accept", two, three, day=2)
            who(store)
            assert (together(store), review(store)) == ({frozenset("012")}, set())
            decide(store, "reject", two, three, day=10)
            who(store, "r2")
            assert together(store) == {frozenset("01"), frozenset("2")}


def test_a_decision_outlives_the_merge_of_a_record_it_names() -> None:
    with new_store() as store:
        put(store, HUSBAND._replace(deleted=True, merged_into="5"), typed("5", "田中", "太郎", **SAME), WIFE)
        decide(store, "accept", HUSBAND, WIFE)
        who(store)
        assert together(store) == {frozenset("25")}


def test_who_said_no_to_one_is_asked_of_the_next() -> None:
    with new_store() as store:
        put(store, HUSBAND, WIFE, NAMELESS)
        who(store)
        assert review(store) == {("1", "2", "email", "names"), ("1", "3", "email", "ambiguous")}
        decide(store, "reject", HUSBAND, NAMELESS)
        who(store, "r2")
        assert review(store) == {("1", "2", "email", "names"), ("2", "3", "email", "ambiguous")}
        decide(store, "accept", WIFE, NAMELESS)
        who(store, "r3")
        assert together(store) == {frozenset("1"), frozenset("23")}
        assert review(store) == set(), "3 is not 1, and 3 is 2: so 2 is not 1"


def test_a_pair_that_shares_two_values_waits_once_for_the_surer_one() -> None:
    phone = "090-1234-5678"
    with new_store() as store:
        put(
            store,
            typed("1", "田中", "太郎", phone=phone, **SAME),
            contact("2", "田中", "花子", phone=phone, **SAME),
        )
        who(store)
        assert [(row[2], row[3]) for row in review(store)] == [("email", "names")]


def test_an_item_keeps_its_name_and_its_first_run_while_it_waits() -> None:
    with new_store() as store:
        put(store, HUSBAND, WIFE)
        who(store, "r1")
        before = items(store)
        put(store, NAMELESS, typed("9", email="other@example.com", day=-30))
        who(store, "r2")
        assert items(store)["2"] == before["2"]
        assert dict(store.rows("SELECT other_id, first_run FROM match_review")) == {"2": "r1", "3": "r2"}
        assert len(before["2"]) == 12


def test_what_settles_by_itself_waits_no_more() -> None:
    with new_store() as store:
        put(store, HUSBAND, WIFE)
        assert who(store, "r1").review == 1
        put(store, contact("2", "田中", "太郎", day=1, **SAME))
        assert who(store, "r2").review == 0
        assert together(store) == {frozenset("12")}


def test_a_person_of_too_many_records_may_be_large_once_accepted_and_while_its_anchor_is_in_it() -> None:
    crowd = [contact(str(n), day=n, **SAME) for n in range(1, 6)]
    with new_store() as store:
        put(store, *crowd)
        assert who(store, "r1", max_members=4).persons == 5
        assert store.rows("SELECT id, other_id, rule, reason, members FROM match_review") == [
            ("1", None, None, "too_many", 5)
        ]
        decide(store, "accept", crowd[0])
        found = who(store, "r2", max_members=4)
        assert (found.persons, found.review) == (1, 0)
        put(store, contact("1", day=1))
        found = who(store, "r3", max_members=3)
        assert (found.persons, found.review) == (5, 1)


def test_a_person_of_too_many_records_that_was_rejected_stays_apart_and_waits_no_more() -> None:
    crowd = [contact(str(n), day=n, **SAME) for n in range(1, 6)]
    with new_store() as store:
        put(store, *crowd)
        decide(store, "reject", crowd[2])
        found = who(store, max_members=4)
        assert (found.persons, found.review) == (5, 0)


def test_of_a_person_of_too_many_records_all_are_known_while_it_waits() -> None:
    crowd = [contact(str(n), day=n, **SAME) for n in range(1, 5)]
    linked = typed("5", day=5, linked_platform="salesforce", linked_id="3")
    couple = [contact(str(n), day=n, email="b@example.com") for n in (6, 7)]
    with new_store() as store:
        put(store, *crowd, linked, *couple)
        who(store, "r1", max_members=4)
        ((item,),) = store.rows("SELECT item FROM match_review WHERE reason = 'too_many'")
        assert store.rows("SELECT item, id FROM review_members ORDER BY id") == [
            (item, one) for one in "12345"
        ]
        decide(store, "accept", crowd[1])
        who(store, "r2", max_members=4)
        assert store.rows("FROM review_members") == []


def test_a_decision_on_a_record_that_is_gone_says_nothing() -> None:
    with new_store() as store:
        put(store, WIFE)
        decide(store, "accept", HUSBAND, WIFE)
        decide(store, "accept", HUSBAND)
        assert who(store).persons == 1
