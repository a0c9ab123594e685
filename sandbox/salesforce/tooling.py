"""What the tooling query knows: which custom fields exist, those that nobody may see included."""

from functools import cache

from sandbox.salesforce.objects import Field, SObject
from sandbox.salesforce.schema import Schema


@cache
def tooling_schema() -> Schema:
    """Give the objects of the tooling API; CustomField is a view in the database."""
    fields = (
        Field("Id", "id", "Custom Field ID", length=18),
        Field("DeveloperName", "string", "Developer Name", length=40),
        Field("TableEnumOrId", "string", "Entity", length=40),
        Field("NamespacePrefix", "string", "Namespace Prefix", length=15),
    )
    named = {one.name.lower(): one for one in fields}
    return {"customfield": SObject("CustomField", "00N", "Custom Field", "Custom Fields", named)}
