"""Forgetting where a platform fails in the middle or refuses: nothing is erased before all is cleared."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from job_rows import job_of
from sync_rows import NOW, ORG, SITES, PlayedConnector, contact, customer, open_store, pull, sf_id

from connectors.base import Site, Update, WriteResult
from connectors.errors import Unavailable
from metrics.writeback import WriteCount
from sync.erase import INTENTION, Erased
from sync.identify import identify
from sync.store import Store
from sync.whole_person import Part
from zaiseki.errors import Stop
from zaiseki.forgetting import Forgotten, find, forget
from zaiseki.job import Job

HANAKO, TARO = "hanako@example.com", "taro@example.com"
KEYS = frozenset({"person_id", "segment"})
TARGETS = {"shopify": "customer", "salesforce": "Contact"}


@dataclass
class WritingConnector(PlayedConnector):
    """A connector that answers with the given statuses, one a record, then fails if `down` says so.

    `writable` are the keys that may be written; `done` notes what it was asked to do, in order.
    """

    statuses: Sequence[Any] = ("confirmed", "confirmed")
    down: bool = False
    writable: frozenset[str] = KEYS
    present: frozenset[str] = KEYS
    done: list[str] = field(default_factory=list)

    def survey(self, since: Any) -> Site:
        """The site with our fields on it."""
        self.done.append("survey")
        target = TARGETS[self.platform]
        return replace(SITES[self.platform], present={target: self.present}, writable={target: self.writable})

    def settle(self) -> None:
        """Noted."""
        self.done.append("settle")

    def write(self, updates: Iterable[Update], total: int) -> Iterator[WriteResult]:
        """One answer a record, as far as there are statuses."""
        self.done.append("write")
        # Whoever writes takes the updates as a stream; answers may come before all are taken.
        for update, status in zip(list(updates), self.statuses, strict=False):
            assert set(update.values.values()) == {None}
            yield WriteResult(
                update.object, update.record_id, status, code="" if status != "rejected" else "NO"
            )
        if self.down:
            raise Unavailable(self.platform, "unreachable")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Hanako: a customer and two contacts, which hold our fields; Taro: a customer."""
    with open_store(tmp_path) as opened:
        pull(opened, "shopify.customers", [customer(1, HANAKO), customer(2, TARO, firstName="Taro")])
        pull(opened, "salesforce.Contact", [contact(1, HANAKO), contact(2, HANAKO)])
        identify(opened, run_id="r1", at=NOW)
        opened.con.execute("""UPDATE records SET ours = '{"person_id": "x", "segment": "first_active"}'""")
        yield opened


def forgotten(store: Store, **connectors: Any) -> tuple[Forgotten, dict[str, WritingConnector]]:
    """Forget Hanako with the shop and the org as they are given."""
    made = {name: WritingConnector(name, (), **connectors.get(name, {})) for name in TARGETS}
    job = job_of(store, store.path.parent, connectors=tuple(made.values()))
    return forget(job, hanako(job)), made


def hanako(job: Job) -> tuple[Part, ...]:
    """Her three records."""
    parts = find(job, record="shopify:1", email=None)
    assert len(parts) == 3
    return parts


def untouched(store: Store) -> bool:
    """Whether everybody is still there, nobody is about to be erased and no line says otherwise."""
    there = store.rows("SELECT count(*) FROM members")
    left = [path.name for path in store.path.parent.iterdir() if path.name.endswith("tombstones")]
    return (there, left, store.meta(INTENTION)) == ([(4,)], [], None)


def last_run(store: Store) -> tuple[Any, ...]:
    """State and exit code of the last run."""
    return store.rows("SELECT state, exit_code FROM runs ORDER BY finished_at DESC LIMIT 1")[0]


def test_when_every_record_is_cleared_the_person_is_erased(store: Store) -> None:
    done, made = forgotten(store)
    assert (done.exit_code, done.erased, done.balanced) == (0, Erased(3, 1, 0), True)
    assert store.rows("SELECT id FROM records") == [("2",)]
    assert [one.done for one in made.values()] == [["survey", "write"]] * 2
    assert last_run(store) == ("forgotten", 0)


def test_a_platform_that_fails_in_the_middle_keeps_everybody_and_only_the_rest_is_cleared_later(
    store: Store,
) -> None:
    done, _ = forgotten(store, salesforce={"statuses": ["confirmed"], "down": True})
    told = done.as_json()
    assert (done.exit_code, done.erased, told["failures"]) == (1, None, {"salesforce": "unreachable"})
    assert (told["planned"], told["written"], told["held"], told["balanced"]) == (3, 2, 1, True)
    assert untouched(store)
    assert last_run(store) == ("failed", 1)
    again, _ = forgotten(store)
    assert (again.as_json()["planned"], again.erased) == (1, Erased(3, 1, 0))


def test_a_platform_that_fails_does_not_keep_the_other_from_being_cleared(store: Store) -> None:
    done, made = forgotten(store, shopify={"statuses": [], "down": True})
    assert (done.exit_code, done.erased, done.writes["salesforce"].written) == (1, None, 2)
    assert made["salesforce"].done[-1] == "write"
    assert untouched(store)


