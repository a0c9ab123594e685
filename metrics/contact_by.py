"""Consent: by which media a person may be contacted, by all that the person's records say.

Records of one person may contradict each other; whoever refused anywhere must not be written to because
another record still says yes.
"""

from __future__ import annotations

import narwhals as nw

from metrics.fields import MEDIA
from metrics.purchases import Frame

PERMITS = ("subscribed",)
REFUSES = ("unsubscribed", "redacted", "opted_out")
"""States of a record's consent, as the model keeps them; every other one (pending, not subscribed, invalid,
none at all) is silence."""


def contact_by(consents: Frame) -> Frame:
    """The media that some record of a person permits and none refuses.

    In: one row per live record: `person_id`, `email_consent`, `sms_consent` (states in lower case, null for
    silence), `phone_refused` (bool or null). Out: `person_id`, `contact_by`: codes of `fields.MEDIA` joined
    with `;` in that order, null where nothing is permitted; one row per person, rows of nobody left out.

    No platform records a permission to call, only that somebody refuses calls: `phone` is
    there for who sets up such a source, and is never given without one.

    Metric: contact_by · May Contact By · 連絡してよい手段
    Unit: list of codes
    Source: what the platforms record of consent (docs/metrics.md)
    Since: 0.2.0 (2026-11-22)
    Verdict: ours
    Settings: none
    """
    grouped = (
        consents.filter(~nw.col("person_id").is_null())
        .group_by("person_id")
        .agg(
            *(_any(nw.col(f"{medium}_consent").is_in(PERMITS), f"{medium}_permitted") for medium in _STATED),
            *(_any(nw.col(f"{medium}_consent").is_in(REFUSES), f"{medium}_refused") for medium in _STATED),
            _any(nw.col("phone_refused"), "phone_refused"),
        )
        .with_columns(phone_permitted=nw.lit(False))
    )
    codes = [
        nw.when(nw.col(f"{code}_permitted"), ~nw.col(f"{code}_refused")).then(nw.lit(code))
        for code, _, _ in MEDIA
    ]
    joined = nw.concat_str(*codes, separator=";", ignore_nulls=True)
    return grouped.select("person_id", contact_by=nw.when(joined != "").then(joined))


_STATED = ("email", "sms")


def _any(said: nw.Expr, name: str) -> nw.Expr:
    """Whether it was said in any row; what is not known was not said."""
    return said.fill_null(False).any().alias(name)
