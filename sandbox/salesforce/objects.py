"""What the org knows of its objects: `SObject` and `Field`, read from `objects.toml`."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

TEXT_TYPES = frozenset({"string", "textarea", "phone", "email", "url", "picklist", "multipicklist"})
NUMBER_TYPES = frozenset({"double", "currency", "percent"})
ID_TYPES = frozenset({"id", "reference"})
ADDRESS_PARTS = ("Street", "City", "State", "PostalCode", "Country")

# The person's Contact row shows under these names on Account; all other names only add the prefix Person.
_MIRRORED_AS_THEY_ARE = ("FirstName", "LastName", "Salutation", "Phone")


@dataclass(frozen=True)
class Field:
    """One field: its API name, its describe type, and what may be done with it."""

    name: str
    type: str
    label: str
    length: int = 0
    precision: int = 0
    scale: int = 0
    choices: tuple[tuple[str, str], ...] = ()
    """(stored value, label) of a picklist."""
    default_choice: str | None = None
    restricted: bool = False
    refers_to: tuple[str, ...] = ()
    required: bool = False
    createable: bool = True
    updateable: bool = True
    defaulted: bool = False
    permissionable: bool = True
    lookup: bool = False
    """Records can be found by this field (`idLookup`)."""
    external_id: bool = False
    unique: bool = False
    name_field: bool = False
    custom: bool = False
    granted: bool = True
    """Whether everybody has access by profile; a deployed field is seen only through permission sets."""
    formula: str | None = None
    help_text: str | None = None
    description: str | None = None

    @property
    def filterable(self) -> bool:
        """Whether WHERE, ORDER BY and GROUP BY may name it: a long text area may not be."""
        return not (self.type == "textarea" and self.length > 255)

    @property
    def relationship(self) -> str | None:
        """The name by which SOQL reaches the record this field points to, such as Account for AccountId."""
        if self.type != "reference":
            return None
        return self.name[:-1] + "r" if self.custom else self.name.removesuffix("Id")


@dataclass(frozen=True)
class SObject:
    """One object with its fields by lower-case API name, in the order of a describe."""

    name: str
    prefix: str
    label: str
    plural: str
    fields: Mapping[str, Field]
    read_only: bool = False
    setup: bool = False
    """Setup objects (permission sets, …) cannot be written in one call together with others."""
    mergeable: bool = False
    table: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "table", f'"sf_{self.name}"')

    def get(self, name: str) -> Field | None:
        """Find a field by its API name in any letter case."""
        return self.fields.get(name.lower())


def column_type(kind: str) -> str:
    """Give the SQLite type of a describe type; text compares without regard to case, as SOQL does."""
    if kind in ("boolean", "int"):
        return "INTEGER"
    if kind in NUMBER_TYPES:
        return "REAL"
    return "TEXT COLLATE NOCASE" if kind in TEXT_TYPES else "TEXT"


def words(name: str) -> str:
    """Split an API name into words: LastModifiedDate becomes Last Modified Date."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name.removesuffix("__c")).replace(
        "_", " "
    )


def custom_text(name: str) -> Field:
    """Give the field that an unknown `__c` column of a scenario becomes: Text(255), visible to everybody."""
    return Field(name=name, type="string", label=words(name), length=255, custom=True)


def mirror_of(account_field: str) -> str | None:
    """Name the Contact field that a person account's field shows, or None where it is the Account's own."""
    if account_field.endswith("__pc"):
        return account_field[:-3] + "_c"
    if account_field in _MIRRORED_AS_THEY_ARE:
        return account_field
    if account_field.startswith("Person") and account_field not in (
        "PersonContactId",
        "PersonMailingAddress",
    ):
        return account_field.removeprefix("Person")
    return None


def _parse_line(line: str) -> Field:
    head, _, tail = line.rpartition(" ")
    if " " not in head or not re.fullmatch(r"[!\-cdkn*s]+", tail):
        head, tail = line, ""
    name, _, spec = head.partition(" ")
    kind, _, detail = spec.partition(":")
    label = words(name.removesuffix("Id")) + " ID" if kind == "reference" else words(name)
    return Field(
        name=name,
        type=kind,
        label=label,
        required="!" in tail,
        createable="-" not in tail,
        updateable="-" not in tail and "c" not in tail,
        defaulted="d" in tail or kind == "boolean",
        permissionable="n" not in tail,
        lookup="k" in tail,
        name_field="*" in tail,
        restricted="s" in tail,
        **_type_details(kind, detail),
    )


def _type_details(kind: str, detail: str) -> dict[str, Any]:
    """Read what follows the type: a length, digits, choices or objects."""
    if kind in ("picklist", "multipicklist"):
        choices = tuple((choice, choice) for choice in detail.split("|") if choice)
        return {"choices": choices, "length": 255}
    if kind == "reference":
        return {"refers_to": tuple(detail.split(",")), "length": 18}
    if kind in NUMBER_TYPES:
        precision, scale = detail.split(",")
        return {"precision": int(precision), "scale": int(scale)}
    return {"length": 18 if kind == "id" else int(detail or 0)}


def _lines(text: str) -> list[Field]:
    return [_parse_line(line.strip()) for line in text.splitlines() if line.strip()]


@cache
def _definitions() -> dict[str, Any]:
    with Path(__file__).with_name("objects.toml").open("rb") as source:
        return tomllib.load(source)


def standard_objects(*, person_accounts: bool, multi_currency: bool, dated_rates: bool) -> dict[str, SObject]:
    """Give the org's objects by lower-case API name, as they are before anything is customised."""
    return dict(_standard_objects(person_accounts, multi_currency, dated_rates))


@cache
def _standard_objects(
    person_accounts: bool, multi_currency: bool, dated_rates: bool
) -> Mapping[str, SObject]:
    found = {}
    absent = {"CurrencyType": not multi_currency, "DatedConversionRate": not (multi_currency and dated_rates)}
    for name, raw in _definitions().items():
        if name == "_parts" or absent.get(name):
            continue
        fields = _fields_of(raw, person_accounts=person_accounts, multi_currency=multi_currency)
        label = raw.get("label", name)
        found[name.lower()] = SObject(
            name=name,
            prefix=raw["prefix"],
            label=label,
            plural=raw.get("plural", label + "s"),
            fields=MappingProxyType({one.name.lower(): one for one in fields}),
            read_only=raw.get("readonly", False),
            setup=raw.get("setup", False),
            mergeable=raw.get("merge", False),
        )
    return found


def _fields_of(raw: dict[str, Any], *, person_accounts: bool, multi_currency: bool) -> Iterable[Field]:
    parts = _definitions()["_parts"]
    common = _lines(parts["common"])
    fields = [*common[:2], *_lines(raw["fields"])]
    if person_accounts:
        fields += _lines(raw.get("person_fields", ""))
    if multi_currency and (raw.get("in_currency") or any(one.type == "currency" for one in fields)):
        fields.append(Field("CurrencyIsoCode", "string", "Currency ISO Code", length=3, defaulted=True))
    for part in raw["adds"]:
        fields += _lines(parts[part])
    return [*fields, *common[2:]]
