"""The sandbox's clock: it starts where the scenario says and ticks at wall speed."""

import threading
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

STAMP_FORMAT = "%Y-%m-%dT%H:%M:%SZ"


def stamp_text(at: datetime) -> str:
    """Write an aware time as stored text: UTC, whole seconds, so that text order is time order."""
    utc = at.astimezone(UTC)
    # strftime does not pad years below 1000 on Linux; isoformat does.
    return utc.replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def parse_stamp(text: str) -> datetime:
    """Read stored text back as an aware UTC datetime."""
    return datetime.strptime(text, STAMP_FORMAT).replace(tzinfo=UTC)


class Clock:
    """A settable clock; safe to use from any thread."""

    def __init__(self, start: datetime) -> None:
        self._lock = threading.Lock()
        self._start = start.astimezone(UTC)
        self._set_at = time.monotonic()

    def now(self) -> datetime:
        """Give the sandbox's present time, aware, in UTC."""
        with self._lock:
            return self._start + timedelta(seconds=time.monotonic() - self._set_at)

    def set(self, at: datetime) -> None:
        """Move the clock to an aware time; it ticks on from there."""
        with self._lock:
            self._start = at.astimezone(UTC)
            self._set_at = time.monotonic()

    def http_date(self) -> str:
        """Give the present time as an HTTP `Date` header (RFC 9110)."""
        return format_datetime(self.now().replace(microsecond=0), usegmt=True)
