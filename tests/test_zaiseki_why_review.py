"""`zaiseki why` tells what waits for somebody to decide."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from stored_people import ORG, SHOP, record
from why_people import ANN, CONTACT, HISTORY, LEAD, Fill, fill_store, run, told
from zaiseki_command import Command

from metrics.segment import Thresholds
from sync import keys
from sync.store import Store
from zaiseki.settings import read_settings

TO_CONTACT = {"linked_platform": "salesforce", "linked_account": ORG, "linked_id": CONTACT}
CROWD = (
    record("1", email_key="e1"),
    record("2", email_key="e1"),
    record(CONTACT, "Contact", email_key="e1"),
    record(LEAD, "Lead", write_target=False, **TO_CONTACT),
    record("3", email_key="e3"),
)
"""Four records that are one person by an address and a conversion, and somebody else."""
TWO_AT_MOST = "[identity]\nmax_members = 2\n"


@pytest.fixture
def fill(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Fill:
    """A store of its own, and the command line over it."""
    return lambda *rows, **more: Command(fill_store(tmp_path, *rows, **more), capsys)


def test_undecided_pairs_that_name_a_record_are_told(fill: Fill) -> None:
    why = fill(ANN, HISTORY)
    with Store.open(why.config.parent / "zaiseki.duckdb") as store:
        values = ["abc", "shopify", SHOP, "customer", "77", "salesforce", ORG, "Contact", CONTACT]
        store.con.execute(
            "INSERT INTO match_review VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'phone', 'names', NULL, 'run1')",
            values,
        )
    (item,) = told(why, "shopify:1")["review"]
    assert (item["item"], item["reason"]) == ("abc", "names")
    assert f"To decide (abc): shopify:77 / {CONTACT}: their names differ" in why("why", "shopify:1").out


@pytest.mark.parametrize("name", ["shopify:1", "shopify:2", CONTACT, LEAD])
def test_every_record_of_a_person_of_too_many_says_that_it_waits_and_how_to_decide(
    fill: Fill, name: str
) -> None:
    why = fill(CROWD, settings=TWO_AT_MOST)
    (item,) = told(why, name)["review"]
    assert (item["reason"], item["members"]) == ("too_many", 4)
    english, japanese = why("why", name).out, why("why", name, lang="ja").out
    assert f"Waits for review ({item['item']}): this person's records are among 4 " in english
    assert "explicit links only join them" in english and "4 件の組に入っています" in japanese
    for told_how in (english, japanese):
        assert f"`zaiseki review accept {item['item']}`" in told_how
        assert f"`zaiseki review reject {item['item']}`" in told_how


def test_who_is_not_in_a_group_of_too_many_waits_for_nothing(fill: Fill) -> None:
    why = fill(CROWD, settings=TWO_AT_MOST)
    assert told(why, "shopify:3")["review"] == []
    assert "review" not in why("why", "shopify:3").out


@pytest.mark.parametrize(("verdict", "members"), [("accept", 4), ("reject", 1)])
def test_what_it_says_to_run_decides_the_group_and_nothing_waits_after_the_next_run(
    fill: Fill, monkeypatch: pytest.MonkeyPatch, verdict: str, members: int
) -> None:
    monkeypatch.delenv(keys.ENVIRONMENT_NAME, raising=False)
    why = fill(CROWD, settings=TWO_AT_MOST)
    (item,) = told(why, "shopify:2")["review"]
    assert why("review", verdict, item["item"]).code == 0
    with Store.open(why.config.parent / "zaiseki.duckdb") as store:
        run(store, read_settings(why.config), Thresholds(Decimal(70000)), run_id="run2")
    facts = told(why, "shopify:2")
    assert (facts["review"], len(facts["members"])) == ([], members)
