"""Giving an org our fields and the access to them, by one metadata deploy of what is missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from connectors.base import Field, Formula, Provisioned
from connectors.salesforce import package
from connectors.salesforce.columns import COLUMNS, person_column
from connectors.salesforce.deploy import assign, deploy, existing
from connectors.salesforce.names import INTEGRATION_SET, SOBJECTS, VIEWER_SET, api_name
from connectors.salesforce.rest import Rest
from connectors.salesforce.schema import Shape, describe
from connectors.salesforce.streams import PEOPLE, Setup, sobject_of

Shapes = Mapping[str, Shape]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the objects of `setup` are to carry."""

    setup: Setup
    fields: tuple[Field, ...]
    formulas: tuple[Formula, ...]

    def all(self) -> list[Field | Formula]:
        """Fields and formulas in the order of the catalogue."""
        return [*self.fields, *self.formulas]

    def carriers(self, shapes: Shapes) -> list[str]:
        """The objects that are to carry our fields, of those that can be seen."""
        return [name for name in self.setup.carriers() if shapes[name].visible]

    def reads(self, shapes: Shapes) -> dict[str, tuple[str, ...]]:
        """By object, the columns that a permission set can grant of those that the job reads."""
        found: dict[str, tuple[str, ...]] = {}
        for name in dict.fromkeys(("Account", *self.setup.streams)):
            extra = self.setup.merchant if name in PEOPLE else self.setup.configured(name)
            mirrored = map(person_column, extra) if name == "Account" else ()
            # Access to a Contact field is access to its mirror on Account; only the former can be granted.
            named = [column for column in (*COLUMNS[name], *extra, *mirrored) if not column.endswith("__pc")]
            sobject = sobject_of(name)
            shape = shapes[sobject]
            if shape.visible:
                more = (c for c in named if c in shape.grantable)
                found[sobject] = tuple(dict.fromkeys((*found.get(sobject, ()), *more)))
        return found

    def edits(self, shapes: Shapes) -> frozenset[str]:
        """The objects that the job writes to."""
        return frozenset(SOBJECTS[name] for name in self.setup.targets() if shapes[SOBJECTS[name]].visible)

    def locked(self, carriers: Sequence[str], shapes: Shapes) -> list[str]:
        """Fields that our user cannot edit, as `Contact.tenure_days`."""
        names = [(name, field.key) for name in carriers for field in self.fields]
        return [f"{name}.{key}" for name, key in names if api_name(key) not in shapes[name].editable]


def provision(rest: Rest, job: Rest, wanted: Wanted, *, dry_run: bool) -> list[Provisioned]:
    """Create the fields that are missing, and the permission sets where access is; `dry_run` only checks.

    `rest` speaks for the user who may create, `job` for the one the job runs as, who is given the access;
    they may be one. Fields that exist are left as they are, labels and help included. Raises `MendSettings`
    where the user may not deploy metadata.
    """
    seen = _describe(job, wanted)
    able = seen if rest.login is job.login else _describe(rest, wanted)
    carriers = wanted.carriers(able)
    hidden = {(n, i) for n in carriers for i in wanted.all() if api_name(i.key) not in seen[n].visible}
    there = existing(rest, carriers) if hidden else frozenset()
    missing = {(name, item) for name, item in hidden if (name, api_name(item.key)) not in there}
    rows = [
        _row(n, i, "created" if (n, i) in missing else "unchanged") for n in carriers for i in wanted.all()
    ]
    if not (hidden or wanted.locked(carriers, seen) or _unread(wanted.reads(able), seen)):
        return [*rows, *_access_rows("unchanged")]
    nodes = {name: [_node(i) for i in wanted.all() if (name, i) in missing] for name in carriers}
    rights = package.Rights(wanted.reads(able), wanted.edits(able))
    sets = package.access_sets(carriers, wanted.fields, wanted.formulas, rights)
    problems = deploy(rest, package.archive(rest.version, nodes, sets), dry_run=dry_run)
    if problems:
        return _failed([*rows, *_access_rows("updated")], problems)
    return [*rows, *(_access_rows("updated") if dry_run else _granted(rest, job, wanted, carriers))]


def _describe(rest: Rest, wanted: Wanted) -> Shapes:
    shapes, _ = describe(rest, dict.fromkeys(("Account", *wanted.setup.sobjects)))
    return shapes


def _unread(reads: Mapping[str, Sequence[str]], seen: Shapes) -> list[str]:
    """What the job is to read and cannot see, as `Lead` or `Lead.Email`."""
    objects = [name for name in reads if not seen[name].visible]
    columns = [(name, column) for name, listed in reads.items() for column in listed]
    return [*objects, *(f"{n}.{c}" for n, c in columns if n not in objects and c not in seen[n].visible)]


def _node(item: Field | Formula) -> package.Node:
    return package.formula_xml(item) if isinstance(item, Formula) else package.field_xml(item)


def _granted(rest: Rest, job: Rest, wanted: Wanted, carriers: Sequence[str]) -> list[Provisioned]:
    """Give the job's user the access and look with its own eyes whether it has arrived."""
    assign(rest, job.logged_in().user_id)
    locked = wanted.locked(carriers, _describe(job, wanted))
    if locked:
        return _access_rows("failed", f"no edit access: {', '.join(locked)}")
    return _access_rows("updated")


def _failed(rows: Sequence[Provisioned], problems: Mapping[str, str]) -> list[Provisioned]:
    """Nothing was made, since a deploy is rolled back as a whole; say the reason where it is known."""
    general = problems.get("", "") or "rolled back: another component failed"
    return [
        row
        if row.action == "unchanged"
        else Provisioned(
            row.object,
            row.name,
            row.kind,
            "failed",
            problems.get(f"{row.object}.{row.name}") or problems.get(row.name) or general,
        )
        for row in rows
    ]


def _row(sobject: str, item: Field | Formula, action: str) -> Provisioned:
    kind = "formula" if isinstance(item, Formula) else "field"
    return Provisioned(sobject, api_name(item.key), kind, action)  # type: ignore[arg-type]


def _access_rows(action: str, reason: str = "") -> list[Provisioned]:
    names = (INTEGRATION_SET, VIEWER_SET)
    return [Provisioned("PermissionSet", name, "access", action, reason) for name in names]  # type: ignore[arg-type]
