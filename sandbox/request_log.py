"""What the sandbox served: so that the cost of a client can be measured from outside of it."""

import threading
from collections import deque
from dataclasses import asdict, dataclass
from typing import Any

KEPT = 200_000


@dataclass(frozen=True)
class Served:
    """One answered request: sizes in bytes, time in seconds, cost in Shopify's points where it has one."""

    platform: str
    method: str
    path: str
    status: int
    """0 where the connection was reset instead of answered."""
    bytes_in: int
    bytes: int
    seconds: float
    cost: float | None
    at: str
    fault: str | None


class RequestLog:
    """The last requests served, oldest first; safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._served: deque[Served] = deque(maxlen=KEPT)
        self.under_way = 0
        """Requests that have come and are not noted yet."""

    def begin(self) -> None:
        """A request has come; `add` follows."""
        with self._lock:
            self.under_way += 1

    def add(self, served: Served) -> None:
        """Note one request."""
        with self._lock:
            self.under_way -= 1
            self._served.append(served)

    def clear(self) -> None:
        """Forget all requests."""
        with self._lock:
            self._served.clear()

    def as_json(self) -> dict[str, Any]:
        """Give every request, and the number and cost of them per platform."""
        with self._lock:
            served = list(self._served)
        totals: dict[str, dict[str, float]] = {
            name: {"requests": 0, "cost": 0} for name in ("shopify", "salesforce")
        }
        for one in served:
            totals[one.platform]["requests"] += 1
            totals[one.platform]["cost"] += one.cost or 0
        return {"totals": totals, "requests": [asdict(one) for one in served]}
