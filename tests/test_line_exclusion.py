"""Who is to be left alone where the box that says so cannot be seen: nothing is written, and it is said."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import requests
from conftest import write_scenario
from line_readback import read_shopify, salesforce_session
from line_small import LATER, NOW, contact_id, contacts, customers, orders
from line_support import Line, small

BOX = "No_Profiling__c"
EXCLUDE = f'[privacy.exclude]\nfield = "{BOX}"\n'
LEADS = [f"00Q000000{number:06}" for number in range(3)]
ACCOUNT = "001000000000001"
Start = Callable[..., Line]


@pytest.fixture
def begun(tmp_path: Path) -> Iterator[Start]:
    """Give a function: what is hidden, more settings -> a provisioned line over `people`."""
    with ExitStack() as stack:

        def start(*hidden: str, more: str = "", boxed: tuple[str, ...] = ("Contact", "Lead")) -> Line:
            scenario = write_scenario(tmp_path / "scenario", people(boxed), toml(*hidden))
            line = stack.enter_context(small(tmp_path / "job", scenario))
            line.configure(plain=True, best_spend=100, more=EXCLUDE + more)
            line.provision()
            return line

        yield start


def toml(*hidden: str) -> str:
    """scenario.toml of an org with Person Accounts."""
    shown = ", ".join(f'"{one}"' for one in hidden)
    return f'now = "{NOW}"\n[salesforce]\nperson_accounts = true\nhidden_fields = [{shown}]\n'


def people(boxed: tuple[str, ...]) -> dict[str, Any]:
    """1: a customer with a contact; 2: a customer whose lead asked to be left alone; 3: a customer alone;
    two leads of their own, one of whom asked; a Person Account. `boxed` are the objects that have the box."""

    def boxes(name: str, *ticked: str) -> Mapping[str, Any]:
        return {BOX: "true" if ticked else "false"} if name in boxed else {}

    stamps = {"CreatedDate": "2026-02-01T00:00:00Z", "LastModifiedDate": "2026-02-01T00:00:00Z"}
    return {
        "shopify_customers": customers([1, 2, 3]),
        "shopify_orders": orders([1, 2, 3], "2026-05-01"),
        "salesforce_Contact": contacts([1], Email="p1@example.com", **boxes("Contact")),
        "salesforce_Lead": [
            {"Id": LEADS[0], "LastName": "P2", "Email": "p2@example.com", **boxes("Lead", "yes"), **stamps},
            {"Id": LEADS[1], "LastName": "L1", "Email": "l1@example.com", **boxes("Lead", "yes"), **stamps},
            {"Id": LEADS[2], "LastName": "L2", "Email": "l2@example.com", **boxes("Lead"), **stamps},
        ],
        "salesforce_Account": [
            {"Id": ACCOUNT, "LastName": "Ito", "IsPersonAccount": "true", "PersonEmail": "a@example.com"}
            | {**boxes("Account"), **stamps}
        ],
    }


def filled(line: Line) -> set[str]:
    """The short ids of the records that hold any of our fields."""
    held = {**read_shopify(line.ready), **org(line)}
    return {record for record, values in held.items() if any(values.values())}


def org(line: Line) -> dict[str, dict[str, Any]]:
    """What the records of the org hold, by short id; a Person Account is told by its Account."""
    found = {}
    with requests.Session() as session:
        client = salesforce_session(line.ready, session)
        for name, suffix, which in (
            ("Contact", "c", "WHERE IsPersonAccount = false"),
            ("Lead", "c", ""),
            ("Account", "pc", ""),
        ):
            columns = [f"Zaiseki_{field}__{suffix}" for field in ("Person_Id", "Segment", "Purchases")]
            for row in client.query_all_iter(f"SELECT {', '.join(['Id', *columns])} FROM {name} {which}"):
                found[row["Id"][:15]] = {column: row[column] for column in columns}
    return found


def warned(told: Mapping[str, Any]) -> list[str]:
    return [warning["code"] for warning in told["warnings"]]


def test_where_the_box_is_seen_those_who_asked_are_left_alone_and_nobody_else(begun: Start) -> None:
    line = begun(boxed=("Contact", "Lead", "Account"))
    told = line.sync().json
    assert (warned(told), told["people"]["excluded"]) == ([], 2)
    assert filled(line) == {"1001", "1003", contact_id(1), LEADS[2], ACCOUNT}


def test_whoever_has_a_lead_on_which_the_box_may_be_hidden_keeps_the_old_values(
    begun: Start, tmp_path: Path
) -> None:
    line = begun(f"Lead.{BOX}", boxed=("Contact", "Lead", "Account"))
    told = line.sync().json
    assert (warned(told), told["balanced"]) == (["exclusion_unseen"], True)
    assert filled(line) == {"1001", "1003", contact_id(1), ACCOUNT}
    shown = line.run("plan").err
    assert BOX in shown and "Lead" in shown and "privacy.exclude.objects" in shown and "provision" in shown
    line.apply(tmp_path / "granted", {}, LATER, toml().partition("\n")[2])
    told = line.sync().json
    assert (warned(told), told["people"]["excluded"]) == ([], 2)
    assert filled(line) == {"1001", "1003", contact_id(1), LEADS[2], ACCOUNT}, "lifted by itself"


def test_access_that_is_lost_later_clears_and_updates_nobody_it_speaks_of(
    begun: Start, tmp_path: Path
) -> None:
    line = begun(boxed=("Contact", "Lead", "Account"))
    line.sync()
    before = read_shopify(line.ready), org(line)
    again = orders([1, 2], "2026-09-30", start=11, updated_at=LATER)
    line.apply(tmp_path / "hidden", {"shopify_orders": again}, LATER, toml(f"Lead.{BOX}").partition("\n")[2])
    told = line.sync("--full").json
    assert warned(told) == ["exclusion_unseen"]
    shop, leads = read_shopify(line.ready), org(line)
    assert shop["1001"]["purchases"] == 2
    assert shop["1002"] == before[0]["1002"]
    assert [leads[one] for one in LEADS] == [before[1][one] for one in LEADS]


def test_where_the_settings_say_that_the_box_is_there_its_lack_stops_the_run(begun: Start) -> None:
    line = begun(f"Lead.{BOX}", more='objects = ["Contact", "Lead"]\n')
    told = line.run("sync", "--json")
    assert (told.code, told.json["error"]["code"]) == (1, "fields_not_readable")
    assert BOX in told.json["error"]["message"] and "Lead" in told.json["error"]["message"]
    assert filled(line) == set()


def test_where_the_settings_say_that_only_contacts_have_the_box_nobody_waits(begun: Start) -> None:
    line = begun(more='objects = ["Contact"]\n', boxed=("Contact",))
    told = line.sync().json
    assert warned(told) == []
    assert filled(line) == {"1001", "1002", "1003", contact_id(1), *LEADS, ACCOUNT}


@pytest.mark.parametrize("hidden", [f"Contact.{BOX}", f"Account.{BOX.replace('__c', '__pc')}"])
def test_the_box_of_contacts_and_person_accounts_is_there_for_certain(begun: Start, hidden: str) -> None:
    line = begun(hidden, boxed=("Contact", "Lead", "Account"))
    told = line.run("sync", "--json")
    assert (told.code, told.json["error"]["code"]) == (1, "fields_not_readable")
    assert filled(line) == set()
