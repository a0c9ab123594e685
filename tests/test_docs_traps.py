"""The table of pains and traps in the developers' document names tests that exist."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SECTION = (ROOT / "docs" / "developers.md").read_text(encoding="utf-8").partition("## Which test holds")[2]
ROWS = re.findall(r"^\| ([^|\n]+) \| (.*`) \|$", SECTION, re.MULTILINE)
TESTS = {
    name
    for path in Path(__file__).parent.glob("test_*.py")
    for name in re.findall(r"^def (test_\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)
}


@pytest.mark.parametrize(("pain", "tests"), ROWS)
def test_every_pain_and_trap_is_held_by_tests_that_exist(pain: str, tests: str) -> None:
    named = re.findall(r"`(\w+)`", tests)
    assert named, pain
    assert set(named) - TESTS == set(), pain


def test_every_test_of_the_lines_traps_stands_for_one() -> None:
    """What goes through the whole line for the sake of a trap says there which."""
    through = [
        name
        for path in Path(__file__).parent.glob("test_line_traps_*.py")
        for name in re.findall(r"^def (test_\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)
    ]
    assert len(ROWS) > 40
    assert [name for name in through if f"`{name}`" not in SECTION] == []
