"""Reading a local org end to end: survey, pull, sweep, and what happens on the way."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from salesforce_look import TOUCHES
from salesforce_sandbox import TOML, Start, connected, contacts, fault, independent, read, rows

from connectors.errors import BudgetSpent, JobFailed, MendSettings, TokenRefused


def test_small_streams_are_read_whole_and_a_quiet_second_look_takes_four_requests(sandbox: Start) -> None:
    ready = sandbox(rows(), TOML)
    with connected(ready) as org:
        site = org.survey({"Contact": None, "Order": None})
        assert site.counts == {"Contact": 5, "Lead": 0, "Account": 1, "Order": 3, **dict.fromkeys(TOUCHES, 0)}
        assert (site.timezone, site.whole_history) == ("Asia/Tokyo", None)
        found = {row["Id"]: row for row in read(org, "Contact")}
        assert found["003000000000003AAA"]["LastName"] == 'Doe "3",\nthe 山田'
        assert {row["TotalAmount"] for row in read(org, "Order")} == {
            Decimal(n) for n in ("0.1", "1.1", "2.1")
        }
    with connected(ready) as org:
        later = org.survey(dict.fromkeys(org.streams, site.server_time + timedelta(hours=1)))
        assert [read(org, stream) for stream in org.streams] == [[]] * 10
        assert org.usage.requests == 4
        assert later.account == site.account


def test_large_streams_come_by_bulk_and_an_increment_by_pages(sandbox: Start) -> None:
    ready = sandbox(rows(4500, 2500), TOML)
    with connected(ready) as org:
        site = org.survey({})
        found = read(org, "Contact")
        assert len(found) == len({row["Id"] for row in found}) == 4500
        assert found[0]["LastName"] in {row["LastName"] for row in contacts(4500)}
        assert {row["MobilePhone"] for row in found} == {None}
        money = {row["Id"]: row["TotalAmount"] for row in read(org, "Order")}
        assert Decimal(money["801000000002499AAA"]) == Decimal("2499.1")
        assert org.usage.requests < 30
    client = independent(ready)
    client.Contact.update("003000000000007AAA", {"LastName": "Changed"})
    client.Contact.delete("003000000000008AAA")
    with connected(ready) as org:
        org.survey(dict.fromkeys(org.streams, site.server_time + timedelta(seconds=600)))
        changed = {row["Id"]: row for row in read(org, "Contact")}
        assert set(changed) == {"003000000000007AAA", "003000000000008AAA"}
        assert changed["003000000000008AAA"]["IsDeleted"] is True
        assert org.usage.requests == 4
        assert len({swept.id for batch in org.sweep("Contact") for swept in batch}) == 4499


def test_a_login_by_jwt_reads_the_same(sandbox: Start) -> None:
    ready = sandbox(rows(), TOML)
    org = ready["salesforce"]
    key = Path(org["private_key_file"]).read_text(encoding="ascii")
    with connected(ready, client_secret=None, username=org["username"], private_key=key) as connector:
        assert connector.survey({}).counts["Contact"] == 5


def test_an_expired_session_a_busy_server_and_a_reset_do_no_harm(sandbox: Start) -> None:
    ready = sandbox(rows(), TOML)
    for kind in ({"fault": "expired_token"}, {"fault": "status", "status": 503}, {"fault": "reset"}):
        fault(ready, path="composite", times=1, **kind)
        with connected(ready) as org:
            org.rest.sleep = lambda _: None
            assert org.survey({}).counts["Contact"] == 5


def test_a_result_cut_off_on_the_way_is_fetched_again(sandbox: Start) -> None:
    ready = sandbox(rows(2500, 0), TOML)
    fault(ready, path="/results", fault="cut_off", times=1)
    with connected(ready) as org:
        org.survey({})
        assert len({row["Id"] for row in read(org, "Contact")}) == 2500


def test_a_failed_job_is_repeated_once(sandbox: Start) -> None:
    ready = sandbox(rows(2500, 0), TOML)
    fault(ready, fault="fail_job", times=1)
    with connected(ready) as org:
        org.survey({})
        assert len(read(org, "Contact")) == 2500
    fault(ready, fault="fail_job", times=None)
    with connected(ready) as org, pytest.raises(JobFailed):
        org.survey({})
        read(org, "Contact")


def test_a_result_that_is_only_a_part_is_never_taken_for_the_whole(sandbox: Start) -> None:
    ready = sandbox(rows(2500, 0), TOML)
    fault(ready, fault="partial_result", times=1)
    with connected(ready) as org:
        org.survey({})
        assert len({row["Id"] for row in read(org, "Contact")}) == 2500
    fault(ready, fault="partial_result", times=None)
    with connected(ready) as org:
        org.survey({})
        batches = []
        with pytest.raises(JobFailed):
            batches.extend(org.pull("Contact"))
        assert [batch.bookmark for batch in batches if batch.bookmark] == []


def test_the_days_quota_ends_the_run_at_once(sandbox: Start) -> None:
    ready = sandbox(rows(), TOML)
    fault(ready, path="composite", fault="throttle", times=None)
    with connected(ready) as org:
        with pytest.raises(BudgetSpent):
            org.survey({})
        assert org.usage.requests == 2


def test_wrong_secrets_are_for_a_person_to_mend(sandbox: Start) -> None:
    ready = sandbox(rows(), TOML)
    with connected(ready, client_secret="wrong") as org, pytest.raises(MendSettings) as caught:
        org.survey({})
    assert caught.value.code == "login_refused"
    assert not isinstance(caught.value, TokenRefused)


def test_a_bookmark_is_the_platforms_time_before_anything_was_read(sandbox: Start) -> None:
    ready = sandbox(rows(), TOML)
    with connected(ready) as org:
        site = org.survey({})
        last = list(org.pull("Contact"))[-1]
    assert last.bookmark == site.server_time
    assert site.server_time - datetime(2026, 10, 1, 12, tzinfo=UTC) < timedelta(minutes=2)
