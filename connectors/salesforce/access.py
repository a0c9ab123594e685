"""Which streams our user may read, which fields it may write, and what stands in the way of the rest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from connectors.base import Field, Finding
from connectors.salesforce.columns import CONSENT, NAMES, ORDER_MARKS, PHONES, SOURCES, needed, unseen
from connectors.salesforce.exclusion import may_hide, must_show
from connectors.salesforce.names import PERSON_ACCOUNT, SOBJECTS, api_name
from connectors.salesforce.schema import Shape, has_person_accounts
from connectors.salesforce.streams import PEOPLE, PURCHASES, STAGES, Setup, Stream, sobject_of, stream

OPTIONAL = ("Lead", "Account")
UNSEEN = {
    CONSENT: "consent_unseen",
    NAMES: "names_unseen",
    PHONES: "phones_unseen",
    ORDER_MARKS: "order_marks_unseen",
    SOURCES: "sources_unseen",
}
"""What is found where the columns of each kind are hidden."""


@dataclass(frozen=True, slots=True)
class Access:
    """What our user may do: `streams` that it can read, keys of our fields per target that it sees
    (`present`) and may edit (`writable`). `orders_hidden`: there may be purchases that it cannot read."""

    streams: Mapping[str, Stream]
    present: Mapping[str, frozenset[str]]
    writable: Mapping[str, frozenset[str]]
    orders_hidden: bool
    findings: tuple[Finding, ...]


def access(shapes: Mapping[str, Shape], setup: Setup, fields: Sequence[Field]) -> Access:
    """What follows from the describes of all objects that the settings ask for."""
    findings = [_required("Contact", shapes["Contact"], setup)]
    left_out: dict[str, Finding | None] = {
        name: told for name in OPTIONAL if (told := _optional(name, shapes[name]))
    }
    if setup.accounts == "never" and not has_person_accounts(shapes):
        left_out["Account"] = None
    unread = _purchases(shapes, setup)
    if unread:
        left_out |= dict.fromkeys(PURCHASES[setup.purchases])
    else:
        findings += [_required(name, shapes[name], setup) for name in PURCHASES[setup.purchases]]
    left_out |= _touches(shapes, setup)
    ours = [api_name(field.key) for field in fields]
    streams = {
        name: stream(name, shapes[sobject_of(name)], setup, ours)
        for name in setup.streams
        if name not in left_out and shapes[sobject_of(name)].visible
    }
    present, writable = _fields(shapes, streams, setup, fields)
    findings += [*left_out.values(), unread, *_unseen(shapes, streams, setup)]
    meant = [name for name in setup.exclude_on if name not in left_out or left_out[name]]
    findings += _exclusion(shapes, dict.fromkeys((*meant, *streams)), setup)
    findings += _ours(present, writable, fields)
    every = tuple(finding for finding in findings if finding is not None)
    return Access(streams, present, writable, unread is not None, every)


def _required(sobject: str, shape: Shape, setup: Setup) -> Finding | None:
    """What must be seen of an object, every field of the merchant's that the settings name included."""
    if not shape.visible:
        return _finding("object_not_visible", "error", sobject, ())
    wanted = (
        *sorted(needed(sobject, shape.visible)),
        *setup.configured(sobject),
        *must_show(sobject, shape.visible, setup),
    )
    missing = [name for name in wanted if name not in shape.visible]
    return _finding("fields_not_readable", "error", sobject, missing) if missing else None


def _optional(name: str, shape: Shape) -> Finding | None:
    """Leads and accounts are left out where we cannot see who they are: half seen they would be strangers."""
    missing = [column for column in needed(name, shape.visible) if column not in shape.visible]
    if not shape.visible:
        return _finding("stream_unseen", "warning", sobject_of(name), missing)
    return _finding("stream_unreadable", "warning", sobject_of(name), missing) if missing else None


