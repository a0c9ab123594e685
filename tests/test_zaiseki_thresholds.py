"""The accepted thresholds: read back exactly as they were written, or refused."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zaiseki.errors import Stop
from zaiseki.thresholds import FILE, Accepted, read_accepted, write_accepted

MONEY = st.decimals(min_value="0.001", max_value="1e12", allow_nan=False, allow_infinity=False, places=3)


def accepted(**other: object) -> Accepted:
    facts = {
        "best_spend": Decimal("70000"),
        "lapse_days": 240,
        "accepted_on": date(2026, 10, 1),
        "evidence": "7 x the mean of 120 counted orders, 10000 JPY",
    }
    return Accepted.model_validate({**facts, **other})


def test_nothing_accepted_yet_is_none(tmp_path: Path) -> None:
    assert read_accepted(tmp_path) is None


@given(best_spend=MONEY, lapse_days=st.integers(1, 10_000), on=st.dates())
def test_what_is_written_is_read_back_to_the_last_digit(
    tmp_path_factory: pytest.TempPathFactory, best_spend: Decimal, lapse_days: int, on: date
) -> None:
    folder = tmp_path_factory.getbasetemp()
    told = accepted(best_spend=best_spend, lapse_days=lapse_days, accepted_on=on)
    write_accepted(folder, told)
    assert read_accepted(folder) == told


def test_a_big_round_number_is_written_in_plain_digits(tmp_path: Path) -> None:
    write_accepted(tmp_path, accepted(best_spend=Decimal("7E+4")))
    found = read_accepted(tmp_path)
    assert found is not None and found.best_spend == 70_000
    assert "best_spend = 70000\n" in (tmp_path / FILE).read_text()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[segment\n",
        "[segment]\nbest_spend = 5\n",
        '[segment]\nbest_spend = 0\nlapse_days = 240\naccepted_on = 2026-01-01\nevidence = ""\n',
        '[segment]\nbest_spend = 5\nlapse_days = 2.5\naccepted_on = 2026-01-01\nevidence = ""\n',
        '[segment]\nbest_spend = 5\nlapse_days = 2\naccepted_on = 2026-01-01\nevidence = ""\nmore = 1\n',
    ],
)
def test_a_file_that_cannot_be_understood_stops_the_run(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_text(text)
    with pytest.raises(Stop) as caught:
        read_accepted(tmp_path)
    assert caught.value.code == "thresholds_unreadable"
    assert caught.value.details["path"] == str(tmp_path / FILE)


def test_a_file_in_no_encoding_stops_the_run(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"\xff\xfe")
    with pytest.raises(Stop):
        read_accepted(tmp_path)


def test_writing_leaves_one_file(tmp_path: Path) -> None:
    write_accepted(tmp_path, accepted())
    write_accepted(tmp_path, accepted(lapse_days=100))
    assert [path.name for path in tmp_path.iterdir()] == [FILE]
