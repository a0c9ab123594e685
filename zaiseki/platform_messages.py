"""The sentence for an error of a platform: its own where the catalogue has one, else by what to do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from connectors.base import Connector
from connectors.errors import BudgetSpent, ConnectorError, JobFailed, MendSettings, TokenRefused, Unavailable
from metrics.fields import Language
from zaiseki.messages import Message, errors, explain
from zaiseki.world import title

BY_KIND: tuple[tuple[type[ConnectorError], str], ...] = (
    (Unavailable, "platform_unavailable"),
    (TokenRefused, "token_refused"),
    (BudgetSpent, "budget_spent"),
    (JobFailed, "job_failed"),
    (MendSettings, "mend_settings"),
    (ConnectorError, "unexpected_answer"),
)


@contextmanager
def errors_of(connector: Connector) -> Iterator[None]:
    """Errors of the platform that leave the block say which account they are of."""
    try:
        yield
    except ConnectorError as error:
        error.details = {**error.details, "connector": connector.name}
        raise


def platform_message(error: ConnectorError, language: Language) -> Message:
    """What happened on which platform and the next step; one of several shops is told with its name.

    Messages may use the error's own details and `platform`, `code`, `detail` (the connector's short fact),
    `fact` (code and detail) and `variables` (what the names of the platform's secrets begin with).
    """
    code, connector = error.code, error.details.get("connector", error.platform)
    if code not in errors():
        code = next(name for kind, name in BY_KIND if isinstance(error, kind))
    message = explain(
        code,
        language,
        **{
            **error.details,
            "platform": error.platform.capitalize(),
            "variables": f"ZAISEKI_{connector.replace(':', '_').upper()}_…",
            "code": error.code,
            "detail": error.detail,
            "fact": f"{error.code} {error.detail}".strip(),
        },
    )
    if connector == error.platform:
        return message
    return replace(message, text=f"{title(connector)}: {message.text}")
