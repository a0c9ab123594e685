"""The rules of bulk queries and bulk mutations, with the platform's words for each that is broken."""

from dataclasses import dataclass, field
from typing import Any

from graphql import (
    FieldNode,
    GraphQLList,
    GraphQLNonNull,
    GraphQLOutputType,
    OperationType,
    get_named_type,
    is_abstract_type,
)

from sandbox.shopify.documents import BadDocument, operation_only, read_document
from sandbox.shopify.schema import object_type
from sandbox.shopify.selection import Document, Field

MOST_BYTES = 65_535
MOST_CONNECTIONS = 5
DEEPEST_NESTING = 2
_BY_NODES = (
    "All connection fields in a bulk query must select their contents using 'edges' > 'node', "
    "e.g: '{0} {{ edges {{ node {{'. Selecting via 'nodes' is not supported. "
    "Invalid connection fields: '{1}'."
)
_NO_ID = (
    "The parent 'node' field for a nested connection must select the 'id' field without an alias "
    "and must be of 'ID' return type. Connection fields without 'id': {0}."
)


@dataclass
class _Findings:
    """What was met on the walk through a query."""

    document: Document
    connections: int = 0
    deepest: int = 0
    by_nodes: list[str] = field(default_factory=list)
    without_id: list[str] = field(default_factory=list)
    in_list: bool = False

    def look(self, asked: Field, *, depth: int, in_list: bool) -> None:
        """Look at a field and all under it; `depth` counts the connections around it."""
        named = get_named_type(asked.type)
        if not asked.sets or is_abstract_type(named):
            return
        if not named.name.endswith("Connection"):
            self._look_inside(asked, depth, in_list or _is_list(asked.type))
            return
        self.connections += 1
        self.deepest = max(self.deepest, depth)
        self.in_list = self.in_list or in_list
        for inner in self.document.fields(object_type(named.name), asked.sets):
            if inner.name == "nodes":
                self.by_nodes.append(asked.name)
                self._look_at_node(asked, inner, depth, in_list)
            elif inner.name == "edges":
                for node in self.document.fields(object_type(inner.type_name), inner.sets):
                    if node.name == "node":
                        self._look_at_node(asked, node, depth, in_list)

    def _look_at_node(self, asked: Field, node: Field, depth: int, in_list: bool) -> None:
        if is_abstract_type(get_named_type(node.type)):
            return
        before = self.connections
        self._look_inside(node, depth + 1, in_list)
        fields = self.document.fields(object_type(node.type_name), node.sets)
        if self.connections > before and not any((one.key, one.name) == ("id", "id") for one in fields):
            self.without_id.append(asked.name)

    def _look_inside(self, asked: Field, depth: int, in_list: bool) -> None:
        for inner in self.document.fields(object_type(asked.type_name), asked.sets):
            self.look(inner, depth=depth, in_list=in_list)


def check_query(text: str) -> tuple[Document | None, list[str]]:
    """Read a bulk query; gives it, or every rule it breaks."""
    size = len(text.encode())
    if size > MOST_BYTES:
        return None, [f"Query is too large ({size} bytes; maximum is {MOST_BYTES} bytes)"]
    if not text.strip():
        return None, ["Invalid bulk query: syntax error, unexpected end of file"]
    try:
        document = read_document(text, None, None)
    except BadDocument as bad:
        return None, [f"Invalid bulk query: {bad.errors[0]['message']}"]
    if document.operation.operation is not OperationType.QUERY:
        return None, ["Invalid operation type. Only `query` operations are supported."]
    messages = _broken_rules(document)
    return (None, messages) if messages else (document, [])


def check_mutation(text: str) -> tuple[Document | None, dict[str, Any] | None]:
    """Read the mutation of a bulk import; gives it, or the user error."""
    # The variables come line by line later, so they are not looked at here.

    try:
        document = operation_only(text)
    except BadDocument as bad:
        message = f"Failed to parse the mutation - {bad.errors[0]['message']}"
        return None, {"field": None, "message": message, "code": "INVALID_MUTATION"}
    if document.operation.operation is not OperationType.MUTATION:
        message = "Invalid operation type. Only `mutation` operations are supported."
        return None, {"field": None, "message": message, "code": "INVALID_MUTATION"}
    # Arguments are not looked at: they come from variables, and those line by line later.
    nodes = document.operation.selection_set.selections
    names = [node.name.value for node in nodes if isinstance(node, FieldNode)]
    if len(names) != 1:
        message = "You must specify a single top level mutation."
        return None, {"field": ["mutation"], "message": message, "code": None}
    if names[0].startswith("bulkOperationRun"):
        return None, {
            "field": ["mutation"],
            "message": "You must use an allowed mutation name.",
            "code": None,
        }
    return document, None


def _broken_rules(document: Document) -> list[str]:
    roots = document.fields(object_type("QueryRoot"), document.root())
    found = _Findings(document)
    for root in roots:
        found.look(root, depth=0, in_list=False)
    messages = []
    if len(roots) != 1:
        messages.append("Bulk queries must have a single top level field.")
    if found.by_nodes:
        messages.append(_BY_NODES.format(found.by_nodes[0], "', '".join(found.by_nodes)))
    messages += [
        f"Bulk queries cannot contain a top level `{root.name}` field."
        for root in roots
        if root.name in ("node", "nodes")
    ]
    if found.deepest > DEEPEST_NESTING:
        messages.append(
            f"Bulk queries cannot contain connections with a nesting depth greater than {DEEPEST_NESTING}."
        )
    if found.connections > MOST_CONNECTIONS:
        messages.append(f"Bulk queries cannot contain more than {MOST_CONNECTIONS} connections.")
    if found.without_id:
        messages.append(_NO_ID.format(", ".join(found.without_id)))
    if found.in_list:
        messages.append(
            "Queries that contain a connection field within a list field are not currently supported."
        )
    if not found.connections:
        messages.append("Bulk queries must contain at least one connection.")
    elif not messages and not roots[0].type_name.endswith("Connection"):
        messages.append(
            f"Bulk query root '{roots[0].name}' is not a connection, which this sandbox cannot run."
        )
    return messages


def _is_list(output: GraphQLOutputType) -> bool:
    inner = output.of_type if isinstance(output, GraphQLNonNull) else output
    return isinstance(inner, GraphQLList)
