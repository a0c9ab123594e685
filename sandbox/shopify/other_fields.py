"""Metafields and their definitions, segments and bulk operations: which column answers which field."""

from sandbox.shopify.metafield_rows import OWNER_TABLES
from sandbox.shopify.specs import Each, Either, Embed, Leaf, Link, Model, Spec, gid, plain, text, truth, whole
from sandbox.shopify.values import RAW_JSON_TYPES

FILTERABLE_TYPES = ("boolean", "number_integer", "single_line_text_field", "id", "url")
"""Types whose definitions can be used as a filter of the customer list."""
UNIQUE_TYPES = ("id", "number_integer", "single_line_text_field", "url")


def _one_of(column: str, names: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(name) for name in names)})"


_OWNERS = {
    owner_type: type_name for owner_type, (type_name, table) in OWNER_TABLES.items() if table is not None
}

_METAFIELD: dict[str, Spec] = {
    "id": gid("Metafield", "$.id"),
    "legacyResourceId": plain("$.id"),
    "namespace": text("$.namespace"),
    "key": text("$.key"),
    "type": text("$.type"),
    "value": text("$.value"),
    "jsonValue": Leaf(
        f"CASE WHEN {_one_of('$.type', RAW_JSON_TYPES)} OR $.type LIKE 'list.%'"
        " THEN $.value ELSE json_quote($.value) END"
    ),
    "compareDigest": plain("compare_digest($.type, $.value)"),
    "sizeInBytes": whole("length(CAST($.value AS BLOB))"),
    "ownerType": plain("$.owner_type"),
    "createdAt": plain("$.created_at"),
    "updatedAt": plain("$.updated_at"),
    "definition": Link(
        "MetafieldDefinition",
        "(SELECT d.id FROM shopify_metafield_definitions d WHERE d.owner_type = $.owner_type"
        " AND d.namespace = $.namespace AND d.key = $.key)",
    ),
    "owner": Either(
        tuple(
            (f"$.owner_type = '{owner_type}'", Link(type_name, "$.owner_id"))
            for owner_type, type_name in _OWNERS.items()
        )
    ),
}

_FILTERABLE = _one_of("$.type", FILTERABLE_TYPES)
_DEFINITION: dict[str, Spec] = {
    "id": gid("MetafieldDefinition", "$.id"),
    "namespace": text("$.namespace"),
    "key": text("$.key"),
    "name": text("$.name"),
    "description": text("$.description"),
    "ownerType": plain("$.owner_type"),
    "pinnedPosition": whole("$.pinned_position"),
    "validationStatus": plain("'ALL_VALID'"),
    "validations": Each(
        "$.validations", {"name": text("$.value ->> 'name'"), "value": text("$.value ->> 'value'")}
    ),
    "type": Embed(
        {
            "name": text("$.type"),
            "category": plain("CASE WHEN $.type LIKE 'number%' THEN 'NUMBER' ELSE 'TEXT' END"),
        }
    ),
    "access": Embed(
        {
            "admin": plain("'PUBLIC_READ_WRITE'"),
            "storefront": plain("$.storefront"),
            "customerAccount": plain("$.customer_account"),
        }
    ),
    "capabilities": Embed(
        {
            "adminFilterable": Embed(
                {
                    "eligible": truth(_FILTERABLE),
                    "enabled": truth("$.admin_filterable"),
                    "status": plain(
                        "CASE WHEN $.admin_filterable THEN 'FILTERABLE' ELSE 'NOT_FILTERABLE' END"
                    ),
                }
            ),
            "analyticsQueryable": Embed(
                {"eligible": truth("true"), "enabled": truth("$.analytics_queryable")}
            ),
            "uniqueValues": Embed(
                {"eligible": truth(_one_of("$.type", UNIQUE_TYPES)), "enabled": truth("$.unique_values")}
            ),
        }
    ),
    "metafieldsCount": whole(
        "(SELECT count(*) FROM shopify_metafields m WHERE m.owner_type = $.owner_type"
        " AND m.namespace = $.namespace AND m.key = $.key)"
    ),
}

_SEGMENT: dict[str, Spec] = {
    "id": gid("Segment", "$.id"),
    "name": text("$.name"),
    "query": text("$.query"),
    "creationDate": plain("$.created_at"),
    "lastEditDate": plain("$.updated_at"),
}

_BULK: dict[str, Spec] = {
    "id": gid("BulkOperation", "$.id"),
    "type": plain("$.type"),
    "query": text("$.query"),
    "status": plain("$.status"),
    "errorCode": plain("$.error_code"),
    "createdAt": plain("$.created_at"),
    "completedAt": plain("$.completed_at"),
    "objectCount": plain("$.object_count"),
    "rootObjectCount": plain("$.root_object_count"),
    "fileSize": plain("$.file_size"),
    "url": text("$.url"),
    "partialDataUrl": text("$.partial_url"),
}

OTHER_MODELS = {
    "Metafield": Model("shopify_metafields", _METAFIELD),
    "MetafieldDefinition": Model(
        "shopify_metafield_definitions",
        _DEFINITION,
        sort_keys={"NAME": "name", "PINNED_POSITION": "ifnull(pinned_position, 0)"},
    ),
    "Segment": Model(
        "shopify_segments",
        _SEGMENT,
        scope="read_customers",
        sort_keys={"CREATION_DATE": "created_at", "LAST_EDIT_DATE": "updated_at"},
    ),
    "BulkOperation": Model(
        "shopify_bulk_operations",
        _BULK,
        sort_keys={"CREATED_AT": "created_at", "COMPLETED_AT": "ifnull(completed_at, '')"},
    ),
}
