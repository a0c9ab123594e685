"""The metadata that `package` deploys as the source tree of a Salesforce DX project, for admins and CI."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from xml.etree import ElementTree as Xml

from connectors.base import Field, Formula
from connectors.salesforce.package import (
    NAMESPACE,
    Node,
    Rights,
    access_sets,
    field_xml,
    formula_xml,
    to_text,
)

ROOT = "force-app/main/default"
CARRIERS = ("Contact", "Lead", "Account")
_PEOPLE = ("Email", "Phone", "MobilePhone", "HasOptedOutOfEmail", "DoNotCall", "LeadSource")
READS: Mapping[str, Sequence[str]] = {
    "Account": ("Phone",),
    "Contact": ("AccountId", *_PEOPLE),
    "Lead": _PEOPLE,
    "Order": (),
    "Case": ("AccountId", "ContactId", "Reason", "Type"),
    "CampaignMember": (),
    "Opportunity": (),
    "OpportunityContactRole": (),
}
"""Objects and columns that the job reads, as far as every org has them: an unknown one fails the deploy."""
_PROJECT = """{
  "packageDirectories": [{ "path": "force-app", "default": true }],
  "sourceApiVersion": "VERSION"
}
"""


def source_tree(
    version: str,
    sobjects: Sequence[str],
    fields: Sequence[Field],
    formulas: Sequence[Formula],
) -> dict[str, bytes]:
    """File contents by path in the project: our fields on `sobjects`, and both permission sets."""
    tree = {"sfdx-project.json": _PROJECT.replace("VERSION", version).encode()}
    for sobject in sobjects:
        for node in [*map(field_xml, fields), *map(formula_xml, formulas)]:
            path = f"{ROOT}/objects/{sobject}/fields/{node.findtext('fullName')}.field-meta.xml"
            tree[path] = to_text(_as_root(node))
    for name, node in access_sets(sobjects, fields, formulas, Rights(READS, sobjects)).items():
        tree[f"{ROOT}/permissionsets/{name}.permissionset-meta.xml"] = to_text(node)
    return tree


def _as_root(node: Node) -> Node:
    """A field of an object file as the root of a file of its own."""
    root = Xml.Element("CustomField", xmlns=NAMESPACE)
    root.extend(node)
    return root
