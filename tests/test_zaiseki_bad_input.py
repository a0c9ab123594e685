"""What goes wrong between merchant and platforms: one clear message, exit code 1, nothing written."""

import json
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from shopify_sandbox_client import SET, Shop
from zaiseki_command import (
    SEGMENT,
    TOML,
    Command,
    Start,
    Told,
    forget_requests,
    people,
    set_faults,
    set_secrets,
    write_settings,
    writes,
)

OURS = """query($id: ID!) { customer(id: $id) {
  metafields(first: 20, namespace: "zaiseki") { nodes { key value } } } }"""
Place = Callable[..., tuple[Command, dict[str, Any]]]


@pytest.fixture
def place(
    sandbox: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Place:
    """Give a function (toml, settings, provisioned=) -> command and ready line of a new sandbox.

    `provisioned`: the exit code that `provision` ends with, None where it is not run.
    """

    def make(
        toml: str = TOML, settings: str = SEGMENT, *, provisioned: int | None = 0
    ) -> tuple[Command, dict[str, Any]]:
        ready = sandbox(people(), toml)
        set_secrets(monkeypatch, ready)
        command = Command(write_settings(tmp_path, ready, settings), capsys)
        if provisioned is not None:
            assert command("provision").code == provisioned
        forget_requests(ready)
        set_faults(ready)
        return command, ready

    return make


def failed(told: Told, ready: dict[str, Any]) -> tuple[str, str]:
    """What happened and the next step, of a command that failed as it should."""
    assert told.code == 1
    assert told.out == ""
    assert writes(ready) == []
    text, step = told.err.rstrip("\n").split("\n")
    assert step.startswith("→ ")
    return text, step.removeprefix("→ ")


def test_what_is_not_broken_writes(place: Place) -> None:
    command, ready = place()
    assert command("sync").code == 0
    assert {line.split()[0] for line in writes(ready)} == {"shopify", "salesforce"}


def test_a_plan_adds_up_although_nothing_came_of_it(place: Place) -> None:
    command, ready = place()
    told = command("plan", "--json")
    plan = json.loads(told.out)
    assert (told.code, plan["balanced"], plan["planned"], plan["written"]) == (0, True, 4, 0)
    assert command("plan", "--exit-code").code == 2
    assert writes(ready) == []


def test_a_wrong_client_secret_of_the_shop(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    command, ready = place(provisioned=None)
    monkeypatch.setenv("ZAISEKI_SHOPIFY_CLIENT_SECRET", "wrong-secret")
    text, step = failed(command("sync"), ready)
    assert text.startswith("Shopify refuses the app's client id or secret")
    assert "ZAISEKI_SHOPIFY_CLIENT_SECRET" in step
    assert "wrong-secret" not in text + step


def test_a_wrong_access_token_of_the_shop(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    command, ready = place(provisioned=None)
    monkeypatch.setenv("ZAISEKI_SHOPIFY_ACCESS_TOKEN", "shpat_wrong")
    text, step = failed(command("sync"), ready)
    assert text.startswith("Shopify refuses the credentials")
    assert "ZAISEKI_SHOPIFY_…" in step
    assert "shpat_wrong" not in text + step


def test_a_wrong_secret_of_the_org(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    command, ready = place(provisioned=None)
    monkeypatch.setenv("ZAISEKI_SALESFORCE_CLIENT_SECRET", "wrong-secret")
    text, step = failed(command("sync"), ready)
    assert text.startswith("Salesforce refuses the credentials (invalid_client")
    assert "ZAISEKI_SALESFORCE_…" in step
    assert "wrong-secret" not in text + step


def test_a_key_that_cannot_sign(place: Place, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    command, ready = place(provisioned=None)
    key = tmp_path / "key.pem"
    key.write_text("-----BEGIN PRIVATE KEY-----\nnot a key\n-----END PRIVATE KEY-----\n")
    monkeypatch.delenv("ZAISEKI_SALESFORCE_CLIENT_SECRET")
    monkeypatch.setenv("ZAISEKI_SALESFORCE_USERNAME", ready["salesforce"]["username"])
    monkeypatch.setenv("ZAISEKI_SALESFORCE_PRIVATE_KEY_FILE", str(key))
    text, step = failed(command("sync"), ready)
    assert text == "The private key for Salesforce cannot be used to sign a login."
    assert "ZAISEKI_SALESFORCE_PRIVATE_KEY_FILE" in step


def test_a_key_file_that_is_not_there(place: Place, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    command, ready = place(provisioned=None)
    monkeypatch.delenv("ZAISEKI_SALESFORCE_CLIENT_SECRET")
    monkeypatch.setenv("ZAISEKI_SALESFORCE_USERNAME", "somebody")
    monkeypatch.setenv("ZAISEKI_SALESFORCE_PRIVATE_KEY_FILE", str(tmp_path / "none.pem"))
    text, _ = failed(command("sync"), ready)
    assert text.startswith("The private key file ") and "none.pem" in text


def test_an_unknown_shop(place: Place) -> None:
    command, ready = place(provisioned=None)
    command.config.write_text(command.config.read_text().replace("sandbox.my", "nobody.my"))
    text, step = failed(command("sync"), ready)
    # Where the shop does not exist nothing answers; where it does, the token belongs to another one.
    assert text.startswith(("Shopify knows no shop", "The credentials belong to the shop sandbox"))
    assert "shopify.shop" in step


@pytest.mark.parametrize("scope", ["read_customers", "write_customers", "read_orders"])
def test_a_missing_required_scope(place: Place, scope: str) -> None:
    scopes = {"read_customers", "write_customers", "read_orders", "read_all_orders"} - {scope}
    # Writing implies reading: both have to be missing for the one to be missed.
    scopes -= {"write_customers"} if scope == "read_customers" else set()
    toml = f"{TOML}[shopify]\nscopes = {json.dumps(sorted(scopes))}\n"
    command, ready = place(toml, provisioned=None)
    text, step = failed(command("sync"), ready)
    assert text.startswith("The Shopify app does not have the required scope") and scope in text
    assert scope in step


def test_all_missing_scopes_are_told_at_once(place: Place) -> None:
    command, ready = place(f'{TOML}[shopify]\nscopes = ["read_customers"]\n', provisioned=None)
    text, _ = failed(command("sync"), ready)
    assert "write_customers, read_orders" in text


def test_without_all_orders_only_the_person_id_is_written_and_old_values_stay(place: Place) -> None:
    scopes = '["read_customers", "write_customers", "read_orders", "read_draft_orders"]'
    command, ready = place(f"{TOML}[shopify]\nscopes = {scopes}\n")
    shop, owner = Shop(ready), "gid://shopify/Customer/1"
    old = {"ownerId": owner, "namespace": "zaiseki", "key": "tenure_days", "value": "7"}
    assert shop.data(SET, m=[old | {"type": "number_integer"}])["metafieldsSet"]["userErrors"] == []
    told = command("sync", "--json")
    facts = json.loads(told.out)
    assert told.code == 0
    held = shop.data(OURS, id=owner)["customer"]["metafields"]["nodes"]
    assert {one["key"] for one in held} == {"tenure_days", "person_id", "satisfaction"}
    assert {"key": "tenure_days", "value": "7"} in held
    assert facts["warnings"] == [{"platform": "shopify", "code": "short_history"}]
    assert {name.split(".")[1] for name in facts["fields"]} == {"person_id", "satisfaction"}
    note = command("sync").err
    assert "60 days" in note and "read_all_orders" in note and "--full" in note


def test_fields_that_were_never_provisioned(place: Place) -> None:
    command, ready = place(provisioned=None)
    text, step = failed(command("sync"), ready)
    assert text.startswith("Shopify does not have these fields on customer")
    assert "zaiseki provision" in step


def test_fields_hidden_from_the_integration_user(place: Place) -> None:
    toml = f'{TOML}[salesforce]\nhidden_fields = ["Contact.Zaiseki_Segment__c"]\n'
    command, ready = place(toml, provisioned=1)
    text, _ = failed(command("sync"), ready)
    assert text == (
        "Salesforce does not have these fields on Contact, or does not show them to this user: segment."
    )


def test_fields_the_integration_user_may_not_edit(place: Place) -> None:
    toml = f'{TOML}[salesforce]\nread_only_fields = ["Contact.Zaiseki_Segment__c"]\n'
    command, ready = place(toml, provisioned=1)
    text, step = failed(command("sync"), ready)
    assert text == "Salesforce does not let this user write these fields on Contact: segment."
    assert "Zaiseki Integration" in step


def test_a_field_nobody_wants_written_stops_nothing(place: Place) -> None:
    toml = f'{TOML}[salesforce]\nread_only_fields = ["Contact.Zaiseki_Segment__c"]\n'
    command, _ = place(toml, f'{SEGMENT}[write]\nfields = ["person_id", "tenure_days"]\n')
    assert command("sync").code == 0


def test_a_platform_that_is_not_written_needs_no_fields(place: Place) -> None:
    command, ready = place(settings=f'{SEGMENT}[write]\nplatforms = ["shopify"]\n')
    assert command("sync").code == 0
    assert {line.split()[0] for line in writes(ready)} == {"shopify"}


def test_a_column_of_the_org_that_the_user_cannot_read(place: Place) -> None:
    toml = f'{TOML}[salesforce]\nhidden_fields = ["Contact.Email"]\n'
    command, ready = place(toml, provisioned=None)
    text, _ = failed(command("sync"), ready)
    assert text == "Salesforce does not show these fields of Contact to the integration user: Email."


def test_a_field_of_the_settings_that_the_org_does_not_have(place: Place) -> None:
    command, ready = place(provisioned=None)
    command.config.write_text(
        command.config.read_text().replace("[metrics]", 'shopify_id_field = "No_Such__c"\n[metrics]')
    )
    text, step = failed(command("sync"), ready)
    assert "No_Such__c" in text
    assert "correct their names in the settings" in step


@pytest.mark.parametrize(("down", "name"), [("shopify", "Shopify"), ("salesforce", "Salesforce")])
def test_a_platform_that_keeps_failing(place: Place, down: str, name: str) -> None:
    command, ready = place(provisioned=None)
    set_faults(ready, {"platform": down, "fault": "status", "status": 503, "times": None})
    text, step = failed(command("sync"), ready)
    assert text.startswith(f"{name} could not be reached or kept failing")
    assert "run the same command again" in step


@pytest.mark.parametrize("down", ["shopify", "salesforce"])
def test_a_platform_where_nobody_listens(place: Place, down: str) -> None:
    command, ready = place(provisioned=None)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        dead = f"http://127.0.0.1:{taken.getsockname()[1]}"
    sections = command.config.read_text().split("[salesforce]")
    number = ["shopify", "salesforce"].index(down)
    sections[number] = sections[number].replace(ready[down]["url"], dead)
    command.config.write_text("[salesforce]".join(sections))
    text, _ = failed(command("sync"), ready)
    assert text.startswith(f"{down.capitalize()} could not be reached or kept failing (unreachable")


def test_a_platform_that_dies_while_it_is_read(place: Place) -> None:
    command, ready = place()
    set_faults(
        ready,
        {"platform": "salesforce", "path": "/jobs/query", "fault": "status", "status": 500, "times": None},
        {"platform": "salesforce", "path": "/query", "fault": "status", "status": 500, "times": None},
    )
    text, _ = failed(command("sync"), ready)
    assert text.startswith("Salesforce could not be reached or kept failing")
    (run,) = json.loads(command("status", "--json").out)["runs"]
    assert (run["state"], run["exit_code"]) == ("unfinished", "–")


def test_an_org_whose_calls_of_the_day_are_used_up(place: Place) -> None:
    command, ready = place(f"{TOML}[salesforce]\ndaily_requests = 1\n", provisioned=None)
    text, step = failed(command("sync"), ready)
    assert text == "The org has no Salesforce API calls left for today."
    assert "24-hour quota" in step


def test_too_few_orders_to_say_who_is_a_best_customer(place: Place) -> None:
    command, ready = place(settings="")
    text, step = failed(command("sync"), ready)
    assert text.startswith("There are only 4 counted orders")
    assert "segment.best_spend" in step


def test_the_same_in_japanese_and_as_json(place: Place) -> None:
    command, ready = place(provisioned=None)
    set_faults(ready, {"platform": "shopify", "fault": "status", "status": 503, "times": None})
    told = command("sync", "--json", lang="ja")
    assert (told.code, told.err) == (1, "")
    error = json.loads(told.out)["error"]
    assert error["code"] == "platform_unavailable"
    assert error["message"].startswith("Shopify に接続できないか")
    assert "再実行" in error["next_step"]


def test_a_scenario_with_an_unknown_column(scenario: Callable[..., Path]) -> None:
    folder = scenario({"shopify_customers": [{"id": 1, "colour": "red"}]})
    done = subprocess.run(
        [sys.executable, "-m", "zaiseki", "sandbox", "--scenario", str(folder)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1
    assert "shopify_customers.csv" in done.stderr and "colour" in done.stderr
