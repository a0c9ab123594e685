"""Bulk operations: the rules, the JSONL, five at a time, imports line by line, and what can go wrong."""

import json
from collections.abc import Callable
from typing import Any

import pytest
import requests
from shopify_sandbox_client import IMPORT, SECONDS, SET, STAGE, Shop, metafield

Start = Callable[..., dict[str, Any]]
TOML = '[shopify]\nplan = "plus"\n'
ROWS = {
    "shopify_customers": [{"id": n, "email": f"c{n}@example.com", "tags": "a;b"} for n in (1, 2, 3)],
    "shopify_orders": [
        {"id": 10, "customer_id": 1, "processed_at": "2026-09-02T00:00:00Z", "total": "5"},
        {"id": 11, "customer_id": 1, "processed_at": "2026-09-01T00:00:00Z", "total": "6"},
        {"id": 12, "customer_id": 3, "processed_at": "2026-09-03T00:00:00Z", "total": "7"},
    ],
    "shopify_order_lines": [{"id": 100, "order_id": 10, "title": "Tea"}, {"id": 101, "order_id": 12}],
    "shopify_refunds": [{"id": 1, "order_id": 10, "processed_at": "2026-09-05T00:00:00Z", "amount": "1"}],
}
STUCK = {"fault": "stick_job", "times": None}
IDS = "{ customers { edges { node { id } } } }"
CANCEL = """mutation($id: ID!) { bulkOperationCancel(id: $id) { bulkOperation { status }
  userErrors { field message } } }"""
ONLY_SET = """mutation($m: [MetafieldsSetInput!]!) { metafieldsSet(metafields: $m) {
  metafields { key } userErrors { field message code } } }"""


@pytest.fixture
def shop(sandbox: Start) -> Shop:
    return Shop(sandbox(ROWS, TOML))


def test_rows_come_in_order_with_lists_inline_and_slashes_escaped(shop: Shop) -> None:
    payload = shop.submit(
        """{ orders(sortKey: PROCESSED_AT, query: "id:>0") { edges { node { id tags
        refunds { id totalRefundedSet { shopMoney { amount } } } customer { id } } } } }"""
    )
    operation = shop.finished(payload["bulkOperation"]["id"])
    text = shop.download(operation["url"])
    assert text.splitlines()[0].startswith('{"id":"gid:\\/\\/shopify\\/Order\\/11"')
    rows = [json.loads(line) for line in text.splitlines()]
    assert [row["id"][-2:] for row in rows] == ["11", "10", "12"]
    assert rows[1] == {
        "id": "gid://shopify/Order/10",
        "tags": [],
        "refunds": [{"id": "gid://shopify/Refund/1", "totalRefundedSet": {"shopMoney": {"amount": "1.0"}}}],
        "customer": {"id": "gid://shopify/Customer/1"},
    }
    assert (operation["objectCount"], operation["rootObjectCount"]) == ("3", "3")
    assert int(operation["fileSize"]) == len(text.encode())
    assert 'filename="bulk-1.jsonl"' in requests.utils.unquote(operation["url"]).replace("+", " ")


NESTED = """{ customers { edges { node { id orders(sortKey: PROCESSED_AT) { edges { node { id
  lineItems { edges { node { title } } } } } } } } } }"""


def test_children_name_their_parent_and_come_after_it(shop: Shop) -> None:
    rows = shop.export(NESTED)
    seen: set[str] = set()
    for row in rows:
        assert "__parentId" not in row or row["__parentId"] in seen
        assert "orders" not in row
        seen.add(row.get("id", ""))
    assert [(r["id"], r["__parentId"]) for r in rows if "Order" in r.get("id", "")] == [
        ("gid://shopify/Order/11", "gid://shopify/Customer/1"),
        ("gid://shopify/Order/10", "gid://shopify/Customer/1"),
        ("gid://shopify/Order/12", "gid://shopify/Customer/3"),
    ]


def test_grouped_objects_directly_follow_their_parent(shop: Shop) -> None:
    rows = shop.export(NESTED, grouped=True)
    assert [row.get("id", row.get("title"))[-2:] for row in rows] == [
        "/1", "11", "10", "ea", "/2", "/3", "12", "",
    ]  # fmt: skip


def test_bulk_and_paged_queries_give_the_same_nodes(shop: Shop) -> None:
    fields = """id createdAt email tags numberOfOrders amountSpent { amount }
    defaultEmailAddress { marketingState } m: metafield(namespace: "crm", key: "k1") { value }
    defaultAddress { city } mergeable { isMergeable }"""
    paged = shop.data(f"{{ customers(first: 9) {{ nodes {{ {fields} }} }} }}")["customers"]["nodes"]
    assert shop.export(f"{{ customers {{ edges {{ node {{ {fields} }} }} }} }}") == paged


