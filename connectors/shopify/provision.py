"""Create our metafield definitions, or complete those that stand; what an admin changed is left alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import orjson

from connectors.base import Field, Provisioned
from connectors.shopify import documents
from connectors.shopify.graphql import GraphQL
from connectors.shopify.names import FILTERABLE, NAMESPACE, OBJECT, TYPES

ROUNDS = 4
"""A definition is offered whole, then without what Shopify has no room for: pin, filter, both."""
PIN_CODES = frozenset({"PINNED_LIMIT_REACHED", "UNSUPPORTED_PINNING"})
FILTER_CODES = frozenset({"OWNER_TYPE_LIMIT_EXCEEDED_FOR_USE_AS_ADMIN_FILTERS", "INVALID_CAPABILITY"})


@dataclass(frozen=True, slots=True)
class Wanted:
    """A definition to create: its field, and whether it is pinned and offered as a filter."""

    field: Field
    pin: bool
    filterable: bool

    def variables(self) -> dict[str, Any]:
        """The input of `metafieldDefinitionCreate`."""
        made: dict[str, Any] = {
            "ownerType": "CUSTOMER",
            "namespace": NAMESPACE,
            "key": self.field.key,
            "name": self.field.label,
            "description": self.field.help,
            "type": TYPES[self.field.kind],
            # Scores are for the merchant's staff; neither themes nor customers' own pages may show them.
            "access": {"storefront": "NONE", "customerAccount": "NONE"},
            "pin": self.pin,
        }
        if self.filterable:
            made["capabilities"] = {"adminFilterable": {"enabled": True}}
        if self.field.choices:
            made["validations"] = [_choices([choice.code for choice in self.field.choices])]
        return made


def provision(graphql: GraphQL, fields: Sequence[Field], *, dry_run: bool) -> list[Provisioned]:
    """Make every definition of `fields` stand, and say what was done; `dry_run` only says.

    Labels, help, pins and access of a definition that stands are the admin's. Choices that are missing in
    it are added, because Shopify would refuse our values.
    """
    found = graphql.run(documents.text("definitions"))["metafieldDefinitions"]["nodes"]
    standing = {node["key"]: node for node in found}
    missing = [field for field in fields if field.key not in standing]
    done = {field.key: _existing(field, standing[field.key]) for field in fields if field.key in standing}
    stale = [field for field in fields if field.key in done and done[field.key].action == "updated"]
    if dry_run:
        done.update({field.key: _made(field, "created") for field in missing})
    else:
        done.update(_create(graphql, missing))
        done.update(_complete(graphql, stale, standing))
    return [done[field.key] for field in fields]


def _existing(field: Field, node: Mapping[str, Any]) -> Provisioned:
    kind = node["type"]["name"]
    if kind != TYPES[field.kind]:
        return _made(field, "failed", f"its type is {kind}, not {TYPES[field.kind]}")
    return _made(field, "updated" if _lacking(field, node) else "unchanged")


def _create(graphql: GraphQL, fields: Sequence[Field]) -> dict[str, Provisioned]:
    """Create definitions, all in one document, and again without the extras that were refused."""
    waiting = [Wanted(field, field.pinned, TYPES[field.kind] in FILTERABLE) for field in fields]
    done: dict[str, Provisioned] = {}
    for _ in range(ROUNDS):
        if not waiting:
            break
        data = graphql.run(
            creation(len(waiting)), **{f"d{nth}": wanted.variables() for nth, wanted in enumerate(waiting)}
        )
        again = []
        for nth, wanted in enumerate(waiting):
            codes, reason = _errors(data[f"d{nth}"])
            lesser = _lesser(wanted, codes)
            if lesser is not None:
                again.append(lesser)
            elif codes == {"TAKEN"}:
                # Made by a call whose answer was lost.
                done[wanted.field.key] = _made(wanted.field, "unchanged")
            else:
                done[wanted.field.key] = _made(wanted.field, "failed" if codes else "created", reason)
        waiting = again
    done.update({wanted.field.key: _made(wanted.field, "failed", "no room") for wanted in waiting})
    return done


def _lesser(wanted: Wanted, codes: set[str]) -> Wanted | None:
    """What to ask for instead, None where the codes leave nothing to give up."""
    if wanted.pin and codes & PIN_CODES:
        return replace(wanted, pin=False)
    if wanted.filterable and codes & FILTER_CODES:
        return replace(wanted, filterable=False)
    return None


def _complete(
    graphql: GraphQL, fields: Sequence[Field], standing: Mapping[str, Mapping[str, Any]]
) -> dict[str, Provisioned]:
    """Add the choices that standing definitions lack, keeping their own."""
    if not fields:
        return {}
    data = graphql.run(
        completion(len(fields)),
        **{f"d{nth}": _completed(field, standing[field.key]) for nth, field in enumerate(fields)},
    )
    answers = {field.key: _errors(data[f"d{nth}"]) for nth, field in enumerate(fields)}
    return {
        field.key: _made(field, "failed" if answers[field.key][0] else "updated", answers[field.key][1])
        for field in fields
    }


def _completed(field: Field, node: Mapping[str, Any]) -> dict[str, Any]:
    others = [given for given in node["validations"] if given["name"] != "choices"]
    kept = [{"name": given["name"], "value": given["value"]} for given in others]
    choices = _choices([*(_standing_choices(node) or ()), *_lacking(field, node)])
    return {
        "ownerType": "CUSTOMER",
        "namespace": NAMESPACE,
        "key": field.key,
        "validations": [*kept, choices],
    }


def _lacking(field: Field, node: Mapping[str, Any]) -> list[str]:
    """Codes of ours that a standing list of choices does not allow; without a list all are allowed."""
    standing = _standing_choices(node)
    if standing is None:
        return []
    return [choice.code for choice in field.choices if choice.code not in standing]


def _standing_choices(node: Mapping[str, Any]) -> list[str] | None:
    for given in node["validations"]:
        if given["name"] == "choices":
            return [str(code) for code in orjson.loads(given["value"] or "[]")]
    return None


def _choices(codes: Sequence[str]) -> dict[str, str]:
    return {"name": "choices", "value": orjson.dumps(codes).decode()}


def _errors(payload: Mapping[str, Any] | None) -> tuple[set[str], str]:
    errors = (payload or {"userErrors": [{"code": "NO_ANSWER", "message": ""}]})["userErrors"]
    codes = {str(error.get("code") or "REFUSED") for error in errors}
    return codes, "; ".join(f"{error.get('code')}: {error.get('message')}" for error in errors)[:300]


def _made(field: Field, action: Any, reason: str = "") -> Provisioned:
    return Provisioned(OBJECT, f"{NAMESPACE}.{field.key}", "field", action, reason)


def creation(number: int) -> str:
    """A document that creates `number` definitions, given as variables `d0`, `d1`, …"""
    return _many(number, "metafieldDefinitionCreate", "MetafieldDefinitionInput")


def completion(number: int) -> str:
    """A document that updates `number` definitions, given as variables `d0`, `d1`, …"""
    return _many(number, "metafieldDefinitionUpdate", "MetafieldDefinitionUpdateInput")


def _many(number: int, mutation: str, kind: str) -> str:
    variables = ", ".join(f"$d{nth}: {kind}!" for nth in range(number))
    calls = " ".join(
        f"d{nth}: {mutation}(definition: $d{nth}) {{ userErrors {{ field message code }} }}"
        for nth in range(number)
    )
    return f"mutation ZaisekiProvision({variables}) {{ {calls} }}"
