"""Write-back: one platform's part of a saved plan goes out, and what became of each record is kept."""

from __future__ import annotations

from dataclasses import dataclass

from connectors.base import Connector
from connectors.errors import ConnectorError, UnexpectedAnswer
from sync.store import Store
from sync.writes import next_updates, record_results, written


@dataclass(frozen=True, slots=True)
class WriteCount:
    """Live writable records of one platform: planned = written + unchanged + rejected + held.

    `held` are those that did not go out, or whose answer never came, because the guard held them back or the
    platform failed.
    """

    planned: int = 0
    written: int = 0
    unchanged: int = 0
    rejected: int = 0
    held: int = 0


def write_back(
    store: Store, run_id: str, connector: Connector, account: str, *, planned: int
) -> tuple[WriteCount, ConnectorError | None]:
    """Send the plan that `run_id` saved for one account, and count what became of it.

    `planned`: its records, as the plan itself counted them: what is lost between plan and answer shows. A
    platform that fails gives its error back instead of raising it: the other platform is still written,
    and what is open is planned again by the next run.
    """
    failure: ConnectorError | None = None
    if planned:
        updates = next_updates(store, run_id, connector.platform, account)
        try:
            record_results(store, run_id, connector.platform, account, connector.write(updates, planned))
        except ConnectorError as error:
            failure = error
    done = written(store, run_id, connector.platform, account)
    if failure is None and done.open:
        failure = UnexpectedAnswer(connector.platform, "results_missing", f"{done.open} records")
    count = WriteCount(
        planned=planned,
        written=done.confirmed,
        unchanged=done.unchanged,
        rejected=done.rejected,
        held=done.open,
    )
    return count, failure
