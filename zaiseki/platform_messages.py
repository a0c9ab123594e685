"""The sentence for an error of a platform: its own where the catalogue has one, else by what to do."""

from __future__ import annotations

from connectors.errors import BudgetSpent, ConnectorError, JobFailed, MendSettings, TokenRefused, Unavailable
from metrics.fields import Language
from zaiseki.messages import Message, errors, explain

BY_KIND: tuple[tuple[type[ConnectorError], str], ...] = (
    (Unavailable, "platform_unavailable"),
    (TokenRefused, "token_refused"),
    (BudgetSpent, "budget_spent"),
    (JobFailed, "job_failed"),
    (MendSettings, "mend_settings"),
    (ConnectorError, "unexpected_answer"),
)


def platform_message(error: ConnectorError, language: Language) -> Message:
    """What happened on which platform and the next step; `detail` is the connector's own short fact."""
    details = {"detail": error.detail, **error.details, "platform": error.platform.capitalize()}
    code = error.code
    if code not in errors():
        code = next(name for kind, name in BY_KIND if isinstance(error, kind))
    return explain(code, language, **{**details, "code": error.code})
