"""Where the merchant's box for people who are to be left alone has to be seen, and where nobody can tell.

Describe leaves out a field that field-level security hides just as one that does not exist, INVALID_FIELD
says "no such column" of both, and `FieldPermissions` is only for who may view the setup (object reference).
So a box that is not seen on leads may be hidden or may never have been made; only the settings can say which.
"""

from __future__ import annotations

from connectors.salesforce.columns import IS_PERSON, person_column
from connectors.salesforce.streams import Setup


def must_show(stream: str, visible: frozenset[str], setup: Setup) -> list[str]:
    """The columns of a stream of people that are there for certain: the box on what the settings name, on
    Contact where they name nothing, and its mirror wherever Contact has it: an org makes that by itself."""
    box = setup.exclude_field
    if box is None:
        return []
    on_contacts = not setup.exclude_on or "Contact" in setup.exclude_on
    found = [box] if stream in setup.exclude_on or (stream == "Contact" and on_contacts) else []
    if stream == "Account" and IS_PERSON in visible and on_contacts:
        found.append(person_column(box))
    return found


def may_hide(stream: str, visible: frozenset[str], setup: Setup) -> list[str]:
    """The box, where it is not seen on leads or businesses and the settings do not say if it is there."""
    read = ("Lead",) if setup.accounts == "never" else ("Lead", "Account")
    box = setup.exclude_field
    unsure = box is not None and not setup.exclude_on and stream in read and box not in visible
    return [box] if unsure and box else []
