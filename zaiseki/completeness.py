"""Is everything there? Each stream's rows in the store beside the platform's own count, and the id sweep."""

from __future__ import annotations

from dataclasses import replace

from sync import bookmarks, counts
from sync.intake import StreamCount
from sync.store import Store
from sync.streams import STREAMS
from zaiseki.balance import StreamLine
from zaiseki.surveying import Source


def check(store: Store, source: Source, counted: StreamCount) -> StreamLine:
    """The stream's line of the balance sheet.

    Where the counts differ by more than what came and went during the run, the stream's ids are swept at
    once; if a gap is left even then, the stream will be read from the beginning by the next run.
    """
    line = _line(store, source, counted)
    if line.gap():
        line = _swept(store, source, counted)
        if line.gap():
            bookmarks.drop(store, source.connector.platform, source.site.account, source.stream)
    return line


def _swept(store: Store, source: Source, counted: StreamCount) -> StreamLine:
    """The line after the sweep: the ids of now win over the count of the start.

    What has vanished since the start is no gap; ids that the store lacks are one, as far as the first count
    already told of them (the others came later, and the next run reads them).
    """
    ids = source.connector.sweep(source.stream)
    _, missing = counts.sweep(store, source.connector.platform, source.site.account, source.stream, ids)
    line = _line(store, source, counted)
    there = line.live + line.apart
    return replace(line, on_platform=min(there + missing, max(line.on_platform, there)))


def _line(store: Store, source: Source, counted: StreamCount) -> StreamLine:
    platform, account, stream = source.connector.platform, source.site.account, source.stream
    live = counts.live(store, platform, account, stream)
    apart = counts.apart(store, platform, account, stream)
    # Where older orders are hidden, the platform's count of orders says nothing about what is stored.
    hidden = source.site.whole_history is False and STREAMS[platform, stream].table == "orders"
    known = not hidden and stream in source.site.counts
    return StreamLine(
        fetched=counted.fetched,
        inserted=counted.inserted,
        updated=counted.updated,
        unchanged=counted.unchanged,
        quarantined=counted.quarantined,
        live=live,
        apart=apart,
        on_platform=source.site.counts[stream] if known else live + apart,
        moving=counts.moved(store, platform, account, stream, source.site.server_time),
    )
