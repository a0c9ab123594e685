"""What a forgotten person has used, and the code that was theirs, is in nobody's orders ever after."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from line_shops import RATES, Shops, two_shops
from line_small import contact_id, contacts, customers, orders

ANNA, BEN, CARL = 1, 2, 3
CODED = f'{RATES}[referral]\ncode_metafield = "custom.code"\nreferrer_field = "Brought_By__c"\n'
VISIT = {
    "referral_code": "FROM-MAIL",
    "utm_source": "letter-7",
    "utm_medium": "email",
    "utm_campaign": "autumn",
    "utm_content": "top",
    "visit_source_type": "NEWSLETTER",
}
USED = [one.encode() for one in ("welcome-5", "from-mail", "letter-7", "autumn")]
"""What stands in Anna's orders only, as the store writes it."""
HERS = b"anna-7"
_TOLD = "discount_codes, referral_code, utm_source, utm_medium, utm_campaign, utm_content, visit"


def code(number: int, text: str) -> dict[str, Any]:
    """A customer's personal code."""
    return {
        "owner_id": 1_000 + number,
        "namespace": "custom",
        "key": "code",
        "type": "single_line_text_field",
        "value": text,
    }


@pytest.fixture
def shops(tmp_path: Path) -> Iterator[Shops]:
    """Anna buys in both shops and brought Ben, in the other shop, and Carl, twice, by the code that is hers.

    SHARED is a code that Ben holds as well.
    """
    mail = "anna@example.com"
    first = {
        "shopify_customers": [*customers([ANNA], email=mail), *customers([CARL])],
        "shopify_metafields": [code(ANNA, "ANNA-7")],
        "shopify_orders": [
            *orders([ANNA], "2026-01-10", total="1000", discount_codes="WELCOME-5", **VISIT),
            *orders([CARL], "2026-04-01", start=2, total="500", referral_code="anna-7"),
            *orders([CARL], "2026-05-01", start=3, total="700", utm_medium="referral", utm_campaign="Anna-7"),
        ],
        "salesforce_Contact": [
            *contacts([ANNA], Email=mail, Brought_By__c=""),
            *contacts([CARL], Email="p3@example.com", Brought_By__c="ANNA-7"),
        ],
    }
    second = {
        "shopify_customers": [*customers([ANNA], email=mail), *customers([BEN])],
        "shopify_metafields": [code(ANNA, "SHARED"), code(BEN, "SHARED")],
        "shopify_orders": [
            *orders([ANNA], "2026-03-02", total="20.00", discount_codes="WELCOME-5", **VISIT),
            *orders([BEN], "2026-05-01", start=2, total="30.00", discount_codes="ANNA-7;SHARED;SPRING"),
        ],
    }
    with two_shops(tmp_path, first, second) as line:
        line.configure_shops("tokyo", "new_york", more=CODED)
        line.provision()
        told = line.sync("--approve").json
        assert (told["persons"], told["balanced"]) == (3, True)
        yield line


def store(line: Shops, sql: str) -> list[tuple[Any, ...]]:
    """What the store says."""
    with duckdb.connect(str(line.store), read_only=True) as con:
        return con.execute(sql).fetchall()


def found(line: Shops, *secrets: bytes) -> list[tuple[bytes, str]]:
    """Which of these stand in which file of the job, letter case aside."""
    files = [path for path in line.folder.rglob("*") if path.is_file()]
    return [(one, path.name) for path in files for one in secrets if one in path.read_bytes().lower()]


def test_what_the_forgotten_used_and_the_code_that_was_theirs_does_not_come_back(shops: Shops) -> None:
    sums = "SELECT account, count(*), sum(amount) FROM orders GROUP BY 1 ORDER BY 1"
    before = store(shops, sums)
    assert {one for one, _ in found(shops, *USED, HERS)} == {*USED, HERS}, "nothing would be proved"
    assert store(shops, "SELECT count(*) > 0 FROM attributions WHERE refused IS NULL") == [(True,)]
    assert shops.run("forget", contact_id(ANNA), "--yes").code == 0
    assert found(shops, *USED, HERS) == []
    for words in (("--full", "--approve"), ()):
        told = shops.sync(*words).json
        assert (told["persons"], told["orders_unattributed"], told["balanced"]) == (2, 2, True), words
        assert found(shops, *USED, HERS) == [], words
        assert store(shops, sums) == before, "the shops' own books stay"
    nobodys = store(shops, f"SELECT DISTINCT {_TOLD} FROM orders WHERE record_id IS NULL")
    assert nobodys == [([], None, None, None, None, None, None)]
    others = store(
        shops, f"SELECT {_TOLD} FROM orders WHERE record_id IS NOT NULL ORDER BY ordered_on, amount"
    )
    assert others == [
        ([], None, None, None, None, None, "direct"),
        ([], None, None, "referral", None, None, "direct"),
        (["shared", "spring"], None, None, None, None, None, None),
    ]
    assert store(shops, "SELECT referral_codes, referrer_id FROM records WHERE id = '1002'") == [
        (["shared"], None)
    ]
    assert store(shops, "SELECT count(*) FROM records WHERE referrer_id IS NOT NULL") == [(0,)]
    assert store(shops, "SELECT count(*) FROM attributions WHERE refused IS NULL") == [(0,)]


def test_a_lost_store_does_not_bring_the_code_back(shops: Shops) -> None:
    shops.run("forget", contact_id(ANNA), "--yes")
    shops.lose()
    told = shops.sync("--approve").json
    assert (told["persons"], told["balanced"]) == (2, True)
    assert found(shops, *USED, HERS) == []
