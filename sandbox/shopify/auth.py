"""Who may call: the token endpoint, the token header, and the host that names the shop."""

import hmac
import json
from html import escape

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from sandbox.shopify.runtime import Runtime

TOKEN_HEADER = "x-shopify-access-token"  # noqa: S105  the header's name, no secret
WRONG_TOKEN = "[API] Invalid API key or access token (unrecognized login or wrong password)"  # noqa: S105  a message, no secret
_LOOPBACK = ("127", "localhost", "[")


def knows_host(runtime: Runtime, host: str) -> bool:
    """Say whether a request's host names this shop: its own domain, `<shop>.localhost`, or plain loopback."""
    name = host.lower()
    first = name.split(":")[0].split(".")[0]
    return name.startswith(_LOOPBACK) or first == runtime.state.config.shopify.shop.split(".")[0]


def refuse(runtime: Runtime, request: Request) -> Response | None:
    """Give the answer to a request that may not pass, if it may not."""
    if not knows_host(runtime, request.headers.get("host", "")):
        return JSONResponse({"errors": "Not Found"}, status_code=404)
    if not runtime.tokens.alive(request.headers.get(TOKEN_HEADER)):
        return JSONResponse({"errors": WRONG_TOKEN}, status_code=401)
    return None


async def read_form(request: Request) -> dict[str, str]:
    """Read a token request, sent as a form or as JSON."""
    if "json" in request.headers.get("content-type", ""):
        try:
            body = json.loads(await request.body())
        except ValueError:
            return {}
        return {str(name): str(value) for name, value in body.items()} if isinstance(body, dict) else {}
    return {name: str(value) for name, value in (await request.form()).items()}


async def issue_token(runtime: Runtime, request: Request) -> Response:
    """Answer `POST /admin/oauth/access_token`, the client credentials grant."""
    if not knows_host(runtime, request.headers.get("host", "")):
        return JSONResponse({"errors": "Not Found"}, status_code=404)
    form = await read_form(request)
    keys, config = runtime.state.secrets, runtime.state.config.shopify
    if form.get("grant_type") != "client_credentials":
        return _refusal(
            "unsupported_grant_type", "The authorization grant type is not supported by the server."
        )
    if form.get("client_id") != keys.shopify_client_id:
        name = form.get("client_id", "")
        return _refusal(
            "application_cannot_be_found", f"Could not find Shopify API application with api_key {name}"
        )
    if not hmac.compare_digest(form.get("client_secret", "").encode(), keys.shopify_client_secret.encode()):
        return JSONResponse(
            {
                "error": "invalid_client",
                "error_description": "Client authentication failed: wrong client secret",
            },
            status_code=400,
        )
    return JSONResponse(
        {
            "access_token": runtime.tokens.issue(config.token_seconds),
            "scope": ",".join(config.scopes),
            "expires_in": config.token_seconds,
        }
    )


def _refusal(code: str, message: str) -> Response:
    # The platform answers these with a page for people, not with JSON.
    text = escape(f"Oauth error {code}: {message}")
    return HTMLResponse(
        f"<!DOCTYPE html><html><head><title>400 - {text}</title></head><body><p>{text}</p></body></html>",
        status_code=400,
    )
