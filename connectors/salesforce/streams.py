"""What is pulled of an org: which streams, which columns and rows of each. Nothing is called here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal

from connectors.salesforce.columns import COLUMNS, IS_PERSON, PERSON_COLUMNS, person_column
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


@dataclass(frozen=True, slots=True)
class Setup:
    """What the settings say of the org.

    `merchant` are the merchant's own fields on Contact, `order_reference` one on what purchases are read of,
    `objects` what is to carry our fields: Contact, PersonAccount, Lead, Account.
    """

    purchases: Literal["order", "opportunity", "none"] = "order"
    accounts: Literal["auto", "always", "never"] = "auto"
    merchant: tuple[str, ...] = ()
    order_reference: str | None = None
    objects: tuple[str, ...] = tuple(SOBJECTS)

    @property
    def streams(self) -> tuple[str, ...]:
        """All that may be pulled, as far as the settings go."""
        return (*PEOPLE, *PURCHASES[self.purchases])

    def configured(self, sobject: str) -> tuple[str, ...]:
        """The merchant's own fields on an object that must be there."""
        if sobject == "Contact":
            return self.merchant
        wanted = sobject in PURCHASES[self.purchases][:1] and self.order_reference
        return (self.order_reference,) if wanted and self.order_reference else ()

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
    tell people apart; `renamed` are columns of a Person Account with their common names."""

    sobject: str
    columns: tuple[str, ...]
    condition: str = ""
    found_by: tuple[str, ...] = ()
    renamed: Mapping[str, str] = field(default_factory=dict)

    def select(self, since: datetime | None) -> str:
        """SOQL for rows that changed since a bookmark, the overlap included; all rows where there is none.

        Only a lower bound and only on SystemModstamp: an upper bound, ORDER BY or LIMIT would cost the index
        or the chunking of bulk queries.
        """
        bound = f"{(since - OVERLAP).astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if since else ""
        return self._soql(", ".join(self.columns), f"SystemModstamp >= {bound}" if bound else "")

    def count(self) -> str:
        """SOQL for the number of rows."""
        return self._soql("COUNT()")

    def sweep(self) -> str:
        """SOQL for every live row and what it can be found by."""
        flag = [IS_PERSON] if IS_PERSON in self.columns and self.found_by else []
        return self._soql(", ".join(["Id", *flag, *self.found_by]))

    def _soql(self, selected: str, more: str = "") -> str:
        conditions = " AND ".join(part for part in (self.condition, more) if part)
        return f"SELECT {selected} FROM {self.sobject}" + (f" WHERE {conditions}" if conditions else "")


def stream(sobject: str, shape: Shape, setup: Setup, ours: Sequence[str]) -> Stream:
    """How to read an object that looks like `shape`; `ours` are the API names of our fields on Contact."""
    extra = [*setup.merchant, *ours] if sobject in PEOPLE else setup.configured(sobject)
    renamed: dict[str, str] = {}
    if sobject == "Account" and IS_PERSON in shape.visible:
        renamed = {**PERSON_COLUMNS, **{person_column(name): name for name in extra}}
    wanted = dict.fromkeys((*COLUMNS[sobject], *extra, *renamed))
    columns = tuple(name for name in wanted if name in shape.visible)
    keys = {"Email", "PersonEmail", "Phone", "MobilePhone", "PersonMobilePhone"}
    return Stream(
        sobject,
        columns,
        _condition(sobject, shape, setup),
        tuple(name for name in columns if sobject in PEOPLE and name in keys),
        renamed,
    )


def _condition(sobject: str, shape: Shape, setup: Setup) -> str:
    """A Person Account is one record, told by its Account; its Contact row is left out everywhere."""
    if IS_PERSON not in shape.visible:
        return ""
    if sobject == "Contact":
        return f"{IS_PERSON} = false"
    return f"{IS_PERSON} = true" if setup.accounts == "never" else ""