def test_connections_without_rows_leave_no_trace_in_the_node(shop: Shop) -> None:
    query = """{ customers { edges { node { id orders { edges { node { id } } }
    addressesV2 { edges { node { id } } } } } } }"""
    assert shop.export(query)[0] == {"id": "gid://shopify/Customer/1"}


def test_an_empty_result_has_no_url(shop: Shop) -> None:
    operation = shop.finished(
        shop.submit('{ orders(query: "id:99") { edges { node { id } } } }')["bulkOperation"]["id"]
    )
    assert (operation["status"], operation["url"], operation["objectCount"]) == ("COMPLETED", None, "0")


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("{ shop { id } }", "Bulk queries must contain at least one connection."),
        ("{ orders { nodes { id } } }",
         "All connection fields in a bulk query must select their contents using 'edges' > 'node', "
         "e.g: 'orders { edges { node {'. Selecting via 'nodes' is not supported. "
         "Invalid connection fields: 'orders'."),
        ("{ customers { edges { node { orders { edges { node { id } } } } } } }",
         "The parent 'node' field for a nested connection must select the 'id' field without an alias and "
         "must be of 'ID' return type. Connection fields without 'id': customers."),
        ("{ orders { edges { node { id refunds { refundLineItems { edges { node { quantity } } } } } } } }",
         "Queries that contain a connection field within a list field are not currently supported."),
        ("{ customers { edges { node { id orders { edges { node { id lineItems { edges { node { id "
         "suggestedReturnReasonDefinitions { edges { node { id } } } } } } } } } } } } }",
         "Bulk queries cannot contain connections with a nesting depth greater than 2."),
        ("mutation { tagsAdd(id: \"x\", tags: []) { userErrors { message } } }",
         "Invalid operation type. Only `query` operations are supported."),
        ("", "Invalid bulk query: syntax error, unexpected end of file"),
    ],
)  # fmt: skip
def test_broken_rules_are_told_in_shopifys_words(shop: Shop, query: str, message: str) -> None:
    payload = shop.submit(query)
    assert payload["bulkOperation"] is None
    assert payload["userErrors"] == [{"field": ["query"], "message": message, "code": "INVALID"}]


def test_more_than_five_connections_are_refused(shop: Shop) -> None:
    many = " ".join(f"c{n}: metafields(first: 1) {{ edges {{ node {{ id }} }} }}" for n in range(5))
    payload = shop.submit(f"{{ customers {{ edges {{ node {{ id {many} }} }} }} }}")
    assert [e["message"] for e in payload["userErrors"]] == [
        "Bulk queries cannot contain more than 5 connections."
    ]


def test_a_query_over_65535_bytes_is_too_large(shop: Shop) -> None:
    payload = shop.submit(IDS + " " * 70_000)
    assert payload["userErrors"][0]["message"] == (
        f"Query is too large ({len(IDS) + 70_000} bytes; maximum is 65535 bytes)"
    )


def test_the_sixth_query_at_once_is_refused_until_one_is_cancelled(shop: Shop) -> None:
    shop.sandbox("faults", [STUCK])
    running = [shop.submit(IDS)["bulkOperation"]["id"] for _ in range(5)]
    payload = shop.submit(IDS)
    assert payload["bulkOperation"] is None
    assert payload["userErrors"] == [
        {
            "field": None,
            "code": "OPERATION_IN_PROGRESS",
            "message": "A bulk query operation for this app and shop is already in progress: "
            + ", ".join(running) + ".",
        }
    ]  # fmt: skip
    cancelled = shop.data(CANCEL, id=running[0])["bulkOperationCancel"]
    assert cancelled == {"bulkOperation": {"status": "CANCELING"}, "userErrors": []}
    assert shop.finished(running[0])["status"] == "CANCELED"
    assert shop.submit(IDS)["userErrors"] == []
    listed = shop.data(
        '{ bulkOperations(first: 9, query: "status:running operation_type:query") { nodes { id } } }'
    )
    assert len(listed["bulkOperations"]["nodes"]) == 5


def test_what_has_ended_cannot_be_cancelled(shop: Shop) -> None:
    number = shop.finished(shop.submit(IDS)["bulkOperation"]["id"])["id"]
    (error,) = shop.data(CANCEL, id=number)["bulkOperationCancel"]["userErrors"]
    assert error["message"] == "A bulk operation cannot be canceled when it is completed"


def test_failed_and_partial_jobs_on_demand(shop: Shop) -> None:
    shop.sandbox("faults", [{"fault": "fail_job"}, {"fault": "partial_result", "contains": "customers"}])
    failed = shop.finished(shop.submit(IDS)["bulkOperation"]["id"])
    assert (failed["status"], failed["errorCode"], failed["url"]) == ("FAILED", "INTERNAL_SERVER_ERROR", None)
    partial = shop.finished(shop.submit(IDS)["bulkOperation"]["id"])
    assert (partial["status"], partial["url"]) == ("FAILED", None)
    assert len(shop.download(partial["partialDataUrl"]).splitlines()) == 1


