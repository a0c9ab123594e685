"""Connected components against a plain union-find, on DuckDB and on polars."""

from __future__ import annotations

import duckdb
import narwhals as nw
import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sync.components import Frame, components

Shared = list[tuple[int, int]]
CON = duckdb.connect()


def by_union_find(shared: Shared) -> dict[int, int]:
    """Each node's least connected node, the slow and obvious way."""
    parent = {node: node for node, _ in shared}

    def root(node: int) -> int:
        while parent[node] != node:
            node = parent[node]
        return node

    first: dict[int, int] = {}
    for node, group in shared:
        here, there = root(node), root(first.setdefault(group, node))
        parent[max(here, there)] = min(here, there)
    return {node: root(node) for node in parent}


def on_polars(shared: Shared) -> dict[int, int]:
    frame = pl.DataFrame(shared, schema={"node": pl.Int64, "grp": pl.Int64}, orient="row").lazy()
    found = components(nw.from_native(frame), lambda f: f.collect().lazy())
    return dict(found.collect().rows())


def on_duckdb(shared: Shared) -> dict[int, int]:
    made: list[str] = []

    def keep(frame: Frame) -> Frame:
        made.append(f"round_{len(made)}")
        CON.execute(f"CREATE TEMP TABLE {made[-1]} AS {frame.to_native().sql_query()}")
        return nw.from_native(CON.table(made[-1]))

    CON.execute("CREATE OR REPLACE TEMP TABLE shared (node BIGINT, grp BIGINT)")
    if shared:
        CON.executemany("INSERT INTO shared VALUES (?, ?)", [list(pair) for pair in shared])
    try:
        rows = components(nw.from_native(CON.table("shared")), keep).collect().rows()
        return dict(rows)
    finally:
        for name in made:
            CON.execute(f"DROP TABLE {name}")


NODES = st.tuples(st.integers(0, 40), st.integers(0, 25))


@settings(max_examples=150, deadline=None)
@given(shared=st.lists(NODES, max_size=60))
@example(shared=[])
@example(shared=[(1, 1), (1, 1)])
def test_components_are_those_of_a_union_find(shared: Shared) -> None:
    assert on_polars(shared) == by_union_find(shared)


@settings(max_examples=12, deadline=None)
@given(shared=st.lists(NODES, max_size=60))
def test_both_engines_find_the_same(shared: Shared) -> None:
    assert on_duckdb(shared) == by_union_find(shared)


@settings(max_examples=30, deadline=None)
@given(shared=st.lists(NODES, max_size=40), data=st.data())
def test_the_order_of_arrival_never_matters(shared: Shared, data: st.DataObject) -> None:
    assert on_polars(data.draw(st.permutations(shared))) == on_polars(shared)


@pytest.mark.parametrize("length", [2, 3, 1000])
def test_a_long_chain_is_one_component_in_few_rounds(length: int) -> None:
    # Neighbours share a group; numbers are scattered so that the least does not simply walk along.
    numbers = [nth * 7919 % 100_003 for nth in range(length)]
    chain = [(numbers[nth + step], nth) for nth in range(length - 1) for step in (0, 1)]
    rounds = 0

    def count(frame: Frame) -> Frame:
        nonlocal rounds
        rounds += 1
        return frame.collect().lazy()

    frame = pl.DataFrame(chain, schema=["node", "grp"], orient="row").lazy()
    labels = components(nw.from_native(frame), count).collect()
    assert set(labels["label"].to_list()) == {min(numbers)}
    assert rounds <= 2 * 14
