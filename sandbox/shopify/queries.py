"""What each root query field gives; all others answer null or nothing, as their type allows."""

from typing import Any

from sandbox.shopify.conditions import Filter, own_condition
from sandbox.shopify.context import Context
from sandbox.shopify.execute import Refs, Resolver, ref
from sandbox.shopify.ids import gid, number_of, parse_gid
from sandbox.shopify.namespaces import stored_namespace
from sandbox.shopify.params import Params
from sandbox.shopify.problems import Problem, invalid_id
from sandbox.shopify.projector import require_model
from sandbox.shopify.schema import SUPPORTED_VERSIONS
from sandbox.shopify.segment_members import members_filter
from sandbox.shopify.selection import Field
from sandbox.shopify.shop import app_installation, metafield_types, shop_object

_SINGLETONS = {"Shop": shop_object, "AppInstallation": app_installation}


def _one(type_name: str, argument: str = "id") -> Resolver:
    def resolve(context: Context, asked: Field) -> Refs:
        require_model(context, asked, type_name)
        number = number_of(asked.arguments[argument], type_name)
        if number is None and parse_gid(asked.arguments[argument]) is None:
            raise invalid_id(asked.arguments[argument])
        return ref(type_name, number)

    return resolve


def _list(_context: Context, _asked: Field) -> Filter:
    return Filter()


def _count(type_name: str) -> Resolver:
    def resolve(context: Context, asked: Field) -> dict[str, Any]:
        model = require_model(context, asked, type_name)
        params = Params()
        where = own_condition(context, params, asked, type_name, model)
        limit = asked.arguments.get("limit")
        most = "" if limit is None else f" LIMIT {limit + 1}"
        (count,) = context.db.execute(
            f"SELECT count(*) FROM (SELECT 1 FROM {model.table} t0 WHERE {where}{most})", params.values
        ).fetchone()
        over = limit is not None and count > limit
        return {"count": limit if over else count, "precision": "AT_LEAST" if over else "EXACT"}

    return resolve


def _node(context: Context, asked: Field) -> Any:
    return _by_gid(context, asked.arguments["id"])


def _nodes(context: Context, asked: Field) -> list[Any]:
    if len(asked.arguments["ids"]) > 250:
        raise Problem(
            "The input array size of ids exceeds the maximum of 250.", code="MAX_INPUT_SIZE_EXCEEDED"
        )
    return [_by_gid(context, one) for one in asked.arguments["ids"]]


def _by_gid(context: Context, text: str) -> Any:
    found = parse_gid(text)
    if found is None:
        raise invalid_id(text)
    type_name, number = found
    if type_name in _SINGLETONS:
        return _SINGLETONS[type_name](context) | {"__typename": type_name}
    return ref(type_name, number) if type_name in context.models else None


def _customer_by_identifier(context: Context, asked: Field) -> Refs:
    require_model(context, asked, "Customer")
    wanted = asked.arguments["identifier"]
    if "id" in wanted:
        return ref("Customer", number_of(wanted["id"], "Customer"))
    column, value = (
        ("email", wanted.get("emailAddress"))
        if "emailAddress" in wanted
        else ("phone", wanted.get("phoneNumber"))
    )
    row = context.db.execute(
        f"SELECT id FROM shopify_customers WHERE lower({column}) = lower(?)", (value,)
    ).fetchone()
    return ref("Customer", row["id"] if row else None)


def _order_by_identifier(context: Context, asked: Field) -> Refs:
    require_model(context, asked, "Order")
    return ref("Order", number_of(asked.arguments["identifier"].get("id"), "Order"))


def _definition(context: Context, asked: Field) -> Refs:
    identifier = asked.arguments.get("identifier")
    if identifier is None:
        return ref("MetafieldDefinition", number_of(asked.arguments.get("id"), "MetafieldDefinition"))
    row = context.db.execute(
        "SELECT id FROM shopify_metafield_definitions WHERE owner_type = ? AND namespace = ? AND key = ?",
        (identifier["ownerType"], stored_namespace(identifier.get("namespace")), identifier["key"]),
    ).fetchone()
    return ref("MetafieldDefinition", row["id"] if row else None)


def _current_bulk(context: Context, asked: Field) -> Refs:
    row = context.db.execute(
        "SELECT max(id) AS id FROM shopify_bulk_operations WHERE type = ?",
        (asked.arguments.get("type", "QUERY"),),
    ).fetchone()
    return ref("BulkOperation", row["id"])


def _merge_status(context: Context, asked: Field) -> dict[str, Any] | None:
    row = context.db.execute(
        "SELECT kept_id FROM shopify_merges WHERE job_id = ?", (asked.arguments["jobId"],)
    ).fetchone()
    return row and {
        "jobId": asked.arguments["jobId"],
        "resultingCustomerId": gid("Customer", row["kept_id"]),
        "status": "COMPLETED",
        "customerMergeErrors": [],
    }


def _versions(_context: Context, _asked: Field) -> list[dict[str, Any]]:
    listed = [
        {
            "handle": handle,
            "displayName": handle + (" (Latest)" if handle == SUPPORTED_VERSIONS[-1] else ""),
            "supported": True,
        }
        for handle in SUPPORTED_VERSIONS
    ]
    return [*listed, {"handle": "unstable", "displayName": "unstable", "supported": False}]


QUERIES: dict[str, Resolver] = {
    "customer": _one("Customer"),
    "order": _one("Order"),
    "refund": _one("Refund"),
    "draftOrder": _one("DraftOrder"),
    "segment": _one("Segment"),
    "bulkOperation": _one("BulkOperation"),
    "customers": _list,
    "orders": _list,
    "abandonedCheckouts": _list,
    "draftOrders": _list,
    "segments": _list,
    "bulkOperations": _list,
    "metafieldDefinitions": _list,
    "customersCount": _count("Customer"),
    "ordersCount": _count("Order"),
    "abandonedCheckoutsCount": _count("AbandonedCheckout"),
    "draftOrdersCount": _count("DraftOrder"),
    "segmentsCount": _count("Segment"),
    "customerSegmentMembers": members_filter,
    "customerByIdentifier": _customer_by_identifier,
    "orderByIdentifier": _order_by_identifier,
    "metafieldDefinition": _definition,
    "metafieldDefinitionTypes": lambda _context, _asked: metafield_types(),
    "currentBulkOperation": _current_bulk,
    "customerMergeJobStatus": _merge_status,
    "publicApiVersions": _versions,
    "node": _node,
    "nodes": _nodes,
    "shop": lambda context, _asked: shop_object(context),
    "currentAppInstallation": lambda context, _asked: app_installation(context),
}
