"""Products: from trial to main product, the same product again, and who only ever tried."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import narwhals as nw
import pyarrow as pa
import pytest
from conftest import examples
from hypothesis import given
from hypothesis import strategies as st
from metrics_engines import Engine
from metrics_frames import SHOP, order, rows
from plain_purchases import alike, busy, counted, valid

from metrics.products import PRODUCTS_TOLD, ProductRules, product_lines, trial_only

LINES = pa.schema(
    {
        "platform": pa.string(),
        "account": pa.string(),
        "order_id": pa.string(),
        "product_id": pa.string(),
        "title": pa.string(),
        "quantity": pa.int64(),
        "amount": pa.decimal128(18, 4),
    }
)
RULES = ProductRules(front_end=("Trial Set", "11"), back_end=("20",))


class Shop:
    """Orders of one line each unless told otherwise."""

    def __init__(self) -> None:
        self.orders: list[dict[str, Any]] = []
        self.lines: list[dict[str, Any]] = []

    def buy(self, person: str | None, day: int, *products: str, **line: Any) -> Shop:
        """One order with a line for each product, of which `line` says more."""
        number = f"o{len(self.orders)}"
        self.orders.append(order(number, person, day, "10"))
        for product in products:
            made = {"product_id": product, "title": None, "quantity": 1, "amount": Decimal(5)}
            self.lines.append({**SHOP, "order_id": number} | made | line)
        return self

    def told(self, engine: Engine, as_of: int, rules: ProductRules = RULES) -> dict[Any, Any]:
        """Value and base by name and part."""
        lines = product_lines(
            valid(engine, (self.orders, []), as_of),
            engine.frame(self.lines, LINES),
            as_of_day=as_of,
            rules=rules,
            materialise=engine.materialise,
        )
        assert lines[0].name == "trial_conversion"  # before anything else
        return {(line.name, line.part): (line.value, line.base) for line in lines}

    def trials(self, engine: Engine, as_of: int = 1_000) -> set[str]:
        """Who only ever tried."""
        frame = valid(engine, (self.orders, []), as_of), engine.frame(self.lines, LINES)
        return {row["person_id"] for row in rows(trial_only(*frame, RULES))}


@pytest.mark.parametrize(
    ("main", "as_of", "expected"),
    [
        (190, 190, (Decimal(1), 1)),  # day 90 is within, and the cohort is just mature
        (191, 191, (Decimal(0), 1)),
        (150, 189, (None, 0)),  # not mature
        (100, 190, (Decimal(1), 1)),  # both on one day
        (99, 190, (None, 0)),  # who bought the main product before is no trial buyer
        (None, 190, (Decimal(0), 1)),
    ],
)
def test_trial_conversion_on_its_edges(
    engine: Engine, main: int | None, as_of: int, expected: tuple[Decimal | None, int]
) -> None:
    shop = Shop().buy("a", 100, "11")
    if main is not None:
        shop.buy("a", main, "20")
    assert shop.told(engine, as_of)["trial_conversion", "90 days"] == expected


def test_products_are_named_by_id_or_title_without_regard_to_case(engine: Engine) -> None:
    shop = Shop().buy("a", 100, "7", title=" trial SET ").buy("a", 110, "20")
    shop.buy("b", 100, "8", title="Trial Set XL").buy("b", 110, "20")
    assert shop.told(engine, 500)["trial_conversion", "90 days"] == (Decimal(1), 1)


def test_without_lists_there_is_no_conversion(engine: Engine) -> None:
    shop = Shop().buy("a", 100, "11").buy("a", 120, "20")
    found = shop.told(engine, 500, ProductRules())
    assert found["trial_conversion", "90 days"] == (None, 0)
    assert found["product_repeat", "90 days"] == (Decimal(0), 2)


def test_the_same_product_on_a_later_day_is_a_repeat(engine: Engine) -> None:
    shop = Shop().buy("a", 100, "5", title="Tea").buy("a", 190, "5", title="Tea")  # on day 90
    shop.buy("b", 100, "5", title="Tea").buy("b", 191, "5", title="Tea")
    shop.buy("c", 100, "5", "5", title="Tea").buy("c", 100, "5", title="Tea")  # the same day
    shop.buy("d", 100, "5", title="Tea").buy("d", 120, "6", title="Cup")
    shop.buy(None, 100, "5").buy("e", 480, "5", title="Tea")  # nobody; not mature
    found = shop.told(engine, 500)
    assert found["product_repeat", "90 days: 5 Tea"] == (Decimal("0.25"), 4)
    assert found["product_repeat", "90 days: 6 Cup"] == (Decimal(0), 1)
    assert found["product_repeat", "90 days"] == (Decimal("0.2"), 5)
    assert found["product_repeat", "365 days: 5 Tea"] == (Decimal("0.5"), 4)


def test_gifts_and_lines_taken_out_are_no_purchase_of_a_product(engine: Engine) -> None:
    shop = Shop().buy("a", 100, "5").buy("a", 110, "5", amount=Decimal(0)).buy("a", 120, "5", quantity=0)
    assert shop.told(engine, 500)["product_repeat", "90 days: 5"] == (Decimal(0), 1)
    shop.buy("a", 130, "5", amount=None, quantity=None)
    assert shop.told(engine, 500)["product_repeat", "90 days: 5"] == (Decimal(1), 1)


def test_only_the_products_with_most_buyers_are_told_one_by_one(engine: Engine) -> None:
    shop = Shop()
    for number in range(PRODUCTS_TOLD + 5):
        shop.buy("a", 100 + number, f"p{number:03}")
    found = shop.told(engine, 700)
    named = [part for name, part in found if name == "product_repeat" and part.startswith("90 days: ")]
    assert len(named) == PRODUCTS_TOLD and "90 days: p000" in named
    assert found["product_repeat", "90 days"] == (Decimal(0), PRODUCTS_TOLD + 5)


def test_who_only_ever_tried(engine: Engine) -> None:
    shop = Shop().buy("tried", 100, "11").buy("tried", 130, "11")
    shop.buy("both", 100, "11").buy("both", 130, "20")
    shop.buy("mixed", 100, "11", "20").buy("main", 100, "20")
    shop.buy("unknown", 100).buy("partly", 100, "11").buy("partly", 130)
    assert shop.trials(engine) == {"tried"}
    assert shop.trials(engine, as_of=120) == {"tried", "both", "partly"}


def given_lines(seed: int) -> list[dict[str, Any]]:
    """One line an order, of one of five products."""
    return [
        {
            **SHOP,
            "order_id": one["order_id"],
            "product_id": ["11", "20", "30", "40", "50"][(seed + number) % 5],
            "title": None,
            "quantity": 1,
            "amount": Decimal(1),
        }
        for number, one in enumerate(busy(seed)[0])
    ]


@examples(10)
@given(seed=st.integers(0, 2**32), as_of=st.integers(1_200, 2_300))
def test_it_is_the_definition_and_knows_nothing_of_later(
    engines: list[Engine], seed: int, as_of: int
) -> None:
    def told(engine: Engine, frame: nw.LazyFrame[Any]) -> Any:
        return product_lines(
            frame,
            engine.frame(given_lines(seed), LINES),
            as_of_day=as_of,
            rules=RULES,
            materialise=engine.materialise,
        )

    found = {(line.name, line.part): line.base for line in alike(engines, seed, as_of, told)}
    product = {line["order_id"]: line["product_id"] for line in given_lines(seed)}
    first: dict[tuple[str, str], int] = {}
    for one in counted(*busy(seed), as_of):
        key = one["person_id"], product[one["order_id"]]
        first[key] = min(first.get(key, one["ordered_day"]), one["ordered_day"])
    for horizon in (90, 365):
        mature = [key for key, day in first.items() if day <= as_of - horizon]
        assert found["product_repeat", f"{horizon} days"] == len(mature)
        trials = [
            person
            for person, bought in mature
            if bought == "11" and first.get((person, "20"), as_of) >= first[person, "11"]
        ]
        assert found["trial_conversion", f"{horizon} days"] == len(trials)


def test_trials_without_a_main_product_to_come_to_have_no_conversion(engine: Engine) -> None:
    shop = Shop().buy("a", 100, "11").buy("a", 120, "20")
    found = shop.told(engine, 600, ProductRules(front_end=("11",)))
    assert found["trial_conversion", "90 days"] == found["trial_conversion", "365 days"] == (None, 1)
