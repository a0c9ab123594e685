"""The stage history of opportunities, which the org writes by itself."""

import sqlite3
from collections.abc import Sequence

from sandbox.salesforce.ids import derived_id

# A row for every opportunity whose newest one does not say what the opportunity says.
_CHANGED = """
SELECT o.*, h.Id AS newest,
    (SELECT count(*) FROM sf_OpportunityHistory n WHERE n.OpportunityId = o.Id) AS told
FROM sf_Opportunity AS o LEFT JOIN sf_OpportunityHistory AS h ON h.Id = (
    SELECT n.Id FROM sf_OpportunityHistory n WHERE n.OpportunityId = o.Id
    ORDER BY n.CreatedDate DESC, n.rowid DESC LIMIT 1)
WHERE o.Id IN ({marks}) AND (h.Id IS NULL OR h.StageName IS NOT o.StageName
    OR (h.Amount IS NOT NULL AND h.Amount IS NOT o.Amount)
    OR (h.CloseDate IS NOT NULL AND h.CloseDate IS NOT o.CloseDate))"""
_CARRIED = ("StageName", "Amount", "ExpectedRevenue", "CloseDate", "Probability", "ForecastCategory")


def keep_stages(db: sqlite3.Connection, opportunity_ids: Sequence[str]) -> None:
    """Add what these opportunities say now to their history, where that is news.

    The first row is as old as its opportunity. A row's SystemModstamp is when the next one replaced it, so
    that a change shows twice. Rows that a scenario brings count as history.
    """
    marks = ", ".join("?" * len(opportunity_ids))
    for row in db.execute(_CHANGED.format(marks=marks), list(opportunity_ids)).fetchall():
        first = row["newest"] is None
        at = row["CreatedDate"] if first else row["LastModifiedDate"]
        values = {
            "Id": derived_id("008", f"{row['Id']}/{row['told']}"),
            "OpportunityId": row["Id"],
            "CreatedById": row["CreatedById" if first else "LastModifiedById"],
            "IsDeleted": 0,
            **dict.fromkeys(("CreatedDate", "LastModifiedDate", "SystemModstamp"), at),
            **{name: row[name] for name in _CARRIED},
        }
        if not first:
            db.execute(
                "UPDATE sf_OpportunityHistory SET SystemModstamp = ? WHERE Id = ?", (at, row["newest"])
            )
        places = ", ".join("?" * len(values))
        db.execute(
            f"INSERT INTO sf_OpportunityHistory ({', '.join(values)}) VALUES ({places})", [*values.values()]
        )
