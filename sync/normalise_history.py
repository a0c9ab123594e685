"""Lines of the merchant's file of earlier orders to the model."""

from __future__ import annotations

import re
import string
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any, NotRequired

from pydantic import AwareDatetime, BeforeValidator, Field, StringConstraints
from typing_extensions import TypedDict  # pydantic asks for this one before Python 3.12

from sync import personal
from sync.edge import IN_THE_FUTURE, SLACK, Edge, Unusable, day_of
from sync.model import PURCHASE, Account, Channel, Normalised, Order, Quarantined, Rows
from sync.money import converted

PLATFORM = "history"
REQUIRED = ("order_id", "amount")
COLUMNS = (
    *REQUIRED,
    "ordered_on",
    "ordered_at",
    "currency",
    "email",
    "phone",
    "shopify_customer_id",
    "salesforce_id",
    "name",
    "channel",
)
LINE = "line"
"""Where a row without order id tells its place in the file; no column is called so."""
_DAY = re.compile(r"(\d{4})([-/])(\d{1,2})\2(\d{1,2})")
_NUMBER = re.compile(r"(?:gid://shopify/Customer/)?([0-9]+)")
_CHECK_LETTERS = string.ascii_uppercase + "012345"
_SHORT_ID = 15


def _day(text: object) -> object:
    """A date as spreadsheets write it, too; a bare number would be taken for seconds since 1970."""
    found = _DAY.fullmatch(text) if isinstance(text, str) else None
    return date(int(found[1]), int(found[3]), int(found[4])) if found else (text and "no date")


class Line(TypedDict):
    """One line of the file; blank cells are None."""

    order_id: Annotated[str, StringConstraints(min_length=1, max_length=255)]
    amount: Annotated[Decimal, Field(max_digits=18, decimal_places=4, ge=0)]
    ordered_on: NotRequired[Annotated[date | None, BeforeValidator(_day)]]
    ordered_at: NotRequired[AwareDatetime | None]
    currency: NotRequired[Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] | None]
    email: NotRequired[str | None]
    phone: NotRequired[str | None]
    shopify_customer_id: NotRequired[Annotated[str, StringConstraints(pattern=_NUMBER.pattern)] | None]
    salesforce_id: NotRequired[
        Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9]{15}([A-Za-z0-9]{3})?$")] | None
    ]
    name: NotRequired[str | None]
    channel: NotRequired[Channel | None]


_LINES = Edge(Line, lambda row: row.get("order_id") or row.get(LINE))


@dataclass(frozen=True, slots=True)
class Homes:
    """Where the customers are at home whom the file names: the shops, the first one for a customer that no
    shop is known to have (`shop_of`), and the org."""

    shops: tuple[str, ...] = ()
    org: str | None = None
    shop_of: Mapping[str, str] = field(default_factory=dict)


def orders(rows: Rows, account: Account, homes: Homes, twice: Collection[str] = ()) -> Normalised:
    """Lines as orders of `account.account`, the file; `twice` are the ids of those with differing lines."""
    made: list[Order] = []
    bad: list[Quarantined] = []

    def make(line: Line, row: Mapping[str, Any]) -> None:
        if None in row:
            raise Unusable("", "too_many_cells")
        if line["order_id"] in twice:
            raise Unusable("order_id", "given_twice")
        made.append(_order(line, account, homes))

    _LINES.build(rows, make, bad)
    return Normalised(orders=made, refunds=[()] * len(made), bad=bad)


def _order(line: Line, account: Account, homes: Homes) -> Order:
    ordered_on, at = _bought_on(line, account)
    currency = line.get("currency") or account.currency
    amount, rate = converted(line["amount"], currency, ordered_on, account.rates, "currency")
    stamp = at or datetime(ordered_on.year, ordered_on.month, ordered_on.day, tzinfo=UTC)
    return Order(
        platform=PLATFORM,
        account=account.account,
        id=line["order_id"],
        created_at=None,
        ordered_on=ordered_on,
        ordered_day=day_of(ordered_on),
        amount=amount,
        original_amount=line["amount"],
        currency=currency,
        kind=PURCHASE,
        channel=line.get("channel") or "other",
        updated_at=stamp,
        aliases=personal.order_marks((line.get("name"),), account),
        ordered_at=at,
        rate=rate,
        **_whose(line, stamp, account, homes),
    )


def _bought_on(line: Line, account: Account) -> tuple[date, datetime | None]:
    """The day an order was made, in the shop's time zone where the file gives an instant only."""
    at, on = line.get("ordered_at"), line.get("ordered_on")
    if on is None and at is None:
        raise Unusable("ordered_on", "missing")
    on = on or (at or account.now).astimezone(account.timezone).date()
    if on > (account.now + SLACK).astimezone(account.timezone).date():
        raise Unusable("ordered_on", IN_THE_FUTURE)
    return on, at


def _whose(line: Line, at: datetime, account: Account, homes: Homes) -> dict[str, Any]:
    """Who bought: the customer that the line names, and the keys of a guest where that one is not known."""
    home = _home(line, homes)
    if home is not None and account.tombstones.has_record(*home):
        return {}
    keys = personal.guest_keys(line.get("email"), line.get("phone"), at, account)
    if home is None:
        return keys
    platform, where, record = home
    return {**keys, "record_platform": platform, "record_account": where, "record_id": record}


def _home(line: Line, homes: Homes) -> tuple[str, str, str] | None:
    customer, record = customer_number(line.get("shopify_customer_id")), line.get("salesforce_id")
    if customer and homes.shops:
        return "shopify", homes.shop_of.get(customer, homes.shops[0]), customer
    return ("salesforce", homes.org, long_id(record)) if record and homes.org else None


def customer_number(told: str | None) -> str | None:
    """The number of a Shopify customer, told as it is or as a global id."""
    found = _NUMBER.fullmatch(told) if told else None
    return found.group(1) if found else None


def long_id(record_id: str) -> str:
    """A Salesforce id in its form of 18 characters: reports show 15, whose case the last three spell out."""
    if len(record_id) != _SHORT_ID:
        return record_id
    chunks = (record_id[at : at + 5] for at in range(0, _SHORT_ID, 5))
    return record_id + "".join(
        _CHECK_LETTERS[sum(1 << place for place, letter in enumerate(chunk) if letter.isupper())]
        for chunk in chunks
    )
