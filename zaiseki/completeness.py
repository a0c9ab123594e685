"""Is everything there? Each stream's rows in the store beside the platform's own count, and the id sweep."""

from __future__ import annotations

from sync import bookmarks, counts
from sync.intake import StreamCount
from zaiseki.balance import StreamLine
from zaiseki.job import Job
from zaiseki.surveying import Source


def check(job: Job, source: Source, counted: StreamCount) -> StreamLine:
    """The stream's line of the balance sheet.

    Where the counts differ by more than what changed during the run, the stream's ids are swept at once; if
    a gap is left even then, the stream will be read from the beginning by the next run.
    """
    line = _line(job, source, counted)
    if line.gap():
        platform, account = source.connector.platform, source.site.account
        counts.sweep(job.store, platform, account, source.stream, source.connector.sweep(source.stream))
        line = _line(job, source, counted)
        if line.gap():
            bookmarks.drop(job.store, platform, account, source.stream)
    return line


def _line(job: Job, source: Source, counted: StreamCount) -> StreamLine:
    platform, account, stream = source.connector.platform, source.site.account, source.stream
    live = counts.live(job.store, platform, account, stream)
    apart = counts.apart(job.store, platform, account, stream)
    # Where older orders are hidden, the platform's count says nothing about what is stored.
    comparable = source.site.whole_history is not False and stream in source.site.counts
    return StreamLine(
        fetched=counted.fetched,
        inserted=counted.inserted,
        updated=counted.updated,
        unchanged=counted.unchanged,
        quarantined=counted.quarantined,
        live=live,
        apart=apart,
        on_platform=source.site.counts[stream] if comparable else live + apart,
        moving=counts.moved(job.store, platform, account, stream, source.site.server_time),
    )
