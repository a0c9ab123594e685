"""The shell of the sandbox over real sockets: ready line, request log, faults, apply, TLS, pages."""

import json
import signal
import subprocess
import sys
import time
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


def set_faults(url: str, *rules: dict[str, Any]) -> None:
    assert requests.post(f"{url}/_sandbox/faults", json=rules, timeout=TIMEOUT).status_code == 200


def served(url: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = get(f"{url}/_sandbox/requests").json()["requests"]
    return found


def start_process(folder: Path, *options: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "sandbox", "--scenario", str(folder), *options]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


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


@pytest.mark.parametrize(
    "rules", ['[{"fault": "earthquake"}]', '[{"fault": "reset", "tims": 1}]', "{}", "no"]
)
def test_a_bad_rule_is_refused(sandbox: Start, rules: str) -> None:
    url = sandbox()["shopify"]["url"]
    answer = requests.post(f"{url}/_sandbox/faults", data=rules, timeout=TIMEOUT)
    assert answer.status_code == 400 and answer.json()["error"]


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


def test_a_reset_works_under_tls_too(sandbox: Start) -> None:
    ready = sandbox(tls=True)
    url, verify = ready["shopify"]["url"], ready["ca_file"]
    requests.post(f"{url}/_sandbox/faults", json=[{"fault": "reset"}], timeout=TIMEOUT, verify=verify)
    with pytest.raises(requests.ConnectionError):
        get(f"{url}/services/data/", verify=verify)
    assert get(f"{url}/services/data/", verify=verify).status_code == 200


def test_other_host_names_of_this_machine_work(sandbox: Start) -> None:
    url = sandbox()["pages"]
    assert get(url, headers={"Host": "demo.localhost:1234"}).status_code == 200


def test_a_killed_connection_of_a_client_does_not_disturb_the_next(sandbox: Start) -> None:
    url = sandbox({"shopify_customers": [{"id": number} for number in range(1, 200)]})["pages"]
    with requests.get(f"{url}shopify/customers", stream=True, timeout=TIMEOUT) as answer:
        next(answer.iter_content(10))
    assert get(f"{url}shopify/customers").status_code == 200


def test_what_a_customer_typed_is_text_on_the_pages(sandbox: Start) -> None:
    name = "<script>alert(1)</script>"
    ready = sandbox(
        {
            "shopify_customers": [{"id": 1, "last_name": name, "email": '"><b>@example.com'}],
            "salesforce_Contact": [{"Id": "0035g0000000001AAA", "LastName": name, "Email": name}],
        }
    )
    addresses = [
        "shopify/customers",
        "shopify/customers/1",
        "salesforce/Contact",
        "salesforce/Contact/0035g0000000001AAA",
        f"shopify/customers?q={name}",
    ]
    for address in addresses:
        page = get(ready["pages"] + address)
        assert page.status_code == 200 and "<script" not in page.text and "&lt;script&gt;" in page.text, (
            address
        )


def test_pages_find_people_by_name_and_email_and_cut_long_lists(sandbox: Start) -> None:
    people = [{"id": number, "last_name": f"Person{number:03d}", "email": f"p{number}@example.com"}
              for number in range(1, 121)]  # fmt: skip
    people.append({"id": 500, "last_name": "髙橋", "first_name": "花子", "email": "HANAKO_1@example.jp"})
    pages = sandbox({"shopify_customers": people})["pages"]
    third = get(f"{pages}shopify/customers?page=3").text
    assert "Page 3 of 3" in third and "Person101" in third and "Person001" not in third
    for query in ("髙橋", "髙橋花子", "hanako_1", "500"):
        found = get(f"{pages}shopify/customers", params={"q": query}).text
        assert "花子" in found and "Person" not in found, query
    assert "Nobody fits" in get(f"{pages}shopify/customers", params={"q": "100%"}).text


@pytest.mark.parametrize(
    "address", ["shopify/customers/9", "salesforce/Contact/x", "salesforce/Nothing", "salesforce/Nothing/x"]
)
def test_a_page_that_is_not_there_says_so(sandbox: Start, address: str) -> None:
    page = get(sandbox()["pages"] + address)
    assert page.status_code == 404 and "There is no such" in page.text


def test_a_lost_answer_is_work_done_that_nobody_hears_of(sandbox: Start) -> None:
    ready = sandbox()["salesforce"]
    contacts = f"{ready['url']}/services/data/v67.0/sobjects/Contact"
    login = {"Authorization": f"Bearer {ready['access_token']}"}
    set_faults(ready["url"], {"fault": "lost_answer", "method": "POST"})
    with pytest.raises(requests.ConnectionError):
        requests.post(contacts, json={"LastName": "Lost"}, headers=login, timeout=TIMEOUT)
    assert "Lost" in get(f"{ready['url']}/pages/salesforce/Contact").text
    assert [one["status"] for one in served(ready["url"])] == [0]


def ask_shop(ready: dict[str, Any], query: str) -> requests.Response:
    return requests.post(
        f"{ready['shopify']['url']}/admin/api/2026-10/graphql.json",
        json={"query": query},
        headers={"X-Shopify-Access-Token": ready["shopify"]["access_token"]},
        timeout=TIMEOUT,
    )


def test_the_log_holds_the_cost_of_a_query_and_the_client_does_not_see_how(sandbox: Start) -> None:
    ready = sandbox()
    answer = ask_shop(ready, "{ shop { name } }")
    cost = answer.json()["extensions"]["cost"]["actualQueryCost"]
    assert cost > 0
    assert not [name for name in answer.headers if "sandbox" in name.lower()]
    assert served(ready["shopify"]["url"])[0]["cost"] == cost
    totals = get(f"{ready['shopify']['url']}/_sandbox/requests").json()["totals"]
    assert totals["shopify"] == {"requests": 1, "cost": cost}


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


def test_a_persons_pages_show_our_fields_and_lead_to_each_other(sandbox: Start) -> None:
    fields = {"person_id": "p-1", "segment": "best_active", "channels": '["online","sales"]'}
    types = {"channels": "list.single_line_text_field"}
    ready = sandbox(
        {
            "shopify_customers": [{"id": 1, "first_name": "花子", "last_name": "髙橋", "locale": "ja"}],
            "shopify_orders": [{"id": 5, "customer_id": 1, "total": "1200", "discount_codes": "A;B"}],
            "shopify_metafields": [
                {"owner_id": 1, "namespace": "zaiseki", "key": key, "value": value}
                | {"type": types.get(key, "single_line_text_field")}
                for key, value in fields.items()
            ],
            "salesforce_Contact": [
                {"Id": "0035g0000000001AAA", "LastName": "髙橋"}
                | {"Zaiseki_Person_Id__c": "p-1", "Zaiseki_Segment__c": "best_active"}
            ],
        }
    )
    query = (
        'mutation { metafieldDefinitionCreate(definition: {namespace: "zaiseki", key: "segment",'
        ' name: "顧客区分", type: "single_line_text_field",'
        " ownerType: CUSTOMER}) { userErrors { message } } }"
    )
    assert ask_shop(ready, query).json()["data"]["metafieldDefinitionCreate"]["userErrors"] == []
    customer = get(f"{ready['pages']}shopify/customers/1").text
    for shown in ("髙橋 花子", "顧客区分", "best_active", "online, sales", "A, B", "1 order"):
        assert shown in customer
    assert "/pages/salesforce/Contact/0035g0000000001AAA" in customer
    contact = get(f"{ready['pages']}salesforce/Contact/0035g0000000001AAA").text
    assert "best_active" in contact and "/pages/shopify/customers/1" in contact
    listed = get(f"{ready['pages']}salesforce/Contact?segment=best_active").text
    assert "髙橋" in listed and "best_active (1)" in listed
    assert "Nothing fits" in get(f"{ready['pages']}salesforce/Contact?segment=first_active").text
    assert "Nobody fits" in get(f"{ready['pages']}shopify/customers?segment=first_active").text


def test_pages_ask_no_other_machine_for_anything(sandbox: Start) -> None:
    ready = sandbox({"shopify_customers": [{"id": 1}], "salesforce_Contact": [{"Id": "0035g0000000001AAA"}]})
    for address in ("", "shopify/customers", "shopify/customers/1", "salesforce/Contact", "style.css"):
        assert "//" not in get(ready["pages"] + address).text, address
