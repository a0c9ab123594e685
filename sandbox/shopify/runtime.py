"""What lives as long as the sandbox does and is no data: the bucket, issued tokens, parsed queries."""

import secrets
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sandbox.shopify.cost import Bucket, bucket_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.shopify.execute import Resolver
    from sandbox.state import State

DEAD_TOKENS_KEPT = 1_000


class Tokens:
    """The access tokens: the fixed one lives for ever, issued ones for a while of wall time."""

    def __init__(self, fixed: str) -> None:
        self._lock = threading.Lock()
        self._fixed = fixed
        self._ends: dict[str, float] = {}

    def issue(self, seconds: int) -> str:
        """Make a new token that lives this long."""
        token = "shpat_" + secrets.token_hex(16)
        with self._lock:
            self._ends[token] = time.monotonic() + seconds
            while len(self._ends) > DEAD_TOKENS_KEPT:
                self._ends.pop(next(iter(self._ends)))
        return token

    def alive(self, token: str | None) -> bool:
        """Say whether a token is good now."""
        if token is None:
            return False
        if secrets.compare_digest(token.encode(), self._fixed.encode()):
            return True
        with self._lock:
            return self._ends.get(token, 0.0) > time.monotonic()


@dataclass
class Runtime:
    """One shop being served."""

    state: "State"
    bucket: Bucket
    tokens: Tokens
    resolvers: "Mapping[str, Resolver]"
    """What answers each root field, queries and mutations."""
    upload_keys: dict[str, str] = field(default_factory=dict)
    """Signature of each staged upload by its key."""
    results: dict[str, int] = field(default_factory=dict)
    """Bulk operation by the signature of its result's address."""
    canceled: set[int] = field(default_factory=set)
    """Bulk operations that are to stop."""


def new_runtime(state: "State", resolvers: "Mapping[str, Resolver]") -> Runtime:
    """Make the runtime of a shop."""
    return Runtime(
        state=state,
        bucket=bucket_of(state.config.shopify.plan),
        tokens=Tokens(state.secrets.shopify_access_token),
        resolvers=resolvers,
    )
