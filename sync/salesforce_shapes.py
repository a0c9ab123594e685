"""The shapes of Salesforce rows that normalising asks for: API names, flat, texts from CSV or JSON values."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, NotRequired

from pydantic import AwareDatetime, Field, StringConstraints
from typing_extensions import TypedDict  # pydantic asks for this one before Python 3.12

Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9]{15}([A-Za-z0-9]{3})?$")]
Amount = Annotated[Decimal, Field(max_digits=18, decimal_places=4)]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]


class Row(TypedDict):
    """What every row says of itself."""

    Id: Id
    SystemModstamp: AwareDatetime
    IsDeleted: NotRequired[bool]


class Someone(Row):
    """A contact, a lead, or an account; an account that is a person bears the names of its contact."""

    CreatedDate: AwareDatetime
    MasterRecordId: NotRequired[Id | None]
    FirstName: NotRequired[str | None]
    LastName: NotRequired[str | None]
    Email: NotRequired[str | None]
    Phone: NotRequired[str | None]
    MobilePhone: NotRequired[str | None]
    HasOptedOutOfEmail: NotRequired[bool | None]
    DoNotCall: NotRequired[bool | None]
    LeadSource: NotRequired[str | None]


class Contact(Someone):
    """A contact that is no person account's."""

    AccountId: NotRequired[Id | None]


class Lead(Someone):
    """A lead, and what became of it. The connector adds whether its status is the one it began with."""

    Status: NotRequired[str | None]
    IsFirstStatus: NotRequired[bool]
    IsConverted: NotRequired[bool | None]
    ConvertedDate: NotRequired[date | None]
    ConvertedContactId: NotRequired[Id | None]
    ConvertedAccountId: NotRequired[Id | None]


class Company(Someone):
    """An account: a company, or a person with a contact of its own behind it."""

    Name: NotRequired[str | None]
    IsPersonAccount: NotRequired[bool | None]
    PersonContactId: NotRequired[Id | None]


class Purchase(Row):
    """What an order and an opportunity have in common."""

    CreatedDate: AwareDatetime
    AccountId: NotRequired[Id | None]
    Name: NotRequired[str | None]
    CurrencyIsoCode: NotRequired[Currency | None]


class Order(Purchase):
    """An order. EffectiveDate is a day as it stands, in nobody's time zone."""

    BillToContactId: NotRequired[Id | None]
    EffectiveDate: date
    Status: NotRequired[str | None]
    StatusCode: NotRequired[str | None]
    TotalAmount: NotRequired[Amount | None]
    IsReductionOrder: NotRequired[bool]
    OriginalOrderId: NotRequired[Id | None]
    OrderNumber: NotRequired[str | None]
    OrderReferenceNumber: NotRequired[str | None]
    PoNumber: NotRequired[str | None]


class Opportunity(Purchase):
    """An opportunity; won, it is a purchase on its CloseDate."""

    CloseDate: date
    IsWon: NotRequired[bool | None]
    Amount: NotRequired[Amount | None]


class Touched(Row):
    """What every row of something that happened says."""

    CreatedDate: AwareDatetime


class Deal(Touched):
    """An opportunity as a step towards a purchase."""

    AccountId: NotRequired[Id | None]
    StageName: NotRequired[str | None]
    IsClosed: bool
    IsWon: bool
    CloseDate: NotRequired[date | None]


class Case(Touched):
    """A case: of what kind, whose, and whether it is over; nothing that was written in it."""

    ContactId: NotRequired[Id | None]
    AccountId: NotRequired[Id | None]
    Type: NotRequired[str | None]
    Reason: NotRequired[str | None]
    IsClosed: bool
    ClosedDate: NotRequired[AwareDatetime | None]


class CampaignMember(Touched):
    """Somebody whom a campaign was meant for."""

    ContactId: NotRequired[Id | None]
    LeadId: NotRequired[Id | None]
    HasResponded: bool
    FirstRespondedDate: NotRequired[date | None]


class Task(Touched):
    """Something that a human has done with somebody."""

    WhoId: NotRequired[Id | None]
    ActivityDate: NotRequired[date | None]
    CompletedDateTime: NotRequired[AwareDatetime | None]


class Event(Touched):
    """An appointment with somebody. One of a whole day bears it in ActivityDate, in nobody's time zone."""

    WhoId: NotRequired[Id | None]
    ActivityDate: NotRequired[date | None]
    IsAllDayEvent: bool
    EndDateTime: NotRequired[AwareDatetime | None]


class Stage(Touched):
    """That an opportunity was at a stage, from CreatedDate on."""

    OpportunityId: Id
    StageName: NotRequired[str | None]


class ContactRole(Row):
    """Who takes part in an opportunity."""

    OpportunityId: Id
    ContactId: NotRequired[Id | None]
    IsPrimary: NotRequired[bool | None]
