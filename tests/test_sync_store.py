"""The store file: one run at a time, its owner only, clear refusals."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from sync_rows import KEY, open_store

from sync import runfile
from sync.keys import HashKey
from sync.store import Store, StoreBusy, StoreUnusable


def test_every_file_beside_an_open_store_is_its_owners_only(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        store.set_meta("wal", "is written now")
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert "zaiseki.duckdb.wal" in modes
    assert {name: oct(mode) for name, mode in modes.items() if mode & 0o077} == {}


def test_closing_restores_the_umask_and_leaves_no_scratch(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        with open_store(tmp_path):
            pass
        assert os.umask(0o022) == 0o022
    finally:
        os.umask(before)
    assert not (tmp_path / "zaiseki.duckdb.tmp").exists()


def test_a_second_run_is_told_who_holds_the_store(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from sync.store import Store\n"
        "store = Store.open(Path(sys.argv[1])); print('open', flush=True); sys.stdin.read(); store.close()"
    )
    path = tmp_path / "zaiseki.duckdb"
    other = subprocess.Popen(
        [sys.executable, "-c", code, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert other.stdout is not None
        assert other.stdout.readline() == "open\n"
        with pytest.raises(StoreBusy) as busy:
            Store.open(path)
        assert busy.value.pid == other.pid
        assert busy.value.since == runfile.read(path)["since"]
    finally:
        other.communicate("", timeout=30)
    with Store.open(path) as store:
        assert not store.is_new


def test_a_killed_run_leaves_the_store_free_and_whole(tmp_path: Path) -> None:
    code = (
        "import os, signal, sys; from pathlib import Path; from sync.store import Store\n"
        "store = Store.open(Path(sys.argv[1])); store.set_meta('stored', 'yes'); store.con.begin()\n"
        "store.set_meta('half', 'yes'); os.kill(os.getpid(), signal.SIGKILL)"
    )
    path = tmp_path / "zaiseki.duckdb"
    subprocess.run([sys.executable, "-c", code, str(path)], check=False, timeout=60)
    with Store.open(path) as store:
        assert (store.meta("stored"), store.meta("half")) == ("yes", None)


def test_a_failed_transaction_leaves_nothing(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        with pytest.raises(ZeroDivisionError), store.transaction():
            store.set_meta("a", "1")
            _ = 1 / 0
        assert store.meta("a") is None


def test_a_store_of_a_newer_version_is_refused_and_freed(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        store.set_meta("schema_version", "999")
    for _ in range(2):
        with pytest.raises(StoreUnusable) as error:
            open_store(tmp_path)
        assert error.value.code == "store_too_new"
        assert error.value.details["found"] == "999"


def test_a_file_that_is_no_store_is_refused_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "zaiseki.duckdb"
    path.write_text("not a database")
    with pytest.raises(StoreUnusable) as error:
        Store.open(path)
    assert error.value.code == "store_broken"
    assert path.read_text() == "not a database"


def test_a_store_keeps_its_id_and_takes_the_one_given_when_new(tmp_path: Path) -> None:
    with Store.open(tmp_path / "a.duckdb", store_id="mine") as store:
        assert (store.is_new, store.meta("store_id")) == (True, "mine")
    with Store.open(tmp_path / "a.duckdb", store_id="other") as store:
        assert (store.is_new, store.meta("store_id")) == (False, "mine")


def test_another_hash_key_is_noticed_before_anything_is_compared(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        store.bind_key(KEY)
        store.bind_key(KEY)
        with pytest.raises(StoreUnusable) as error:
            store.bind_key(HashKey(b"another key of 32 bytes or more."))
    assert error.value.code == "store_other_settings"


def test_the_run_file_answers_while_the_store_is_held(tmp_path: Path) -> None:
    path = tmp_path / "zaiseki.duckdb"
    with open_store(tmp_path):
        runfile.note(path, step="pull", streams={"shopify.orders": 5})
        found = json.loads(runfile.path_of(path).read_text(encoding="utf-8"))
        assert (found["pid"], found["step"], found["streams"]) == (os.getpid(), "pull", {"shopify.orders": 5})
    assert (runfile.read(path)["pid"], runfile.read(path)["step"]) == (None, "pull")


def test_a_damaged_run_file_is_no_error(tmp_path: Path) -> None:
    path = tmp_path / "zaiseki.duckdb"
    runfile.path_of(path).write_text('{"pid": 1')
    assert runfile.read(path) == {}
    with open_store(tmp_path):
        assert runfile.read(path)["pid"] == os.getpid()


def test_release_drops_what_was_materialised_and_nothing_else(tmp_path: Path) -> None:
    import narwhals as nw

    with open_store(tmp_path) as store:
        store.set_meta("a", "1")
        kept = store.materialise(nw.from_native(store.con.table("meta")))
        assert kept.select(nw.len()).collect().item() == len(store.rows("SELECT * FROM meta"))
        store.release()
        assert store.rows("SELECT count(*) FROM duckdb_tables() WHERE temporary") == [(0,)]
        assert store.meta("a") == "1"
