"""What each mutation does; a mutation that is not here does not stand in the pruned schema either."""

from typing import Any

from sandbox.shopify import bulk, customers, definitions, segments, staged
from sandbox.shopify.context import Context
from sandbox.shopify.execute import Refs, Resolver
from sandbox.shopify.metafields import delete_metafields, read_definitions, set_metafields
from sandbox.shopify.selection import Field


def _set_metafields(context: Context, asked: Field) -> dict[str, Any]:
    state = context.state
    with state.writing() as db:
        numbers, errors = set_metafields(
            db,
            asked.arguments["metafields"],
            access=context.access,
            definitions=read_definitions(db),
            now=state.stamp(),
            bump=state.config.shopify.metafield_writes_bump,
            faults=state.faults,
        )
    return {"metafields": None if numbers is None else Refs("Metafield", numbers), "userErrors": errors}


def _delete_metafields(context: Context, asked: Field) -> dict[str, Any]:
    state = context.state
    with state.writing() as db:
        deleted, errors = delete_metafields(
            db,
            asked.arguments["metafields"],
            access=context.access,
            now=state.stamp(),
            bump=state.config.shopify.metafield_writes_bump,
            faults=state.faults,
        )
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
