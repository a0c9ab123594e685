"""`zaiseki why` finds whom it is asked about, and says so where there is nobody."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from stored_people import SHOP, record
from why_people import ANN, HISTORY, TOML, Fill, fill_store, order
from zaiseki_command import Command

from sync import keys
from sync.store import Store
from sync.tombstones import record_line


@pytest.fixture
def fill(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Fill:
    """A store of its own, and the command line over it."""
    return lambda *rows, **more: Command(fill_store(tmp_path, *rows, **more), capsys)


def test_everybody_who_holds_an_address_is_explained_without_showing_it(
    fill: Fill, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(keys.ENVIRONMENT_NAME, raising=False)
    address = "hana@example.com"
    bearer = keys.load(tmp_path / "zaiseki.key").of("email", address)
    records = [record("1", email_key=bearer, han_given=7), record("2", email_key="e2")]
    guest = order("1001", 5, "900", record_id=None, email_key=bearer)
    why = fill(records, [guest])
    answer = why("why", "--email", " Hana@Example.com", "--json")
    (person,) = json.loads(answer.out)["people"]
    assert "shopify:1" in {one["record"] for one in person["members"]}
    assert person["reconciliation"]["counted"] == 1
    shown = why("why", "--email", address).out
    assert "shopify:1" in shown
    assert not re.search(f"{address}|{bearer}", answer.out + shown, re.IGNORECASE)
    nobody = why("why", "--email", "x@example.com", "--json")
    assert json.loads(nobody.out)["error"]["code"] == "forget_nobody" and "x@" not in nobody.out
    wrong = why("why", "--email", "who knows", "--json")
    assert json.loads(wrong.out)["error"]["code"] == "email_invalid" and "who knows" not in wrong.out
    assert json.loads(why("why", "--json").out)["error"]["code"] == "usage"


def test_an_unknown_record_ends_with_1_and_a_forgotten_one_is_told_as_such(
    fill: Fill, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(keys.ENVIRONMENT_NAME, raising=False)
    why = fill(ANN, HISTORY)
    for name in ("shopify:404", "nonsense"):
        answer = why("why", name, "--json")
        assert (answer.code, json.loads(answer.out)["error"]["code"]) == (1, "record_unknown")
    key = keys.load(why.config.parent / "zaiseki.key")
    with Store.open(why.config.parent / "zaiseki.duckdb") as store:
        line = record_line(key, "shopify", SHOP, "404")
        store.con.execute("INSERT INTO forgotten VALUES ('shopify', ?, 'customers', ?)", [SHOP, line])
    answer = why("why", "shopify:404", "--json")
    assert (answer.code, json.loads(answer.out)["error"]["code"]) == (1, "record_forgotten")
    assert json.loads(why("why", "shopify:405", "--json").out)["error"]["code"] == "record_unknown"


def test_before_the_first_run_there_is_nothing_to_explain(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "zaiseki.toml").write_text(TOML, encoding="utf-8")
    answer = Command(tmp_path / "zaiseki.toml", capsys)("why", "shopify:1", "--json")
    assert (answer.code, json.loads(answer.out)["error"]["code"]) == (1, "status_never_ran")


def test_json_holds_no_key_of_anybody(fill: Fill) -> None:
    records = [one._replace(email_key="ab12" * 8, phone_key="cd34" * 8) for one in ANN]
    out = fill(records, HISTORY)("why", "shopify:1", "--json").out
    assert not re.search("ab12ab12|cd34cd34", out)
    (one, _) = json.loads(out)["members"]
    assert one["known_by"] in (["email", "phone", "name"], ["email", "phone"])
