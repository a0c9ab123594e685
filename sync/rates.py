"""What one unit of a currency is worth in the reporting currency, on a day."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from connectors.base import Rate

_PLACES = Decimal("0.00000001")


@dataclass(frozen=True, slots=True)
class Rates:
    """The rates of one account.

    `reporting` is what everything is counted in, `home` the account's own currency, `table` the account's
    own rates. `settled` are those of the settings, reporting units for one unit of the currency, and win.
    """

    reporting: str
    home: str
    table: tuple[Rate, ...] = ()
    settled: Mapping[str, Decimal] = field(default_factory=dict)
    _by_currency: Mapping[str, tuple[list[date], list[Rate]]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # An org may keep one rate a day for years: each order looks its day up, it does not go through them.
        found: dict[str, tuple[list[date], list[Rate]]] = {}
        for rate in sorted(self.table, key=_since):
            starts, rates = found.setdefault(rate.currency, ([], []))
            starts.append(_since(rate))
            rates.append(rate)
        object.__setattr__(self, "_by_currency", found)

    def of(self, currency: str, on: date) -> Decimal | None:
        """Reporting units for one unit of `currency` on a day, to eight places; None where nobody says.

        A dated rate of the table wins over one without dates.
        """
        if currency == self.reporting:
            return Decimal(1)
        if currency in self.settled:
            return self.settled[currency].quantize(_PLACES)
        source, target = self._per_home(currency, on), self._per_home(self.reporting, on)
        return (target / source).quantize(_PLACES) if source and target else None

    def _per_home(self, currency: str, on: date) -> Decimal | None:
        if currency == self.home:
            return Decimal(1)
        starts, rates = self._by_currency.get(currency, ([], []))
        for nth in range(bisect_right(starts, on) - 1, -1, -1):
            ends_on = rates[nth].ends_on
            if ends_on is None or on < ends_on:
                return rates[nth].per_home
        return None


def _since(rate: Rate) -> date:
    return rate.starts_on or date.min
