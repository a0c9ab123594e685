"""Orders from before the shop existed here, from the merchant's own file, as a line of the balance sheet."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from sync import history
from sync.errors import HistoryUnusable
from sync.normalise_history import PLATFORM
from sync.store import Store
from zaiseki.balance import StreamLine
from zaiseki.job import Job
from zaiseki.normalising import account_of
from zaiseki.world import World

NAME = f"{PLATFORM}.{history.STREAM}"


def must_be_there(job: Job) -> None:
    """Tell that the file is missing before anything is pulled. Raises `HistoryUnusable`."""
    path = _path(job)
    if path and not path.is_file():
        raise HistoryUnusable("history_missing", path=str(path))


def read(job: Job, world: World) -> dict[str, StreamLine]:
    """Make the stored earlier orders those of the file, once the customers are there whom it names; without
    a file there is no line, and none of its orders is left. Raises `HistoryUnusable`."""
    path = _path(job)
    if path is None:
        history.drop_history(job.store)
        return {}
    job.step("progress_pull", stream=NAME)
    sites = list(world.sites.values())
    counted = history.read_history(
        path,
        job.store,
        context=account_of(job, world, sites[0]),
        shops=[site.account for site in sites if site.platform == "shopify"],
        org=next((site.account for site in sites if site.platform == "salesforce"), None),
        run_id=job.run_id,
    )
    counts = {name: count for name, count in asdict(counted).items() if name != "deleted"}
    live, apart, forgotten = _stored(job.store)
    counts |= {"live": live, "apart": apart, "forgotten": forgotten}
    # The file is read whole: what it holds is what was fetched.
    return {NAME: StreamLine(**counts, on_platform=counted.fetched, moving=0)}


def _path(job: Job) -> Path | None:
    given = job.settings.history.orders_csv
    return job.folder / given if given else None


def _stored(store: Store) -> tuple[int, int, int]:
    (row,) = store.rows(_STORED, PLATFORM, PLATFORM, PLATFORM, PLATFORM)
    live, apart, forgotten = (int(count) for count in row)
    return live, apart, forgotten


_STORED = """
SELECT (SELECT count(*) FROM orders WHERE platform = ? AND NOT deleted),
    (SELECT count(*) FROM quarantine WHERE platform = ? AND id NOT IN (
        SELECT id FROM orders WHERE platform = ? AND NOT deleted)),
    (SELECT count(*) FROM forgotten WHERE platform = ?)"""
