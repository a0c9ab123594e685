"""Is everything there? Each stream's rows in the store beside the platform's own count, and the id sweep."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from sync import bookmarks, counts, merges
from sync.intake import StreamCount
from sync.store import Store
from sync.streams import STREAMS
from sync.sweep import Rows, sweep
from zaiseki.balance import StreamLine
from zaiseki.surveying import Source


def is_due(store: Store, source: Source, *, full: bool, sweep_days: int) -> bool:
    """Whether the stream's ids are to be swept although nothing hints at a difference.

    So it is with every full read, and where the last sweep is `sweep_days` old; a stream that was never
    swept has just been read from its beginning.
    """
    before = store.meta(_mark(source))
    if full or before is None:
        return full
    return source.site.server_time - datetime.fromisoformat(before) >= timedelta(days=sweep_days)


def check(store: Store, source: Source, counted: StreamCount, *, sweep_due: bool = False) -> StreamLine:
    """The stream's line of the balance sheet; to be called as soon as the stream has been pulled.

    Where the counts differ by more than what came and went during the run, or a sweep is due, the stream's
    ids are swept; if a gap is left even then, the stream will be read from the beginning by the next run.
    A shop's customers are swept before its orders are pulled: what the store says of a vanished customer's
    orders tells whether it was merged.
    """
    line = _line(store, source, counted)
    if line.gap() or (sweep_due and not _hidden(source)):
        line = _swept(store, source, counted)
        _note_sweep(store, source)
        if line.gap():
            bookmarks.drop(store, source.connector.platform, source.site.account, source.stream)
    elif store.meta(_mark(source)) is None:
        _note_sweep(store, source)
    kind = STREAMS[source.connector.platform, source.stream]
    if kind.table == "records":
        with store.transaction():
            merges.settle(store, kind, source.connector.platform, source.site.account)
    return line


def _swept(store: Store, source: Source, counted: StreamCount) -> StreamLine:
    """The line after the sweep: the ids of now win over the count of the start.

    What has vanished since the start is no gap; ids that the store lacks are one, as far as the first count
    already told of them (the others came later, and the next run reads them).
    """
    found = sweep(
        store,
        source.connector.platform,
        source.site.account,
        source.stream,
        source.connector.sweep(source.stream),
        orders=_orders_of(source),
        tombstones=source.account.tombstones,
    )
    line = _line(store, source, counted)
    return replace(line, on_platform=min(line.here() + found.missing, max(line.on_platform, line.here())))


def _orders_of(source: Source) -> Callable[[], Rows] | None:
    """How to ask for a shop's orders; Salesforce tells of merges by itself."""
    if (source.connector.platform, source.stream) != ("shopify", "customers"):
        return None
    return lambda: source.connector.sweep("orders")


def _line(store: Store, source: Source, counted: StreamCount) -> StreamLine:
    platform, account, stream = source.connector.platform, source.site.account, source.stream
    line = StreamLine(
        fetched=counted.fetched,
        inserted=counted.inserted,
        updated=counted.updated,
        unchanged=counted.unchanged,
        quarantined=counted.quarantined,
        live=counts.live(store, platform, account, stream),
        apart=counts.apart(store, platform, account, stream),
        forgotten=counts.forgotten(store, platform, account, stream),
        on_platform=0,
        moving=counts.moved(store, platform, account, stream, source.site.server_time),
    )
    known = not _hidden(source) and stream in source.site.counts
    return replace(line, on_platform=source.site.counts[stream] if known else line.here())


def _hidden(source: Source) -> bool:
    """Where older orders are hidden, what the platform shows of orders says nothing about what is stored."""
    table = STREAMS[source.connector.platform, source.stream].table
    return source.site.whole_history is False and table == "orders"


def _mark(source: Source) -> str:
    return f"swept:{source.connector.platform}/{source.site.account}/{source.stream}"


def _note_sweep(store: Store, source: Source) -> None:
    store.set_meta(_mark(source), source.site.server_time.isoformat())
