"""The stage history of opportunities, as an org writes it by itself."""

from collections.abc import Callable
from typing import Any

from sandbox_salesforce_org import Org

Start = Callable[..., dict[str, Any]]
DEAL = {
    "Id": "006000000000001AAA",
    "Name": "D",
    "StageName": "Prospecting",
    "CloseDate": "2026-12-01",
    "CreatedDate": "2026-08-01T00:00:00Z",
    "LastModifiedDate": "2026-08-09T00:00:00Z",
}
TOLD = "SELECT StageName, CreatedDate, SystemModstamp FROM OpportunityHistory ORDER BY CreatedDate"


def test_an_opportunity_is_at_its_first_stage_from_the_beginning_and_every_change_is_a_row(
    sandbox: Start,
) -> None:
    org = Org(sandbox({"salesforce_Opportunity": [DEAL]}))
    (first,) = org.rows(TOLD)
    assert (first["StageName"], first["CreatedDate"][:10]) == ("Prospecting", "2026-08-01")
    org.patch(f"sobjects/Opportunity/{DEAL['Id']}", {"Description": "no change of what is kept"})
    assert len(org.rows(TOLD)) == 1
    org.patch(f"sobjects/Opportunity/{DEAL['Id']}", {"StageName": "Negotiation/Review"})
    org.patch(f"sobjects/Opportunity/{DEAL['Id']}", {"StageName": "Closed Lost"})
    rows = org.rows(TOLD)
    assert [row["StageName"] for row in rows] == ["Prospecting", "Negotiation/Review", "Closed Lost"]
    assert rows[0]["SystemModstamp"] == rows[1]["CreatedDate"], "a row changes when the next replaces it"
    reached = "SELECT COUNT() FROM OpportunityHistory WHERE StageName IN ('Negotiation/Review')"
    assert org.query(reached)["totalSize"] == 1


def test_a_history_that_a_scenario_brings_goes_before_what_an_opportunity_says_now(sandbox: Start) -> None:
    told = {"Id": "008000000000001AAA", "OpportunityId": DEAL["Id"], "StageName": "Negotiation/Review"}
    rows = [told | {"CreatedDate": "2026-08-05T00:00:00Z"}]
    org = Org(sandbox({"salesforce_OpportunityHistory": rows, "salesforce_Opportunity": [DEAL]}))
    assert [(row["StageName"], row["CreatedDate"][:10]) for row in org.rows(TOLD)] == [
        ("Negotiation/Review", "2026-08-05"),
        ("Prospecting", "2026-08-09"),
    ]


def test_nobody_can_write_history(sandbox: Start) -> None:
    org = Org(sandbox({"salesforce_Opportunity": [DEAL]}))
    refused = org.post("sobjects/OpportunityHistory", {"StageName": "Closed Won"})
    assert refused.status_code == 400
    assert len(org.rows(TOLD)) == 1
