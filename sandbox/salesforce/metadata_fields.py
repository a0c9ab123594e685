"""Reads the CustomField elements of a deploy into fields, with the refusals Salesforce words so."""

from collections.abc import Iterable
from xml.etree.ElementTree import Element

from sandbox.salesforce.objects import Field

NAMESPACE = "{http://soap.sforce.com/2006/04/metadata}"

_KINDS = {
    "Text": "string",
    "Number": "double",
    "Currency": "currency",
    "Percent": "percent",
    "Date": "date",
    "DateTime": "datetime",
    "Checkbox": "boolean",
    "Picklist": "picklist",
    "MultiselectPicklist": "multipicklist",
    "TextArea": "textarea",
    "LongTextArea": "textarea",
    "Email": "email",
    "Phone": "phone",
    "Url": "url",
    "Lookup": "reference",
}
_ELEMENTS = frozenset(
    {
        "businessOwnerGroup", "caseSensitive", "complianceGroup", "defaultValue", "deleteConstraint",
        "description", "displayFormat", "externalId", "fieldManageability", "formula",
        "formulaTreatBlanksAs", "fullName", "inlineHelpText", "label", "length", "precision",
        "referenceTo", "relationshipLabel", "relationshipName", "required", "scale",
        "securityClassification", "trackFeedHistory", "trackHistory", "trackTrending", "type", "unique",
        "valueSet", "visibleLines",
    }
)  # fmt: skip
_LONGEST = {"label": 40, "inlineHelpText": 510, "description": 1_000}
_FIXED_LENGTHS = {
    "email": 80,
    "phone": 40,
    "url": 255,
    "textarea": 255,
    "picklist": 255,
    "multipicklist": 4_099,
}
_LARGEST_PRECISION = 18
_LONGEST_TEXT = 255


class Problem(Exception):
    """A component is refused; the message is its `problem`."""


def texts(node: Element, name: str) -> list[str]:
    """Give the texts of all children of a name."""
    return [(child.text or "").strip() for child in node.findall(NAMESPACE + name)]


def text(node: Element, name: str) -> str | None:
    """Give the text of the only child of a name, or None where there is none."""
    found = texts(node, name)
    return found[0] if found else None


def flag(node: Element, name: str) -> bool:
    """Read a boolean child; refuses what is neither true nor false."""
    value = text(node, name) or "false"
    if value not in ("true", "false"):
        raise Problem(f"'{value}' is not a valid value for the type xsd:boolean")
    return value == "true"


def check_elements(node: Element, allowed: Iterable[str], kind: str) -> None:
    """Refuse elements that the metadata type does not have."""
    known = set(allowed)
    for child in node:
        name = child.tag.removeprefix(NAMESPACE)
        if name not in known or not child.tag.startswith(NAMESPACE):
            raise Problem(f"Element {child.tag} invalid at this location in type {kind}")


def read_custom_field(node: Element, object_name: str) -> Field:
    """Turn a CustomField element into a field that nobody has access to yet; raises `Problem`."""
    name, label = _names(node, object_name)
    kind = _kind(node)
    formula = text(node, "formula")
    choices, default_choice, restricted = _choices(node, kind)
    precision, scale = _digits(node, kind)
    return Field(
        name=name,
        type=kind,
        label=label,
        length=_length(node, kind, formula),
        precision=precision,
        scale=scale,
        choices=choices,
        default_choice=default_choice,
        restricted=restricted,
        refers_to=tuple(texts(node, "referenceTo")),
        required=flag(node, "required"),
        createable=formula is None,
        updateable=formula is None,
        external_id=flag(node, "externalId"),
        unique=flag(node, "unique"),
        custom=True,
        granted=flag(node, "required"),
        formula=formula,
        help_text=text(node, "inlineHelpText"),
        description=text(node, "description"),
    )


def _names(node: Element, object_name: str) -> tuple[str, str]:
    """Give name and label, once all texts of the field have been checked."""
    check_elements(node, _ELEMENTS, "CustomField")
    name = text(node, "fullName") or ""
    if not name.endswith("__c") or len(name) > 43 or not name[0].isalpha():
        raise Problem(f"The name of the field {object_name}.{name} is not a valid custom field name")
    for element, longest in _LONGEST.items():
        value = text(node, element)
        if value and len(value) > longest:
            raise Problem(f"{element}: data value too large: {value} (max length={longest})")
    label = text(node, "label")
    if not label:
        raise Problem("Required field is missing: label")
    return name, label


def _kind(node: Element) -> str:
    name = text(node, "type")
    if name is None:
        raise Problem("Required field is missing: type")
    if name not in _KINDS:
        raise Problem(f"'{name}' is not a valid value for the enum 'FieldType'")
    if name == "Lookup" and not texts(node, "referenceTo"):
        raise Problem("Must specify 'referenceTo' for a CustomField of type Lookup")
    if name == "Checkbox" and text(node, "defaultValue") is None and text(node, "formula") is None:
        raise Problem("Must specify 'defaultValue' for a CustomField of type Checkbox")
    return _KINDS[name]


def _integer(node: Element, name: str) -> int:
    value = text(node, name)
    if value is None:
        raise Problem(f"Must specify '{name}' for a CustomField of type {text(node, 'type')}")
    if not value.isdigit():
        raise Problem(f"'{value}' is not a valid value for the type xsd:int")
    return int(value)


def _length(node: Element, kind: str, formula: str | None) -> int:
    if kind == "reference":
        return 18
    if formula is not None:
        return 1_300 if kind == "string" else 0
    if kind == "string" or text(node, "type") == "LongTextArea":
        length = _integer(node, "length")
        if kind == "string" and not 0 < length <= _LONGEST_TEXT:
            raise Problem(f"Length must be between 1 and {_LONGEST_TEXT}")
        return length
    return _FIXED_LENGTHS.get(kind, 0)


def _digits(node: Element, kind: str) -> tuple[int, int]:
    if kind not in ("double", "currency", "percent"):
        return 0, 0
    precision, scale = _integer(node, "precision"), _integer(node, "scale")
    if precision > _LARGEST_PRECISION or scale > precision:
        raise Problem(
            f"Precision must be between 1 and {_LARGEST_PRECISION}, and scale no more than precision"
        )
    return precision, scale


def _choices(node: Element, kind: str) -> tuple[tuple[tuple[str, str], ...], str | None, bool]:
    if kind not in ("picklist", "multipicklist"):
        return (), None, False
    value_set = node.find(NAMESPACE + "valueSet")
    definition = None if value_set is None else value_set.find(NAMESPACE + "valueSetDefinition")
    if value_set is None or definition is None:
        raise Problem("Must specify a valueSet for a CustomField of type Picklist")
    check_elements(
        value_set, ("controllingField", "restricted", "valueSetDefinition", "valueSetName"), "ValueSet"
    )
    check_elements(definition, ("sorted", "value"), "ValueSetValuesDefinition")
    values = definition.findall(NAMESPACE + "value")
    found = [
        (text(value, "fullName") or "", text(value, "label") or text(value, "fullName") or "")
        for value in values
    ]
    names = [name for name, _ in found]
    for index in (0, 1):
        twice = next(
            (one[index] for one in found if [other[index] for other in found].count(one[index]) > 1), None
        )
        if twice is not None:
            raise Problem(f"Duplicate {'value' if index == 0 else 'label'}: {twice}")
    defaults = [name for name, value in zip(names, values, strict=True) if flag(value, "default")]
    return tuple(found), (defaults[0] if defaults else None), flag(value_set, "restricted")
