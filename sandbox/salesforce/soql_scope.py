"""Finds what the paths of a query mean: fields through relationships, and the SQL that reads them."""

from dataclasses import dataclass, field
from datetime import date
from zoneinfo import ZoneInfo

from sandbox.salesforce.errors import SalesforceError, invalid_type
from sandbox.salesforce.formula import formula_sql
from sandbox.salesforce.objects import ADDRESS_PARTS, Field, SObject
from sandbox.salesforce.schema import Schema
from sandbox.salesforce.soql import Path_, Query

_CONTEXT = 40
"""Characters of a long statement that an error shows on each side of the place."""

# Values that the org works out when they are read; {t} is the row's table.
_COMPUTED = {
    ("Order", "TotalAmount"): "coalesce({t}.TotalAmount, (SELECT sum(i.TotalPrice) FROM sf_OrderItem AS i"
    " WHERE i.OrderId = {t}.Id AND NOT i.IsDeleted), 0.0)",
    ("Case", "ContactEmail"): "(SELECT c.Email FROM sf_Contact AS c WHERE c.Id = {t}.ContactId)",
    ("Case", "ContactPhone"): "(SELECT c.Phone FROM sf_Contact AS c WHERE c.Id = {t}.ContactId)",
    ("Case", "ContactMobile"): "(SELECT c.MobilePhone FROM sf_Contact AS c WHERE c.Id = {t}.ContactId)",
}


@dataclass(frozen=True)
class Reached:
    """A field and where the query finds it: its object, its SQL, and the relationships on the way."""

    owner: SObject
    field: Field
    sql: str
    relations: tuple[str, ...]

    @property
    def name(self) -> str:
        """The path in the letters of the describe, such as Account.Name."""
        return ".".join((*self.relations, self.field.name))


@dataclass
class Scope:
    """The tables one query reads; every relationship is joined once."""

    text: str
    query: Query
    schema: Schema
    today: date
    zone: ZoneInfo
    level: int = 0
    joins: dict[tuple[str, ...], tuple[str, SObject, str]] = field(default_factory=dict)
    """By relationship names: (SQL alias, object, join condition)."""

    @property
    def base(self) -> SObject:
        """The object in FROM."""
        found = self.schema.get(self.query.object_name.lower())
        if found is None:
            raise invalid_type(self.query.object_name)
        return found

    @property
    def table(self) -> str:
        """The SQL alias of the object in FROM."""
        return f"t{self.level}"

    def reach(self, path: Path_) -> Reached:
        """Find what a path means; raises INVALID_FIELD with the place in the text."""
        parts = list(path.parts)
        own = {self.base.name.lower(), (self.query.alias or "").lower()}
        if len(parts) > 1 and parts[0].lower() in own:
            parts = parts[1:]
        table, owner = self.table, self.base
        relations: tuple[str, ...] = ()
        for part in parts[:-1]:
            table, owner, relations = self._join(table, owner, relations, part, path)
        found = owner.get(parts[-1])
        if found is None:
            raise self.no_such_column(parts[-1], owner, path)
        return Reached(owner, found, self.column_sql(table, owner, found), relations)

    def _join(
        self, table: str, owner: SObject, relations: tuple[str, ...], part: str, path: Path_
    ) -> tuple[str, SObject, tuple[str, ...]]:
        for one in owner.fields.values():
            name = one.relationship
            if name and name.lower() == part.lower():
                target = next(
                    (self.schema[to.lower()] for to in one.refers_to if to.lower() in self.schema), None
                )
                if target is not None:
                    key = (*relations, name)
                    alias = f"{self.table}_{len(self.joins)}"
                    joined = self.joins.setdefault(key, (alias, target, f'{table}."{one.name}"'))
                    return joined[0], target, key
        raise self.error(
            path,
            f"Didn't understand relationship '{part}' in field path. If you are attempting to use a custom "
            "relationship, be sure to append the '__r' after the custom relationship name. Please "
            "reference your "
            "WSDL or the describe call for the appropriate names.",
        )

    def column_sql(self, table: str, owner: SObject, one: Field) -> str:
        """Give the SQL that reads a field of a joined table."""
        computed = _COMPUTED.get((owner.name, one.name))
        if computed:
            return computed.format(t=table)
        if one.formula is not None:
            return formula_sql(one.formula, lambda name: self._formula_part(table, owner, name), self.today)
        if one.type == "address":
            return _address_sql(table, one.name.removesuffix("Address"))
        return f'{table}."{one.name}"'

    def _formula_part(self, table: str, owner: SObject, name: str) -> str | None:
        found = owner.get(name)
        return self.column_sql(table, owner, found) if found else None

    def no_such_column(self, name: str, owner: SObject, path: Path_) -> SalesforceError:
        """Make the error for a field that does not exist or that the user may not see: one text for both."""
        return self.error(
            path,
            f"No such column '{name}' on entity '{owner.name}'. If you are attempting to use a custom "
            "field, be sure "
            "to append the '__c' after the custom field name. Please reference your WSDL or the describe "
            "call for the "
            "appropriate names.",
        )

    def error(self, path: Path_, message: str, code: str = "INVALID_FIELD") -> SalesforceError:
        """Make an error that shows the place in the statement."""
        start = max(0, path.at - _CONTEXT)
        shown = self.text[start : path.at + len(path.text) + _CONTEXT].replace("\n", " ")
        mark = " " * (path.at - start) + "^"
        row = self.text.count("\n", 0, path.at) + 1
        column = path.at - (self.text.rfind("\n", 0, path.at) + 1) + 1
        return SalesforceError(400, code, f"\n{shown}\n{mark}\nERROR at Row:{row}:Column:{column}\n{message}")

    def from_sql(self) -> str:
        """Give FROM with every join that was needed."""
        joins = "".join(
            f" LEFT JOIN {target.table} AS {alias} ON {alias}.Id = {key}"
            for alias, target, key in self.joins.values()
        )
        return f"{self.base.table} AS {self.table}{joins}"


def _address_sql(table: str, prefix: str) -> str:
    parts = ", ".join(
        f"'{part[0].lower() + part[1:]}', {table}.\"{prefix}{part}\"" for part in sorted(ADDRESS_PARTS)
    )
    empty = " AND ".join(f'{table}."{prefix}{part}" IS NULL' for part in ADDRESS_PARTS)
    extra = "'geocodeAccuracy', NULL, 'latitude', NULL, 'longitude', NULL"
    return f"CASE WHEN {empty} THEN NULL ELSE json_object({parts}, {extra}) END"