def test_a_failure_after_the_last_answer_still_keeps_everybody(store: Store) -> None:
    done, _ = forgotten(store, salesforce={"down": True})
    assert (done.exit_code, done.erased, done.as_json()["written"]) == (1, None, 3)
    assert untouched(store)


def test_a_record_that_refuses_keeps_everybody_and_is_no_failure(store: Store) -> None:
    done, _ = forgotten(store, salesforce={"statuses": ["confirmed", "rejected"]})
    assert (done.exit_code, done.erased, done.as_json()["rejected"], done.balanced) == (3, None, 1, True)
    assert untouched(store)
    assert last_run(store) == ("failed", 3)


def test_a_record_without_an_answer_is_not_taken_for_cleared(store: Store) -> None:
    done, _ = forgotten(store, salesforce={"statuses": ["confirmed"]})
    assert (done.exit_code, done.erased, done.as_json()["held"]) == (1, None, 1)
    assert list(done.failures) == ["salesforce"]
    assert untouched(store)


def test_what_the_platform_finds_blank_already_is_cleared(store: Store) -> None:
    done, _ = forgotten(store, salesforce={"statuses": ["unchanged", "unchanged"]})
    assert (done.exit_code, done.as_json()["unchanged"], done.erased) == (0, 2, Erased(3, 1, 0))


def test_a_field_that_may_not_be_written_stops_it_before_anything_is_sent(store: Store) -> None:
    with pytest.raises(Stop) as told:
        forgotten(store, salesforce={"writable": KEYS - {"segment"}})
    assert told.value.code == "fields_not_writable"
    assert (told.value.details["object"], told.value.details["fields"]) == ("Contact", "segment")
    assert untouched(store) and store.rows("SELECT count(*) FROM writes") == [(0,)]


@pytest.mark.parametrize("platform", ["shopify", "salesforce"])
def test_a_field_that_is_not_seen_any_more_is_not_taken_for_cleared(store: Store, platform: str) -> None:
    seen = KEYS - {"segment"}
    with pytest.raises(Stop) as told:
        forgotten(store, **{platform: {"present": seen, "writable": seen}})
    assert (told.value.code, told.value.details["fields"]) == ("fields_missing", "segment")
    assert untouched(store) and store.rows("SELECT count(*) FROM writes") == [(0,)]


def test_a_record_of_an_account_that_is_configured_no_longer_stops_it_before_anything_is_sent(
    store: Store,
) -> None:
    shop = WritingConnector("shopify", ())
    job = job_of(store, store.path.parent, connectors=[shop])
    with pytest.raises(Stop) as told:
        forget(job, hanako(job))
    assert (told.value.code, told.value.details["account"]) == ("forget_unreachable", ORG)
    assert (shop.done, untouched(store)) == (["survey"], True)


def test_what_a_run_that_died_has_sent_arrives_before_the_fields_are_cleared(store: Store) -> None:
    store.con.execute(
        "INSERT INTO writes (run_id, seq, platform, account, object, id, field, new, state)"
        " VALUES ('died', 1, 'salesforce', ?, 'Contact', ?, 'segment', 'best_active', 'sent')",
        [ORG, sf_id("003", 1)],
    )
    _, made = forgotten(store)
    assert made["salesforce"].done == ["settle", "survey", "write"]
    assert made["shopify"].done == ["survey", "write"], "nothing of it is on its way there"


def test_of_three_who_hold_an_address_all_go_only_where_all_are_meant(store: Store) -> None:
    names = {3: "Ichiro", 4: "Jiro", 5: "Saburo"}
    rows = [customer(number, "home@example.com", firstName=name) for number, name in names.items()]
    pull(store, "shopify.customers", rows)
    identify(store, run_id="r2", at=NOW)
    job = job_of(store, store.path.parent)
    with pytest.raises(Stop) as told:
        find(job, record=None, email="HOME@example.com")
    assert (told.value.code, told.value.details["count"]) == ("forget_several", "3")
    found = find(job, record=None, email="home@example.com", everybody=True)
    assert sorted(part.ref.id for part in found) == ["3", "4", "5"]
    assert len({part.person_id for part in found}) == 3


def test_of_one_person_with_several_records_nobody_has_to_say_all(store: Store) -> None:
    assert len(find(job_of(store, store.path.parent), record=None, email=HANAKO)) == 3


@pytest.mark.parametrize(
    ("line", "failures", "cleared", "code"),
    [
        (WriteCount(planned=2, written=1, unchanged=1), {}, True, 3),
        (WriteCount(planned=2, written=1), {}, False, 1),
        (WriteCount(planned=2, written=1, held=1), {}, False, 3),
        (WriteCount(planned=2, written=1, rejected=1), {}, False, 3),
        (WriteCount(planned=2, written=2), {"shopify": Unavailable("shopify", "unreachable")}, False, 1),
    ],
    ids=["all of it", "one lost from the books", "one held", "one refused", "a platform failed"],
)
def test_only_books_that_are_closed_and_balance_say_that_all_is_cleared(
    line: WriteCount, failures: dict[str, Any], cleared: bool, code: int
) -> None:
    done = Forgotten("r", (), {"shopify": line}, failures)
    assert (done.cleared, done.exit_code) == (cleared, code)
    assert replace(done, erased=Erased(1, 1, 0)).exit_code == (1 if code == 1 else 0)
