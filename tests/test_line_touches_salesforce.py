"""What happens with customers beside their orders, from the org to the scorers' frames: cases, campaigns,
tasks, opportunities, leads, answers, consent and who introduced whom."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from conftest import write_scenario
from line_support import Line, small
from touches_org import ROWS, SETTINGS, TOML, on, one, told, touches

from sync.store import Store


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Line]:
    folder = tmp_path_factory.mktemp("touches")
    with small(folder / "job", write_scenario(folder / "scenario", ROWS, TOML)) as made:
        made.configure(plain=True, more=SETTINGS, best_spend=50_000)
        made.provision()
        made.sync()
        yield made


def test_cases_are_told_with_whether_they_are_complaints_and_nothing_of_their_text(line: Line) -> None:
    assert touches(line, "case") == [
        ("C1", "case", 1, on("03-01"), None, "complaint"),
        ("C1", "case", 3, on("03-03"), None, "other"),
        ("C2", "case", 2, on("03-02"), on("03-05"), "complaint"),
    ]
    assert b"SECRET" not in line.store.read_bytes()


def test_campaigns_are_told_of_contacts_and_leads_with_their_answer(line: Line) -> None:
    assert touches(line, "campaign_sent", "campaign_response") == [
        ("C1", "campaign_sent", 1, on("04-01"), None, None),
        ("L1", "campaign_response", 2, on("04-09"), None, None),
        ("L1", "campaign_sent", 2, on("04-02"), None, None),
    ]


def test_done_tasks_that_are_no_mail_to_lists_and_events_are_activities(line: Line) -> None:
    assert touches(line, "activity") == [
        ("C1", "activity", 1, on("05-03"), None, None),
        ("C1", "activity", 1, on("05-08"), None, None),
        ("C2", "activity", 4, on("05-06"), None, None),
        ("C2", "activity", 2, on("05-09"), None, None),
        ("C4", "activity", 7, on("12-24"), None, None),
    ], "an event to come counts once its day has come"


def test_opportunities_are_their_primary_contacts_by_flags_and_the_stages_of_the_settings(line: Line) -> None:
    assert touches(line, "opportunity") == [
        ("C1", "opportunity", 1, on("06-01"), None, "open"),
        ("C2", "opportunity", 2, on("06-02"), on("06-20"), "won"),
        ("C2", "opportunity", 3, on("06-03"), on("06-21"), "lost"),
    ]
    assert told(line, "person_orders", "order_id") == [], "opportunities are no purchases here"


def test_stages_that_count_are_read_from_the_history_with_the_day_they_were_reached(line: Line) -> None:
    assert touches(line, "opportunity_stage") == [
        ("C1", "opportunity_stage", 3, on("06-01"), None, "proposal"),
        ("C2", "opportunity_stage", 1, on("06-10"), None, "proposal"),
    ]
    with Store.open(line.store) as store:
        assert store.rows("SELECT count(*) FROM touches WHERE object = 'opportunity_stage'") == [(2,)]


def test_leads_say_how_far_they_are(line: Line) -> None:
    assert touches(line, "lead") == [
        ("C1", "lead", 4, on("02-04"), on("02-20"), "converted"),
        ("L1", "lead", 1, on("02-01"), None, "new"),
        ("L2", "lead", 2, on("02-02"), None, "working"),
        ("L3", "lead", 3, on("02-03"), None, "closed"),
    ]


def test_answers_bear_the_day_that_the_merchants_field_tells_in_the_orgs_zone(line: Line) -> None:
    assert touches(line, "expectation", "nps", "stars") == [
        ("C1", "expectation", 1, on("07-01"), None, "better"),
        ("C1", "nps", 1, on("07-01"), None, "9"),
        ("C1", "stars", 1, on("07-01"), None, "5"),
        ("C2", "expectation", 2, on("07-02"), None, "worse"),
    ]


def test_an_opt_out_is_known_of_since_the_record_was_made_and_bears_no_day_of_its_own(line: Line) -> None:
    assert touches(line, "consent") == [("C2", "consent", 2, on("01-06"), None, "opted_out")]


def test_who_introduced_somebody_is_named_by_code_or_id_where_the_lead_source_says_so(line: Line) -> None:
    assert told(line, "referrers", "referrer_id") == [("C2", "C1"), ("C3", "C2")]


def test_a_quiet_run_writes_nothing_and_takes_six_requests_to_the_org(line: Line) -> None:
    again = line.sync().json
    assert (again["planned"], again["written"], again["balanced"]) == (0, 0, True)
    fetched = {name for name, stream in again["streams"].items() if stream["fetched"]}
    assert fetched == {"salesforce.Contact", "salesforce.Lead"}, "what the run before wrote to"
    assert again["api"]["salesforce"]["requests"] == 6, "token, describes with counts, seventeen queries"


def test_the_rows_of_a_person_are_told_with_why(line: Line) -> None:
    kept = line.run("why", one("003", 2), "--json").out
    told = {(row["object"], int(row["id"][3:15])) for row in json.loads(kept)["stored"]["touches"]}
    assert told == {
        *(("case", 2), ("task", 4), ("event", 2), ("opportunity", 2), ("opportunity", 3)),
        ("opportunity_stage", 1),
    }
