"""The retry policy, against a sleep that only writes down."""

import pytest

from connectors.errors import MendSettings, Retry, Unavailable, Wait
from connectors.retry import LONGEST_WAIT, SECONDS, TRIES, with_retries


class Flaky:
    """Raises the given errors in turn, then returns 7."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.calls = 0

    def __call__(self) -> int:
        """Fail or return."""
        self.calls += 1
        if self.errors:
            raise self.errors.pop(0)
        return 7


def test_a_call_that_recovers_returns_its_value_after_growing_waits() -> None:
    waits: list[float] = []
    call = Flaky(*[Retry("shopify", "server_error") for _ in range(4)])
    assert with_retries(call, sleep=waits.append) == 7
    assert call.calls == 5
    assert [0.25 * 2**n <= wait <= 0.5 * 2**n for n, wait in enumerate(waits)] == [True] * 4


def test_tries_are_bounded_and_end_in_unavailable_with_the_code() -> None:
    waits: list[float] = []
    call = Flaky(*[Retry("shopify", "server_error", "503") for _ in range(50)])
    with pytest.raises(Unavailable) as failed:
        with_retries(call, sleep=waits.append)
    assert (call.calls, failed.value.code, failed.value.detail) == (TRIES, "server_error", "503")
    assert max(waits) <= LONGEST_WAIT


def test_what_the_platform_asks_to_wait_is_waited_and_only_a_little_more() -> None:
    waits: list[float] = []
    told: list[float] = []
    call = Flaky(Wait("shopify", "throttled", after=12.0), Retry("shopify", "server_error", after=3.0))
    with_retries(call, sleep=waits.append, on_wait=told.append)
    assert 12.0 <= waits[0] <= 12.25
    assert 3.0 <= waits[1] <= 3.25
    assert told == waits[:1], "only waiting for the bucket counts as throttled"


def test_a_wait_longer_than_the_policy_is_not_begun() -> None:
    waits: list[float] = []
    with pytest.raises(Unavailable):
        with_retries(Flaky(Wait("shopify", "too_many_requests", after=SECONDS + 1)), sleep=waits.append)
    assert waits == []


def test_what_no_retry_mends_passes_at_once() -> None:
    call = Flaky(MendSettings("shopify", "unknown_shop"))
    with pytest.raises(MendSettings):
        with_retries(call, sleep=lambda _: None)
    assert call.calls == 1
