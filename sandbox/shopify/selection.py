"""Reads what a GraphQL document asks for: fields merged by response key, fragments and arguments resolved."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLField,
    GraphQLIncludeDirective,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSkipDirective,
    GraphQLUnionType,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    TypeNameMetaFieldDef,
    get_argument_values,
    get_directive_values,
    get_named_type,
    is_abstract_type,
)

from sandbox.shopify.schema import admin_schema

Sets = tuple[SelectionSetNode, ...]
Composite = GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType


@dataclass(frozen=True)
class Field:
    """One asked field: `key` names it in the response, `sets` are the selections under it."""

    key: str
    name: str
    type: GraphQLOutputType
    arguments: Mapping[str, Any]
    sets: Sets

    @property
    def type_name(self) -> str:
        """The name of the field's type without list and non-null."""
        return get_named_type(self.type).name


@dataclass
class Document:
    """A validated operation with its fragments and coerced variables."""

    operation: OperationDefinitionNode
    fragments: Mapping[str, FragmentDefinitionNode]
    variables: Any = None
    _seen: dict[tuple[str, tuple[int, ...]], list[Field]] = field(default_factory=dict)

    def root(self) -> Sets:
        """Give the operation's own selection."""
        return (self.operation.selection_set,)

    def fields(self, parent: Composite, sets: Sets) -> list[Field]:
        """List the fields asked of an object of type `parent`, in order, merged by response key."""
        known = (parent.name, tuple(map(id, sets)))
        if known not in self._seen:
            nodes: dict[str, list[FieldNode]] = {}
            for selection in sets:
                self._collect(parent, selection, nodes)
            self._seen[known] = [self._field(parent, key, found) for key, found in nodes.items()]
        return self._seen[known]

    def _collect(
        self, parent: Composite, selection: SelectionSetNode, into: dict[str, list[FieldNode]]
    ) -> None:
        for node in selection.selections:
            if not self._wanted(node):
                continue
            if isinstance(node, FieldNode):
                into.setdefault(node.alias.value if node.alias else node.name.value, []).append(node)
            elif isinstance(node, InlineFragmentNode):
                condition = node.type_condition.name.value if node.type_condition else parent.name
                if _applies(condition, parent):
                    self._collect(parent, node.selection_set, into)
            elif isinstance(node, FragmentSpreadNode):
                fragment = self.fragments[node.name.value]
                if _applies(fragment.type_condition.name.value, parent):
                    self._collect(parent, fragment.selection_set, into)

    def _wanted(self, node: Any) -> bool:
        if not node.directives:
            return True
        skip = get_directive_values(GraphQLSkipDirective, node, self.variables)
        include = get_directive_values(GraphQLIncludeDirective, node, self.variables)
        return not (skip and skip["if"]) and (include is None or include["if"])

    def _field(self, parent: Composite, key: str, nodes: list[FieldNode]) -> Field:
        name = nodes[0].name.value
        definition = _definition(parent, name)
        return Field(
            key=key,
            name=name,
            type=definition.type,
            arguments=get_argument_values(definition, nodes[0], self.variables),
            sets=tuple(node.selection_set for node in nodes if node.selection_set),
        )


def _definition(parent: Composite, name: str) -> GraphQLField:
    if name == "__typename" or isinstance(parent, GraphQLUnionType):
        return TypeNameMetaFieldDef
    found: GraphQLField = parent.fields[name]
    return found


def _applies(condition: str, parent: Composite) -> bool:
    if condition == parent.name:
        return True
    wanted = admin_schema().type_map[condition]
    return is_abstract_type(wanted) and (
        is_abstract_type(parent) or admin_schema().is_sub_type(wanted, parent)
    )


def find_operation(
    definitions: Iterable[Any], name: str | None
) -> tuple[OperationDefinitionNode, dict[str, FragmentDefinitionNode]]:
    """Choose the operation to run; raises GraphQLError where the name does not decide."""
    operations = [one for one in definitions if isinstance(one, OperationDefinitionNode)]
    fragments = {one.name.value: one for one in definitions if isinstance(one, FragmentDefinitionNode)}
    if name:
        operations = [one for one in operations if one.name and one.name.value == name]
        if not operations:
            raise GraphQLError(f'No operation named "{name}"')
    if len(operations) != 1:
        raise GraphQLError("An operation name is required")
    return operations[0], fragments
