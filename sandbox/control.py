"""The sandbox's own switches under /_sandbox: faults, the request log, and scenarios laid on top."""

import asyncio
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.errors import ScenarioError
from sandbox.faults import Rule
from sandbox.scenario import apply_scenario
from sandbox.state import State

RULES = TypeAdapter(list[Rule])
NOTED_TRIES = 60


def routes(state: State) -> list[Route]:
    """Give the control routes."""

    async def set_faults(request: Request) -> Response:
        try:
            rules = RULES.validate_json(await request.body())
        except ValidationError as error:
            return JSONResponse({"error": str(error)}, status_code=400)
        state.faults.replace(rules)
        return JSONResponse({"rules": len(rules)})

    async def apply(request: Request) -> Response:
        try:
            folder = Path((await request.json())["scenario"])
            counts = await run_in_threadpool(apply_scenario, state, folder)
        except (ValueError, KeyError, TypeError) as error:
            reason = str(error) if isinstance(error, ScenarioError) else 'send {"scenario": "DIR"}'
            return JSONResponse({"error": reason}, status_code=400)
        return JSONResponse({"now": state.stamp(), "rows": counts})

    async def requests(request: Request) -> Response:
        if request.method == "DELETE":
            state.requests.clear()
            return Response(status_code=204)
        # A client has its answer a moment before it is noted here: who asks right then must not miss it.
        for _ in range(NOTED_TRIES):
            if not state.requests.under_way:
                break
            await asyncio.sleep(0.005)
        answer: dict[str, Any] = await run_in_threadpool(state.requests.as_json)
        return JSONResponse(answer)

    return [
        Route("/_sandbox/faults", set_faults, methods=["POST"]),
        Route("/_sandbox/apply", apply, methods=["POST"]),
        Route("/_sandbox/requests", requests, methods=["GET", "DELETE"]),
    ]
