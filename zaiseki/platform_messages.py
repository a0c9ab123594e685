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
    """What happened on which platform and the next step.

    Messages may use the error's own details and `platform`, `code`, `detail` (the connector's short fact),
    `fact` (code and detail) and `variables` (what the names of the platform's secrets begin with).
    """
    code = error.code
    if code not in errors():
        code = next(name for kind, name in BY_KIND if isinstance(error, kind))
    return explain(
        code,
        language,
        **{
            **error.details,
            "platform": error.platform.capitalize(),
            "variables": f"ZAISEKI_{error.platform.upper()}_…",
            "code": error.code,
            "detail": error.detail,
            "fact": f"{error.code} {error.detail}".strip(),
        },
    )
