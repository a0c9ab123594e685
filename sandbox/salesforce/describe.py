"""Describes, in the shape that real orgs answer with."""

from typing import Any

from starlette.responses import Response

from sandbox.salesforce.objects import NUMBER_TYPES, TEXT_TYPES, Field, SObject
from sandbox.salesforce.org import Org
from sandbox.salesforce.rest_rows import target_of
from sandbox.salesforce.schema import Schema
from sandbox.salesforce.web import Call, answer, view_of

_SOAP_TYPES = {
    "id": "tns:ID",
    "reference": "tns:ID",
    "boolean": "xsd:boolean",
    "int": "xsd:int",
    "date": "xsd:date",
    "datetime": "xsd:dateTime",
    "address": "urn:address",
    **dict.fromkeys(NUMBER_TYPES, "xsd:double"),
}
_EXTRA_TYPES = {"textarea": "plaintextarea"}

# What a describe says of every object and field alike.
_OBJECT_CONSTANTS: dict[str, Any] = {
    **dict.fromkeys(
        ("activateable", "custom", "customSetting", "deepCloneable", "deprecatedAndHidden", "hasSubtypes"),
        False,
    ),
    **dict.fromkeys(("isInterface", "isSubtype"), False),
    **dict.fromkeys(("associateEntityType", "associateParentEntity"), None),
    **dict.fromkeys(("queryable", "replicateable", "retrieveable"), True),
}
_NO_SETUP = ("feedEnabled", "layoutable", "mruEnabled", "searchable", "triggerable", "undeletable")
_DESCRIBE_CONSTANTS: dict[str, Any] = {
    **dict.fromkeys(("actionOverrides", "namedLayoutInfos"), ()),
    **dict.fromkeys(("compactLayoutable", "searchLayoutable"), True),
    **dict.fromkeys(("defaultImplementation", "extendedBy", "extendsInterfaces", "implementedBy"), None),
    **dict.fromkeys(
        ("implementsInterfaces", "listviewable", "lookupLayoutable", "networkScopeFieldName"), None
    ),
    "sobjectDescribeOption": "FULL",
}
_FIELD_CONSTANTS: dict[str, Any] = {
    **dict.fromkeys(("aiPredictionField", "cascadeDelete", "caseSensitive", "dependentPicklist"), False),
    **dict.fromkeys(("deprecatedAndHidden", "displayLocationInDecimal", "encrypted"), False),
    **dict.fromkeys(
        ("formulaTreatNullNumberAsZero", "highScaleNumber", "htmlFormatted", "namePointing"), False
    ),
    **dict.fromkeys(("restrictedDelete", "searchPrefilterable"), False),
    **dict.fromkeys(
        ("compoundFieldName", "controllerName", "defaultValueFormula", "filteredLookupInfo"), None
    ),
    **dict.fromkeys(("mask", "maskType", "referenceTargetField", "relationshipOrder"), None),
    "writeRequiresMasterRead": False,
}


def describe_global(org: Org, call: Call) -> Response:
    """Answer `GET sobjects`."""
    found = [_summary(one, call.root) for one in view_of(org, call).values()]
    return answer({"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": found})


def object_info(org: Org, call: Call) -> Response:
    """Answer `GET sobjects/Contact`."""
    target = target_of(org, call)
    return answer({"objectDescribe": _summary(target, call.root), "recentItems": []})


def describe(org: Org, call: Call) -> Response:
    """Answer `GET sobjects/Contact/describe`."""
    target = target_of(org, call)
    shown = {
        **_summary(target, call.root),
        **_DESCRIBE_CONSTANTS,
        "childRelationships": _children(target, view_of(org, call)),
        "fields": [describe_field(field) for field in target.fields.values()],
        "recordTypeInfos": [_master_record_type(target, call.root)],
        "supportedScopes": [
            {"label": f"All {target.plural.lower()}", "name": "everything"},
            {"label": f"My {target.plural.lower()}", "name": "mine"},
        ],
    }
    return answer(shown)


