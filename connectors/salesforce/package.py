"""The metadata that gives an org our fields and the access to them: XML texts and the archive to deploy.

Elements stand in the order of Salesforce's metadata WSDL. Permission sets name no licence: with one they
could not be assigned to an integration user.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree as Xml

from connectors.base import Field, Formula
from connectors.salesforce.names import INTEGRATION_SET, VIEWER_SET, api_name

NAMESPACE = "http://soap.sforce.com/2006/04/metadata"
LARGEST_PRECISION = 18
TEXT_LENGTH = 255
FOLLOWED = {
    "OpportunityContactRole": "Opportunity",
    "OpportunityHistory": "Opportunity",
    "CampaignMember": "Campaign",
    "Task": None,
    "Event": None,
}
"""Objects without rights of their own, and whose rights count for them: who reads opportunities reads their
roles and history, who reads campaigns their members. Tasks and events are read with whom they are about."""
_STAMP = (1980, 1, 1, 0, 0, 0)
Node = Xml.Element
_KEEP_OUT = "Replaced as a whole by `zaiseki provision`; put access of your own into another permission set."


@dataclass(frozen=True, slots=True)
class Rights:
    """What the job may do: the objects it reads with the columns that must be granted, those it writes to."""

    reads: Mapping[str, Sequence[str]]
    edits: Collection[str]


def field_xml(field: Field) -> Node:
    """One custom field."""
    node = _named(api_name(field.key), field.description)
    _add(node, "externalId", "false")
    _add(node, "inlineHelpText", field.help)
    _add(node, "label", field.label)
    if field.kind in ("text", "list"):
        _add(node, "length", str(field.length if field.kind == "text" else TEXT_LENGTH))
    if field.kind in ("integer", "decimal"):
        _add(node, "precision", str(min(LARGEST_PRECISION, field.precision + field.scale)))
    _add(node, "required", "false")
    if field.kind in ("integer", "decimal"):
        _add(node, "scale", str(field.scale))
    _add(node, "type", _type(field))
    if field.kind == "choice":
        node.append(_value_set(field))
    return node


def formula_xml(formula: Formula) -> Node:
    """One formula field that counts the days from a date of ours to today."""
    node = _named(api_name(formula.key), formula.description)
    _add(node, "externalId", "false")
    _add(node, "formula", f"TODAY() - {api_name(formula.since)}")
    _add(node, "formulaTreatBlanksAs", "BlankAsBlank")
    _add(node, "inlineHelpText", formula.help)
    _add(node, "label", formula.label)
    _add(node, "precision", str(LARGEST_PRECISION))
    _add(node, "required", "false")
    _add(node, "scale", "0")
    _add(node, "type", "Number")
    return node


def permission_set_xml(
    name: str,
    sobjects: Sequence[str],
    fields: Sequence[Field],
    formulas: Sequence[Formula],
    rights: Rights | None,
) -> Node:
    """A permission set on our fields of `sobjects`; with `rights` that of the job, which may edit them and
    use the API."""
    reads = rights.reads if rights else {}
    node = Xml.Element("PermissionSet", xmlns=NAMESPACE)
    _add(node, "description", _KEEP_OUT)
    for sobject in sobjects:
        for key, editable in [(f.key, rights is not None) for f in fields] + [
            (f.key, False) for f in formulas
        ]:
            node.append(_field_access(f"{sobject}.{api_name(key)}", edit=editable))
    for sobject, columns in reads.items():
        node.extend(_field_access(f"{sobject}.{column}", edit=False) for column in columns)
    _add(node, "label", name.replace("_", " "))
    if rights:
        # Without "view all", sharing rules would hide rows silently and their people would look gone.
        owned = [FOLLOWED.get(sobject, sobject) for sobject in reads]
        node.extend(_object_access(one, edit=one in rights.edits) for one in dict.fromkeys(owned) if one)
        allow = Xml.SubElement(node, "userPermissions")
        _add(allow, "enabled", "true")
        _add(allow, "name", "ApiEnabled")
    return node


def archive(
    version: str,
    objects: Mapping[str, Sequence[Node]],
    sets: Mapping[str, Node],
) -> bytes:
    """The archive for a deploy: `package.xml`, new fields per object, permission sets. Same in, same out."""
    members = {
        "CustomField": [f"{name}.{n.findtext('fullName')}" for name, nodes in objects.items() for n in nodes],
        "PermissionSet": list(sets),
    }
    texts = {"package.xml": to_text(_manifest(version, members))}
    for name, nodes in objects.items():
        if nodes:
            holder = Xml.Element("CustomObject", xmlns=NAMESPACE)
            holder.extend(nodes)
            texts[f"objects/{name}.object"] = to_text(holder)
    texts |= {f"permissionsets/{name}.permissionset": to_text(node) for name, node in sets.items()}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for path, text in texts.items():
            made.writestr(zipfile.ZipInfo(path, _STAMP), text)
    return out.getvalue()


def access_sets(
    sobjects: Sequence[str],
    fields: Sequence[Field],
    formulas: Sequence[Formula],
    rights: Rights,
) -> dict[str, Node]:
    """Our two permission sets: that of the job, and that of the people who look."""
    return {
        INTEGRATION_SET: permission_set_xml(INTEGRATION_SET, sobjects, fields, formulas, rights),
        VIEWER_SET: permission_set_xml(VIEWER_SET, sobjects, fields, formulas, None),
    }


def _type(field: Field) -> str:
    types = {"date": "Date", "choice": "Picklist", "integer": "Number", "decimal": "Number"}
    return types.get(field.kind, "Text")


def _value_set(field: Field) -> Node:
    node = Xml.Element("valueSet")
    _add(node, "restricted", "true")
    definition = Xml.SubElement(node, "valueSetDefinition")
    _add(definition, "sorted", "false")
    for choice in field.choices:
        value = Xml.SubElement(definition, "value")
        _add(value, "fullName", choice.code)
        _add(value, "default", "false")
        _add(value, "label", choice.label)
    return node


def _field_access(field: str, *, edit: bool) -> Node:
    node = Xml.Element("fieldPermissions")
    _add(node, "editable", str(edit).lower())
    _add(node, "field", field)
    _add(node, "readable", "true")
    return node


def _object_access(sobject: str, *, edit: bool) -> Node:
    node = Xml.Element("objectPermissions")
    allowed = {"allowCreate": False, "allowDelete": False, "allowEdit": edit, "allowRead": True}
    for name, value in {**allowed, "modifyAllRecords": False}.items():
        _add(node, name, str(value).lower())
    _add(node, "object", sobject)
    _add(node, "viewAllRecords", "true")
    return node


def _manifest(version: str, members: Mapping[str, Sequence[str]]) -> Node:
    node = Xml.Element("Package", xmlns=NAMESPACE)
    for kind, names in members.items():
        if names:
            types = Xml.SubElement(node, "types")
            for name in names:
                _add(types, "members", name)
            _add(types, "name", kind)
    _add(node, "version", version)
    return node


def _named(name: str, description: str) -> Node:
    node = Xml.Element("fields")
    _add(node, "fullName", name)
    _add(node, "description", description)
    return node


def _add(node: Node, name: str, text: str) -> None:
    Xml.SubElement(node, name).text = text


def to_text(node: Node) -> bytes:
    """A root element as the text of a file."""
    Xml.indent(node, space="    ")
    return bytes(Xml.tostring(node, encoding="UTF-8", xml_declaration=True)) + b"\n"
