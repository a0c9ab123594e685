"""Metafield namespaces: `$app` is stored under the app's own id."""

APP_PREFIX = "app--1"


def stored_namespace(namespace: str | None) -> str:
    """Write out a namespace as it is stored; none at all means the app's own."""
    if namespace is None:
        return APP_PREFIX
    if namespace == "$app" or namespace.startswith("$app:"):
        return APP_PREFIX + namespace.removeprefix("$app").replace(":", "--", 1)
    return namespace
