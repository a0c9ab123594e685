"""The shop's word of mouth (クチコミ): K-factors, the share of new customers who were referred, the speed.

Each figure with its sample size. Word of mouth and repeat are two axes; nothing here is a basis for rewards.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

import narwhals as nw

from metrics.calendar import EPOCH
from metrics.purchases import Frame
from metrics.shop_line import ShopLine, share
from metrics.viral import viral_limit

WINDOW_DAYS = 180
_HALF = Decimal("0.5")
_Counts = Mapping[int, int]


@dataclass(slots=True)
class _Cohort:
    """Who entered in one month (or ever), and what the mature ones among them did within the window."""

    new: int = 0
    referred: int = 0
    mature: int = 0
    friends: int = 0
    invitations: int = 0
    invited_friends: int = 0


@dataclass(slots=True)
class _Shop:
    """All cohorts, and all together."""

    whole: _Cohort = field(default_factory=_Cohort)
    months: dict[str, _Cohort] = field(default_factory=dict)

    def add(self, name: str, counts: _Counts) -> None:
        """Add `counts` by day to the field `name` of the days' months and of the whole."""
        for day, count in counts.items():
            for cohort in (self.whole, self.months.setdefault(_month(day), _Cohort())):
                setattr(cohort, name, getattr(cohort, name) + count)


def word_of_mouth_lines(
    buyers: Frame,
    edges: Frame,
    *,
    as_of_day: int,
    window_days: int = WINDOW_DAYS,
    invitations: Frame | None = None,
) -> list[ShopLine]:
    """Word of mouth of the whole shop (no part) and by cohort, the month of the first purchase ("2026-10").

    - referral_share = of the new customers of a month, the share whom somebody brought (by month and by
      cohort are the same thing, since the month in which somebody is new is the cohort); base: the new ones
    - k_observed = friends credited to a cohort whose first valid purchase came at most `referral.window_days`
      after the referrer's own / the cohort. Mature ones only: first purchase so many days ago or earlier; a
      month has a line once everybody in it is mature; base: the mature customers
    - k_invite = invitations per customer x new customers per invitation, of the same customers and window;
      invitations_per_customer (base: customers), invitation_conversion (base: invitations; above 1 where
      several came by one). A friend counts who came on or after the referrer's first invitation. No value,
      base 0, unless invitations are recorded: most are invisible, and 0 would be wrong. Recorded is a
      Salesforce lead that names who brought it (`referral.referrer_field`), on the day the lead was made
    - referral_cycle_time = median days from the referrer's first valid purchase to the friend's; base:
      friends
    - viral_limit = what one customer becomes in the end if the whole shop's k_observed stays below 1

    Where many customers bought before referrals were tracked, the share of the whole history is too low:
    read the months. None of these is a basis for rewards.

    In: `buyers` (`tenure.tenure`), `edges` (`attribution.referrals`), `invitations`
    (`person_id` who invited, `day`; None where nothing records any), all as of `as_of_day`.

    Metric: k_observed · K-Factor, Observed · Kファクター(実測)
    Metric: k_invite · K-Factor, by Invitations · Kファクター(招待数×成約率)
    Metric: invitations_per_customer · Invitations per Customer · 顧客1人あたりの招待数
    Metric: invitation_conversion · New Customers per Invitation · 招待の成約率
    Metric: referral_share · Share of New Customers Who Were Referred · 新規顧客に占める紹介の割合
    Metric: referral_cycle_time · Referral Cycle Time, Median · 紹介までの日数(中央値)
    Metric: viral_limit · Customers per Customer in the End · 1人の顧客が最終的に生む顧客数
    Unit: k_observed, k_invite, viral_limit: people per customer; referral_cycle_time: days
    Unit: invitations_per_customer: invitations per customer; invitation_conversion: people per invitation
    Unit: else share
    Source: rules B15 and B16; Skok and Reiss for K = i·c (forentrepreneurs.com)
    Since: 0.2.0 (2026-11-22)
    Verdict: kept (B15, B16); window and maturity are ours
    Settings: referral.window_days, purchases.count_unpaid, purchases.exclude.*
    Settings: referral.code_metafield, referral.code_tag, referral.code_pattern
    Settings: referral.salesforce_code_field, referral.referrer_field, referral.referrer_source
    """
    shop = _Shop()
    mature = buyers.filter(nw.col("first_purchase_day") <= as_of_day - window_days)
    quick = edges.filter(nw.col("cycle_days") <= window_days).with_columns(
        referrer_day=nw.col("ordered_day") - nw.col("cycle_days")
    )
    quick = quick.filter(nw.col("referrer_day") <= as_of_day - window_days)
    shop.add("new", _by_day(buyers, "first_purchase_day"))
    shop.add("referred", _by_day(edges, "ordered_day"))
    shop.add("mature", _by_day(mature, "first_purchase_day"))
    shop.add("friends", _by_day(quick, "referrer_day"))
    recorded = False
    if invitations is not None:
        known = invitations.filter(nw.col("day") <= as_of_day)
        recorded = _add_invitations(shop, known, mature, quick, window_days)
    return [*_shares(shop), *_factors(shop, recorded=recorded), _cycle_time(edges), _limit(shop)]


