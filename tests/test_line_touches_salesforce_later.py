"""What changed, vanished, was hidden or forgotten in the org beside orders, as the next run tells it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from conftest import write_scenario
from line_support import Line, small
from touches_org import CASES, ROWS, SETTINGS, TOML, TOMORROW, at, on, one, told, touches

from sync.store import Store

LATER: dict[str, list[dict[str, object]]] = {
    "salesforce_Case": [
        {"Id": one("500", 1), "Status": "Closed", "ClosedDate": at("10-02"), "LastModifiedDate": at("10-02")},
        {"Id": one("500", 3), "deleted": "true", "LastModifiedDate": at("10-02")},
    ],
    "salesforce_Task": [{"Id": one("00T", 2), "Status": "Completed", "LastModifiedDate": at("10-02")}],
    "salesforce_CampaignMember": [
        {"Id": one("00v", 1), "Status": "Responded", "LastModifiedDate": at("10-02")},
        {"Id": one("00v", 2), "deleted": "true", "LastModifiedDate": at("10-02")},
    ],
    "salesforce_Opportunity": [
        {
            "Id": one("006", 1),
            "StageName": "Closed Won",
            "CloseDate": "2026-10-02",
            "LastModifiedDate": at("10-02"),
        }
    ],
    "salesforce_Lead": [
        {"Id": one("00Q", 1), "Status": "Working - Contacted", "LastModifiedDate": at("10-02")}
    ],
}


@pytest.fixture
def begun(tmp_path: Path) -> Iterator[Callable[..., Line]]:
    """Give a function (more of scenario.toml) -> a line of its own that has synced once."""
    with ExitStack() as stack:

        def start(hidden: str = "") -> Line:
            scenario = write_scenario(tmp_path / "scenario", ROWS, TOML + hidden)
            made = stack.enter_context(small(tmp_path / "job", scenario))
            made.configure(plain=True, more=SETTINGS, best_spend=50_000)
            made.provision()
            return made

        yield start


def test_what_changed_or_was_deleted_since_comes_with_the_next_run(
    begun: Callable[..., Line], tmp_path: Path
) -> None:
    line = begun()
    line.sync()
    line.apply(
        tmp_path / "later", {n: [whole(n, one) for one in rows] for n, rows in LATER.items()}, TOMORROW
    )
    balance = line.sync().json
    assert balance["balanced"]
    changed = {n: one["updated"] + one["inserted"] for n, one in balance["streams"].items()}
    assert {n.removeprefix("salesforce."): count for n, count in changed.items() if count} == {
        "Case": 2,
        "Task": 1,
        "CampaignMember": 2,
        "Pipeline": 1,
        "Lead": 1,
    }
    assert touches(line, "case") == [
        ("C1", "case", 1, on("03-01"), on("10-02"), "complaint"),
        ("C2", "case", 2, on("03-02"), on("03-05"), "complaint"),
    ]
    assert ("L1", "activity", 2, on("05-04"), None, None) in touches(line, "activity")
    assert touches(line, "campaign_response") == [("C1", "campaign_response", 1, on("10-02"), None, None)]
    assert ("C1", "opportunity", 1, on("06-01"), on("10-02"), "won") in touches(line, "opportunity")
    assert ("L1", "lead", 1, on("02-01"), None, "working") in touches(line, "lead")
    with Store.open(line.store) as store:
        gone = store.rows("SELECT id, record_id, value, day FROM touches WHERE deleted ORDER BY id")
    assert gone == [(one("00v", 2), None, None, None), (one("500", 3), None, None, None)]
    assert line.sync().json["planned"] == 0


def whole(stem: str, change: dict[str, object]) -> dict[str, object]:
    """The row of the scenario with what changed: what a file leaves out would be blank."""
    return {**next(one for one in ROWS[stem] if one["Id"] == change["Id"]), **change}


def test_the_last_row_of_an_object_is_found_deleted_by_its_count(
    begun: Callable[..., Line], tmp_path: Path
) -> None:
    line = begun()
    line.sync()
    gone = [{**row, "deleted": "true", "LastModifiedDate": at("10-02")} for row in CASES]
    line.apply(tmp_path / "later", {"salesforce_Case": gone}, TOMORROW)
    assert line.sync().holds == [], "the last case may well be gone"
    assert touches(line, "case") == []


@pytest.mark.parametrize(
    ("hidden", "sobject", "without"),
    [
        ('hidden_objects = ["Case"]', "Case", {"case"}),
        (
            'hidden_objects = ["CampaignMember"]',
            "CampaignMember",
            {"campaign_sent", "campaign_response"},
        ),
        ('hidden_objects = ["Task"]', "Task", set()),
        ('hidden_objects = ["Opportunity"]', "Opportunity", {"opportunity", "opportunity_stage"}),
        ('hidden_objects = ["Event"]', "Event", set()),
        ('hidden_objects = ["OpportunityHistory"]', "OpportunityHistory", {"opportunity_stage"}),
        ('hidden_fields = ["Case.Reason"]', "Case", {"case"}),
        (
            'hidden_fields = ["Opportunity.StageName"]',
            "Opportunity",
            {"opportunity", "opportunity_stage"},
        ),
    ],
)
def test_what_the_org_does_not_show_is_left_out_with_a_word_and_comes_once_it_is_shown(
    hidden: str, sobject: str, without: set[str], begun: Callable[..., Line], tmp_path: Path
) -> None:
    code = "stream_unreadable" if "fields" in hidden else "stream_unseen"
    line = begun(hidden + "\n")
    told = line.sync().json
    (warning,) = told["warnings"]
    assert (warning["code"], told["balanced"]) == (code, True)
    assert f" {sobject} " in line.run("plan").err
    kinds = {row[1] for row in touches(line, *KINDS)}
    assert kinds == KINDS - without
    everything = "[salesforce]\nhidden_objects = []\nhidden_fields = []\n"
    line.apply(tmp_path / "later", {}, TOMORROW, everything)
    assert line.sync().json["warnings"] == []
    assert {row[1] for row in touches(line, *KINDS)} == KINDS


KINDS = {
    *("case", "campaign_sent", "campaign_response", "activity", "opportunity", "opportunity_stage"),
    *("lead", "consent", "nps"),
}


def test_who_was_forgotten_leaves_no_touch_and_no_introduction(begun: Callable[..., Line]) -> None:
    line = begun()
    line.sync()
    ran = line.run("forget", one("003", 2), "--yes")
    assert ran.code == 0, ran.err
    for words in ((), ("--full",)):
        line.sync(*words)
        assert {who for who, *_ in touches(line, *KINDS)} == {"C1", "C4", "L1", "L2", "L3"}
        assert told(line, "referrers", "referrer_id") == []
        with Store.open(line.store) as store:
            named = store.rows("SELECT count(*) FROM touches WHERE record_id = ?", one("003", 2))
            introduced = store.rows("SELECT count(*) FROM records WHERE referrer_id = ?", one("003", 2))
        assert named == introduced == [(0,)]
