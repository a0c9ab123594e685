"""Shopify's global ids, such as gid://shopify/Customer/12."""

import re

_GID = re.compile(r"gid://shopify/([A-Za-z]+)/(\d+)(?:\?.*)?")


def gid(type_name: str, number: int | str) -> str:
    """Write a global id."""
    return f"gid://shopify/{type_name}/{number}"


def parse_gid(text: object) -> tuple[str, int] | None:
    """Read a global id as type and number; None where it is none."""
    found = _GID.fullmatch(text) if isinstance(text, str) else None
    return (found[1], int(found[2])) if found and len(found[2]) < 19 else None


def number_of(text: object, type_name: str) -> int | None:
    """Read the number out of a global id of one type; None where it is of another or none at all."""
    found = parse_gid(text)
    return found[1] if found and found[0] == type_name else None
