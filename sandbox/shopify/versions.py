"""API versions in the path: the served ones, and falling forward from older ones."""

import re

from sandbox.shopify.schema import SUPPORTED_VERSIONS

_VERSION = re.compile(r"\d{4}-(01|04|07|10)")


def served_version(asked: str) -> str | None:
    """Give the version that answers a request; an older one falls forward, an unknown one is None."""
    if asked == "unstable" or asked in SUPPORTED_VERSIONS:
        return asked
    if not _VERSION.fullmatch(asked):
        return None
    return SUPPORTED_VERSIONS[0] if asked < SUPPORTED_VERSIONS[0] else None
