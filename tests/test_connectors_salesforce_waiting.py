"""Bulk jobs that never end: they are given up after a bounded time, and aborted on the platform."""

import json
from typing import Literal

import pytest
import responses
from salesforce_org import DATA, calls, rest_api

from connectors.errors import JobFailed
from connectors.salesforce.waiting import STUCK_SECONDS, ended_job


@pytest.mark.parametrize("kind", ["query", "ingest"])
@responses.activate
def test_a_stuck_job_is_aborted_so_that_no_later_run_waits_for_it(kind: Literal["query", "ingest"]) -> None:
    tail = f"{DATA}/jobs/{kind}/750A"
    responses.get(tail, json={"state": "InProgress", "numberRecordsProcessed": 5})
    responses.patch(tail, json={"state": "Aborted"})
    slept: list[float] = []
    with pytest.raises(JobFailed):
        ended_job(rest_api(slept), kind, "750A")
    (aborted,) = calls("PATCH", f"jobs/{kind}/750A")
    assert json.loads(aborted.body) == {"state": "Aborted"}
    assert STUCK_SECONDS <= sum(slept) < 2 * STUCK_SECONDS
