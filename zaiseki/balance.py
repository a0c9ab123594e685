"""The balance sheet of a run: what was read, who it is, what was written, and whether it adds up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from metrics.writeback import WriteCount


@dataclass(frozen=True, slots=True)
class StreamLine:
    """One stream of this run, counted over distinct ids.

    `live` rows of it are in the store, `apart` were set aside and `forgotten` are kept out by a tombstone;
    `on_platform` is the platform's own count at the start (after a sweep: what the ids say), `moving` the
    rows that came or went after that.
    """

    fetched: int
    inserted: int
    updated: int
    unchanged: int
    quarantined: int
    live: int
    apart: int
    on_platform: int
    moving: int
    forgotten: int = 0

    def here(self) -> int:
        """Rows of the platform that are accounted for."""
        return self.live + self.apart + self.forgotten

    def parts(self) -> str:
        """What those rows are, in numbers."""
        kept_out = f" + forgotten {self.forgotten}" if self.forgotten else ""
        return f"stored {self.live} + set aside {self.apart}{kept_out}"

    def gap(self) -> int:
        """Rows missing (or too many) that no change during the run explains."""
        return max(0, abs(self.on_platform - self.here()) - self.moving)


@dataclass(frozen=True, slots=True)
class People:
    """Records and the persons behind them; a live record belongs to exactly one person.

    `excluded`: persons whom the merchant keeps out of scoring. `by_relay`: persons known only by a
    marketplace's relay address. `review`: pairs and groups that wait for somebody's decision. `duplicates`:
    orders left out because they stand in another system too; `possible_twins`: pairs that look like it.
    """

    records: int
    members: int
    persons: int
    orders_unattributed: int
    new: int = 0
    joins: int = 0
    splits: int = 0
    gone: int = 0
    excluded: int = 0
    by_relay: int = 0
    review: int = 0
    duplicates: int = 0
    possible_twins: int = 0


@dataclass(frozen=True, slots=True)
class Balance:
    """Everything a run has to account for; a run that does not write plans only. `writes` and `api` stand
    under the names of the connectors. `left_out`: orders that do not count, by reason."""

    run_id: str
    as_of: date
    seconds: float
    streams: Mapping[str, StreamLine]
    people: People
    writes: Mapping[str, WriteCount]
    api: Mapping[str, Mapping[str, float]]
    left_out: Mapping[str, int] = field(default_factory=dict)
    writing: bool = True

    @property
    def forgotten(self) -> int:
        """Rows of the platforms that tombstones keep out."""
        return sum(line.forgotten for line in self.streams.values())

    def differences(self) -> tuple[str, ...]:
        """Each line that does not add up, in numbers; empty when the books balance."""
        lines: list[str] = []
        for name, line in self.streams.items():
            accounted = line.inserted + line.updated + line.unchanged + line.quarantined
            if line.fetched != accounted:
                lines.append(f"{name}: fetched {line.fetched} ≠ accounted {accounted}")
            if line.gap():
                lines.append(f"{name}: on platform {line.on_platform} ≠ {line.parts()}")
        if self.people.records != self.people.members:
            lines.append(f"records {self.people.records} ≠ members of persons {self.people.members}")
        for name, written in self.writes.items():
            accounted = written.written + written.unchanged + written.rejected + written.held
            if self.writing and written.planned != accounted:
                lines.append(f"{name}: planned {written.planned} ≠ accounted {accounted}")
        return tuple(lines)

    def as_json(self) -> dict[str, Any]:
        """The documented object of `--json`: totals first, then every line."""
        total = {
            part: sum(getattr(line, part) for line in self.writes.values())
            for part in ("planned", "written", "unchanged", "rejected", "held")
        }
        return {
            "run_id": self.run_id,
            "as_of": self.as_of.isoformat(),
            "seconds": round(self.seconds, 2),
            "streams": {name: asdict(line) for name, line in self.streams.items()},
            "records": self.people.records,
            "persons": self.people.persons,
            "orders_unattributed": self.people.orders_unattributed,
            "orders_left_out": dict(self.left_out),
            "people": asdict(self.people),
            **total,
            "forgotten": self.forgotten,
            "writes": {name: asdict(line) for name, line in self.writes.items()},
            "api": self.costs(),
            "balanced": not self.differences(),
            "differences": list(self.differences()),
        }

    def costs(self) -> dict[str, dict[str, float]]:
        """What each account's API has cost; several shops are summed up as `shopify` too."""
        costs = {name: dict(cost) for name, cost in self.api.items()}
        shops = [cost for name, cost in self.api.items() if name.startswith("shopify:")]
        if shops:
            costs["shopify"] = {part: sum(cost[part] for cost in shops) for part in shops[0]}
        return costs
