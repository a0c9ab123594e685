"""What is pulled of an org: which streams, which columns and rows of each. Nothing is called here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from connectors.salesforce.columns import COLUMNS, IS_FIRST, IS_PERSON, PERSON_COLUMNS, person_column
from connectors.salesforce.names import PERSON_ACCOUNT, SOBJECTS
from connectors.salesforce.schema import Shape

OVERLAP = timedelta(seconds=600)
"""Rows get their SystemModstamp before their transaction ends: a long one becomes visible late."""
PURCHASES: Mapping[str, tuple[str, ...]] = {
    "order": ("Order",),
    "opportunity": ("Opportunity", "OpportunityContactRole"),
    "none": (),
}
"""The streams in which purchases come, by what the settings say."""
PEOPLE = ("Contact", "Lead", "Account")
TOUCHES = ("Case", "CampaignMember", "Task", "Event", "Pipeline", "OpportunityContactRole")
"""The streams that tell what else happened with people; none of them is needed for the others."""
STAGES = "OpportunityHistory"
"""One more, where the settings name stages: what Salesforce itself keeps of the stages that an opportunity
was at, without any setup in the org (object reference, OpportunityHistory)."""
OF_OPPORTUNITIES = ("OpportunityContactRole", STAGES)
"""What there is none of where there are no opportunities."""
_SOBJECTS = {"Pipeline": "Opportunity"}
_MASS_MAIL = "('ListEmail', 'List Email')"
CONDITIONS: Mapping[str, str] = {
    "Task": f"IsClosed = true AND TaskSubtype NOT IN {_MASS_MAIL}",
    "Event": "IsChild = false AND IsRecurrence = false AND GroupEventType NOT IN ('2', '3')",
}
"""Rows that are not read at all: of tasks those that nobody has done yet and mail to whole lists; of events
the copies of those who were invited, what was merely proposed, and the patterns of series, whose occurrences
are rows of their own (object reference, Event)."""
ARCHIVED = frozenset({"Task", "Event"})
"""Streams whose old rows are archived: those are neither in the recycle bin nor found by a plain query
(SOAP API guide, queryAll), and still happened."""


def sobject_of(stream: str) -> str:
    """The object that a stream reads: opportunities come as purchases, as touches (`Pipeline`), or both."""
    return _SOBJECTS.get(stream, stream)


@dataclass(frozen=True, slots=True)
class Setup:
    """What the settings say of the org.

    `merchant` are the merchant's own fields on people, `order_reference` and `channel_field` those on what
    purchases are read of, `objects` what is to carry our fields: Contact, PersonAccount, Lead, Account.
    `exclude_field` is the box of those who are left alone, also among `merchant`, and `exclude_on` the
    streams of people where it must be seen, empty where nobody has said. `memory_stages` are
    the stages at which an opportunity is a proposal.
    """

    purchases: Literal["order", "opportunity", "none"] = "order"
    accounts: Literal["auto", "always", "never"] = "auto"
    merchant: tuple[str, ...] = ()
    order_reference: str | None = None
    objects: tuple[str, ...] = tuple(SOBJECTS)
    exclude_field: str | None = None
    exclude_on: tuple[str, ...] = ()
    channel_field: str | None = None
    memory_stages: tuple[str, ...] = ()

    @property
    def streams(self) -> tuple[str, ...]:
        """All that may be pulled, as far as the settings go."""
        return (*PEOPLE, *PURCHASES[self.purchases], *self.touches)

    @property
    def touches(self) -> tuple[str, ...]:
        """Those streams of touches that are not read for the purchases' sake."""
        wanted = (*TOUCHES, STAGES) if self.memory_stages else TOUCHES
        return tuple(name for name in wanted if name not in PURCHASES[self.purchases])

    @property
    def sobjects(self) -> tuple[str, ...]:
        """The objects behind the streams, each once."""
        return tuple(dict.fromkeys(map(sobject_of, self.streams)))

    def configured(self, stream: str) -> tuple[str, ...]:
        """The merchant's own fields that are read of a stream that is not of people; of `Contact`, those
        that must be there. Where the box of those who are left alone must be, `exclusion` tells."""
        if stream == "Contact":
            return tuple(name for name in self.merchant if name != self.exclude_field)
        if stream not in PURCHASES[self.purchases][:1]:
            return ()
        return tuple(name for name in (self.order_reference, self.channel_field) if name)

    def targets(self) -> list[str]:
        """What is to carry our fields."""
        return [name for name in SOBJECTS if name in self.objects and not self._left_out(name)]

    def carriers(self) -> list[str]:
        """The objects on which our fields are created: a Person Account shows those of Contact."""
        made = ("Contact" if name == PERSON_ACCOUNT else name for name in self.targets())
        return list(dict.fromkeys(made))

    def _left_out(self, name: str) -> bool:
        return name == "Account" and self.accounts == "never"


