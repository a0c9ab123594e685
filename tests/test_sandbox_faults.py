"""Faults on demand over real sockets: which exchange they spoil, how, and how often."""

import time
from collections.abc import Callable
from typing import Any

import pytest
import requests

Start = Callable[..., dict[str, Any]]
TIMEOUT = 10


def get(url: str, **options: Any) -> requests.Response:
    return requests.get(url, timeout=TIMEOUT, **options)


def set_faults(url: str, *rules: dict[str, Any]) -> None:
    assert requests.post(f"{url}/_sandbox/faults", json=rules, timeout=TIMEOUT).status_code == 200


def served(url: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = get(f"{url}/_sandbox/requests").json()["requests"]
    return found


def ask_shop(ready: dict[str, Any], query: str) -> requests.Response:
    return requests.post(
        f"{ready['shopify']['url']}/admin/api/2026-10/graphql.json",
        json={"query": query},
        headers={"X-Shopify-Access-Token": ready["shopify"]["access_token"]},
        timeout=TIMEOUT,
    )


def test_a_fault_passes_skip_times_and_then_strikes_so_many_times(sandbox: Start) -> None:
    url = sandbox()["salesforce"]["url"]
    rule = {"platform": "salesforce", "path": "^/services/data", "fault": "status", "status": 503}
    set_faults(url, rule | {"retry_after": "4.0", "skip": 1, "times": 2})
    answers = [get(f"{url}/services/data/") for _ in range(4)]
    assert [one.status_code for one in answers] == [200, 503, 503, 200]
    assert answers[1].headers["Retry-After"] == "4.0"
    assert [one["fault"] for one in served(url)] == [None, "status", "status", None]


def test_a_fault_strikes_only_what_it_names(sandbox: Start) -> None:
    url = sandbox()["salesforce"]["url"]
    set_faults(url, {"platform": "shopify", "fault": "status", "times": None})
    assert get(f"{url}/services/data/").status_code == 200
    assert get(f"{url}/admin/anything").status_code == 503
    set_faults(url, {"method": "POST", "contains": "needle", "fault": "status", "times": None})
    address = f"{url}/services/oauth2/token"
    assert get(f"{url}/services/data/").status_code == 200
    assert requests.post(address, data={"a": "hay"}, timeout=TIMEOUT).status_code != 503
    assert requests.post(address, data={"a": "needle"}, timeout=TIMEOUT).status_code == 503


def test_an_empty_list_takes_all_faults_back(sandbox: Start) -> None:
    url = sandbox(toml="[[faults]]\nfault = 'status'\nstatus = 500\ntimes = 1000")["salesforce"]["url"]
    assert get(f"{url}/services/data/").status_code == 500
    set_faults(url)
    assert get(f"{url}/services/data/").status_code == 200


def test_a_reset_cuts_the_connection_before_anything_is_done(sandbox: Start) -> None:
    url = sandbox()["salesforce"]["url"]
    set_faults(url, {"fault": "reset"})
    with pytest.raises(requests.ConnectionError, match="reset"):
        get(f"{url}/services/data/")
    assert get(f"{url}/services/data/").status_code == 200
    assert [one["status"] for one in served(url)] == [0, 200]


def test_a_reset_works_under_tls_too(sandbox: Start) -> None:
    ready = sandbox(tls=True)
    url, verify = ready["shopify"]["url"], ready["ca_file"]
    requests.post(f"{url}/_sandbox/faults", json=[{"fault": "reset"}], timeout=TIMEOUT, verify=verify)
    with pytest.raises(requests.ConnectionError):
        get(f"{url}/services/data/", verify=verify)
    assert get(f"{url}/services/data/", verify=verify).status_code == 200


def test_a_lost_answer_is_work_done_that_nobody_hears_of(sandbox: Start) -> None:
    ready = sandbox()["salesforce"]
    contacts = f"{ready['url']}/services/data/v67.0/sobjects/Contact"
    login = {"Authorization": f"Bearer {ready['access_token']}"}
    set_faults(ready["url"], {"fault": "lost_answer", "method": "POST"})
    with pytest.raises(requests.ConnectionError):
        requests.post(contacts, json={"LastName": "Lost"}, headers=login, timeout=TIMEOUT)
    assert "Lost" in get(f"{ready['url']}/pages/salesforce/Contact").text
    assert [one["status"] for one in served(ready["url"])] == [0]


def test_a_cut_off_answer_ends_in_the_middle(sandbox: Start) -> None:
    url = sandbox()["salesforce"]["url"]
    set_faults(url, {"fault": "cut_off"})
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        get(f"{url}/services/data/")
    assert get(f"{url}/services/data/").status_code == 200


def test_a_slow_answer_comes_late(sandbox: Start) -> None:
    url = sandbox()["salesforce"]["url"]
    set_faults(url, {"fault": "slow", "seconds": 0.3})
    began = time.perf_counter()
    assert get(f"{url}/services/data/").status_code == 200
    assert time.perf_counter() - began >= 0.3


def test_a_throttled_shop_answers_200_with_the_code(sandbox: Start) -> None:
    ready = sandbox(toml="[[faults]]\nplatform = 'shopify'\nfault = 'throttle'")
    answer = ask_shop(ready, "{ shop { name } }")
    assert answer.status_code == 200
    assert answer.json()["errors"][0]["extensions"]["code"] == "THROTTLED"
    assert "data" in ask_shop(ready, "{ shop { name } }").json()


def test_an_expired_token_is_refused_in_each_platforms_own_shape(sandbox: Start) -> None:
    ready = sandbox(toml="[[faults]]\nfault = 'expired_token'\ntimes = 2")
    assert ask_shop(ready, "{ shop { name } }").status_code == 401
    answer = get(
        f"{ready['salesforce']['url']}/services/data/v67.0/limits",
        headers={"Authorization": f"Bearer {ready['salesforce']['access_token']}"},
    )
    assert answer.status_code == 401
    assert answer.json()[0]["errorCode"] == "INVALID_SESSION_ID"


@pytest.mark.parametrize(
    "rules", ['[{"fault": "earthquake"}]', '[{"fault": "reset", "tims": 1}]', "{}", "no"]
)
def test_a_bad_rule_is_refused(sandbox: Start, rules: str) -> None:
    url = sandbox()["shopify"]["url"]
    answer = requests.post(f"{url}/_sandbox/faults", data=rules, timeout=TIMEOUT)
    assert answer.status_code == 400 and answer.json()["error"]
