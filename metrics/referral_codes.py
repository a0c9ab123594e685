"""Personal codes that look wrong: held by several people, redeemed too often, or held by nobody.

These are reported for somebody to look at; what they attribute follows `metrics.attribution` alone.
"""

from __future__ import annotations

from decimal import Decimal

import narwhals as nw

from metrics.lives import KEY
from metrics.purchases import Frame
from metrics.shop_line import ShopLine


def code_lines(
    valid: Frame, codes: Frame, *, max_redemptions: int | None = None, pattern: str | None = None
) -> list[ShopLine]:
    """How many personal codes look wrong: held by several people, redeemed too often, held by nobody.

    n = codes that somebody holds; the last one is of the codes on orders, so its n is how many different ones
    on orders look like personal ones. No value where the setting that says what is wrong
    (`referral.max_redemptions`, `referral.code_pattern`) is unset. None of these is a basis for rewards.
    In: as below.

    Metric: codes_shared · Codes Held by Several People · 複数の人が持つ紹介コード
    Metric: codes_overused · Codes Redeemed Too Often · 上限を超えて使われた紹介コード
    Metric: codes_unknown · Personal Codes That Nobody Holds · 持ち主の分からない紹介コード
    Unit: codes
    Source: docs/metrics.md; ReferralCandy help
    Since: 0.2.0 (2026-11-22)
    Verdict: ours
    Settings: referral.code_metafield, referral.code_tag, referral.code_pattern
    Settings: referral.salesforce_code_field, referral.max_redemptions
    """
    held = _count(codes.select("code").unique("code"))
    overused = unknown = None
    looked_at = 0
    if max_redemptions is not None:
        overused = _count(overused_codes(valid, codes, max_redemptions=max_redemptions))
    if pattern is not None:
        unknown = _count(unknown_codes(valid, codes, pattern=pattern))
        looked_at = _count(_personal(valid, pattern).select("code").unique("code"))
    return [
        ShopLine("codes_shared", "", Decimal(_count(ambiguous_codes(codes))), held),
        ShopLine("codes_overused", "", None if overused is None else Decimal(overused), held),
        ShopLine("codes_unknown", "", None if unknown is None else Decimal(unknown), looked_at),
    ]


def ambiguous_codes(codes: Frame) -> Frame:
    """Personal codes that more than one person holds; they attribute nothing.

    In: `codes` (`code`, `person_id`). Out: `code`, `holders` (int, 2 or more).
    """
    return (
        codes.select("code", "person_id")
        .unique(["code", "person_id"])
        .group_by("code")
        .agg(nw.len().cast(nw.Int64).alias("holders"))
        .filter(nw.col("holders") > 1)
    )


def overused_codes(valid: Frame, codes: Frame, *, max_redemptions: int) -> Frame:
    """Personal codes redeemed on more valid orders than the merchant allows; nothing is refused for it.

    Every valid order with the code counts once, whoever made it (the holder and nobody's orders too).
    In: `valid` (`purchases.valid_purchases` with `discount_codes`), `codes`. Out: `code`, `redemptions`.
    """
    return (
        _redeemed(valid)
        .join(codes.select("code").unique("code"), on="code", how="semi")
        .unique([*KEY, "code"])
        .group_by("code")
        .agg(nw.len().cast(nw.Int64).alias("redemptions"))
        .filter(nw.col("redemptions") > max_redemptions)
    )


def unknown_codes(valid: Frame, codes: Frame, *, pattern: str) -> Frame:
    """Codes on valid orders that look like personal ones (`pattern`) and that nobody holds.

    `pattern`: a regular expression (RE2) over the whole code, letter case ignored. A holder who was
    deleted or a field that is not filled in looks like this, and costs somebody the credit.
    In: `valid` (with `discount_codes`), `codes`. Out: `code`, `orders` (int).
    """
    return (
        _personal(valid, pattern)
        .join(codes.select("code").unique("code"), on="code", how="anti")
        .unique([*KEY, "code"])
        .group_by("code")
        .agg(nw.len().cast(nw.Int64).alias("orders"))
    )


def _personal(valid: Frame, pattern: str) -> Frame:
    """What `_redeemed` tells of the codes that look like personal ones."""
    return _redeemed(valid).filter(nw.col("code").str.contains(f"(?i)^(?:{pattern})$"))


def _redeemed(valid: Frame) -> Frame:
    """Each order with each code on it, as often as the order holds it."""
    coded = valid.filter(nw.col("discount_codes").list.len() > 0)
    return coded.select(*KEY, code=nw.col("discount_codes")).explode("code")


def _count(frame: Frame) -> int:
    return int(frame.select(nw.len().alias("codes")).collect().row(0)[0])
