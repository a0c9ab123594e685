"""What can go wrong with a platform, grouped by what to do about it.

No message here ever holds a person's data or a secret: platform, place, code and request id only.
"""

from __future__ import annotations

from connectors.base import Platform


class ConnectorError(Exception):
    """A platform did not do what was asked. `code` names the message people read; `details` fill it."""

    def __init__(self, platform: Platform, code: str, detail: str = "", **details: str) -> None:
        super().__init__(f"{platform}: {code}: {detail}" if detail else f"{platform}: {code}")
        self.platform = platform
        self.code = code
        self.detail = detail
        self.details = details


class Retry(ConnectorError):
    """Try the same call again soon: resets, time-outs, 5xx, locks. Safe, because our writes set values."""

    def __init__(
        self, platform: Platform, code: str, detail: str = "", *, after: float | None = None
    ) -> None:
        super().__init__(platform, code, detail)
        self.after = after
        """Seconds the platform asked us to wait, if it said so."""


class Wait(Retry):
    """The budget is empty for the moment (cost bucket, 429): wait `after` seconds, then the same call."""


class TokenRefused(ConnectorError):
    """The token is no longer taken: fetch another once and repeat the call."""


class MendSettings(ConnectorError):
    """Nothing will help but a change of settings, credentials, scopes, or field access."""


class BudgetSpent(ConnectorError):
    """The platform's quota for the day is used up; the next run goes on where this one stops."""


class Unavailable(ConnectorError):
    """The platform could not be reached or kept failing after every try."""


class UnexpectedAnswer(ConnectorError):
    """The platform answered in a form that this version does not know; look at `detail`."""


class JobFailed(ConnectorError):
    """A job on the platform's side ended without a result; the same work may be asked for again."""