def refusal_lines(named: Frame) -> list[ShopLine]:
    """Of how many people the named referrer was refused, by reason, and how many credited share an address.

    `part` is the reason; n = everybody of whom somebody was named. A person counts once for a reason, however
    many orders, sources or referrers that concerns. Whoever is credited for somebody is not refused for the
    same one: not when a second source names the same referrer, nor when the friend uses the code again.
    Neither figure is a basis for rewards.

    In: `attribution.named_referrers`.

    Metric: referral_refused · People Whose Named Referrer Was Refused · 認められなかった紹介
    Metric: referral_flagged · Credited, but Sharing an Address · 連絡先が同じ紹介(要確認)
    Unit: people
    Source: docs/metrics.md; ReferralCandy help
    Since: 0.2.0 (2026-11-22)
    Verdict: ours
    Settings: referral.code_metafield, referral.code_tag, referral.code_pattern
    Settings: referral.salesforce_code_field, referral.referrer_field, referral.referrer_source
    """
    pair = ["person_id", "referrer_id"]
    credited = named.filter(nw.col("refused").is_null())
    refused = (
        named.filter(~nw.col("refused").is_null())
        .join(credited.select(*pair), on=pair, how="anti")
        .select("person_id", "refused")
        .unique(["person_id", "refused"])
        .group_by("refused")
        .agg(nw.len().alias("people"))
    )
    total = _count(named.select("person_id").unique("person_id"))
    flagged = _count(credited.filter(nw.col("flagged")))
    reasons = sorted((str(reason), int(people)) for reason, people in refused.collect().rows())
    lines = [ShopLine("referral_refused", reason, Decimal(n), total) for reason, n in reasons]
    return [*lines, ShopLine("referral_flagged", "", Decimal(flagged), total)]


def _count(frame: Frame) -> int:
    return int(frame.select(nw.len().alias("rows")).collect().row(0)[0])


def _by_day(frame: Frame, day: str) -> dict[int, int]:
    """Rows by day: as many days as the shop has history, however many rows."""
    rows = frame.group_by(day).agg(nw.len().alias("count")).collect().rows()
    return {int(one): int(count) for one, count in rows}


def _add_invitations(shop: _Shop, known: Frame, mature: Frame, quick: Frame, window_days: int) -> bool:
    """Add what mature customers invited within their window; say whether anybody ever invited anybody."""
    entered = mature.select("person_id", "first_purchase_day")
    after = nw.col("day") - nw.col("first_purchase_day")
    sent = known.join(entered, on="person_id", how="inner").filter(after >= 0, after <= window_days)
    began = sent.group_by("person_id").agg(nw.col("day").min().alias("invited_day"))
    came = quick.join(
        began.select("invited_day", referrer_id=nw.col("person_id")), on="referrer_id", how="inner"
    ).filter(nw.col("ordered_day") >= nw.col("invited_day"))
    shop.add("invitations", _by_day(sent, "first_purchase_day"))
    shop.add("invited_friends", _by_day(came, "referrer_day"))
    return len(known.head(1).collect()) > 0


def _parts(shop: _Shop) -> Iterable[tuple[str, _Cohort]]:
    return [("", shop.whole), *sorted(shop.months.items())]


def _shares(shop: _Shop) -> list[ShopLine]:
    return [
        ShopLine("referral_share", part, share(one.referred, one.new), one.new) for part, one in _parts(shop)
    ]


def _factors(shop: _Shop, *, recorded: bool) -> list[ShopLine]:
    """The K-factors of the whole and of each month in which everybody is mature."""
    ready = [(part, one) for part, one in _parts(shop) if not part or one.mature == one.new]
    lines = [ShopLine("k_observed", part, share(one.friends, one.mature), one.mature) for part, one in ready]
    if not recorded:
        names = ("k_invite", "invitations_per_customer", "invitation_conversion")
        return lines + [ShopLine(name, "", None, 0) for name in names]
    for part, one in ready:
        sent, came, people = one.invitations, one.invited_friends, one.mature
        lines += [
            ShopLine("k_invite", part, share(came, people), people),
            ShopLine("invitations_per_customer", part, share(sent, people), people),
            ShopLine("invitation_conversion", part, share(came, sent), sent),
        ]
    return lines


def _cycle_time(edges: Frame) -> ShopLine:
    """The exact median, from how many friends took how many days."""
    counts = sorted(_by_day(edges, "cycle_days").items())
    friends = sum(count for _, count in counts)
    if not friends:
        return ShopLine("referral_cycle_time", "", None, 0)
    middle = [_nth(counts, (friends - 1) // 2), _nth(counts, friends // 2)]
    return ShopLine("referral_cycle_time", "", sum(middle) * _HALF, friends)


def _nth(counts: list[tuple[int, int]], place: int) -> int:
    for value, count in counts:
        if place < count:
            return value
        place -= count
    raise AssertionError("no such place")


def _limit(shop: _Shop) -> ShopLine:
    one = shop.whole
    k = share(one.friends, one.mature)
    return ShopLine("viral_limit", "", None if k is None else viral_limit(k), one.mature)


def _month(day: int) -> str:
    return f"{EPOCH + timedelta(days=day):%Y-%m}"
