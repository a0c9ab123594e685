"""Whether an order without a customer record is a forgotten person's, by the keys it bears."""

from datetime import UTC, datetime, timedelta

import pytest

from sync.keys import HashKey
from sync.tombstones import Tombstones, key_line

KEY = HashKey(b"for tests only, 32 bytes or more")
AT = datetime(2026, 10, 1, tzinfo=UTC)
FORGOTTEN = Tombstones(KEY, keys={key_line(KEY, key): AT for key in ("address", "number")})


@pytest.mark.parametrize(
    ("email", "phone", "theirs"),
    [
        ("address", None, True),
        (None, "number", True),
        ("address", "another", True),
        ("another", "number", False),  # a family's number under somebody else's address
        ("another", "another", False),
        (None, None, False),
    ],
)
def test_the_address_of_an_order_speaks_and_its_number_only_where_it_has_none(
    email: str | None, phone: str | None, theirs: bool
) -> None:
    assert FORGOTTEN.has_keys(email, phone, AT) is theirs
    assert not FORGOTTEN.has_keys(email, phone, AT + timedelta(seconds=1)), "who orders afterwards is new"
