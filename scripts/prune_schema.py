"""Prune Shopify's full Admin schema to what the sandbox needs: every query, and the mutations it serves.

By hand, once per API version:
`PYTHONPATH=. python scripts/prune_schema.py FULL.graphql.gz sandbox/shopify/schema.graphql`.
All of `QueryRoot` stays, because `Job.query` makes every type reachable from any other one anyway.
"""

import gzip
import sys
from pathlib import Path

from graphql import (
    DefinitionNode,
    DocumentNode,
    FieldDefinitionNode,
    InputValueDefinitionNode,
    NamedTypeNode,
    Node,
    ObjectTypeDefinitionNode,
    Visitor,
    parse,
    print_ast,
    visit,
)

from sandbox.shopify.mutations import MUTATIONS


class _Names(Visitor):
    """Collects the names of all types that a definition mentions."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def enter_named_type(self, node: NamedTypeNode, *_: object) -> None:
        """Note one mention."""
        self.found.add(node.name.value)


def main() -> None:
    """Read the full schema named first, write the pruned one to the path named second."""
    source, target = Path(sys.argv[1]), Path(sys.argv[2])
    document = parse(gzip.decompress(source.read_bytes()).decode(), no_location=True)
    kept = prune(document, frozenset(MUTATIONS))
    target.write_text(print_ast(kept) + "\n", encoding="utf-8")
    print(f"{len(document.definitions)} definitions, {len(kept.definitions)} kept")


def prune(document: DocumentNode, mutations: frozenset[str]) -> DocumentNode:
    """Keep what can be reached from the queries and from the given mutations."""
    definitions = [_only_served(one, mutations) for one in document.definitions]
    by_name = {name: one for one in definitions if (name := _name(one)) is not None}
    implementers: dict[str, set[str]] = {}
    for name, one in by_name.items():
        for interface in getattr(one, "interfaces", None) or ():
            implementers.setdefault(interface.name.value, set()).add(name)
    reached: set[str] = set()
    waiting = {"QueryRoot", "Mutation"}
    while waiting:
        name = waiting.pop()
        reached.add(name)
        if name in by_name:
            waiting |= (_mentioned(by_name[name]) | implementers.get(name, set())) - reached
    kept = [one for one in definitions if _name(one) is None or _name(one) in reached]
    return DocumentNode(definitions=tuple(kept))


def _only_served(definition: DefinitionNode, mutations: frozenset[str]) -> DefinitionNode:
    if isinstance(definition, ObjectTypeDefinitionNode) and definition.name.value == "Mutation":
        fields = tuple(one for one in definition.fields or () if one.name.value in mutations)
        return ObjectTypeDefinitionNode(
            description=None, name=definition.name, directives=(), interfaces=(), fields=fields
        )
    return definition


def _name(definition: Node) -> str | None:
    if isinstance(definition, FieldDefinitionNode | InputValueDefinitionNode):
        return None
    name = getattr(definition, "name", None)
    return name.value if name is not None and definition.kind != "directive_definition" else None


def _mentioned(definition: Node) -> set[str]:
    names = _Names()
    visit(definition, names)
    return names.found


if __name__ == "__main__":
    main()
