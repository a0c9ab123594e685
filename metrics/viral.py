"""What word of mouth adds up to: how many customers some seeds become at a K-factor."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

_PLACES = Decimal("0.0001")


def viral_growth(seeds: int, k: Decimal, cycles: Decimal | int) -> Decimal:
    """Customers after `cycles` cycle times when each brings K others within one, half up to 4 decimals.

    U(t) = U(0) x (K^(t/p + 1) - 1) / (K - 1), with t/p = `cycles`; for K = 1 it is U(0) x (t/p + 1), for
    K = 0 just the seeds. It says what friends of friends add if K stayed what it is, which it never does:
    an illustration, no forecast. `seeds` >= 0, `k` >= 0, `cycles` >= 0, else `ValueError`.

    Metric: viral_growth · Customers After So Many Cycles · クチコミで広がる顧客数
    Unit: people
    Source: Skok and Reiss (forentrepreneurs.com, kevinlawler.com)
    Since: 0.2.0 (2026-11-22)
    Verdict: kept (B15: クチコミを数値化したのがKファクター)
    Settings: none
    """
    if seeds < 0 or k < 0 or cycles < 0:
        raise ValueError("seeds, k and cycles are 0 or more")
    waves = Decimal(cycles) + 1
    people = seeds * (waves if k == 1 else (k**waves - 1) / (k - 1))
    return people.quantize(_PLACES, rounding=ROUND_HALF_UP)


def viral_limit(k: Decimal) -> Decimal | None:
    """What one customer becomes in the end: 1 / (1 - K), half up to 4 decimals; None from K = 1 on (no end).

    K below 1 is the normal case and still lifts every other source of customers by this factor.
    """
    if k < 0:
        raise ValueError("k is 0 or more")
    return None if k >= 1 else (1 / (1 - k)).quantize(_PLACES, rounding=ROUND_HALF_UP)
