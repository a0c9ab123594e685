"""The errors the org answers with: a status, an errorCode, a message, and the fields it is about."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class RowError:
    """Why one record was refused; `code` is Salesforce's errorCode (statusCode in collections)."""

    code: str
    message: str
    fields: tuple[str, ...] = ()

    def in_collection(self) -> dict[str, Any]:
        """Give the form that sObject collections answer with."""
        return {"statusCode": self.code, "message": self.message, "fields": list(self.fields)}

    def in_bulk(self) -> str:
        """Give the text that stands in `sf__Error` of a bulk result file."""
        return f"{self.code}:{self.message}:{','.join(self.fields)} --"


class SalesforceError(Exception):
    """A whole request is refused; `routes` turns it into Salesforce's array of errors."""

    def __init__(self, status: int, code: str, message: str, fields: tuple[str, ...] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.fields = fields

    def body(self) -> list[dict[str, Any]]:
        """Give the JSON body."""
        error: dict[str, Any] = {"message": self.message, "errorCode": self.code}
        if self.fields is not None:
            error["fields"] = list(self.fields)
        return [error]


def not_found() -> SalesforceError:
    """Make the answer to a path that leads nowhere, unknown objects included."""
    return SalesforceError(404, "NOT_FOUND", "The requested resource does not exist")


def malformed_query(message: str) -> SalesforceError:
    """Make the answer to SOQL that cannot be read."""
    return SalesforceError(400, "MALFORMED_QUERY", message)


def invalid_type(name: str) -> SalesforceError:
    """Make the answer to SOQL over an object that does not exist."""
    return SalesforceError(
        400,
        "INVALID_TYPE",
        f"sObject type '{name}' is not supported. If you are attempting to use a custom object, be sure to "
        "append "
        "the '__c' after the entity name. Please reference your WSDL or the describe call for the "
        "appropriate "
        "names.",
    )


def invalid_session() -> SalesforceError:
    """Make the answer to a missing, unknown or expired access token."""
    return SalesforceError(401, "INVALID_SESSION_ID", "Session expired or invalid")
