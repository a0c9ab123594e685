"""What the org works out by itself after a row was written: names, numbers, the person's second row."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from sandbox.salesforce.ids import derived_id
from sandbox.salesforce.schema import load_schema, mirrored_columns
from sandbox.salesforce.stages import keep_stages

_PERSON_NAME = "nullif(trim(coalesce(FirstName || ' ', '') || coalesce(LastName, '')), '')"

_EVENT_END = (
    "CASE WHEN DurationInMinutes IS NULL THEN StartDateTime ELSE"
    " strftime('%Y-%m-%dT%H:%M:%SZ', StartDateTime, DurationInMinutes || ' minutes') END"
)

# (column, what it follows, how): computed where the column is null, or when what it follows was written.
_RULES: dict[str, tuple[tuple[str, tuple[str, ...], str], ...]] = {
    "Contact": (("Name", ("FirstName", "LastName"), _PERSON_NAME),),
    "Lead": (
        ("Name", ("FirstName", "LastName"), _PERSON_NAME),
        ("Status", (), "'Open - Not Contacted'"),
    ),
    "User": (("Name", ("FirstName", "LastName"), _PERSON_NAME),),
    "Order": (
        (
            "StatusCode",
            ("Status",),
            "CASE WHEN Status IS NULL OR Status = 'Draft' THEN 'Draft' WHEN Status LIKE 'Cancel%' THEN "
            "'Canceled'"
            " WHEN Status = 'Expired' THEN 'Expired' ELSE 'Activated' END",
        ),
        ("OrderNumber", (), "printf('%08d', rowid + 99)"),
    ),
    "OrderItem": (
        ("TotalPrice", ("Quantity", "UnitPrice"), "round(Quantity * UnitPrice, 2)"),
        ("OrderItemNumber", (), "printf('%010d', rowid)"),
    ),
    "Opportunity": (
        ("IsWon", ("StageName",), "StageName = 'Closed Won'"),
        ("IsClosed", ("StageName",), "StageName IN ('Closed Won', 'Closed Lost') OR IsWon"),
        ("Probability", ("StageName",), "CASE WHEN IsWon THEN 100 WHEN IsClosed THEN 0 ELSE 50 END"),
        (
            "ForecastCategoryName",
            ("StageName",),
            "CASE WHEN IsWon THEN 'Closed' WHEN IsClosed THEN 'Omitted' ELSE 'Pipeline' END",
        ),
        ("ForecastCategory", ("StageName",), "ForecastCategoryName"),
        ("ExpectedRevenue", ("Amount", "Probability", "StageName"), "Amount * Probability / 100"),
        ("FiscalYear", ("CloseDate",), "CAST(substr(CloseDate, 1, 4) AS INTEGER)"),
        ("FiscalQuarter", ("CloseDate",), "(CAST(substr(CloseDate, 6, 2) AS INTEGER) + 2) / 3"),
    ),
    "Case": (
        ("Status", (), "'New'"),
        ("Priority", (), "'Medium'"),
        ("CaseNumber", (), "printf('%08d', rowid + 999)"),
        ("IsClosed", ("Status",), "Status = 'Closed' OR ClosedDate IS NOT NULL"),
        ("ClosedDate", ("Status",), "CASE WHEN IsClosed THEN coalesce(ClosedDate, LastModifiedDate) END"),
    ),
    "CampaignMember": (
        ("Status", (), "'Sent'"),
        ("HasResponded", ("Status",), "Status = 'Responded'"),
        (
            "FirstRespondedDate",
            ("Status",),
            "CASE WHEN HasResponded THEN substr(LastModifiedDate, 1, 10) END",
        ),
    ),
    "Task": (
        ("Status", (), "'Not Started'"),
        ("Priority", (), "'Normal'"),
        ("IsClosed", ("Status",), "Status = 'Completed'"),
    ),
    "Event": (
        ("GroupEventType", (), "'0'"),
        ("StartDateTime", (), "ActivityDateTime"),
        ("ActivityDateTime", (), "StartDateTime"),
        ("EndDateTime", (), _EVENT_END),
        ("ActivityDate", (), "substr(ActivityDateTime, 1, 10)"),
    ),
}
_BOOLEANS = frozenset({"IsWon", "IsClosed", "HasResponded"})


def chunks(ids: Iterable[str], size: int = 500) -> Iterator[list[str]]:
    """Cut ids into lists that fit into one statement."""
    remaining = iter(ids)
    while part := list(islice(remaining, size)):
        yield part


def derive(db: sqlite3.Connection, object_name: str, ids: Sequence[str], *, given: frozenset[str]) -> None:
    """Work out the derived columns of these rows; `given` names the columns that were just written.

    What was given itself stays where it is not null.
    """
    rules = list(_RULES.get(object_name, ()))
    if object_name == "Account" and "LastName" in given:
        rules.append(
            (
                "Name",
                ("FirstName", "LastName"),
                f"CASE WHEN LastName IS NULL THEN Name ELSE {_PERSON_NAME} END",
            )
        )
    for part in chunks(ids):
        marks = ", ".join("?" * len(part))
        for column, follows, how in rules:
            if column in given and column in _BOOLEANS:
                continue
            fresh = column not in given and bool(given.intersection(follows))
            only = "" if fresh else f' AND "{column}" IS NULL'
            db.execute(
                f'UPDATE "sf_{object_name}" SET "{column}" = coalesce({how}, 0) WHERE Id IN ({marks}){only}'
                if column in _BOOLEANS
                else f'UPDATE "sf_{object_name}" SET "{column}" = {how} WHERE Id IN ({marks}){only}',
                part,
            )
        if object_name == "Opportunity":
            keep_stages(db, part)


def mirror_people(db: sqlite3.Connection, account_ids: Iterable[str]) -> None:
    """Keep the Contact row of each of these person accounts as its Account row says."""
    schema = load_schema(db)
    pairs = mirrored_columns(schema["account"], schema["contact"])
    sets = ", ".join(f'"{theirs}" = a."{ours}"' for ours, theirs in pairs)
    stamps = "CreatedDate", "CreatedById", "LastModifiedDate", "LastModifiedById", "SystemModstamp", "OwnerId"
    money = ("CurrencyIsoCode",) if schema["contact"].get("CurrencyIsoCode") else ()
    carried = ", ".join(f'"{name}" = a."{name}"' for name in (*stamps, *money, "IsDeleted"))
    for part in chunks(account_ids):
        marks = ", ".join("?" * len(part))
        people = db.execute(
            "SELECT Id FROM sf_Account WHERE IsPersonAccount AND PersonContactId IS NULL AND Id IN "
            f"({marks})",
            part,
        ).fetchall()
        db.executemany(
            "UPDATE sf_Account SET PersonContactId = ? WHERE Id = ?",
            [(derived_id("003", row["Id"]), row["Id"]) for row in people],
        )
        db.execute(
            "INSERT OR IGNORE INTO sf_Contact (Id, AccountId, IsPersonAccount) SELECT PersonContactId, Id, 1"
            f" FROM sf_Account WHERE IsPersonAccount AND Id IN ({marks})",
            part,
        )
        db.execute(
            f"UPDATE sf_Contact SET IsPersonAccount = 1, AccountId = a.Id, Name = a.Name, {carried}, {sets}"
            " FROM sf_Account AS a WHERE a.PersonContactId = sf_Contact.Id AND a.IsPersonAccount AND a.Id "
            f"IN ({marks})",
            part,
        )


def reparent(db: sqlite3.Connection, object_name: str, loser: str, winner: str, now: str) -> None:
    """Move what points to a merged record over to the one that stays, as a merge does."""
    for one in load_schema(db).values():
        for field in one.fields.values():
            if (
                field.type == "reference"
                and object_name in field.refers_to
                and field.name not in ("MasterRecordId", "PersonContactId")
            ):
                db.execute(
                    f'UPDATE {one.table} SET "{field.name}" = ?, SystemModstamp = ? WHERE "{field.name}" = ?',
                    (winner, now, loser),
                )


def merge_people(db: sqlite3.Connection, loser: str, winner: str, now: str) -> None:
    """Merge the Contact rows of two person accounts after the accounts themselves."""
    found = dict(
        db.execute(
            "SELECT Id, PersonContactId FROM sf_Account WHERE Id IN (?, ?)", (loser, winner)
        ).fetchall()
    )
    if found.get(loser) and found.get(winner):
        db.execute("UPDATE sf_Contact SET MasterRecordId = ? WHERE Id = ?", (found[winner], found[loser]))
        reparent(db, "Contact", found[loser], found[winner], now)


def settle_rates(db: sqlite3.Connection, corporate: str) -> None:
    """Leave one rate for each currency (the scenario's own before that of `currencies`), and let each dated
    rate end where the currency's next one begins. `corporate` is the org's own currency."""
    newest = "SELECT max(rowid) FROM sf_CurrencyType GROUP BY IsoCode"
    db.execute(f"DELETE FROM sf_CurrencyType WHERE rowid NOT IN ({newest})")
    db.execute("UPDATE sf_CurrencyType SET IsCorporate = (IsoCode = ?)", (corporate,))
    if load_schema(db).get("datedconversionrate"):
        db.execute(
            "UPDATE sf_DatedConversionRate SET NextStartDate = coalesce((SELECT min(n.StartDate)"
            " FROM sf_DatedConversionRate AS n WHERE n.IsoCode = sf_DatedConversionRate.IsoCode"
            " AND n.StartDate > sf_DatedConversionRate.StartDate AND NOT n.IsDeleted), '9999-12-31')"
        )
