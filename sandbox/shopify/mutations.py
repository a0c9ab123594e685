"""What each mutation does; a mutation that is not here does not stand in the pruned schema either."""

import sqlite3
from typing import Any

from sandbox.shopify import bulk, customers, definitions, segments, staged
from sandbox.shopify.context import Context
from sandbox.shopify.execute import Refs, Resolver
from sandbox.shopify.metafields import MetafieldCall, read_definitions
from sandbox.shopify.selection import Field


def _metafield_call(context: Context, db: sqlite3.Connection) -> MetafieldCall:
    state = context.state
    return MetafieldCall(
        db,
        context.access,
        read_definitions(db),
        state.faults,
        now=state.stamp(),
        bump=state.config.shopify.metafield_writes_bump,
    )


def _set_metafields(context: Context, asked: Field) -> dict[str, Any]:
    with context.state.writing() as db:
        numbers, errors = _metafield_call(context, db).write(asked.arguments["metafields"])
    return {"metafields": None if numbers is None else Refs("Metafield", numbers), "userErrors": errors}


def _delete_metafields(context: Context, asked: Field) -> dict[str, Any]:
    with context.state.writing() as db:
        deleted, errors = _metafield_call(context, db).clear(asked.arguments["metafields"])
    return {"deletedMetafields": deleted, "userErrors": errors}


MUTATIONS: dict[str, Resolver] = {
    "metafieldsSet": _set_metafields,
    "metafieldsDelete": _delete_metafields,
    "metafieldDefinitionCreate": definitions.create,
    "metafieldDefinitionUpdate": definitions.update,
    "metafieldDefinitionDelete": definitions.delete,
    "metafieldDefinitionPin": definitions.pin,
    "metafieldDefinitionUnpin": definitions.unpin,
    "segmentCreate": segments.create,
    "segmentUpdate": segments.update,
    "segmentDelete": segments.delete,
    "customerMerge": customers.merge,
    "customerDelete": customers.delete,
    "customerUpdate": customers.update,
    "tagsAdd": customers.add_tags,
    "tagsRemove": customers.remove_tags,
    "stagedUploadsCreate": staged.create_uploads,
    "bulkOperationRunQuery": bulk.run_query,
    "bulkOperationRunMutation": bulk.run_mutation,
    "bulkOperationCancel": bulk.cancel,
}