def _touches(shapes: Mapping[str, Shape], setup: Setup) -> dict[str, Finding | None]:
    """The streams of touches that cannot be read, with what is to be said: nothing where the lack of
    opportunities is told already."""
    left_out: dict[str, Finding | None] = {
        name: told for name in setup.touches if (told := _optional(name, shapes[sobject_of(name)]))
    }
    if "Pipeline" in left_out and "OpportunityContactRole" in setup.touches:
        left_out["OpportunityContactRole"] = None
    elif "Pipeline" in left_out and not shapes["Opportunity"].visible:
        left_out["Pipeline"] = None
    if "Pipeline" in left_out and STAGES in setup.touches:
        left_out[STAGES] = None
    return left_out


def _purchases(shapes: Mapping[str, Shape], setup: Setup) -> Finding | None:
    """The object whose lack hides purchases from us; then none are read: half of them would be wrong."""
    for sobject in PURCHASES[setup.purchases]:
        visible = shapes[sobject].visible
        missing = [name for name in needed(sobject, visible) if name not in visible]
        if missing:
            return _finding("orders_unreadable", "warning", sobject, missing)
    return None


def _unseen(shapes: Mapping[str, Shape], streams: Mapping[str, Stream], setup: Setup) -> list[Finding]:
    """What is read without columns that its records may well hold: some answers would be wrong by silence."""
    return [
        _finding(UNSEEN[topic], "warning", sobject_of(name), names)
        for name in streams
        for topic, names in unseen(name, shapes[sobject_of(name)].visible).items()
        # Where the merchant's own field names the shop's order, no other mark is needed to know it again.
        if not (topic == ORDER_MARKS and setup.order_reference)
    ]


def _exclusion(shapes: Mapping[str, Shape], names: Iterable[str], setup: Setup) -> Iterator[Finding | None]:
    """Leads and accounts on which nobody can see who is to be left alone: where the box is there, nothing
    may be written before it is seen; where it may be, it is for the settings to say."""
    for name in PEOPLE:
        if name == "Contact" or name not in names:
            continue
        visible = shapes[name].visible
        if must_show(name, visible, setup):
            yield _required(name, shapes[name], setup)
        if hidden := may_hide(name, visible, setup):
            yield _finding("exclusion_unseen", "warning", name, hidden)


def _fields(
    shapes: Mapping[str, Shape], streams: Mapping[str, Stream], setup: Setup, fields: Sequence[Field]
) -> tuple[dict[str, frozenset[str]], dict[str, frozenset[str]]]:
    """Keys seen and keys editable of every target that is read."""
    present, writable = {}, {}
    for target in setup.targets():
        if SOBJECTS[target] not in streams or (target == PERSON_ACCOUNT and not has_person_accounts(shapes)):
            continue
        shape = shapes[SOBJECTS[target]]
        keys = {field.key: api_name(field.key, target) for field in fields}
        present[target] = frozenset(key for key, name in keys.items() if name in shape.visible)
        writable[target] = frozenset(key for key in present[target] if keys[key] in shape.editable)
    return present, writable


def _ours(
    present: Mapping[str, frozenset[str]], writable: Mapping[str, frozenset[str]], fields: Sequence[Field]
) -> list[Finding]:
    """Fields of ours that are missing, or that our user sees but may not edit."""
    found = []
    for target, there in present.items():
        names = {field.key: api_name(field.key, target) for field in fields}
        missing = [name for key, name in names.items() if key not in there]
        locked = [name for key, name in names.items() if key in there - writable[target]]
        if missing:
            found.append(_finding("fields_missing", "error", target, missing))
        if locked:
            found.append(_finding("fields_not_writable", "error", target, locked))
    return found


def _finding(code: str, severity: str, sobject: str, names: Sequence[str]) -> Finding:
    details = {"platform": "Salesforce", "object": sobject, "fields": ", ".join(dict.fromkeys(names))}
    return Finding(code, severity, details)  # type: ignore[arg-type]  # literals at every call above
