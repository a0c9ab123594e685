"""The routes of the shop: GraphQL, REST, tokens, bulk results and staged uploads."""

from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Route

from sandbox.shopify import rest
from sandbox.shopify.auth import issue_token, refuse
from sandbox.shopify.bulk_job import result_file
from sandbox.shopify.graphql_api import answer_graphql
from sandbox.shopify.mutations import MUTATIONS
from sandbox.shopify.queries import QUERIES
from sandbox.shopify.runtime import Runtime, new_runtime
from sandbox.shopify.schema import admin_schema
from sandbox.shopify.staged import receive_upload
from sandbox.shopify.tables import create_indexes
from sandbox.shopify.versions import served_version

if TYPE_CHECKING:
    from sandbox.state import State


def routes(state: "State") -> list[Route]:
    """Give the routes that serve this sandbox's shop; builds the schema, so that no request waits for it."""
    admin_schema()
    with state.writing() as db:
        create_indexes(db)
    runtime = new_runtime(state, QUERIES | MUTATIONS)

    async def token(request: Request) -> Response:
        return await issue_token(runtime, request)

    async def graphql(request: Request) -> Response:
        version = served_version(request.path_params.get("version", "unstable"))
        if version is None:
            return JSONResponse({"errors": "Not Found"}, status_code=404)
        refusal = refuse(runtime, request)
        if refusal is not None:
            return refusal
        body, kind = await request.body(), request.headers.get("content-type", "")
        return await run_in_threadpool(answer_graphql, runtime, body, kind, version)

    async def staged(request: Request) -> Response:
        return await receive_upload(runtime, request)

    def result(request: Request) -> Response:
        return _result(runtime, request)

    return [
        Route("/admin/oauth/access_token", token, methods=["POST"]),
        Route("/admin/api/{version}/graphql.json", graphql, methods=["POST"]),
        Route("/admin/api/graphql.json", graphql, methods=["POST"]),
        Route("/_staged/", staged, methods=["POST"]),
        Route("/_bulk/{name}", result, methods=["GET"]),
        *rest.routes(runtime),
    ]


def _result(runtime: Runtime, request: Request) -> Response:
    number = runtime.results.get(request.query_params.get("Signature", ""))
    if number is None or request.path_params["name"] != f"bulk-{number}.jsonl":
        return Response(
            "<Error><Code>SignatureDoesNotMatch</Code></Error>", 403, media_type="application/xml"
        )
    path = result_file(runtime, number)
    headers = {"Content-Disposition": request.query_params["response-content-disposition"]}
    return FileResponse(path, headers=headers, media_type="application/jsonl")
