"""What a run comes to: the balance sheet, what would change or did, and the exit code that follows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from connectors.base import Finding
from connectors.errors import ConnectorError
from metrics.guard import Hold
from metrics.plan import PlanSummary
from metrics.shop_line import mean
from sync.attention import Attention
from zaiseki.balance import Balance

DONE, ERROR, HELD, IN_PART = 0, 1, 2, 3
TWINS = "possible_twins"
"""The code of the hold that only settings resolve: no approval makes two orders one."""


@dataclass(frozen=True, slots=True)
class Portfolio:
    """The customers by segment (code to persons) and their tenure in days.

    `unjoined_buyers` and `unjoined_total`: records that bought and the sum of their tenures, if records were
    not joined into persons: by how much joining makes tenure longer.
    """

    segments: Mapping[str, int]
    buyers: int
    repeaters: int
    tenure_total: int
    tenure_longest: int
    unjoined_buyers: int = 0
    unjoined_total: int = 0

    def mean_tenure(self) -> Decimal:
        """Over everybody who bought."""
        return _mean(self.tenure_total, self.buyers)

    def mean_tenure_of_repeaters(self) -> Decimal:
        """Over those who came back on another day."""
        return _mean(self.tenure_total, self.repeaters)

    def mean_tenure_unjoined(self) -> Decimal:
        """Over every record that bought, as if it were somebody of its own."""
        return _mean(self.unjoined_total, self.unjoined_buyers)


@dataclass(frozen=True, slots=True)
class Note:
    """A remark about the run: `key` names a text, `details` fill it."""

    key: str
    details: Mapping[str, str]


def still_held(holds: Sequence[Hold], *, approved: bool) -> tuple[Hold, ...]:
    """The reasons that hold a plan: after an approval only those that none passes."""
    return tuple(hold for hold in holds if not approved or hold.code == TWINS)


@dataclass(frozen=True, slots=True)
class Outcome:
    """One finished run, written or only planned. `failures` and `warnings` bear the connectors' names."""

    balance: Balance
    summary: PlanSummary
    holds: tuple[Hold, ...]
    portfolio: Portfolio
    failures: Mapping[str, ConnectorError]
    unacknowledged: Attention
    warnings: tuple[tuple[str, Finding], ...]
    notes: tuple[Note, ...]
    writing: bool
    approved: bool
    chosen_only: bool = False

    @property
    def planned(self) -> int:
        """Records that differ, over all platforms."""
        return sum(line.planned for line in self.balance.writes.values())

    @property
    def held(self) -> tuple[Hold, ...]:
        """What still holds the plan."""
        return still_held(self.holds, approved=self.approved)

    @property
    def exit_code(self) -> int:
        """0 done and balanced, 1 error, 2 held, 3 done in part."""
        if self.failures or self.balance.differences():
            return ERROR
        if self.writing and self.held:
            return HELD
        if self.unacknowledged.rejected or self.unacknowledged.quarantined:
            return IN_PART
        return DONE

    @property
    def state(self) -> str:
        """How the run is remembered: `written` stands for every value confirmed or accounted for.

        One that wrote to a few chosen records only (`…_in_part`) says nothing about the others.
        """
        if not self.writing:
            return "planned"
        ended = {ERROR: "failed", HELD: "held"}.get(self.exit_code, "written")
        return f"{ended}_in_part" if self.chosen_only else ended

    def as_json(self) -> dict[str, Any]:
        """The object of `--json`."""
        return {
            **self.balance.as_json(),
            "exit_code": self.exit_code,
            "holds": [asdict(hold) for hold in self.holds],
            "segments": dict(self.portfolio.segments),
            "tenure": {
                "buyers": self.portfolio.buyers,
                "repeaters": self.portfolio.repeaters,
                "mean_days": str(self.portfolio.mean_tenure()),
                "mean_days_repeaters": str(self.portfolio.mean_tenure_of_repeaters()),
                "longest_days": self.portfolio.tenure_longest,
                "mean_days_unjoined": str(self.portfolio.mean_tenure_unjoined()),
            },
            "fields": {f"{p}.{key}": count for (p, key), count in self.summary.fields.items()},
            "first_fills": dict(self.summary.first_fills),
            "moves": [asdict(move) for move in self.summary.movers],
            "failures": {name: error.code for name, error in self.failures.items()},
            "warnings": [{"platform": name, "code": finding.code} for name, finding in self.warnings],
            "unacknowledged": {
                "rejected": self.unacknowledged.rejected,
                "quarantined": self.unacknowledged.quarantined,
                # Without ids: this is kept with the run. `status --json` has them while they are set aside.
                "causes": [
                    {"stream": one.stream, "field": one.field, "cause": one.cause, "count": one.count}
                    for one in self.unacknowledged.causes
                ],
            },
            "notes": [{"key": note.key, **note.details} for note in self.notes],
        }


def _mean(total: int, count: int) -> Decimal:
    return mean(total, count, Decimal("0.001")) or Decimal(0)
