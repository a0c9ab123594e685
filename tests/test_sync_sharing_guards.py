"""What keeps a shared value from tying people wrongly, and what keeps its cost bounded."""

from __future__ import annotations

from typing import Any

import pytest
from identity_rows import contact, new_store, persons, put, typed, who

from sync.sharing import MAX_FORMS

MOBILE = {"phone": "090-1234-5678"}
LINK = {"linked_platform": "shopify", "linked_id": "1"}


@pytest.mark.parametrize(
    ("names", "same"),
    [
        ((("佐藤", "花子"), ("田中", "花子")), MOBILE),
        ((("田中", "花"), ("田中", "花子")), {"email": "hana@example.com"}),
    ],
)
def test_who_does_not_tell_a_name_goes_with_the_two_that_a_link_made_one(
    names: tuple[tuple[str, str], ...], same: dict[str, Any]
) -> None:
    """Without the link the two names conflict on the value, and a third without a name belongs to neither."""
    here, there = names
    shop, nameless = typed("1", *here, **same), contact("3", **same, day=1)
    assert persons(shop, contact("2", *there, **LINK, **same), nameless) == {frozenset("123")}
    assert persons(shop, contact("2", *there, **same), nameless) == {frozenset(one) for one in "123"}


def test_a_value_of_too_many_forms_of_names_is_nobodys_although_one_given_name_is_on_all() -> None:
    """Pairs of forms grow with the square, and nobody could look through all that is undecided then."""

    def found(forms: int) -> tuple[int, list[tuple[int]]]:
        with new_store() as store:
            families = (f"Lee{chr(97 + n // 26)}{chr(97 + n % 26)}" for n in range(forms))
            put(store, *(contact(f, f, "Ann", email="ann@example.com") for f in families))
            persons = who(store, max_members=2 * MAX_FORMS).persons
            return persons, store.rows("SELECT count(*) FROM match_review")

    assert found(MAX_FORMS) == (1, [(0,)])
    assert found(MAX_FORMS + 1) == (MAX_FORMS + 1, [(0,)])
