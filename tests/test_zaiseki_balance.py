"""The balance sheet: a run that lost, doubled or left out anything does not balance."""

import json
from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from metrics.writeback import WriteCount
from zaiseki.balance import Balance, People, StreamLine

COUNT = st.integers(0, 10_000)
OFF = st.integers(-10_000, 10_000).filter(bool)
DESIGN_KEYS = {
    "run_id",
    "as_of",
    "seconds",
    "streams",
    "records",
    "persons",
    "orders_unattributed",
    "planned",
    "written",
    "unchanged",
    "rejected",
    "held",
    "forgotten",
    "api",
    "balanced",
}
"""What the design says `sync --json` holds at least."""


@st.composite
def stream_lines(draw: st.DrawFn) -> StreamLine:
    inserted, updated, unchanged, quarantined, live, apart, forgotten = (draw(COUNT) for _ in range(7))
    return StreamLine(
        fetched=inserted + updated + unchanged + quarantined,
        inserted=inserted,
        updated=updated,
        unchanged=unchanged,
        quarantined=quarantined,
        live=live,
        apart=apart,
        on_platform=live + apart + forgotten,
        moving=0,
        forgotten=forgotten,
    )


@st.composite
def write_lines(draw: st.DrawFn) -> WriteCount:
    written, unchanged, rejected, held = (draw(COUNT) for _ in range(4))
    return WriteCount(written + unchanged + rejected + held, written, unchanged, rejected, held)


@st.composite
def balances(draw: st.DrawFn) -> Balance:
    records = draw(COUNT)
    return Balance(
        run_id="r1",
        as_of=date(2026, 10, 1),
        seconds=1.234,
        streams={"shopify.customers": draw(stream_lines()), "salesforce.Contact": draw(stream_lines())},
        people=People(records, records, draw(COUNT), draw(COUNT)),
        writes={"shopify": draw(write_lines()), "salesforce": draw(write_lines())},
        api={"shopify": {"requests": 3, "cost": 30, "throttled_seconds": 0.5}, "salesforce": {"requests": 4}},
    )


@given(balances())
def test_books_that_add_up_balance(balance: Balance) -> None:
    assert balance.differences() == ()
    assert balance.as_json()["balanced"] is True


@given(balances(), st.sampled_from(["shopify.customers", "salesforce.Contact"]), st.data())
def test_any_single_wrong_count_of_a_stream_is_told_by_its_name(
    balance: Balance, stream: str, data: st.DataObject
) -> None:
    line = balance.streams[stream]
    part = data.draw(st.sampled_from([field.name for field in fields(StreamLine) if field.name != "moving"]))
    wrong = replace(line, **{part: getattr(line, part) + data.draw(OFF)})
    told = replace(balance, streams={**balance.streams, stream: wrong}).differences()
    assert [text for text in told if text.startswith(stream)] == list(told) != []


@given(balances(), st.sampled_from(["shopify", "salesforce"]), st.data())
def test_any_single_wrong_count_of_a_write_is_told_by_its_platform(
    balance: Balance, platform: str, data: st.DataObject
) -> None:
    writes: Mapping[str, WriteCount] = dict(balance.writes)  # type: ignore[arg-type]
    part = data.draw(st.sampled_from([field.name for field in fields(WriteCount)]))
    wrong = replace(writes[platform], **{part: getattr(writes[platform], part) + data.draw(OFF)})
    told = replace(balance, writes={**writes, platform: wrong}).differences()  # type: ignore[dict-item]
    assert [text for text in told if text.startswith(f"{platform}:")] == list(told) != []


@given(balances(), st.sampled_from(["records", "members"]), OFF)
def test_a_record_without_a_person_or_with_two_is_told(balance: Balance, part: str, off: int) -> None:
    people = replace(balance.people, **{part: getattr(balance.people, part) + off})
    (told,) = replace(balance, people=people).differences()
    assert told.startswith("records ")


@given(balances(), st.integers(1, 100), st.integers(0, 100))
def test_only_a_gap_beyond_what_moved_during_the_run_counts(balance: Balance, gap: int, moving: int) -> None:
    line = balance.streams["shopify.customers"]
    for wrong in (line.on_platform + gap, line.on_platform - gap):
        moved = replace(line, on_platform=wrong, moving=moving)
        assert moved.gap() == max(0, gap - moving)
        told = replace(balance, streams={"shopify.customers": moved}).differences()
        assert bool(told) == (gap > moving)


@given(balances())
def test_a_plan_accounts_for_what_it_read_and_for_nothing_written(balance: Balance) -> None:
    planned = {name: WriteCount(planned=7) for name in balance.writes}
    assert replace(balance, writes=planned, writing=False).differences() == ()
    assert len(replace(balance, writes=planned).differences()) == 2


@given(balances())
def test_the_object_of_json_has_every_key_of_the_design_and_adds_up(balance: Balance) -> None:
    found = json.loads(json.dumps(balance.as_json()))
    assert set(found) >= DESIGN_KEYS
    assert set(found["streams"]["shopify.customers"]) >= {
        "fetched",
        "inserted",
        "updated",
        "unchanged",
        "quarantined",
    }
    assert set(found["api"]["shopify"]) >= {"requests", "cost", "throttled_seconds"}
    assert found["planned"] == sum(found[part] for part in ("written", "unchanged", "rejected", "held"))
    assert found["as_of"] == "2026-10-01"


def test_several_shops_are_told_one_by_one_and_together() -> None:
    shops = {
        "shopify:tokyo": {"requests": 3, "cost": 30, "throttled_seconds": 0.5},
        "shopify:paris": {"requests": 4, "cost": 10, "throttled_seconds": 0.25},
        "salesforce": {"requests": 5, "cost": 0, "throttled_seconds": 0.0},
    }
    people = People(records=1, members=1, persons=1, orders_unattributed=0)
    balance = Balance("r1", date(2026, 10, 1), 1.0, {}, people, {}, shops)
    assert balance.as_json()["api"] == {
        **shops,
        "shopify": {"requests": 7, "cost": 40, "throttled_seconds": 0.75},
    }
    alone = replace(balance, api={"shopify": shops["shopify:tokyo"]})
    assert alone.as_json()["api"] == {"shopify": shops["shopify:tokyo"]}


@given(balances())
def test_the_forgotten_are_told_as_the_sum_of_all_streams(balance: Balance) -> None:
    assert balance.as_json()["forgotten"] == sum(line.forgotten for line in balance.streams.values())