def test_a_query_without_the_scope_ends_failed(sandbox: Start) -> None:
    shop = Shop(sandbox(ROWS, '[shopify]\nscopes = ["read_customers"]\n'))
    ended = shop.finished(shop.submit("{ orders { edges { node { id } } } }")["bulkOperation"]["id"])
    assert (ended["status"], ended["errorCode"]) == ("FAILED", "ACCESS_DENIED")


def test_an_import_answers_every_line_in_order_and_completes_all_the_same(shop: Shop) -> None:
    lines = [
        {"m": [metafield(1, "one", "x"), metafield(2, "one", "y")]},
        {"m": [metafield(1, "two", "x"), metafield(77, "two", "y")]},
        {"wrong": []},
        {"m": [metafield(3, "one", "z")]},
    ]
    operation, answers = shop.run_import(ONLY_SET, lines)
    assert (operation["status"], operation["objectCount"], operation["type"]) == (
        "COMPLETED",
        "4",
        "MUTATION",
    )
    assert [answer["__lineNumber"] for answer in answers] == [0, 1, 2, 3]
    payloads = [answer.get("data", {}).get("metafieldsSet") for answer in answers]
    assert payloads[0] == {"metafields": [{"key": "one"}, {"key": "one"}], "userErrors": []}
    assert payloads[1]["metafields"] is None
    assert payloads[1]["userErrors"][0]["field"] == ["metafields", "1", "ownerId"]
    assert "$m" in answers[2]["errors"][0]["message"]
    stored = shop.data(
        """{ customers(first: 9) { nodes { one: metafield(namespace: "crm", key: "one") { value }
        two: metafield(namespace: "crm", key: "two") { value } } } }"""
    )["customers"]["nodes"]
    assert [node["one"] for node in stored] == [{"value": "x"}, {"value": "y"}, {"value": "z"}]
    assert [node["two"] for node in stored] == [None, None, None]


def test_any_other_mutation_can_be_imported_too(shop: Shop) -> None:
    tag = """mutation($id: ID!, $t: [String!]!) { tagsAdd(id: $id, tags: $t) { node { id }
    userErrors { message } } }"""
    _, answers = shop.run_import(tag, [{"id": "gid://shopify/Customer/2", "t": ["new"]}])
    assert answers[0]["data"]["tagsAdd"] == {"node": {"id": "gid://shopify/Customer/2"}, "userErrors": []}
    assert shop.data('{ customer(id: "gid://shopify/Customer/2") { tags } }')["customer"]["tags"] == [
        "a",
        "b",
        "new",
    ]


@pytest.mark.parametrize(
    ("mutation", "error"),
    [
        ("query { shop { id } }",
         (None, "Invalid operation type. Only `mutation` operations are supported.", "INVALID_MUTATION")),
        ('mutation { a: tagsAdd(id: "x", tags: []) { userErrors { message } } '
         'b: tagsAdd(id: "x", tags: []) { userErrors { message } } }',
         (["mutation"], "You must specify a single top level mutation.", None)),
        (IMPORT, (["mutation"], "You must use an allowed mutation name.", None)),
        (SET, (None, "The JSONL file could not be found. Try uploading the file again, and check that "
               "you've entered the URL correctly for the stagedUploadPath mutation argument.",
               "NO_SUCH_FILE")),
    ],
)  # fmt: skip
def test_wrong_imports_are_refused(shop: Shop, mutation: str, error: tuple[Any, str, Any]) -> None:
    payload = shop.data(IMPORT, m=mutation, p="tmp/1/bulk/none/bulk_op_vars")["bulkOperationRunMutation"]
    found = payload["userErrors"][0]
    assert (found["field"], found["message"], found["code"]) == error


def test_an_empty_file_is_refused(shop: Shop) -> None:
    payload = shop.data(IMPORT, m=ONLY_SET, p=shop.stage(""))["bulkOperationRunMutation"]
    (error,) = payload["userErrors"]
    assert (error["code"], error["message"]) == ("INVALID_STAGED_UPLOAD_FILE", "The input file is empty.")


def test_an_upload_needs_every_parameter_and_the_file_last(shop: Shop) -> None:
    (target,) = shop.data(STAGE)["stagedUploadsCreate"]["stagedTargets"]
    fields = [(one["name"], (None, one["value"])) for one in target["parameters"]]
    file = ("file", ("vars", "{}"))
    without = [part for part in fields if part[0] != "policy"]
    assert requests.post(target["url"], files=[*without, file], timeout=SECONDS).status_code == 403
    assert requests.post(target["url"], files=[file, *fields], timeout=SECONDS).status_code == 400
    assert requests.post(target["url"], files=[*fields, file], timeout=SECONDS).status_code == 201


def test_a_result_is_not_served_without_its_signature(shop: Shop) -> None:
    url = shop.finished(shop.submit(IDS)["bulkOperation"]["id"])["url"]
    assert requests.get(url.split("?")[0], timeout=SECONDS).status_code == 403
