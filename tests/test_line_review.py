"""What the rules cannot decide is shown, decided by somebody, acted on by the next run, and stays decided."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from conftest import write_scenario
from line_kept import KeptLine, first_sync, kept_after
from line_readback import read_both
from line_small import TOML, contact_id, contacts, customers, orders
from line_support import Line

CONTACT = f"{contact_id(1)}AAA"


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> KeptLine:
    """A couple: customer 1 and contact 1 share an address and have different names; customer 2 is alone."""
    rows = {
        "shopify_customers": [
            *customers([1], first_name="Hanako", last_name="Yamada", email="home@example.com"),
            *customers([2], first_name="Jiro", last_name="Sato"),
        ],
        "shopify_orders": [*orders([1], "2026-05-01"), *orders([2], "2026-07-30", start=2)],
        "salesforce_Contact": contacts([1], FirstName="Taro", LastName="Yamada", Email="home@example.com"),
    }
    folder = tmp_path_factory.mktemp("review")
    return kept_after(folder, write_scenario(folder / "world", rows, TOML), first_sync)


@pytest.fixture
def line(begun: KeptLine, tmp_path: Path) -> Iterator[Line]:
    with begun.again(tmp_path / "job") as made:
        yield made


def items(line: Line) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = line.run("review", "list", "--json").json["items"]
    return found


def together(line: Line) -> int:
    """How many persons the records are."""
    with duckdb.connect(str(line.store), read_only=True) as con:
        return len(con.execute("SELECT DISTINCT person_id FROM members").fetchall())


def standing(line: Line) -> dict[str, tuple[Any, Any]]:
    """Tenure and segment of each customer, as the shop's admin sees them."""
    held = read_both(line.ready)["shopify"]
    return {record: (values["tenure_days"], values["segment"]) for record, values in held.items()}


def test_a_couple_with_one_address_waits_for_a_decision(line: Line) -> None:
    (item,) = items(line)
    assert (item["reason"], item["rule"], item["members"]) == ("names", "email", None)
    assert {one["record"] for one in item["records"]} == {"shopify:1001", CONTACT}
    told = line.run("review", "list").out
    assert item["item"] in told and "their names differ" in told and "the same e-mail address" in told
    assert "home@example.com" not in told and "Hanako" not in told
    assert line.sync().json["people"]["review"] == 1


def test_what_is_accepted_is_one_person_from_the_next_run_on_and_after_the_store_is_lost(line: Line) -> None:
    (item,) = items(line)
    assert together(line) == 3
    done = line.run("review", "accept", item["item"])
    assert done.code == 0 and "next sync" in done.out
    assert together(line) == 3, "nothing happens at once"
    told = line.sync("--approve").json
    assert (together(line), told["people"]["joins"], told["people"]["review"]) == (2, 1, 0)
    assert items(line) == []
    line.lose()
    told = line.sync().json
    assert (together(line), told["planned"], told["people"]["review"]) == (2, 0, 0)
    assert "1001" not in (line.folder / "zaiseki.decisions").read_text()


def test_what_is_rejected_is_asked_no_more_and_can_be_taken_back(line: Line) -> None:
    (item,) = items(line)
    line.run("review", "reject", item["item"])
    line.sync()
    assert (together(line), items(line)) == (3, [])
    line.run("review", "accept", "shopify:1001", contact_id(1))
    line.sync("--approve")
    assert (together(line), items(line)) == (2, [])


def test_what_is_decided_leaves_the_list_at_once_and_can_be_decided_the_other_way(line: Line) -> None:
    (item,) = items(line)
    line.run("review", "accept", item["item"])
    assert items(line) == []
    assert "Nothing to decide" in line.run("review", "list").out
    assert line.run("review", "reject", contact_id(1), "shopify:1001").code == 0
    line.sync()
    assert (together(line), items(line)) == (3, [])


@pytest.mark.parametrize(
    ("shopify", "salesforce", "code"),
    [
        ("", "linked_platform = 'shopify', linked_id = '1001'", "reject_linked"),
        (
            "deleted = true, merged_into = '1002'",
            "linked_platform = 'shopify', linked_id = '1002'",
            "reject_merged",
        ),
    ],
)
def test_what_a_link_holds_together_is_not_rejected(
    line: Line, shopify: str, salesforce: str, code: str
) -> None:
    with duckdb.connect(str(line.store)) as con:
        if shopify:
            con.execute(f"UPDATE records SET {shopify} WHERE id = '1001'")
        con.execute(f"UPDATE records SET {salesforce} WHERE platform = 'salesforce'")
        con.execute("UPDATE members SET person_id = (SELECT min(person_id) FROM members)")
    done = line.run("review", "reject", CONTACT, "shopify:1001", "--json")
    assert (done.code, done.json["error"]["code"]) == (1, code)
    assert not (line.folder / "zaiseki.decisions").exists()
    if code == "reject_linked":
        assert "your own field" in line.run("review", "reject", CONTACT, "shopify:1001").err
    assert line.run("review", "accept", CONTACT, "shopify:1001").code == 0


