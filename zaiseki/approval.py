"""What `calibrate --accept` approved: the guard lets these very thresholds pass, and what only they move."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import narwhals as nw

from metrics.calibration import segments_under
from metrics.guard import approved
from metrics.segment import Thresholds
from sync.store import Store

_NAME = "calibrated"
"""Under this name the store remembers them: a value changed by hand in the file is not approved."""


def remember(store: Store, best_spend: Decimal, lapse_days: int) -> None:
    """Note the values that were written; those noted before are forgotten."""
    store.set_meta(_NAME, f"{best_spend:f} {lapse_days}")


def calibrated(store: Store, last: Thresholds | None) -> Thresholds | None:
    """The thresholds of the last write with the noted values in place; None where nothing was noted."""
    noted = store.meta(_NAME)
    if last is None or noted is None:
        return None
    best_spend, lapse_days = noted.split()
    return replace(last, best_spend=Decimal(best_spend), lapse_days=int(lapse_days))


def segments_otherwise(
    store: Store, now: Thresholds, *, last: Thresholds | None, as_of: date
) -> nw.LazyFrame[Any] | None:
    """Everybody's segment by the thresholds of the last write, where those of `now` are new and approved."""
    if last is None or last == now or not approved(last, now, calibrated(store, last)):
        return None
    return segments_under(nw.from_native(store.con.table("scores")), last, as_of=as_of)
