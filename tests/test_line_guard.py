"""The guard end to end: a surprise is held whole, leaves both platforms as they are, and can be approved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest
from conftest import write_scenario
from line_readback import Held, execute, read_both, shopify_session
from line_small import LATER, TOML, contact_id, contacts, customers, orders, sales
from line_support import Line, Ran, small

Start = Callable[..., Line]
PEOPLE = 300
FIRST_BOUGHT = "2026-05-01"
CODES = 'code_metafield = "custom.referral_code"\n'
DELETE = """mutation($metafields: [MetafieldIdentifierInput!]!) {
  metafieldsDelete(metafields: $metafields) { userErrors { message } } }"""


@pytest.fixture
def filled(tmp_path: Path) -> Iterator[Start]:
    """Give a function: rows, settings -> a line whose first sync is done (a first fill, never held)."""
    with ExitStack() as stack:

        def start(rows: Mapping[str, Sequence[Mapping[str, object]]], more: str = "") -> Line:
            folder = write_scenario(tmp_path / "scenario", rows, TOML)
            line = stack.enter_context(small(tmp_path / "job", folder))
            line.configure(plain=True, more=more, best_spend=1_000)
            line.provision()
            first = line.sync().json
            assert (first["holds"], first["written"]) == ([], first["records"])
            return line

        yield start


def buyers(people: int = PEOPLE) -> dict[str, list[dict[str, object]]]:
    """People on Shopify who bought once."""
    return {
        "shopify_customers": customers(range(people)),
        "shopify_orders": orders(range(people), FIRST_BOUGHT),
    }


def buy_again(line: Line, numbers: range) -> None:
    """These people buy on the present day for the second time, which makes them steady."""
    more = orders(numbers, "2026-10-02", start=10_000 + numbers.start, updated_at=LATER)
    line.apply(line.folder / f"again{numbers.start}", {"shopify_orders": more}, LATER)


def is_held(line: Line, *words: str) -> Ran:
    """A sync that is held whole: exit code 2, no write tried, both platforms as they were."""
    before = read_both(line.ready)
    with line.watched() as tried:
        ran = line.sync(*words, code=2)
    assert tried == []
    assert read_both(line.ready) == before
    told = ran.json
    assert (told["written"], told["unchanged"], told["rejected"]) == (0, 0, 0)
    assert (told["held"], told["balanced"]) == (told["planned"], True)
    return ran


def values(held: Held, key: str) -> Counter[object]:
    """How often each value of one field is held."""
    return Counter(one[key] for one in held.values())


def test_what_is_approved_for_one_record_is_not_approved_for_the_others(filled: Start) -> None:
    line = filled(buyers(60))
    line.configure(plain=True, best_spend=1_000, lapse_days=100)  # they bought 154 days ago
    assert is_held(line).json["planned"] == 60
    only = line.sync("--approve", "--only", "shopify:1000").json
    assert (only["planned"], only["written"]) == (1, 1)
    assert {code for code, _ in is_held(line).holds} == {"thresholds", "segment_moves"}


def test_more_movers_than_a_twentieth_are_held_from_fifty_on(filled: Start) -> None:
    line = filled(buyers())
    buy_again(line, range(49))
    assert line.sync().json["written"] == 49  # a sixth of all, but a handful
    buy_again(line, range(100, 160))
    held = is_held(line)
    assert held.holds == [
        ("segment_moves", {"count": "60", "base": "300", "share": "0.05", "least": "50"}),
    ]
    assert held.json["planned"] == 60
    told = line.run("sync")
    assert told.code == 2
    assert "--approve" in told.out + told.err
    approved = line.sync("--approve").json
    assert (approved["planned"], approved["written"], approved["held"]) == (60, 60, 0)
    assert values(read_both(line.ready)["shopify"], "segment") == {"first_active": 191, "steady_active": 109}
    assert line.sync().json["planned"] == 0


def test_the_share_of_movers_is_the_merchants_and_is_itself_allowed(filled: Start) -> None:
    line = filled(buyers())
    line.configure(plain=True, more="\n[write]\nmax_segment_moves = 0.2\n", best_spend=1_000)
    buy_again(line, range(61))
    assert [code for code, _ in is_held(line).holds] == ["segment_moves"]
    gone = [{"id": 10_060, "cancelled_at": "2026-10-02T11:00:00Z", "updated_at": "2026-10-02T12:30:00Z"}]
    line.apply(line.folder / "cancelled", {"shopify_orders": gone}, "2026-10-02T13:00:00Z")
    assert line.sync().json["written"] == 60


def test_fields_going_blank_on_many_records_are_held(filled: Start) -> None:
    codes = [
        {
            "owner_id": 1_000 + number,
            "namespace": "custom",
            "key": "referral_code",
            "type": "single_line_text_field",
            "value": f"CODE-{number}",
        }
        for number in range(3)
    ]
    line = filled({**buyers(60), "shopify_metafields": codes}, f"\n[referral]\n{CODES}")
    assert values(read_both(line.ready)["shopify"], "referrals") == {0: 60}
    owners = [
        {
            "ownerId": f"gid://shopify/Customer/{one['owner_id']}",
            "namespace": "custom",
            "key": "referral_code",
        }
        for one in codes
    ]
    with shopify_session(line.ready):
        assert execute(DELETE, metafields=owners)["metafieldsDelete"]["userErrors"] == []
    line.apply(line.folder / "later", {}, LATER)
    held = is_held(line)  # with the last code gone nothing tracks referrals any more
    assert [(code, details["field"], details["count"]) for code, details in held.holds] == [
        ("field_blank", "referral_score", "60"),
        ("field_blank", "referrals", "60"),
    ]
    assert line.sync("--approve").json["written"] == 60
    assert values(read_both(line.ready)["shopify"], "referrals") == {None: 60}


def test_a_stream_that_has_gone_empty_is_held(filled: Start) -> None:
    line = filled(
        {**buyers(5), "salesforce_Contact": contacts(range(5)), "salesforce_Order": sales([1], "2026-05-02")}
    )
    gone = [{"Id": "801000000000001", "LastModifiedDate": LATER, "deleted": "true"}]
    line.apply(line.folder / "gone", {"salesforce_Order": gone}, LATER)
    held = is_held(line)
    assert held.holds == [("stream_empty", {"stream": "salesforce.Order"})]
    assert held.json["planned"] == 1
    assert line.sync("--approve").json["written"] == 1
    contact = read_both(line.ready)["salesforce"][contact_id(1) + "AAA"]
    assert (contact["segment"], contact["tenure_days"]) == ("prospect", None)
    assert line.sync().json["holds"] == []


def test_a_day_before_the_last_written_one_is_held(filled: Start) -> None:
    line = filled(buyers(5))
    held = is_held(line, "--as-of", "2026-09-30")
    assert held.holds == [("as_of", {"before": "2026-10-01", "now": "2026-09-30"})]
    assert line.sync("--as-of", "2026-09-30", "--approve").json["as_of"] == "2026-09-30"


def test_joins_and_splits_of_many_persons_are_held(filled: Start) -> None:
    people = range(60)
    # Both halves bought on one day, so that nobody's segment moves when they become one person.
    line = filled(
        {
            **buyers(),
            "salesforce_Contact": contacts(people),
            "salesforce_Order": sales(people, FIRST_BOUGHT, total="12.00"),
        }
    )
    before = read_both(line.ready)
    change_addresses(line, people, "p", LATER)
    held = is_held(line)
    assert held.holds == [("joins_splits", {"count": "60", "base": "360", "share": "0.05", "least": "50"})]
    assert held.json["people"]["joins"] == 60
    # Who they are is settled by now; the surprise is not over until somebody approves it.
    assert is_held(line).holds[0][0] == "joins_splits"
    line.sync("--approve")
    joined = read_both(line.ready)
    for number in people:
        customer = joined["shopify"][str(1_000 + number)]
        assert joined["salesforce"][contact_id(number) + "AAA"] == customer
        assert customer["person_id"] == before["shopify"][str(1_000 + number)]["person_id"]
        assert customer["net_spend"] == 22
    change_addresses(line, people, "c", "2026-10-03T12:00:00Z")
    assert [code for code, _ in is_held(line).holds] == ["joins_splits"]
    line.sync("--approve")
    split = read_both(line.ready)
    assert split["shopify"] == before["shopify"]
    ids = {one["person_id"] for part in split.values() for one in part.values()}
    assert len(ids) == 360


def change_addresses(line: Line, numbers: range, letter: str, now: str) -> None:
    """The contacts get other addresses: `p` makes them their customers', `c` their own."""
    rows = [
        {"Id": contact_id(number), "Email": f"{letter}{number}@example.com", "LastModifiedDate": now}
        for number in numbers
    ]
    line.apply(line.folder / f"addresses-{now[:10]}", {"salesforce_Contact": rows}, now)


def test_new_records_are_a_first_fill_however_many(filled: Start) -> None:
    line = filled(buyers(20))
    new = range(500, 700)
    rows = {
        "shopify_customers": customers(new, updated_at=LATER),
        "shopify_orders": orders(new, FIRST_BOUGHT, start=20_000, updated_at=LATER),
    }
    line.apply(line.folder / "new", rows, LATER)
    told = line.sync().json
    assert (told["holds"], told["written"]) == ([], 200)
