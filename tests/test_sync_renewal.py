"""The store's file written anew: what was deleted is gone from its bytes, at whatever moment it is killed."""

from __future__ import annotations

import stat
from pathlib import Path

import duckdb
import pytest
from sync_rows import KEY

from sync import erase, renewal
from sync.errors import StoreUnusable
from sync.keyed_lines import KeyedFile
from sync.store import Store

SECRET = b"somebody-4711-was-here"


def bytes_of(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A store from whose tables somebody was deleted."""
    path = tmp_path / "job" / "zaiseki.duckdb"
    path.parent.mkdir()
    with Store.open(path) as store:
        store.con.execute(
            "INSERT INTO records BY NAME SELECT 'shopify' AS platform, 'x' AS account, 'customer' AS object,"
            " ? || i AS id, false AS deleted FROM range(3000) t(i)",
            [SECRET.decode()],
        )
        store.con.execute("CREATE TABLE scores (person_id VARCHAR)")
        store.con.execute("CHECKPOINT")
        store.con.execute("DELETE FROM records WHERE id <> ?", [f"{SECRET.decode()}5"])
        store.con.execute("UPDATE records SET id = 'left'")
        store.con.execute("CHECKPOINT")
        assert SECRET in bytes_of(path.parent), "nothing would be proved"
    return path


def test_nothing_that_was_deleted_stands_in_any_file(path: Path) -> None:
    with Store.open(path) as store:
        before = store.rows("SELECT table_name FROM duckdb_tables() ORDER BY ALL")
        store_id = store.meta("store_id")
        store.renew()
        assert store.rows("SELECT id FROM live_records WHERE NOT coalesce(dormant, false)") == [("left",)]
        assert store.rows("SELECT table_name FROM duckdb_tables() ORDER BY ALL") == before
        assert store.meta("store_id") == store_id
        assert store.meta(renewal.DUE) is None
        store.set_meta("after", "kept")
    assert SECRET not in bytes_of(path.parent)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert sorted(one.name for one in path.parent.iterdir()) == [
        "zaiseki.duckdb",
        "zaiseki.duckdb.lock",
        "zaiseki.duckdb.run.json",
    ]
    with Store.open(path) as store:
        assert store.meta("after") == "kept", "what is written afterwards goes into the new file"


def test_a_copy_that_a_killed_process_left_is_removed_and_made_anew(path: Path, tmp_path: Path) -> None:
    file = KeyedFile(tmp_path / "lines", "tombstones", KEY)
    with Store.open(path) as store:
        store.set_meta(renewal.DUE, "yes")
        renewal.copy(store.con, path)  # and killed here
    (left,) = path.parent.glob("*.renewed")
    left.with_name(f"{left.name}.wal").write_bytes(b"x")
    with Store.open(path) as store:
        assert not list(path.parent.glob("*.renewed*"))
        assert erase.carry_out(store, file) is None
    assert SECRET not in bytes_of(path.parent)


def test_a_disk_that_refuses_keeps_the_store_and_the_next_command_makes_it_good(
    path: Path, tmp_path: Path
) -> None:
    (blocked := path.with_name(f"{path.name}.renewed.wal")).mkdir()
    file = KeyedFile(tmp_path / "lines", "tombstones", KEY)
    with pytest.raises((StoreUnusable, OSError)):
        Store.open(path)
    blocked.rmdir()
    with Store.open(path) as store:
        blocked.mkdir()
        with pytest.raises(StoreUnusable) as told:
            store.renew()
        assert told.value.code == "store_not_renewed"
    blocked.rmdir()
    with Store.open(path) as store:
        assert store.rows("SELECT id FROM records") == [("left",)]
        erase.carry_out(store, file)
    assert SECRET not in bytes_of(path.parent)


def test_it_works_while_a_relation_still_looks_at_the_old_file(path: Path) -> None:
    with Store.open(path) as store:
        looking = store.con.table("records")
        store.renew()
        store.set_meta("after", "kept")
        with pytest.raises(duckdb.Error):
            looking.fetchall()
    with Store.open(path) as store:
        assert store.meta("after") == "kept"
    assert SECRET not in bytes_of(path.parent)
