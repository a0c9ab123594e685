"""The figures of the shop as the last run kept them. No platform is asked and nothing is counted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from metrics.shop_line import ShopLine
from metrics.shop_order import places
from sync.store import Store
from zaiseki.errors import Stop
from zaiseki.settings import read_settings
from zaiseki.shop_scoring import TABLE


@dataclass(frozen=True, slots=True)
class KeptFigures:
    """Every figure kept as of the latest day, in the order of `shop_order`, its parts sorted; amounts are in
    `currency`. A figure that an earlier version kept and nothing knows any more comes last."""

    as_of: date
    currency: str
    lines: tuple[ShopLine, ...]


def last_figures(config: Path) -> KeptFigures:
    """The figures of the latest day.

    Raises `Stop` where no run has kept any; `StoreBusy` while a run holds the store.
    """
    settings = read_settings(config)
    path = config.parent / settings.store.path
    if not path.exists():
        raise Stop("status_never_ran")
    with Store.open(path, memory=settings.store.memory_limit) as store:
        ((as_of,),) = store.rows(f"SELECT max(as_of) FROM {TABLE}")
        if as_of is None:
            raise Stop("figures_not_kept")
        currency = store.meta("bound:reporting currency") or ""
        lines = kept_lines(store, as_of)
    order, last = places(), len(places())
    told = sorted(lines, key=lambda line: order.get(line.name, last))
    return KeptFigures(as_of, currency, tuple(told))


def kept_lines(store: Store, as_of: date, name: str | None = None) -> tuple[ShopLine, ...]:
    """The figures of one day by name and part, those of one `name` alone where it is given."""
    rows = store.rows(
        f"""SELECT name, part, value, base FROM {TABLE} WHERE as_of = $1 AND ($2 IS NULL OR name = $2)
        ORDER BY name, part""",
        as_of,
        name,
    )
    return tuple(ShopLine(*row) for row in rows)
