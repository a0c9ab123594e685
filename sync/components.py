"""Who belongs together: connected components over shared keys, on any engine that narwhals runs on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import narwhals as nw

from sync.store import Store

Frame = nw.LazyFrame[Any]
Materialise = Callable[[Frame], Frame]

MAX_ROUNDS = 64
"""Labels travel to the root of their tree and every tree halves its height in a round, so the rounds grow
with the logarithm of the longest chain; a handful is usual."""


class NotConverged(Exception):
    """The components did not settle within `MAX_ROUNDS`: a bug, since 2^64 records do not exist."""


def components(shared: Frame, materialise: Materialise) -> Frame:
    """The component of every node: the least node it is connected with, by any chain of groups.

    In: `shared` with `node` and `grp` (integers): node is in group grp. Out: `node`, `label`, one row per
    node of `shared`. `materialise` computes a frame now and gives it back; it is called every round.
    The order of rows never matters.
    """
    labels = materialise(shared.select("node").unique().with_columns(label=nw.col("node")))
    for _ in range(MAX_ROUNDS):
        nearest = materialise(_nearest(shared, labels))
        after = materialise(_shortened(_lowered(labels, nearest)))
        moved = after.join(labels, on=["node", "label"], how="anti").select(nw.len()).collect().item()
        if not moved:
            return after
        labels = after
    raise NotConverged


def label_into(store: Store, table: str, shared: str) -> None:
    """Make the temporary `table` (node, label) of the components over the rows of the query `shared`."""
    store.con.execute(f"CREATE OR REPLACE TEMP TABLE {table} (node BIGINT, label BIGINT)")
    if not store.rows(f"SELECT 1 FROM ({shared}) LIMIT 1"):
        return  # the usual case of small stores, where building the frames costs more than all the rest
    found = components(nw.from_native(store.con.sql(shared)), store.materialise)
    store.con.execute(f"INSERT INTO {table} {found.select('node', 'label').to_native().sql_query()}")
    store.release()


def _nearest(shared: Frame, labels: Frame) -> Frame:
    """The least label that any group of a node holds; `label` is the node's own."""
    least = shared.join(labels, on="node").group_by("grp").agg(least=nw.col("label").min())
    near = shared.join(least, on="grp").group_by("node").agg(near=nw.col("least").min())
    return near.join(labels, on="node")


def _lowered(labels: Frame, nearest: Frame) -> Frame:
    """Every node, and the root it pointed to so far, takes the least label offered."""
    own = nearest.select("node", label=nw.col("near"))
    roots = nearest.select(node=nw.col("label"), label=nw.col("near"))
    offered = nw.concat([labels.select("node", "label"), own, roots])
    return offered.group_by("node").agg(nw.col("label").min())


def _shortened(labels: Frame) -> Frame:
    """Every node takes the label of its label."""
    jump = labels.select(label=nw.col("node"), further=nw.col("label"))
    return labels.join(jump, on="label").select("node", label=nw.col("further"))