def test_what_the_conversion_of_a_lead_holds_together_is_not_rejected(line: Line) -> None:
    """The lead was converted to a Person Account, which the platform calls by another id as a contact."""
    lead, account, as_contact = "00Q5g0000000001AAA", "0015g0000000001AAA", "0035g0000000077AAA"
    person = "(SELECT person_id FROM members WHERE object = 'Contact')"
    with duckdb.connect(str(line.store)) as con:
        for kind, record, alias, linked in (
            ("Lead", lead, None, as_contact),
            ("PersonAccount", account, as_contact, None),
        ):
            con.execute(
                "INSERT INTO records BY NAME SELECT * REPLACE (? AS object, ? AS id, ? AS alias_id,"
                " ? AS linked_id, 'salesforce' AS linked_platform) FROM records WHERE object = 'Contact'",
                [kind, record, alias, linked],
            )
            con.execute(
                "INSERT INTO members BY NAME SELECT * REPLACE (? AS object, ? AS id)"
                f" FROM members WHERE person_id = {person} AND object = 'Contact'",
                [kind, record],
            )
    for pair in ((lead, account), (account, lead)):
        done = line.run("review", "reject", *pair, "--json")
        assert (done.code, done.json["error"]["code"]) == (1, "reject_converted")
    assert "a conversion of the lead" in line.run("review", "reject", lead, as_contact).err
    assert not (line.folder / "zaiseki.decisions").exists()
    assert line.run("review", "reject", lead, CONTACT).code == 0, "nothing but an address holds these"


def test_what_a_chain_of_accepted_pairs_holds_together_is_parted_where_it_was_accepted(line: Line) -> None:
    """1001 was accepted beside the contact, the contact beside 1002: to part the ends is to take one back."""
    first, second = ("shopify:1001", CONTACT), (CONTACT, "shopify:1002")
    ends = ("shopify:1001", "shopify:1002")
    for pair in (first, second):
        assert line.run("review", "accept", *pair).code == 0
    before_it_acts = line.run("review", "reject", *ends, "--json")
    line.sync("--approve")
    assert together(line) == 1
    after = line.run("review", "reject", *ends, "--json")
    for done in (before_it_acts, after):
        assert (done.code, done.json["error"]["code"]) == (1, "reject_accepted")
    told = line.run("review", "reject", *ends).err
    assert f"`zaiseki review reject {CONTACT} shopify:1002`" in " ".join(told.split())
    assert line.run("review", "reject", *second).code == 0, "what was accepted itself is taken back"
    assert line.run("review", "reject", *ends).code == 0
    line.sync("--approve")
    assert together(line) == 2


def test_a_guest_can_be_named_as_it_is_shown(line: Line) -> None:
    guest = "0123456789abcdef0123456789abcdef"
    with duckdb.connect(str(line.store)) as con:
        for one in (guest, "0123f" + guest[5:]):
            con.execute(
                "INSERT INTO records BY NAME SELECT * REPLACE ('guest' AS object, ? AS id)"
                " FROM records WHERE id = '1002'",
                [one],
            )
    told = line.run("review", "reject", f"guest:{guest[:12]}", "shopify:1001", "--json").json
    assert told["decided"] == [[f"guest:{guest[:12]}", "shopify:1001"]]
    assert line.run("review", "reject", f"guest:{guest}", "shopify:1001").code == 0
    for name, code in (("guest:0123", "guest_ambiguous"), ("guest:ffff", "record_unknown")):
        done = line.run("review", "reject", name, "shopify:1001", "--json")
        assert (done.code, done.json["error"]["code"]) == (1, code)


def test_two_records_can_be_joined_and_parted_by_name(line: Line) -> None:
    alone = {"1001": (0, "first_active"), "1002": (0, "first_active")}
    assert standing(line) == alone
    told = line.run("review", "accept", "shopify:1001", "gid://shopify/Customer/1002", "--json").json
    assert told == {"decision": "accept", "decided": [["shopify:1001", "shopify:1002"]]}
    line.sync("--approve")
    assert together(line) == 2
    # Two buyers of one purchase each, 90 days apart, are one who came back.
    assert standing(line) == dict.fromkeys(alone, (90, "steady_active"))
    line.run("review", "reject", "shopify:1002", "shopify:1001")
    line.sync("--approve")
    assert together(line) == 3
    assert standing(line) == alone


def test_what_cannot_be_decided_is_told_and_nothing_is_kept(line: Line) -> None:
    (item,) = items(line)
    for words, code in (
        (("accept", item["item"], "0123456789ab"), "review_item_unknown"),
        (("accept", "shopify:1001"), "review_not_a_pair"),
        (("reject", "shopify:1001", "shopify:1001"), "review_not_a_pair"),
        (("reject", "shopify:1001", "shopify:9"), "record_unknown"),
    ):
        done = line.run("review", *words, "--json")
        assert (done.code, done.json["error"]["code"]) == (1, code)
    assert not (line.folder / "zaiseki.decisions").exists()
    assert len(items(line)) == 1
