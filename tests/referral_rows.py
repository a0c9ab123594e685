"""Rows for the tests of word of mouth: orders that name referrers, and the frames made of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import narwhals as nw
import pyarrow as pa
from metrics_engines import Engine
from metrics_frames import CODES, ORDERS, REFUNDS, order

from metrics.attribution import named_referrers
from metrics.purchases import PurchaseRules, valid_purchases
from metrics.tenure import tenure

Row = dict[str, Any]
CAME = ("referral_code", "utm_source", "utm_medium", "utm_campaign", "utm_content")
CAME_ORDERS = pa.schema([*ORDERS, *(pa.field(name, pa.string()) for name in CAME)])
REFERRERS = pa.schema({"person_id": pa.string(), "referrer_id": pa.string()})
SHARED = pa.schema({"person_id": pa.string(), "other_id": pa.string()})
INVITATIONS = pa.schema({"person_id": pa.string(), "day": pa.int64()})
OWN = [{"code": f"{person}-code", "person_id": person} for person in "abcdefgh"]
RULES = PurchaseRules()


def with_code(order_id: str, person: str | None, day: int, *referrers: str, **more: Any) -> Row:
    """An order with the personal discount codes of `referrers`."""
    return order(order_id, person, day, "10", discount_codes=[f"{one}-code" for one in referrers], **more)


class Told:
    """The frames of word of mouth as of a day, on one engine."""

    def __init__(
        self,
        engine: Engine,
        orders: Sequence[Row],
        *,
        refunds: Sequence[Row] = (),
        codes: Sequence[Row] = OWN,
        referrers: Sequence[Row] | None = None,
        shared: Sequence[Row] | None = None,
        as_of: int = 1_500,
    ) -> None:
        self.codes = engine.frame(codes, CODES)
        self.valid = valid_purchases(
            engine.frame(orders, CAME_ORDERS), engine.frame(refunds, REFUNDS), as_of_day=as_of, rules=RULES
        )
        self.buyers = engine.materialise(tenure(self.valid, rules=RULES))
        self.named: nw.LazyFrame[Any] = named_referrers(
            self.valid,
            self.buyers,
            self.codes,
            referrers=None if referrers is None else engine.frame(referrers, REFERRERS),
            shared=None if shared is None else engine.frame(shared, SHARED),
            materialise=engine.materialise,
        )
