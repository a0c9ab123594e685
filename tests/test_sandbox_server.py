"""The shell of the sandbox over real sockets: ready line, request log, apply, TLS."""

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest
import requests

Start = Callable[..., dict[str, Any]]
Scenario = Callable[..., Path]
TIMEOUT = 10


def get(url: str, **options: Any) -> requests.Response:
    return requests.get(url, timeout=TIMEOUT, **options)


def served(url: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = get(f"{url}/_sandbox/requests").json()["requests"]
    return found


def start_process(folder: Path, *options: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "sandbox", "--scenario", str(folder), *options]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def ask_shop(ready: dict[str, Any], query: str) -> requests.Response:
    return requests.post(
        f"{ready['shopify']['url']}/admin/api/2026-10/graphql.json",
        json={"query": query},
        headers={"X-Shopify-Access-Token": ready["shopify"]["access_token"]},
        timeout=TIMEOUT,
    )


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_the_process_says_in_one_line_how_to_reach_it_and_leaves_nothing(
    scenario: Scenario, stop: signal.Signals
) -> None:
    with start_process(scenario({}, '[shopify]\nshop = "my-shop"')) as process:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        assert set(ready["shopify"]) == {"url", "shop", "client_id", "client_secret", "access_token"}
        assert {"url", "client_id", "client_secret", "access_token"} <= set(ready["salesforce"])
        assert ready["shopify"]["shop"] == "my-shop.myshopify.com"
        key_file = Path(ready["salesforce"]["private_key_file"])
        assert "PRIVATE KEY" in key_file.read_text()
        assert get(ready["pages"]).status_code == 200
        process.send_signal(stop)
        rest, errors = process.communicate(timeout=TIMEOUT)
    assert (process.returncode, rest, errors) == (0, "", "")
    assert not key_file.parent.exists()


def test_a_bad_scenario_is_one_line_and_exit_code_1(scenario: Scenario) -> None:
    with start_process(scenario({"shopify_customers": [{"id": 1, "colour": "red"}]})) as process:
        out, errors = process.communicate(timeout=TIMEOUT)
    assert process.returncode == 1
    assert out == ""
    assert errors.count("\n") == 1 and "shopify_customers.csv" in errors and "colour" in errors


def test_a_taken_port_is_one_line_and_exit_code_1(sandbox: Start, scenario: Scenario) -> None:
    port = sandbox()["pages"].split(":")[2].split("/")[0]
    with start_process(scenario(), "--port", port) as process:
        _, errors = process.communicate(timeout=TIMEOUT)
    assert process.returncode == 1
    assert errors.count("\n") == 1 and port in errors


def test_only_this_machine_can_connect(sandbox: Start) -> None:
    assert sandbox()["shopify"]["url"].startswith("http://127.0.0.1:")


def test_the_date_header_is_the_sandboxs_clock(sandbox: Start) -> None:
    url = sandbox(toml='now = "1998-06-30T16:00:00Z"')["salesforce"]["url"]
    dates = get(f"{url}/services/data/").headers["Date"]
    assert parsedate_to_datetime(dates).year == 1998


def test_the_log_holds_what_was_served_and_can_be_emptied(sandbox: Start) -> None:
    url = sandbox()["salesforce"]["url"]
    answer = get(f"{url}/services/data/")
    get(f"{url}/admin/nowhere")
    get(f"{url}/pages/")
    first, second = served(url)
    assert (first["platform"], first["method"], first["path"]) == ("salesforce", "GET", "/services/data/")
    assert (first["status"], first["bytes"]) == (answer.status_code, len(answer.content))
    assert first["seconds"] > 0
    assert (second["platform"], second["status"]) == ("shopify", 404)
    totals = get(f"{url}/_sandbox/requests").json()["totals"]
    assert totals["shopify"]["requests"] == totals["salesforce"]["requests"] == 1
    assert requests.delete(f"{url}/_sandbox/requests", timeout=TIMEOUT).status_code == 204
    assert served(url) == []


def test_apply_lays_another_folder_on_top_and_moves_the_clock(sandbox: Start, scenario: Scenario) -> None:
    ready = sandbox(
        {
            "shopify_customers": [{"id": 1, "last_name": "Old"}, {"id": 2, "last_name": "Kept"}],
            "salesforce_Contact": [{"Id": "0035g0000000001AAA", "LastName": "Gone"}],
        }
    )
    more = scenario(
        {
            "shopify_customers": [{"id": 1, "last_name": "New"}, {"id": 3, "last_name": "Third"}],
            "salesforce_Contact": [{"Id": "0035g0000000001AAA", "deleted": "true"}],
        },
        'now = "2026-12-24T00:00:00Z"',
    )
    url = ready["shopify"]["url"]
    answer = requests.post(f"{url}/_sandbox/apply", json={"scenario": str(more)}, timeout=TIMEOUT)
    assert answer.json()["rows"] == {"shopify_customers.csv": 2, "salesforce_Contact.csv": 1}
    assert answer.json()["now"].startswith("2026-12-24T00:00:0")
    assert parsedate_to_datetime(get(f"{url}/services/data/").headers["Date"]).month == 12
    customers = get(f"{url}/pages/shopify/customers").text
    assert "New" in customers and "Kept" in customers and "Third" in customers and "Old" not in customers
    assert "Gone" not in get(f"{url}/pages/salesforce/Contact").text


@pytest.mark.parametrize("body", ['{"scenario": "/nowhere/at/all"}', "[]", "{}", '{"scenario": 1}', "no"])
def test_apply_refuses_what_is_no_scenario_and_changes_nothing(sandbox: Start, body: str) -> None:
    url = sandbox({"shopify_customers": [{"id": 1, "last_name": "Kept"}]})["shopify"]["url"]
    answer = requests.post(f"{url}/_sandbox/apply", data=body, timeout=TIMEOUT)
    assert answer.status_code == 400 and answer.json()["error"]
    assert "Kept" in get(f"{url}/pages/shopify/customers").text


def test_apply_with_a_bad_column_moves_no_clock(sandbox: Start, scenario: Scenario) -> None:
    url = sandbox(toml='now = "2026-10-01T00:00:00Z"')["shopify"]["url"]
    bad = scenario({"shopify_orders": [{"id": 1, "colour": "red"}]}, 'now = "2027-01-01T00:00:00Z"')
    answer = requests.post(f"{url}/_sandbox/apply", json={"scenario": str(bad)}, timeout=TIMEOUT)
    assert answer.status_code == 400 and "colour" in answer.json()["error"]
    assert parsedate_to_datetime(get(f"{url}/services/data/").headers["Date"]).year == 2026


def test_tls_is_trusted_through_the_sandboxs_own_authority_only(sandbox: Start) -> None:
    ready = sandbox(tls=True)
    url = ready["shopify"]["url"]
    assert url.startswith("https://")
    assert get(ready["pages"], verify=ready["ca_file"]).status_code == 200
    named = url.replace("127.0.0.1", "localhost")
    assert get(f"{named}/pages/", verify=ready["ca_file"]).status_code == 200
    with pytest.raises(requests.exceptions.SSLError):
        get(ready["pages"])


def test_other_host_names_of_this_machine_work(sandbox: Start) -> None:
    url = sandbox()["pages"]
    assert get(url, headers={"Host": "demo.localhost:1234"}).status_code == 200


def test_a_killed_connection_of_a_client_does_not_disturb_the_next(sandbox: Start) -> None:
    url = sandbox({"shopify_customers": [{"id": number} for number in range(1, 200)]})["pages"]
    with requests.get(f"{url}shopify/customers", stream=True, timeout=TIMEOUT) as answer:
        next(answer.iter_content(10))
    assert get(f"{url}shopify/customers").status_code == 200


def test_the_log_holds_the_cost_of_a_query_and_the_client_does_not_see_how(sandbox: Start) -> None:
    ready = sandbox()
    answer = ask_shop(ready, "{ shop { name } }")
    cost = answer.json()["extensions"]["cost"]["actualQueryCost"]
    assert cost > 0
    assert not [name for name in answer.headers if "sandbox" in name.lower()]
    assert served(ready["shopify"]["url"])[0]["cost"] == cost
    totals = get(f"{ready['shopify']['url']}/_sandbox/requests").json()["totals"]
    assert totals["shopify"] == {"requests": 1, "cost": cost}
