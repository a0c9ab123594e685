"""Settings of products that promise a figure which cannot be counted: told once a run."""

from __future__ import annotations

from zaiseki.outcome import Note
from zaiseki.settings import Settings


def product_notes(settings: Settings) -> tuple[Note, ...]:
    """What trial conversion lacks, where `products.front_end` names trial offers: the lines of orders
    (`metrics.products`), or what trial buyers are meant to come to (`products.back_end`)."""
    notes: list[Note] = []
    if settings.products.front_end and not settings.metrics.products:
        notes.append(Note("products_not_read", {}))
    if settings.products.front_end and not settings.products.back_end:
        notes.append(Note("products_no_back_end", {}))
    return tuple(notes)
