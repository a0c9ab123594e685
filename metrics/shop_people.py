"""Of whom the shop's figures of a past day tell: people of whom nothing was known yet are not counted."""

from __future__ import annotations

from dataclasses import replace

import narwhals as nw

from metrics.lives import Materialise
from metrics.purchases import Frame
from metrics.shop_frames import ShopFrames


def known_on(frames: ShopFrames, buyers: Frame, *, as_of_day: int, materialise: Materialise) -> ShopFrames:
    """`frames` with the `persons` and `scores` of those alone who were known by `as_of_day`.

    Known is whose oldest record was made by then, of whom nothing says when it was, and who had bought by
    then, whenever their record was made: a history that comes in later tells of them all the same.
    In: `buyers` (`tenure.tenure`) as of the day.
    """
    later = frames.persons.filter(nw.col("known_day") > as_of_day).select("person_id")
    unknown = materialise(later.join(buyers.select("person_id"), on="person_id", how="anti"))
    return replace(
        frames,
        persons=frames.persons.join(unknown, on="person_id", how="anti"),
        scores=frames.scores.join(unknown, on="person_id", how="anti"),
    )
