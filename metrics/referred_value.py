"""What referred customers are worth (紹介): their spend and repeat buying beside those of the others.

Two figures side by side, never one score of both; nothing here is a basis for rewards.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import narwhals as nw

from metrics.lives import Materialise
from metrics.purchases import Frame
from metrics.shop_line import ShopLine, mean, share

HORIZONS = (90, 365)
REFERRED, OTHERS = "referred", "others"


def referred_value_lines(
    valid: Frame, steps: Frame, edges: Frame, *, as_of_day: int, step: Decimal, materialise: Materialise
) -> list[ShopLine]:
    """What new customers came to within H days of the first purchase: whom somebody brought, and the others.

    referred_spend = mean net spend of the first H days, the first purchase and day H included.
    referred_repeat = the share who bought a second time within H days of the first purchase (day H included).
    `part` is "365 days referred" or "365 days others", n = the people in it; no value where there are none.

    Only mature cohorts: first purchases H days or longer ago. Only customers who came on the day of the first
    referred customer or later: of those before, nobody could see who had been referred, and they bought in
    other times. Whose referrer was refused is one of the others. Refunds count up to the as-of day, a
    purchase of unknown amount with 0. That the referred spend more does not say that it is because of the
    referral, and it is no basis for rewards.

    In: `purchases.valid_purchases` (`person_id`, `ordered_day`, `net`), `purchase_steps.purchase_steps` and
    `attribution.referrals`, all as of `as_of_day`; `step`: the smallest amount of the reporting currency.

    Metric: referred_spend · Mean net spend, referred and others · 紹介の有無別の平均購入金額
    Metric: referred_repeat · Repeat rate, referred and others · 紹介の有無別の再購入率
    Unit: referred_spend: reporting currency; referred_repeat: share
    Source: rule B16; a year is the school's own window of 年間LTV
    Since: 0.2.0 (2026-11-22)
    Verdict: kept (B16); horizons and whom to compare are ours
    Settings: referral.code_metafield, referral.code_tag, referral.code_pattern
    Settings: referral.salesforce_code_field, referral.referrer_field, referral.referrer_source
    Settings: purchases.unit, purchases.count_unpaid, purchases.exclude.*
    """
    new = materialise(new_customers(steps, edges, as_of_day=as_of_day))
    people = _by_group(people_counts(new, as_of_day=as_of_day))
    spent = _by_group(spend_sums(valid, new, as_of_day=as_of_day))
    lines = []
    for horizon in HORIZONS:
        for group in (REFERRED, OTHERS):
            there, part = people.get(group, {}), f"{horizon} days {group}"
            n, back = (int(there.get(f"{name}_{horizon}") or 0) for name in ("people", "back"))
            net = Decimal(spent.get(group, {}).get(f"net_{horizon}") or 0)
            lines.append(ShopLine("referred_spend", part, mean(net, n, step), n))
            lines.append(ShopLine("referred_repeat", part, share(back, n), n))
    return lines


def new_customers(steps: Frame, edges: Frame, *, as_of_day: int) -> Frame:
    """Everybody who came on the day of the first referred customer or later; nobody where none was referred.

    Out: `person_id`, `first_day`, `next_day` (null: none), `after` (purchases of the first day), `credited`.
    """
    (since,) = edges.select(nw.col("ordered_day").min()).collect().row(0)
    told = edges.select("person_id").with_columns(credited=nw.lit(True))
    return (
        steps.filter(nw.col("before") == 0)
        .select("person_id", "next_day", "after", first_day=nw.col("day"))
        .filter(nw.col("first_day") >= (as_of_day + 1 if since is None else since))
        .join(told, on="person_id", how="left")
        .with_columns(nw.col("credited").fill_null(False))
    )


def people_counts(new: Frame, *, as_of_day: int) -> Frame:
    """A row for each of `credited`: by horizon H the mature customers, `people_H`, and who of these bought
    again, `back_H`."""
    first_day, columns = nw.col("first_day"), []
    for horizon in HORIZONS:
        mature = first_day <= as_of_day - horizon
        soon = (nw.col("after") >= 2) | (nw.col("next_day") <= first_day + horizon).fill_null(False)
        columns += [mature.cast(nw.Int64).alias(f"people_{horizon}")]
        columns += [(mature & soon).cast(nw.Int64).alias(f"back_{horizon}")]
    return _summed(new.select("credited", *columns))


def spend_sums(valid: Frame, new: Frame, *, as_of_day: int) -> Frame:
    """A row for each of `credited`: by horizon H what the mature customers spent within it, `net_H` (decimal;
    null: nothing)."""
    age = nw.col("ordered_day") - nw.col("first_day")
    bought = valid.select("person_id", "ordered_day", "net").join(
        new.select("person_id", "first_day", "credited"), on="person_id", how="inner"
    )
    within = {
        f"net_{horizon}": nw.when(age <= horizon, nw.col("first_day") <= as_of_day - horizon).then(
            nw.col("net")
        )
        for horizon in HORIZONS
    }
    return _summed(bought.select("credited", **within))


def _summed(rows: Frame) -> Frame:
    names = [name for name in rows.collect_schema().names() if name != "credited"]
    return rows.group_by("credited").agg(*(nw.col(name).sum() for name in names))


def _by_group(sums: Frame) -> dict[str, dict[str, Any]]:
    rows = sums.collect().rows(named=True)
    return {REFERRED if row["credited"] else OTHERS: row for row in rows}
