"""Puts permission sets into effect: what a deployed PermissionSet grants."""

import sqlite3
from xml.etree.ElementTree import Element

from sandbox.salesforce.ids import make_id
from sandbox.salesforce.metadata_fields import NAMESPACE, Problem, check_elements, flag, text
from sandbox.salesforce.schema import Schema, bump_version, next_numbers

_ELEMENTS = (
    "applicationVisibilities", "classAccesses", "customMetadataTypeAccesses", "customPermissions",
    "customSettingAccesses", "description", "fieldPermissions", "flowAccesses", "fullName",
    "hasActivationRequired", "label", "license", "objectPermissions", "pageAccesses",
    "recordTypeVisibilities", "tabSettings", "userPermissions",
)  # fmt: skip
_OBJECT_RIGHTS = {
    "allowCreate": "PermissionsCreate",
    "allowRead": "PermissionsRead",
    "allowEdit": "PermissionsEdit",
    "allowDelete": "PermissionsDelete",
    "viewAllRecords": "PermissionsViewAllRecords",
    "modifyAllRecords": "PermissionsModifyAllRecords",
}
_USER_RIGHTS = frozenset(
    {
        "ApiEnabled", "ApiUserOnly", "AssignPermissionSets", "BulkApiHardDelete", "CustomizeApplication",
        "ModifyAllData", "ModifyMetadata", "ViewAllData", "ViewRoles", "ViewSetup",
    }
)  # fmt: skip


def put_permission_set(
    db: sqlite3.Connection, schema: Schema, name: str, node: Element, *, user_id: str, now: str
) -> bool:
    """Create or replace a permission set; gives whether it is new. Raises `Problem`."""
    check_elements(node, _ELEMENTS, "PermissionSet")
    label = text(node, "label")
    if not label:
        raise Problem("Required field is missing: label")
    fields = [_field_rights(one, schema) for one in node.findall(NAMESPACE + "fieldPermissions")]
    objects = [_object_rights(one, schema) for one in node.findall(NAMESPACE + "objectPermissions")]
    for one in node.findall(NAMESPACE + "userPermissions"):
        if text(one, "name") not in _USER_RIGHTS:
            raise Problem(f"Unknown user permission: {text(one, 'name')}")
    known = db.execute("SELECT Id FROM sf_PermissionSet WHERE Name = ?", (name,)).fetchone()
    set_id = known["Id"] if known else make_id("0PS", next_numbers(db, 1))
    stamps = (now, user_id, now, user_id, now)
    db.execute("DELETE FROM sf_PermissionSet WHERE Id = ?", (set_id,))
    db.execute(
        "INSERT INTO sf_PermissionSet (Id, Name, Label, Description, IsCustom, CreatedDate, CreatedById,"
        " LastModifiedDate, LastModifiedById, SystemModstamp) VALUES (?, ?, ?, ?, 1, ?, ?, ?, ?, ?)",
        (set_id, name, label, text(node, "description"), *stamps),
    )
    _replace(db, "sf_FieldPermissions", "01k", set_id, fields, stamps=stamps)
    _replace(db, "sf_ObjectPermissions", "110", set_id, objects, stamps=stamps)
    bump_version(db)
    return known is None


def _field_rights(node: Element, schema: Schema) -> dict[str, str | int]:
    check_elements(node, ("editable", "field", "readable"), "PermissionSetFieldPermissions")
    path = text(node, "field") or ""
    object_name, _, field_name = path.partition(".")
    owner = schema.get(object_name.lower())
    field = owner.get(field_name) if owner else None
    if owner is None or field is None:
        raise Problem(f"In field: field - no CustomField named {path} found")
    if not field.permissionable or field.required:
        raise Problem(f"You cannot deploy to a required field: {path}")
    edit, read = flag(node, "editable"), flag(node, "readable")
    if edit and not read:
        raise Problem(f"Field {path}: edit permission requires read permission")
    if edit and field.formula is not None:
        raise Problem(f"Field {path} is not editable: it is a formula field")
    name = f"{owner.name}.{field.name}"
    return {
        "SobjectType": owner.name,
        "Field": name,
        "PermissionsRead": int(read),
        "PermissionsEdit": int(edit),
    }


def _object_rights(node: Element, schema: Schema) -> dict[str, str | int]:
    check_elements(node, (*_OBJECT_RIGHTS, "object", "viewAllFields"), "PermissionSetObjectPermissions")
    name = text(node, "object") or ""
    owner = schema.get(name.lower())
    if owner is None:
        raise Problem(f"In field: field - no CustomObject named {name} found")
    rights = {column: int(flag(node, element)) for element, column in _OBJECT_RIGHTS.items()}
    if any(rights.values()) and not rights["PermissionsRead"]:
        raise Problem(f"Object {name}: every permission depends on Read")
    return {"SobjectType": owner.name, **rights}


def _replace(
    db: sqlite3.Connection,
    table: str,
    prefix: str,
    set_id: str,
    rows: list[dict[str, str | int]],
    *,
    stamps: tuple[str, ...],
) -> None:
    """Put these rights in the place of those the permission set gave before, as a deploy does."""
    db.execute(f"DELETE FROM {table} WHERE ParentId = ?", (set_id,))
    first = next_numbers(db, len(rows))
    for number, row in enumerate(rows, start=first):
        names = ", ".join(row)
        marks = ", ".join("?" * len(row))
        db.execute(
            f"INSERT INTO {table} (Id, ParentId, {names}, CreatedDate, CreatedById, LastModifiedDate,"
            f" LastModifiedById, SystemModstamp) VALUES (?, ?, {marks}, ?, ?, ?, ?, ?)",
            (make_id(prefix, number), set_id, *row.values(), *stamps),
        )
