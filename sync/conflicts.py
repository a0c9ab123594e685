"""Whether names can be one person's: predicates over two rows that hold the nine name columns.

Only forms of one script are compared. Two names of a script are the same where they are equal whole, or with
family and given name changed round. They conflict where they are not the same, and the given names, or the
family names, or, where parts are not known, the wholes are both known and differ. They agree where they are
the same, or where the given names are equal. Different scripts say nothing.

A word that stands alone for a family name may be something else: a short whole name (関純), or the given name
of one who changed the fields round. It is no other family name then.
"""

from __future__ import annotations

from collections.abc import Iterable

SCRIPTS = ("han", "kana", "latin")
COLUMNS = tuple(f"{script}_{part}" for script in SCRIPTS for part in ("family", "given", "whole"))
"""The name columns of `records`."""


def conflict(a: str, b: str) -> str:
    """The names of rows `a` and `b` cannot be one person's, in some script."""
    return _any(
        f"(NOT {_same(a, b, s)} AND ({_given_differs(a, b, s)} OR {_family_differs(a, b, s)}"
        f" OR {_whole_differs(a, b, s)}))"
        for s in SCRIPTS
    )


def given_conflict(a: str, b: str) -> str:
    """As `conflict`, without the family names: these may change, by marriage."""
    return _any(
        f"(NOT {_same(a, b, s)} AND ({_given_differs(a, b, s)} OR {_whole_differs(a, b, s)}))"
        for s in SCRIPTS
    )


def address_conflict(a: str, b: str) -> str:
    """As `conflict`, for two who share an address: another family name beside the same given name is a
    marriage there, not another person."""
    return _any(
        f"(NOT {_same(a, b, s)} AND ({_given_differs(a, b, s)} OR {_whole_differs(a, b, s)}"
        f" OR ({_family_differs(a, b, s)} AND NOT {_equal(f'{a}.{s}_given', f'{b}.{s}_given')})))"
        for s in SCRIPTS
    )


def agree(a: str, b: str) -> str:
    """The names agree in some script; to be asked only of rows that do not conflict."""
    return _any(f"({_same(a, b, s)} OR {_equal(f'{a}.{s}_given', f'{b}.{s}_given')})" for s in SCRIPTS)


def tells() -> str:
    """Whether a row's name is enough to agree with another: a family name alone is not."""
    return f"coalesce({', '.join(name for name in COLUMNS if not name.endswith('family'))}) IS NOT NULL"


def form() -> str:
    """One number for all nine columns of a row, null if there is no name at all."""
    columns = ", ".join(COLUMNS)
    return f"CASE WHEN coalesce({columns}) IS NOT NULL THEN hash({columns}) END"


def people(a: str) -> str:
    """How many different people's names a group of rows `a` bears, as an aggregate: the given names, or the
    family names where there is none, of the script that has most."""
    counts = [f"count(DISTINCT coalesce({a}.{s}_given, {a}.{s}_family, {a}.{s}_whole))" for s in SCRIPTS]
    return f"greatest({', '.join(counts)})"


def several_names(a: str) -> str:
    """Whether a group of rows `a` can hold a `given_conflict`, as an aggregate."""
    columns = (f"{a}.{script}_{part}" for script in SCRIPTS for part in ("given", "whole"))
    return _any(f"coalesce(min({column}) <> max({column}), false)" for column in columns)


def _same(a: str, b: str, s: str) -> str:
    lone = (
        f"({one}.{s}_given IS NULL AND {_equal(f'{one}.{s}_family', f'{other}.{s}_whole')})"
        for one, other in ((a, b), (b, a))
    )
    whole, family, given = (
        _equal(f"{a}.{s}_{here}", f"{b}.{s}_{there}")
        for here, there in (("whole", "whole"), ("family", "given"), ("given", "family"))
    )
    return _any([whole, f"({family} AND {given})", *lone])


def _given_differs(a: str, b: str, s: str) -> str:
    return _differ(f"{a}.{s}_given", f"{b}.{s}_given")


def _family_differs(a: str, b: str, s: str) -> str:
    """One that stands alone does not differ where it is the other's given name."""
    lone = (
        f"NOT ({one}.{s}_given IS NULL AND {_equal(f'{one}.{s}_family', f'{other}.{s}_given')})"
        for one, other in ((a, b), (b, a))
    )
    return f"({_differ(f'{a}.{s}_family', f'{b}.{s}_family')} AND {' AND '.join(lone)})"


def _whole_differs(a: str, b: str, s: str) -> str:
    """Of names of which one is not known in parts."""
    unparted = _any(f"{one}.{s}_given IS NULL" for one in (a, b))
    return f"({unparted} AND {_differ(f'{a}.{s}_whole', f'{b}.{s}_whole')})"


def _equal(a: str, b: str) -> str:
    return f"coalesce({a} = {b}, false)"


def _differ(a: str, b: str) -> str:
    return f"coalesce({a} <> {b}, false)"


def _any(conditions: Iterable[str]) -> str:
    return f"({' OR '.join(conditions)})"
