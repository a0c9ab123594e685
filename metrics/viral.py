"""What word of mouth adds up to: how many customers some seeds become at a K-factor."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal

from metrics.shop_line import ShopLine

SEEDS = 100
CYCLES = (1, 2, 3, 10)
_PLACES = Decimal("0.0001")


def viral_growth(seeds: int, k: Decimal, cycles: Decimal | int) -> Decimal:
    """Customers after `cycles` cycle times when each brings K others within one, half up to 4 decimals.

    U(t) = U(0) x (K^(t/p + 1) - 1) / (K - 1), with t/p = `cycles`; for K = 1 it is U(0) x (t/p + 1), for
    K = 0 just the seeds. It says what friends of friends add if K stayed what it is, which it never does:
    an illustration, no forecast. `seeds` >= 0, `k` >= 0, `cycles` >= 0, else `ValueError`.
    """
    if seeds < 0 or k < 0 or cycles < 0:
        raise ValueError("seeds, k and cycles are 0 or more")
    waves = Decimal(cycles) + 1
    people = seeds * (waves if k == 1 else (k**waves - 1) / (k - 1))
    return people.quantize(_PLACES, rounding=ROUND_HALF_UP)


def growth_lines(shop: Iterable[ShopLine]) -> list[ShopLine]:
    """What 100 customers become after 1, 2, 3 and 10 cycles at the whole shop's observed K-factor.

    U(t) = U(0) x (K^(t/p + 1) - 1) / (K - 1), t/p cycles: the time in which friends come. `part`
    "100 after 3 cycles"; n = the customers K was observed of, no value where there are none. It says what
    friends of friends add if K stayed what it is, which it never does: an illustration, no forecast, and
    no basis for rewards.
    In: the lines of `word_of_mouth.word_of_mouth_lines`.

    Metric: viral_growth · Customers After So Many Cycles · クチコミで広がる顧客数
    Unit: people
    Source: Skok and Reiss (forentrepreneurs.com, kevinlawler.com)
    Since: 0.2.0 (2026-11-22)
    Verdict: kept (B15: クチコミを数値化したのがKファクター)
    Settings: referral.window_days, purchases.count_unpaid, purchases.exclude.*
    Settings: referral.code_metafield, referral.code_tag, referral.code_pattern
    Settings: referral.salesforce_code_field, referral.referrer_field, referral.referrer_source
    """
    observed = next((line for line in shop if (line.name, line.part) == ("k_observed", "")), None)
    k, base = (observed.value, observed.base) if observed else (None, 0)
    return [
        ShopLine(
            "viral_growth",
            f"{SEEDS} after {cycles} cycle{'s' if cycles > 1 else ''}",
            None if k is None else viral_growth(SEEDS, k, cycles),
            base,
        )
        for cycles in CYCLES
    ]


def viral_limit(k: Decimal) -> Decimal | None:
    """What one customer becomes in the end: 1 / (1 - K), half up to 4 decimals; None from K = 1 on (no end).

    K below 1 is the normal case and still lifts every other source of customers by this factor.
    """
    if k < 0:
        raise ValueError("k is 0 or more")
    return None if k >= 1 else (1 / (1 - k)).quantize(_PLACES, rounding=ROUND_HALF_UP)
