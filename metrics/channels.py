"""Channels (購入チャネル): where a person's counted purchases were made. All channels count alike."""

from __future__ import annotations

from collections.abc import Sequence

import narwhals as nw

from metrics.purchases import Frame


def channels(valid: Frame, *, catalogue: Sequence[str]) -> Frame:
    """The channels of every person's valid purchases, once each.

    In: `valid_purchases` (`person_id`, `channel`: a code of `catalogue`). Out: `person_id`, `channels`:
    the codes joined with `;` in the order of `catalogue`, never empty; persons without a valid purchase are
    not in the frame. No channel is the main one. Source: design section 4, reference metrics A10-A12.
    """
    used = [(nw.col("channel") == code).any().alias(f"used_{code}") for code in catalogue]
    codes = [nw.when(nw.col(f"used_{code}")).then(nw.lit(code)) for code in catalogue]
    joined = nw.concat_str(*codes, separator=";", ignore_nulls=True)
    return (
        valid.filter(~nw.col("person_id").is_null(), nw.col("channel").is_in(list(catalogue)))
        .group_by("person_id")
        .agg(*used)
        .select("person_id", channels=joined)
    )