def _children(target: SObject, schema: Schema) -> list[dict[str, Any]]:
    return [
        {
            "cascadeDelete": False,
            "childSObject": child.name,
            "deprecatedAndHidden": False,
            "field": field.name,
            "junctionIdListNames": [],
            "junctionReferenceTo": [],
            "relationshipName": None if field.name == "MasterRecordId" else child.plural.replace(" ", ""),
            "restrictedDelete": False,
        }
        for child in schema.values()
        for field in child.fields.values()
        if target.name in field.refers_to
    ]


def _master_record_type(target: SObject, root: str) -> dict[str, Any]:
    layout = f"{root}/sobjects/{target.name}/describe/layouts/012000000000000AAA"
    return {
        "active": True,
        "available": True,
        "defaultRecordTypeMapping": True,
        "developerName": "Master",
        "master": True,
        "name": "Master",
        "recordTypeId": "012000000000000AAA",
        "urls": {"layout": layout},
    }


def _summary(one: SObject, root: str) -> dict[str, Any]:
    base = f"{root}/sobjects/{one.name}"
    shown = {
        "keyPrefix": one.prefix,
        "label": one.label,
        "labelPlural": one.plural,
        "mergeable": one.mergeable,
        "name": one.name,
        "urls": {
            "sobject": base,
            "describe": f"{base}/describe",
            "rowTemplate": f"{base}/{{ID}}",
            "layouts": f"{base}/describe/layouts",
            "quickActions": f"{base}/quickActions",
            "compactLayouts": f"{base}/describe/compactLayouts",
        },
    }
    shown |= dict.fromkeys(("createable", "deletable", "updateable"), not one.read_only)
    return {**_OBJECT_CONSTANTS, **dict.fromkeys(_NO_SETUP, not one.setup), **shown}


def describe_field(field: Field) -> dict[str, Any]:
    """Give one field of a describe."""
    compound = field.type == "address"
    return {
        **_FIELD_CONSTANTS,
        **_values_of(field),
        **_uses_of(field),
        "byteLength": field.length * 3 if field.type in TEXT_TYPES else field.length,
        "createable": field.createable and not compound,
        "custom": field.custom,
        "extraTypeInfo": _EXTRA_TYPES.get(field.type),
        "inlineHelpText": field.help_text,
        "label": field.label,
        "length": field.length,
        "name": field.name,
        "nameField": field.name_field,
        "nillable": not (field.required or field.defaulted or field.name_field or field.type == "boolean"),
        "permissionable": field.permissionable,
        "precision": field.precision,
        "scale": field.scale,
        "soapType": _SOAP_TYPES.get(field.type, "xsd:string"),
        "type": field.type,
        "updateable": field.updateable and not compound,
    }


def _values_of(field: Field) -> dict[str, Any]:
    """Say which values there are: choices, defaults, formulas."""
    choices = [
        {
            "active": True,
            "defaultValue": value == field.default_choice,
            "label": label,
            "validFor": None,
            "value": value,
        }
        for value, label in field.choices
    ]
    return {
        "autoNumber": field.name.endswith("Number") and field.name_field,
        "calculated": field.formula is not None,
        "calculatedFormula": field.formula,
        "defaultValue": False if field.type == "boolean" else None,
        "defaultedOnCreate": field.defaulted or field.type == "boolean",
        "digits": 8 if field.type == "int" else 0,
        "picklistValues": choices,
        "restrictedPicklist": field.restricted,
        "unique": field.unique,
    }


def _uses_of(field: Field) -> dict[str, Any]:
    """Say what queries and writes may do with a field."""
    compound = field.type == "address"
    return {
        "aggregatable": field.filterable and not compound and field.type != "boolean",
        "externalId": field.external_id,
        "filterable": field.filterable,
        "groupable": field.filterable
        and not (field.type in NUMBER_TYPES or compound or field.type == "datetime"),
        "idLookup": field.lookup or field.external_id,
        "polymorphicForeignKey": len(field.refers_to) > 1,
        "referenceTo": list(field.refers_to),
        "relationshipName": field.relationship,
        "queryByDistance": compound,
        "sortable": field.filterable and not compound and field.type != "multipicklist",
    }
