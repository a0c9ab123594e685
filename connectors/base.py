"""What a connector promises, and the values that pass between a connector and the rest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal, NamedTuple, Protocol

Platform = Literal["shopify", "salesforce"]
Kind = Literal["text", "date", "integer", "decimal", "choice", "list"]


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a closed list: the stored `code` and the `label` people read."""

    code: str
    label: str


@dataclass(frozen=True, slots=True)
class Field:
    """One field of ours, in no platform's words; each connector derives its own name and type from it.

    `scale` is the number of decimals of a `decimal`; `precision` its digits before the point.
    `length` limits a `text`. `choices` belong to `choice` and `list` and stand in the order of the catalogue.
    """

    key: str
    kind: Kind
    label: str
    help: str
    description: str
    choices: tuple[Choice, ...] = ()
    scale: int = 0
    precision: int = 16
    length: int = 255
    pinned: bool = False


@dataclass(frozen=True, slots=True)
class Formula:
    """A read-only field that counts the days from a date field of ours to today; only Salesforce has it."""

    key: str
    since: str
    label: str
    help: str
    description: str


@dataclass(frozen=True, slots=True)
class Batch:
    """Some rows of one stream, as the platform sent them.

    `bookmark`: everything that changed up to this instant is stored once this batch is; None where the
    platform gives no order to rely on. The last batch of a stream may have no rows but always a bookmark.
    """

    stream: str
    rows: Sequence[Mapping[str, Any]]
    bookmark: datetime | None = None


@dataclass(frozen=True, slots=True)
class Update:
    """New values for fields of one record: catalogue key to canonical text, None to blank the field.

    Canonical text: dates `YYYY-MM-DD`, integers and decimals in plain digits (decimals with the field's
    full scale), choices by code, lists joined with `;` in catalogue order.
    """

    object: str
    record_id: str
    values: Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class WriteResult:
    """What became of one `Update`. `code` and `reason` never hold a value of the record."""

    object: str
    record_id: str
    status: Literal["confirmed", "unchanged", "rejected"]
    code: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about the set-up that the merchant should know. `code` names a message; `details` fill it.

    `severity`: `error` stops the run, `warning` lets it go on with what `details` says left out.
    """

    code: str
    severity: Literal["error", "warning"]
    details: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rate:
    """What a platform holds a currency to be worth: `per_home` units of `currency` for one unit of the
    account's own currency, from `starts_on` to the day before `ends_on` (None: without bound)."""

    currency: str
    per_home: Decimal
    starts_on: date | None = None
    ends_on: date | None = None


class Swept(NamedTuple):
    """One live row as an id sweep finds it.

    `blank`: the platform holds neither e-mail nor phone for it any more (never True where that is not
    asked). `owner` is the record an order names now, None where the stream has none or it is not asked.
    """

    id: str
    blank: bool = False
    owner: str | None = None


@dataclass(frozen=True, slots=True)
class Site:
    """What one platform says of itself before anything is pulled.

    `account` is the shop's myshopify domain or the org's 18-character id. `server_time` is the platform's
    own clock (its Date header). `timezone` is an IANA name, `currency` an ISO code. `counts` holds the
    number of live rows per stream, asked without limit. `writable` are the keys of our fields that can be
    written per object; `present` those that exist at all. `whole_history` is False where the platform
    hides orders from us, None where it does not say. `rates` are those of the platform's own table.
    `currency` is empty where the platform does not tell it, or was not asked again; `country` is an ISO 3166
    code, empty where none is told. `columns` are those that our user may read per stream, where a platform
    hides columns from users.
    """

    platform: Platform
    account: str
    server_time: datetime
    timezone: str
    currency: str
    counts: Mapping[str, int]
    present: Mapping[str, frozenset[str]]
    writable: Mapping[str, frozenset[str]]
    whole_history: bool | None
    findings: tuple[Finding, ...] = ()
    rates: tuple[Rate, ...] = ()
    country: str = ""
    columns: Mapping[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Provisioned:
    """One thing that `provision` made, changed or found: `kind` is `field`, `access` or `formula`."""

    object: str
    name: str
    kind: str
    action: Literal["created", "updated", "unchanged", "failed"]
    reason: str = ""


@dataclass(slots=True)
class Usage:
    """What a connector has cost so far: HTTP requests, Shopify cost points, seconds waited for a bucket."""

    requests: int = 0
    cost: int = 0
    throttled_seconds: float = 0.0


class Connector(Protocol):
    """One platform account. The caller sees neither pages, nor retries, nor which API was used."""

    @property
    def platform(self) -> Platform:
        """Which platform this is."""
        ...

    @property
    def name(self) -> str:
        """What people call this account: the platform, with the shop's own name where there are several."""
        ...

    @property
    def streams(self) -> tuple[str, ...]:
        """The names of what can be pulled, in the order in which it is best pulled.

        After `survey` only those that our user may read.
        """
        ...

    @property
    def usage(self) -> Usage:
        """What this connector has cost so far."""
        ...

    def survey(self, since: Mapping[str, datetime | None]) -> Site:
        """Ask clock, time zone, currency, access and counts; `since` holds the bookmark of each stream.

        Raises `connectors.errors.ConnectorError`.
        """
        ...

    def settle(self) -> None:
        """Wait until no earlier write job of ours is still running on the platform."""
        ...

    def pull(self, stream: str, again: Sequence[str] = ()) -> Iterator[Batch]:
        """Yield what changed in `stream` since the bookmark given to `survey` (None: everything).

        Then, in batches without a bookmark, the rows of `again` (ids) as they are now, where the platform may
        come to say more of a row without changing it, and as far as they were not among the others.
        """
        ...

    def sweep(self, stream: str) -> Iterator[Sequence[Swept]]:
        """Yield every live row of `stream` as a sweep sees it, in batches."""
        ...

    def write(self, updates: Iterable[Update], total: int) -> Iterator[WriteResult]:
        """Send `updates` (`total` of them) and yield one result each, in any order."""
        ...

    def provision(
        self, fields: Sequence[Field], formulas: Sequence[Formula], *, dry_run: bool
    ) -> list[Provisioned]:
        """Create or complete our fields and the access to them; `dry_run` only tells."""
        ...

    def close(self) -> None:
        """Give back connections and temporary files."""
        ...
