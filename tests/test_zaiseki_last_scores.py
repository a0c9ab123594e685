"""The store as the last run left it: one answer to which run that was, and frames as that run made them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from stored_people import AT, record
from why_people import AS_OF, CONTACT, HISTORY, TODAY, fill_store, order

from sync import frames, runs
from sync.store import Store
from zaiseki.calibrating import calibrate
from zaiseki.errors import Stop
from zaiseki.last_scores import last_scored, last_scores
from zaiseki.migrating import moves_between
from zaiseki.quiet_customers import quiet_customers
from zaiseki.suspect_codes import suspect_codes

LEAD = "00Q000000000001AAA"
SOURCES = '[referral]\nreferrer_field = "Referrer__c"\nreferrer_source = ["Friend"]\n'
ASKED: dict[str, Callable[[Path], Any]] = {
    "calibrate": lambda config: calibrate(config, accept=False),
    "migration": lambda config: moves_between(config, None, None),
    "contacts": lambda config: quiet_customers(config, at_most=5),
    "codes": lambda config: suspect_codes(config, at_most=5),
}
"""Every command that counts on the last run's scores."""


def all_stopped(config: Path) -> dict[str, str]:
    """Why each command stops."""
    codes = {}
    for name, ask in ASKED.items():
        with pytest.raises(Stop) as stop:
            ask(config)
        codes[name] = stop.value.code
    return codes


def test_before_the_first_run_and_after_an_upgrade_nobody_has_scores(tmp_path: Path) -> None:
    config = fill_store(tmp_path, [record("1")], HISTORY)
    for ask in ASKED.values():
        ask(config)
    with Store.open(tmp_path / "zaiseki.duckdb") as store:
        store.con.execute("DROP TABLE scores")  # as bringing a store up to date does
    assert all_stopped(config) == dict.fromkeys(ASKED, "status_never_ran")
    (tmp_path / "zaiseki.duckdb").unlink()
    assert all_stopped(config) == dict.fromkeys(ASKED, "status_never_ran")


def test_where_the_last_run_knew_too_little_for_segments_nothing_is_told_whatever_the_one_before_knew(
    tmp_path: Path,
) -> None:
    config = fill_store(tmp_path, [record("1")], HISTORY)
    with Store.open(tmp_path / "zaiseki.duckdb") as store:
        _finish(store, "run2", AS_OF + timedelta(1))
    unknown = dict.fromkeys(ASKED, "segments_unknown") | {"calibrate": "calibrate_partial_history"}
    assert all_stopped(config) == unknown


def _finish(store: Store, run_id: str, as_of: date | None) -> None:
    """A run that knew no thresholds; without a day one that failed before it scored."""
    runs.begin(store, run_id, AT + timedelta(1))
    state = "written" if as_of else "failed"
    runs.finish(store, run_id, state=state, exit_code=0, finished_at=AT, as_of=as_of, thresholds=None)


def test_a_run_that_failed_before_it_scored_leaves_the_scores_of_the_one_before(tmp_path: Path) -> None:
    config = fill_store(tmp_path, [record("1")], whole_history=False)
    with Store.open(tmp_path / "zaiseki.duckdb") as store:
        _finish(store, "run2", None)
    with last_scored(config) as last:
        assert (last.run.run_id, last.as_of, last.currency) == ("run1", AS_OF, "JPY")
        assert not last.run.thresholds, "who asks for no segment is told all the same"


def count(store: Store, name: frames.Name) -> int:
    ((rows,),) = store.rows(f"SELECT count(*) FROM {name}")
    return int(rows)


@pytest.mark.parametrize(("lead_source", "told"), [("friend ", 1), ("Web", 0)])
def test_frames_name_referrers_only_by_the_sources_of_the_settings(
    tmp_path: Path, lead_source: str, told: int
) -> None:
    lead = record(LEAD, "Lead", referrer_id=CONTACT, lead_source=lead_source, created_day=TODAY - 5)
    config = fill_store(tmp_path, [record(CONTACT, "Contact"), lead], settings=SOURCES)
    with last_scores(config) as last:
        last.refresh_frames()
        assert (count(last.store, "referrers"), count(last.store, "invitations")) == (told, told)


@pytest.mark.parametrize(("most", "ties"), [(2, 0), (3, 6)])
def test_frames_tie_people_by_an_address_only_up_to_the_number_of_the_settings(
    tmp_path: Path, most: int, ties: int
) -> None:
    people = [record(str(number)) for number in range(1, 4)]
    config = fill_store(tmp_path, people, settings=f"[identity]\nmax_sharing = {most}\n")
    with last_scores(config) as last:
        # Three persons already, who turn out to share a number.
        last.store.con.execute("UPDATE records SET phone_key = 'one'")
        last.refresh_frames()
        assert count(last.store, "shared_keys") == ties


def test_a_first_purchase_that_an_order_tells_as_well_is_counted_once_as_of_the_day_asked_for(
    tmp_path: Path,
) -> None:
    told = record("1", first_purchase_day=TODAY - 300)
    config = fill_store(tmp_path, [told], [order("1", 300), order("2", 20)])
    with last_scores(config) as last:
        last.refresh_frames()
        assert count(last.store, "person_orders") == 2
        last.refresh_frames(AS_OF - timedelta(301))  # the order is not known yet
        assert count(last.store, "person_orders") == 3
