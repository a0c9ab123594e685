"""Pulling one stream of one platform account into the store, batch by batch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from connectors.base import Batch, Connector, Site
from connectors.errors import ConnectorError
from sync import unready
from sync.intake import Intake, StreamCount
from sync.model import Account, Rows
from sync.store import Store
from sync.streams import STREAMS

BATCH_ROWS = 2_000
"""Rows that are checked and hashed at a time: this bounds memory, whatever batches the connector makes."""
SAVE_ROWS = 20_000
"""Rows that are stored in one transaction; a killed run reads at most so many again."""


def pull_stream(
    connector: Connector,
    site: Site,
    store: Store,
    *,
    account: Account,
    stream: str,
    run_id: str,
    save_rows: int = SAVE_ROWS,
) -> StreamCount:
    """Store what changed in `stream`, and what the platform may say more of by now; tell what became of every
    distinct id.

    Raises `connectors.errors.ConnectorError`; what was read before the failure is stored then, with its
    bookmark, and the next run goes on from there.
    """
    kind = STREAMS[site.platform, stream]
    intake = Intake(store, site.platform, site.account, stream, kind, run_id, account.key)
    intake.drop_old_tombs(account.tombstones)
    again = unready.to_ask(store, site.platform, site.account, stream, now=site.server_time)
    try:
        _take_in(connector.pull(stream, again), site, intake, account, save_rows)
    except ConnectorError:
        intake.save()
        intake.close()
        raise
    intake.save()
    return intake.close()


def _take_in(batches: Iterable[Batch], site: Site, intake: Intake, account: Account, save_rows: int) -> None:
    for batch in batches:
        for rows in _bounded(batch.rows):
            intake.add(intake.stream.normalise(rows, account))
            if intake.staged >= save_rows:
                intake.save()
        if batch.bookmark is not None:
            intake.reach(min(batch.bookmark, site.server_time))


def _bounded(rows: Rows) -> Iterator[list[Any]]:
    waiting = iter(rows)
    while part := list(islice(waiting, BATCH_ROWS)):
        yield part
