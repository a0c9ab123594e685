"""A plan as a file: complete, streamed, and told from every other plan by its digest."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from metrics.plan_file import Difference, PlanUnreadable, digest_of, read_plan, write_plan

ROWS: list[Difference] = [
    ("salesforce", "00D", "Contact", "003", "segment", None, "best_active"),
    ("salesforce", "00D", "Contact", "003", "lapses_on", "1999-01-01", None),
    ("shopify", "one", "customer", "1", "channels", None, "online;store"),
]
FACTS = {"run_id": "r1", "as_of": "1998-06-30"}


def test_what_was_written_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    header = write_plan(path, FACTS, iter(ROWS))
    assert read_plan(path) == header
    assert (header.facts, header.differences) == (FACTS, 3)
    assert header.digest == digest_of(ROWS).text


def test_the_file_is_json_with_an_object_per_record(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    write_plan(path, FACTS, ROWS)
    plan = json.loads(path.read_text(encoding="utf-8"))
    assert [record["id"] for record in plan["records"]] == ["003", "1"]
    assert plan["records"][0]["fields"]["lapses_on"] == {"old": "1999-01-01", "new": None}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_plan_without_differences_is_a_plan(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    write_plan(path, FACTS, [])
    assert read_plan(path).differences == 0
    assert json.loads(path.read_text(encoding="utf-8"))["records"] == []


def test_the_digest_knows_every_value_but_no_order() -> None:
    assert digest_of(ROWS).text == digest_of(reversed(ROWS)).text
    for nth in range(7):
        changed = list(ROWS[0])
        changed[nth] = "other"
        assert digest_of([tuple(changed), *ROWS[1:]]).text != digest_of(ROWS).text  # type: ignore[list-item]
    assert digest_of(ROWS[1:]).text != digest_of(ROWS).text


def test_a_null_is_no_empty_text() -> None:
    blank: Difference = ("shopify", "one", "customer", "1", "channels", None, "")
    null: Difference = ("shopify", "one", "customer", "1", "channels", None, None)
    assert digest_of([blank]).text != digest_of([null]).text


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (b"best_active", b"best_lapsed", "plan_altered"),
        (b'"differences":3', b'"differences":2', "plan_altered"),
        (b'"fields"', b'"felder"', "plan_unreadable"),
        (b'{"format": 1', b'{"format": 2', "plan_unreadable"),
        (b'"plan": ', b'"plan; ', "plan_unreadable"),
    ],
)
def test_an_altered_file_is_refused(tmp_path: Path, old: bytes, new: bytes, code: str) -> None:
    path = tmp_path / "plan.json"
    write_plan(path, FACTS, ROWS)
    path.write_bytes(path.read_bytes().replace(old, new))
    with pytest.raises(PlanUnreadable) as refused:
        read_plan(path)
    assert refused.value.code == code


def test_a_file_cut_short_or_of_something_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    write_plan(path, FACTS, ROWS)
    whole = path.read_bytes()
    for content in (whole[:-40], whole[: len(whole) // 2], b"", b"[]", b"\xff\xfe"):
        path.write_bytes(content)
        with pytest.raises(PlanUnreadable):
            read_plan(path)