@dataclass(frozen=True, slots=True)
class Stream:
    """How one stream is read. `condition` (SOQL) leaves rows out for good; `found_by` are the columns that
    tell people apart; `renamed` are columns of a Person Account with their common names. `archived`: rows
    that count may lie in the archive, so that even live ones are asked for with `queryAll`. `first_status`:
    the Status of leads that nobody has worked on yet."""

    sobject: str
    columns: tuple[str, ...]
    condition: str = ""
    found_by: tuple[str, ...] = ()
    renamed: Mapping[str, str] = field(default_factory=dict)
    archived: bool = False
    first_status: str = ""

    def select(self, since: datetime | None) -> str:
        """SOQL for rows that changed since a bookmark, the overlap included; all rows where there is none.

        Only a lower bound and only on SystemModstamp: an upper bound, ORDER BY or LIMIT would cost the index
        or the chunking of bulk queries.
        """
        bound = f"{(since - OVERLAP).astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if since else ""
        return self._soql(", ".join(self.columns), f"SystemModstamp >= {bound}" if bound else "")

    def count(self) -> str:
        """SOQL for the number of rows."""
        return self._soql("COUNT()", self._live)

    def sweep(self) -> str:
        """SOQL for every live row and what it can be found by."""
        flag = [IS_PERSON] if IS_PERSON in self.columns and self.found_by else []
        return self._soql(", ".join(["Id", *flag, *self.found_by]), self._live)

    @property
    def _live(self) -> str:
        return "IsDeleted = false" if self.archived else ""

    def _soql(self, selected: str, more: str = "") -> str:
        conditions = " AND ".join(part for part in (self.condition, more) if part)
        return f"SELECT {selected} FROM {self.sobject}" + (f" WHERE {conditions}" if conditions else "")


def stream(name: str, shape: Shape, setup: Setup, ours: Sequence[str]) -> Stream:
    """How to read a stream whose object looks like `shape`; `ours` are the API names of our fields on
    Contact."""
    extra = [*setup.merchant, *ours] if name in PEOPLE else setup.configured(name)
    renamed: dict[str, str] = {}
    if name == "Account" and IS_PERSON in shape.visible:
        renamed = {**PERSON_COLUMNS, **{person_column(one): one for one in extra}}
    wanted = dict.fromkeys((*COLUMNS[name], *extra, *renamed))
    columns = tuple(one for one in wanted if one in shape.visible)
    keys = {"Email", "PersonEmail", "Phone", "MobilePhone", "PersonMobilePhone"}
    return Stream(
        sobject_of(name),
        columns,
        _condition(name, shape, setup),
        tuple(one for one in columns if name in PEOPLE and one in keys),
        renamed,
        name in ARCHIVED,
        shape.first_status if name == "Lead" else "",
    )


def mark_new(rows: Iterable[dict[str, Any]], status: str) -> None:
    """Say of every lead whether its status is the one it began with (`IS_FIRST`), in place."""
    for row in rows:
        row[IS_FIRST] = row.get("Status") == status


def touch(name: str, setup: Setup) -> Stream:
    """A stream of touches without its columns: how its rows are counted whatever is visible."""
    return Stream(sobject_of(name), (), _touch_condition(name, setup), archived=name in ARCHIVED)


def _touch_condition(name: str, setup: Setup) -> str:
    if name != STAGES:
        return CONDITIONS.get(name, "")
    # Any change of an amount or a date makes a row too: only those of the stages that count are read.
    stages = ", ".join(
        "'" + one.replace("\\", r"\\").replace("'", r"\'") + "'" for one in setup.memory_stages
    )
    return f"StageName IN ({stages})"


def _condition(name: str, shape: Shape, setup: Setup) -> str:
    """A Person Account is one record, told by its Account; its Contact row is left out everywhere."""
    if name not in PEOPLE:
        return _touch_condition(name, setup)
    if IS_PERSON not in shape.visible:
        return ""
    if name == "Contact":
        return f"{IS_PERSON} = false"
    return f"{IS_PERSON} = true" if setup.accounts == "never" else ""
