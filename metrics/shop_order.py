"""In which order the figures of the shop are told: who comes back before who is won.

「バックエンドから構築せよ」: what trial buyers come to, and whether products are bought again, stands before
every figure of how many customers were won, and from where.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from metrics.catalogue import metrics_known

MODULES = (
    *("products", "repeat", "continuation", "cohorts", "subscribers"),
    *("portfolio", "tenure_distribution", "spend_distribution"),
    *("monthly", "segment_moves", "migration", "best_reach"),
    *("word_of_mouth", "viral", "referral_codes", "referred_value"),
    *("satisfaction_shop", "funnel_shop", "channel_shares", "acquisition", "contacts", "human_touches"),
    *("rfm_agreement", "expectation_shop", "expectation_evidence", "koopman"),
    *("gaps", "targets"),
)
"""The files of `metrics/` that count for the whole shop."""


@cache
def places() -> Mapping[str, int]:
    """The place of every figure of the shop, from 0, by its id: by file, within one as it stands there."""
    known = [metric.id for metric in metrics_known() if metric.of_shop]
    of = {metric.id: metric.module.removeprefix("metrics.") for metric in metrics_known()}
    ordered = sorted(known, key=lambda id_: MODULES.index(of[id_]))
    return {id_: place for place, id_ in enumerate(ordered)}
