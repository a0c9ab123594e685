"""Writing: whole customers, few requests, and nobody punished for another's value."""

import re
from collections.abc import Callable, Iterator, Mapping
from email import message_from_bytes
from pathlib import Path
from typing import Any

import orjson
import pytest
import requests
import responses
from shopify_answers import FIELDS, STORE, Shop, Time, connector, lines, polled, started

from connectors import errors
from connectors.base import Update, WriteResult
from connectors.shopify import ShopifyConnector
from connectors.shopify.changes import change_of, judge, pack
from connectors.shopify.spool import spool

UPLOAD = "https://shopify-staged-uploads.storage.googleapis.com/"
BY_KEY = {field.key: field for field in FIELDS}


class Writer(Shop):
    """A shop that takes metafields: rejects owners in `gone`, and plays bulk mutations over uploads."""

    def __init__(self, mock: responses.RequestsMock) -> None:
        super().__init__(mock)
        self.gone: set[str] = set()
        self.mute: set[str] = set()
        self.undeletable: set[str] = set()
        self.uploads: list[bytes] = []
        self.written: dict[tuple[str, str], str | None] = {}
        self.spoil: Callable[[list[dict[str, Any]]], list[dict[str, Any]]] = lambda results: results
        self.kind = ""
        self.reply("Write", self.call)
        self.reply("StageUpload", lambda _: self.stage())
        self.reply("BulkRunMutation", self.run_job)
        mock.add_callback(responses.POST, UPLOAD, callback=self.take)
        mock.add_callback(responses.GET, f"{STORE}/results", callback=lambda _: (200, {}, self.results))

    def call(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Answer the one mutation of the small path."""
        data = {}
        if given["deletes"]:
            data["metafieldsDelete"] = self.apply(given["delete"], "delete")
        if given["sets"]:
            data["metafieldsSet"] = self.apply(given["set"], "set")
        return data

    def apply(self, inputs: list[dict[str, str]], kind: str) -> dict[str, Any]:
        """Set or delete all of `inputs`, or none; return the payload."""
        assert 0 < len(inputs) <= 25
        refused = self.gone if kind == "set" else self.undeletable
        bad = [nth for nth, one in enumerate(inputs) if number(one) in refused]
        if not bad and any(number(one) in self.mute for one in inputs):
            return {"userErrors": [{"field": None, "message": "no", "code": "INTERNAL_ERROR"}]}
        if not bad:
            self.written.update({(number(one), one["key"]): one.get("value") for one in inputs})
        return {
            "userErrors": [
                {
                    "field": ["metafields", str(nth), "ownerId"],
                    "message": "Owner does not exist.",
                    "code": "INVALID_VALUE",
                    "elementIndex": None,
                }
                for nth in bad
            ]
        }

    def stage(self) -> dict[str, Any]:
        """Offer a place to upload to."""
        key = f"tmp/1/bulk/{len(self.uploads)}/bulk_op_vars"
        parameters = [{"name": "key", "value": key}, {"name": "policy", "value": "p"}]
        return {
            "stagedUploadsCreate": {
                "stagedTargets": [{"url": UPLOAD, "parameters": parameters}],
                "userErrors": [],
            }
        }

    def take(self, request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        """Take an uploaded form, as strictly as the storage does."""
        assert "X-Shopify-Access-Token" not in request.headers
        body = b"".join(request.body)  # type: ignore[arg-type]
        assert int(request.headers["Content-Length"]) == len(body)
        head = f"Content-Type: {request.headers['Content-Type']}\r\n\r\n".encode()
        parts = message_from_bytes(head + body).get_payload()
        assert isinstance(parts, list)
        names = [re.search('name="(.*?)"', part["Content-Disposition"]) for part in parts]  # type: ignore[index]
        assert [found and found.group(1) for found in names] == ["key", "policy", "file"], (
            "the file comes last"
        )
        self.uploads.append(parts[-1].get_payload(decode=True))  # type: ignore[union-attr,arg-type]
        return 201, {}, ""

    def run_job(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Run the mutation over the last upload."""
        kind = "set" if "metafieldsSet" in given["mutation"] else "delete"
        root = "metafieldsSet" if kind == "set" else "metafieldsDelete"
        results: list[dict[str, Any]] = []
        for nth, line in enumerate(self.uploads[-1].splitlines()):
            payload = self.apply(orjson.loads(line)["metafields"], kind)
            results.append({"data": {root: payload}, "__lineNumber": nth})
        self.results = lines(*self.spoil(results))
        self.replies["BulkPoll"] = [polled("COMPLETED", len(results), f"{STORE}/results")]
        return started(root="bulkOperationRunMutation")


def number(given: Mapping[str, str]) -> str:
    return given["ownerId"].rpartition("/")[2]


@pytest.fixture
def shop() -> Iterator[Writer]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield Writer(mock)


@pytest.fixture
def one(tmp_path: Path) -> ShopifyConnector:
    return connector(tmp_path, Time())


def fill(count: int) -> list[Update]:
    """`count` customers with four values each: six of them fit one call."""
    values = {"tenure_days": "7", "net_spend": "12.30", "segment": "a", "channels": "x;y"}
    return [Update("customer", str(record), values) for record in range(1, count + 1)]


def write(one: ShopifyConnector, updates: list[Update]) -> dict[str, WriteResult]:
    results = list(one.write(iter(updates), len(updates)))
    assert len({result.record_id for result in results}) == len(results), "one result a record"
    return {result.record_id: result for result in results}


def test_values_are_written_as_shopify_stores_them_and_with_their_type() -> None:
    change = change_of(fill(1)[0], BY_KEY)
    owner = {"ownerId": "gid://shopify/Customer/1", "namespace": "zaiseki"}
    assert change.sets == [
        owner | {"key": "tenure_days", "type": "number_integer", "value": "7"},
        owner | {"key": "net_spend", "type": "number_decimal", "value": "12.30"},
        owner | {"key": "segment", "type": "single_line_text_field", "value": "a"},
        owner | {"key": "channels", "type": "list.single_line_text_field", "value": '["x","y"]'},
    ]


def test_calls_hold_whole_customers_and_at_most_25_metafields() -> None:
    groups = list(pack(change_of(update, BY_KEY) for update in fill(14)))
    assert [len(group) for group in groups] == [6, 6, 2]


def test_few_changes_take_one_request_per_25_metafields(shop: Writer, one: ShopifyConnector) -> None:
    results = write(one, fill(120))
    assert {result.status for result in results.values()} == {"confirmed"}
    assert one.usage.requests == 20
    assert len(shop.written) == 480


def test_blanks_are_deleted_in_the_same_request(shop: Writer, one: ShopifyConnector) -> None:
    results = write(one, [Update("customer", "5", {"segment": None, "tenure_days": "0"})])
    assert results["5"].status == "confirmed"
    assert shop.written == {("5", "segment"): None, ("5", "tenure_days"): "0"}
    assert one.usage.requests == 1
    assert all(
        given["set"] == [] or "" not in [cell["value"] for cell in given["set"]]
        for given in shop.variables("Write")
    )


def test_a_deleted_customer_takes_nobody_down(shop: Writer, one: ShopifyConnector) -> None:
    shop.gone = {"2", "4"}
    results = write(one, fill(6))
    assert {record for record, result in results.items() if result.status == "rejected"} == {"2", "4"}
    assert results["2"].code == "OWNER_GONE"
    assert {record for record, _ in shop.written} == {"1", "3", "5", "6"}
    assert one.usage.requests == 2, "once with the culprits, once without"


def test_a_failure_that_names_nobody_is_narrowed_down_one_by_one(shop: Writer, one: ShopifyConnector) -> None:
    shop.mute = {"3"}
    results = write(one, fill(6))
    assert [record for record, result in results.items() if result.status == "rejected"] == ["3"]
    assert results["3"].code == "INTERNAL_ERROR"
    assert one.usage.requests == 7


def test_nothing_to_write_sends_nothing(one: ShopifyConnector) -> None:
    assert write(one, []) == {}
    assert one.usage.requests == 0


def test_a_rejection_names_the_field_and_never_the_value() -> None:
    inputs = [{"ownerId": "gid://shopify/Customer/1", "key": "segment", "value": "taro"}]
    told = {"field": ["metafields", "0", "value"], "message": "taro is no choice", "code": "INVALID_VALUE"}
    verdict = judge({"userErrors": [told]}, inputs)
    rejection = verdict.culprits["gid://shopify/Customer/1"]
    assert (rejection.code, rejection.reason) == ("INVALID_VALUE", "segment: … is no choice")
    by_index = judge({"userErrors": [{**told, "field": None, "elementIndex": 0}]}, inputs)
    assert by_index.culprits.keys() == verdict.culprits.keys()


def test_many_changes_take_one_bulk_mutation(shop: Writer, one: ShopifyConnector, tmp_path: Path) -> None:
    results = write(one, fill(1_000))
    assert len(results) == 1_000
    assert {result.status for result in results.values()} == {"confirmed"}
    assert len(shop.written) == 4_000
    assert shop.names() == ["StageUpload", "BulkRunMutation", "BulkPoll"]
    assert one.usage.requests == 5, "with the upload and the download"
    assert list(tmp_path.iterdir()) == []
    assert shop.variables("BulkRunMutation")[0]["path"] == "tmp/1/bulk/0/bulk_op_vars"


def test_completed_is_no_success_until_every_line_was_read(shop: Writer, one: ShopifyConnector) -> None:
    shop.gone = {"7", "500"}
    results = write(one, fill(1_000))
    rejected = {record: result.code for record, result in results.items() if result.status == "rejected"}
    assert rejected == {"7": "OWNER_GONE", "500": "OWNER_GONE"}
    assert {record for record, _ in shop.written} == set(results) - {"7", "500"}
    assert one.usage.requests == 5 + 2, "the ten innocent customers of the two lines go in two calls"


def test_a_line_without_a_result_is_sent_again(shop: Writer, one: ShopifyConnector) -> None:
    shop.spoil = lambda results: results[1:]
    results = write(one, fill(1_000))
    assert {result.status for result in results.values()} == {"confirmed"}
    assert shop.names().count("Write") == 1


def test_results_in_another_order_are_told_apart_by_their_number(shop: Writer, one: ShopifyConnector) -> None:
    shop.gone = {"1"}
    shop.spoil = lambda results: results[::-1]
    results = write(one, fill(1_000))
    assert [record for record, result in results.items() if result.status == "rejected"] == ["1"]


def test_a_line_that_broke_on_the_platform_is_sent_again(shop: Writer, one: ShopifyConnector) -> None:
    broken = {
        "errors": [{"message": "…", "extensions": {"code": "INTERNAL_SERVER_ERROR"}}],
        "__lineNumber": 0,
    }
    shop.spoil = lambda results: [broken, *results[1:]]
    results = write(one, fill(1_000))
    assert {result.status for result in results.values()} == {"confirmed"}


def test_many_failed_lines_go_in_a_second_job_of_one_customer_a_line(
    shop: Writer, one: ShopifyConnector
) -> None:
    shop.gone = {str(record) for record in range(1, 1_001, 6)}
    results = write(one, fill(1_000))
    assert {record for record, result in results.items() if result.status == "rejected"} == shop.gone
    assert shop.names().count("BulkRunMutation") == 2
    assert all(len(orjson.loads(line)["metafields"]) == 4 for line in shop.uploads[1].splitlines())
    assert one.usage.requests == 10


def test_a_customer_that_fails_again_in_the_second_job_is_rejected(
    shop: Writer, one: ShopifyConnector
) -> None:
    shop.mute = {str(record) for record in range(1, 1_001, 6)}
    results = write(one, fill(1_000))
    rejected = {record: result.code for record, result in results.items() if result.status == "rejected"}
    assert rejected == dict.fromkeys(shop.mute, "INTERNAL_ERROR")


def test_blanks_and_values_of_a_customer_come_to_one_result(shop: Writer, one: ShopifyConnector) -> None:
    updates = fill(600)
    updates += [Update("customer", str(record), {"segment": None}) for record in range(601, 700)]
    updates += [
        Update("customer", str(record), {"segment": None, "tenure_days": "1"}) for record in range(700, 800)
    ]
    shop.gone = {"750"}
    results = write(one, updates)
    assert len(results) == 799
    assert [record for record, result in results.items() if result.status == "rejected"] == ["750"]
    assert shop.names().count("BulkRunMutation") == 2
    assert sum(value is None for value in shop.written.values()) == 199


def test_a_blank_that_was_refused_rejects_the_customer_though_its_values_were_taken(
    shop: Writer, one: ShopifyConnector
) -> None:
    updates = [
        Update("customer", str(record), {"segment": None, "tenure_days": "1"}) for record in range(1, 701)
    ]
    shop.undeletable = {"3"}
    results = write(one, updates)
    assert len(results) == 700
    assert [record for record, result in results.items() if result.status == "rejected"] == ["3"]


def test_files_stay_under_the_limit_and_customers_whole(tmp_path: Path) -> None:
    groups = pack(change_of(update, BY_KEY) for update in fill(1_000))
    chunks = list(spool(groups, tmp_path, most_bytes=50_000))
    sizes = [chunk.files["set"].stat().st_size for chunk in chunks]
    assert len(chunks) > 5
    assert max(sizes) < 55_000
    owners = [
        {cell["ownerId"] for cell in orjson.loads(line)["metafields"]}
        for chunk in chunks
        for line in chunk.files["set"].read_bytes().splitlines()
    ]
    assert sum(len(line) for line in owners) == len(set().union(*owners)) == 1_000


def test_a_job_that_failed_is_staged_and_run_again(shop: Writer, one: ShopifyConnector) -> None:
    run = shop.run_job

    def fail_once(given: Mapping[str, Any]) -> dict[str, Any]:
        told = run(given)
        if len(shop.uploads) == 1:
            shop.replies["BulkPoll"] = [polled("FAILED", 0, None, "INTERNAL_SERVER_ERROR")]
        return told

    shop.replies["BulkRunMutation"] = [fail_once]
    results = write(one, fill(1_000))
    assert {result.status for result in results.values()} == {"confirmed"}
    assert len(shop.uploads) == 2


def test_a_refused_upload_is_staged_anew_and_then_given_up(shop: Writer, one: ShopifyConnector) -> None:
    shop.mock.replace(responses.CallbackResponse(responses.POST, UPLOAD, callback=lambda _: (403, {}, "")))
    with pytest.raises(errors.Unavailable):
        write(one, fill(1_000))
    assert shop.names() == ["StageUpload"] * 3
