"""The one retry policy: jittered, bounded in tries and in time, obeying what the platform asks for."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable
from typing import TypeVar

from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt, stop_before_delay

from connectors.errors import Retry, Unavailable, Wait

T = TypeVar("T")

TRIES = 8
"""How often one call is sent at most."""
SECONDS = 600.0
"""How long one call is tried at most, unless the environment says; a wait that would pass it is not begun."""
ENVIRONMENT_NAME = "ZAISEKI_RETRY_SECONDS"
FIRST_WAIT = 0.5
LONGEST_WAIT = 60.0


def wait_seconds(state: RetryCallState) -> float:
    """Seconds until the next try: what the platform asked for, else exponential with full jitter."""
    error = state.outcome.exception() if state.outcome else None
    if isinstance(error, Retry) and error.after is not None:
        return error.after + random.uniform(0.0, 0.25)  # noqa: S311 - jitter needs no secrecy
    ceiling = min(LONGEST_WAIT, FIRST_WAIT * 2 ** (state.attempt_number - 1))
    return random.uniform(ceiling / 2, ceiling)  # noqa: S311


def seconds_allowed() -> float:
    """How long one call is tried at most: what the operator set in the environment, else `SECONDS`."""
    return float(os.environ.get(ENVIRONMENT_NAME) or SECONDS)


def with_retries(
    call: Callable[[], T],
    *,
    sleep: Callable[[float], None] = time.sleep,
    on_wait: Callable[[float], None] | None = None,
) -> T:
    """Return `call()`, repeated after each `Retry` until it succeeds or the policy is exhausted.

    `on_wait` is told the seconds spent waiting for a cost bucket. Raises `Unavailable` when the last try
    failed; every other error passes at once.
    """

    def note(state: RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        if on_wait and isinstance(error, Wait) and state.next_action:
            on_wait(state.next_action.sleep)

    policy = Retrying(
        retry=retry_if_exception_type(Retry),
        wait=wait_seconds,
        stop=stop_after_attempt(TRIES) | stop_before_delay(seconds_allowed()),
        sleep=sleep,
        before_sleep=note,
        reraise=True,
    )
    try:
        return policy(call)
    except Retry as error:
        raise Unavailable(error.platform, error.code, error.detail) from error
