"""What the settings say of identity reaches the records: how many may share a value, and be one person."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import write_scenario
from line_small import TOML, contacts, customers
from line_support import Line, small

ANN, BOB, CID = (
    {"FirstName": first, "LastName": "Lee", "Email": address}
    for first, address in (("Ann", "home@example.com"), ("Bob", "home@example.com"), ("Cid", "c@example.com"))
)
ROWS: dict[str, list[dict[str, Any]]] = {
    "shopify_customers": [
        *customers([1], first_name="Ann", last_name="Lee", email="home@example.com"),
        *customers([3], first_name="Cid", last_name="Lee", email="c@example.com"),
    ],
    "salesforce_Contact": [*contacts([1], **ANN), *contacts([2], **BOB), *contacts([3, 4], **CID)],
}
"""Ann and Bob share an address, and she is known twice; Cid is known three times."""


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Line]:
    folder: Path = tmp_path_factory.mktemp("identity")
    with small(folder / "job", write_scenario(folder / "scenario", ROWS, TOML)) as started:
        started.provision()
        yield started


@pytest.mark.parametrize(
    ("setting", "persons", "waiting"),
    [("", 3, 1), ("max_sharing = 1", 4, 0), ("max_members = 2", 5, 2)],
)
def test_how_many_may_share_a_value_or_be_one_person_is_what_the_settings_say(
    line: Line, setting: str, persons: int, waiting: int
) -> None:
    line.configure(plain=True, best_spend=100, more=f"\n[identity]\n{setting}\n")
    told = line.run("plan", "--json").json
    assert (told["persons"], told["people"]["review"]) == (persons, waiting)
