"""What a GraphQL request can be told in its top-level `errors`."""

from typing import Any

ACCESS_DOCUMENTATION = "https://shopify.dev/api/usage/access-scopes"
LIMITS_DOCUMENTATION = "https://shopify.dev/api/usage/rate-limits"


class Problem(Exception):
    """One entry of a response's `errors`; the field it befalls answers null."""

    def __init__(self, message: str, *, code: str | None = None, **extensions: Any) -> None:
        super().__init__(message)
        self.message = message
        self.extensions: dict[str, Any] = ({"code": code} if code else {}) | extensions

    def as_json(self, path: list[str] | None = None) -> dict[str, Any]:
        """Write the entry as the platform does; `path` holds response keys."""
        entry: dict[str, Any] = {"message": self.message}
        if self.extensions:
            entry["extensions"] = self.extensions
        return entry | ({"path": path} if path else {})


def access_denied(field: str, scope: str) -> Problem:
    """Say that a field needs a scope that the app was not granted."""
    required = f"`{scope}` access scope."
    return Problem(
        f"Access denied for {field} field. Required access: {required}",
        code="ACCESS_DENIED",
        documentation=ACCESS_DOCUMENTATION,
        requiredAccess=required,
    )


def not_approved(object_name: str) -> Problem:
    """Say that the app is not approved for protected customer data."""
    return Problem(
        f"This app is not approved to access the {object_name} object. "
        "See https://shopify.dev/docs/apps/launch/protected-customer-data for more details.",
        code="ACCESS_DENIED",
        documentation=ACCESS_DOCUMENTATION,
    )


def invalid_id(value: object) -> Problem:
    """Say that a global id is none."""
    return Problem(f"Invalid global id '{value}'", code="argumentLiteralsIncompatible")
