"""`zaiseki why` tells which records are a person's and by what, and what waits or stands apart."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from stored_people import record
from why_people import (
    ANN,
    COMPANY,
    CONTACT,
    HISTORY,
    LEAD,
    PERSON,
    PERSON_CONTACT,
    Fill,
    fill_store,
    fill_with_ann,
    told,
)
from zaiseki_command import Command

from zaiseki.why import explain_record


@pytest.fixture
def fill(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Fill:
    """A store of its own, and the command line over it."""
    return lambda *rows, **more: Command(fill_store(tmp_path, *rows, **more), capsys)


@pytest.fixture(scope="module")
def anns(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The settings file of Ann's store."""
    return fill_with_ann(tmp_path_factory.mktemp("ann"))


@pytest.fixture
def ann(anns: Path, capsys: pytest.CaptureFixture[str]) -> Command:
    """The command line over Ann's store; nothing is changed in it."""
    return Command(anns, capsys)


def test_members_stand_with_the_rule_that_joined_them_in_words(ann: Command) -> None:
    facts = told(ann, "shopify:1")
    assert {one["record"]: (one["rule"], one["state"]) for one in facts["members"]} == {
        CONTACT: ("converted", "live"),
        LEAD: ("converted", "live"),
        "shopify:1": ("email", "live"),
        "shopify:9": ("merged", "merged"),
    }
    english, japanese = ann("why", CONTACT).out, ann("why", CONTACT, lang="ja").out
    assert "a lead was converted" in english and "リードの取引開始" in japanese
    assert "merged into shopify:1 on the platform" in english and "shopify:1 に統合済み" in japanese


def test_kinds_of_records_stand_in_the_words_of_the_language_but_never_so_in_json(ann: Command) -> None:
    assert {one["object"] for one in told(ann, "shopify:1")["members"]} == {"customer", "Contact", "Lead"}
    english, japanese = ann("why", "shopify:1").out, ann("why", "shopify:1", lang="ja").out
    assert re.search(r"Salesforce +│ contact +│", english)
    for word in ("顧客", "取引先責任者", "リード"):
        assert re.search(rf"│ {word} +│", japanese), word
    assert not re.search("customer|Contact|Lead", japanese)


@pytest.mark.parametrize("name", ["gid://shopify/Customer/1", CONTACT, CONTACT[:15], LEAD, "shopify:9"])
def test_every_name_of_every_record_tells_of_the_same_person(ann: Command, name: str) -> None:
    found = explain_record(ann.config, name)
    assert {member.ref.id for member in found.members} == {"1", "9", CONTACT, LEAD}
    assert found.score and found.score["purchases"] == 3


def test_a_person_account_is_found_by_either_id(fill: Fill) -> None:
    person = record(PERSON, "PersonAccount", alias_id=PERSON_CONTACT, email_key="e1")
    why = fill([*ANN, person], HISTORY)
    assert told(why, PERSON)["person_id"] == told(why, PERSON_CONTACT)["person_id"] is not None


def test_records_that_are_nobodys_say_why(fill: Fill) -> None:
    why = fill([*ANN, record(COMPANY, "Account"), record("8", deleted=True)], HISTORY)
    for name, words in ((COMPANY, "buys nothing in its own name"), ("shopify:8", "no longer exists")):
        facts = told(why, name)
        assert facts["person_id"] is None and facts["scores"] is None
        assert facts["by_relay_only"] is False
        assert words in why("why", name).out


def test_an_excluded_person_is_told_as_such_and_not_scored(fill: Fill) -> None:
    why = fill([ANN[0], ANN[1]._replace(excluded=True)], HISTORY)
    facts = told(why, "shopify:1")
    assert facts["excluded"] and facts["scores"] is None and facts["segment"] is None
    assert len(facts["orders"]) == 7
    assert {one["left_out"] for one in facts["orders"]} == {"excluded_person"}
    assert not any(one["counts"] for one in facts["orders"])
    sums = facts["reconciliation"]
    assert (sums["counted"], sums["purchases"], sums["net_spend"], sums["refunds"]) == (0, 0, "0", "0")
    out = why("why", "shopify:1").out
    assert "purchase days counted: 0 (¥0). Not counted: 7 of a person you exclude (¥93,000)." in out
    assert "permits" in out and "refuses" in out and "May be contacted" not in out
    assert f"Excluded by your setting privacy.exclude ({CONTACT})" in out and "Segment" not in out


def test_consent_is_that_of_every_record_and_the_strictest_holds(ann: Command) -> None:
    out = ann("why", "shopify:1").out
    assert "permits" in out and "refuses" in out
    assert "May be contacted by: none known to be permitted" in out
