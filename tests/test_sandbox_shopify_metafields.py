"""Metafields and their definitions: 25 a call, all or nothing, checked and normalised; segments; merges."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import write_scenario
from shopify_sandbox_client import SET, Shop, metafield

from sandbox.shopify.values import InvalidValue, normalise_value

PEOPLE = {
    "shopify_customers": [{"id": number, "updated_at": "2026-01-01T00:00:00Z"} for number in (1, 2, 3)],
    "shopify_orders": [{"id": 9, "customer_id": 2, "total": "10", "processed_at": "2026-09-01T00:00:00Z"}],
}
READ = """query($id: ID!, $k: String!) { customer(id: $id) { updatedAt
  metafield(namespace: "crm", key: $k) { id value jsonValue compareDigest updatedAt } } }"""
DELETE = """mutation($m: [MetafieldIdentifierInput!]!) { metafieldsDelete(metafields: $m) {
  deletedMetafields { ownerId namespace key } userErrors { field message } } }"""
DEFINE = """mutation($d: MetafieldDefinitionInput!) { metafieldDefinitionCreate(definition: $d) {
  createdDefinition { id pinnedPosition validations { name value } access { storefront admin }
  capabilities { adminFilterable { enabled eligible status } } } userErrors { field message code } } }"""
Start = Callable[..., dict[str, Any]]


@pytest.fixture
def shop(sandbox: Start) -> Shop:
    return Shop(sandbox(PEOPLE))


def put(shop: Shop, *inputs: dict[str, Any]) -> dict[str, Any]:
    payload: dict[str, Any] = shop.data(SET, m=list(inputs))["metafieldsSet"]
    return payload


def read(shop: Shop, owner: int, key: str) -> dict[str, Any]:
    customer: dict[str, Any] = shop.data(READ, id=f"gid://shopify/Customer/{owner}", k=key)["customer"]
    return customer


def define(shop: Shop, key: str, kind: str, **more: Any) -> dict[str, Any]:
    given = {"ownerType": "CUSTOMER", "namespace": "crm", "key": key, "name": key, "type": kind} | more
    payload: dict[str, Any] = shop.data(DEFINE, d=given)["metafieldDefinitionCreate"]
    return payload


def test_a_call_writes_all_of_its_metafields_or_none(shop: Shop) -> None:
    payload = put(
        shop, metafield(1, "one", "x"), metafield(77, "one", "x"), metafield(2, "two", "z", "number_integer")
    )
    assert payload["metafields"] is None
    assert payload["userErrors"] == [
        {"field": ["metafields", "1", "ownerId"], "message": "Owner does not exist.", "code": "INVALID_VALUE",
         "elementIndex": None},
        {"field": ["metafields", "2", "value"], "message": "Value must be an integer.",
         "code": "INVALID_VALUE", "elementIndex": None},
    ]  # fmt: skip
    assert read(shop, 1, "one")["metafield"] is None
    assert put(shop, metafield(1, "one", "x"), metafield(2, "one", "y"))["userErrors"] == []
    assert read(shop, 2, "one")["metafield"]["value"] == "y"


def test_a_call_takes_25_metafields_and_no_more(shop: Shop) -> None:
    assert put(shop, *(metafield(1, f"k{n}", "x") for n in range(25)))["userErrors"] == []
    (error,) = put(shop, *(metafield(1, f"k{n}", "x") for n in range(26)))["userErrors"]
    assert (error["field"], error["code"]) == (["metafields"], "LESS_THAN_OR_EQUAL_TO")
    assert error["message"] == "Exceeded the maximum metafields input limit of 25."


def test_writing_the_same_value_again_changes_nothing(shop: Shop, tmp_path: Path) -> None:
    put(shop, metafield(1, "num", "1.50", "number_decimal"))
    before = read(shop, 1, "num")
    assert before["updatedAt"] > "2026-01-01T00:00:00Z"
    shop.sandbox(
        "apply", {"scenario": str(write_scenario(tmp_path / "later", {}, 'now = "2027-01-01T12:00:00Z"\n'))}
    )
    put(shop, metafield(1, "num", "1.5", "number_decimal"))
    assert read(shop, 1, "num") == before
    put(shop, metafield(1, "num", "1.6", "number_decimal"))
    assert read(shop, 1, "num")["updatedAt"] == read(shop, 1, "num")["metafield"]["updatedAt"] > "2027-01-01"


def test_a_knob_keeps_writes_from_moving_the_owners_updated_at(sandbox: Start) -> None:
    shop = Shop(sandbox(PEOPLE, "[shopify]\nmetafield_writes_bump = false\n"))
    put(shop, metafield(1, "one", "x"))
    assert read(shop, 1, "one")["updatedAt"] == "2026-01-01T00:00:00Z"


def test_a_compare_digest_guards_against_what_others_wrote(shop: Shop) -> None:
    new = metafield(1, "one", "x") | {"compareDigest": None}
    assert put(shop, new)["userErrors"] == []
    (stale,) = put(shop, metafield(1, "one", "y") | {"compareDigest": None})["userErrors"]
    assert (stale["field"], stale["code"]) == (["metafields", "0"], "STALE_OBJECT")
    digest = read(shop, 1, "one")["metafield"]["compareDigest"]
    assert put(shop, metafield(1, "one", "y") | {"compareDigest": digest})["userErrors"] == []
    assert put(shop, metafield(1, "one", "y") | {"compareDigest": "wrong"})["userErrors"] == []


def test_a_type_is_needed_without_a_definition_and_bound_by_one(shop: Shop) -> None:
    (blank,) = put(shop, metafield(1, "num", "1", None))["userErrors"]
    assert (blank["field"], blank["code"]) == (["metafields", "0", "type"], "BLANK")
    define(shop, "num", "number_integer")
    assert put(shop, metafield(1, "num", "1", None))["metafields"][0]["type"] == "number_integer"
    (wrong,) = put(shop, metafield(1, "num", "1", "single_line_text_field"))["userErrors"]
    assert wrong["code"] == "INVALID_TYPE"


def test_choices_of_the_definition_are_enforced_in_shopifys_words(shop: Shop) -> None:
    define(shop, "seg", "single_line_text_field", validations=[{"name": "choices", "value": '["a", "b"]'}])
    (error,) = put(shop, metafield(1, "seg", "c"))["userErrors"]
    assert (error["code"], error["field"]) == ("INVALID_VALUE", ["metafields", "0", "value"])
    assert error["message"] == 'Value does not exist in provided choices: ["a", "b"].'
    assert put(shop, metafield(1, "seg", "b"))["userErrors"] == []


def test_deleting_answers_null_for_what_was_not_there(shop: Shop) -> None:
    put(shop, metafield(1, "one", "x"))
    there = {"ownerId": "gid://shopify/Customer/1", "namespace": "crm", "key": "one"}
    payload = shop.data(DELETE, m=[there, there | {"key": "two"}])["metafieldsDelete"]
    assert payload == {"deletedMetafields": [there, None], "userErrors": []}
    assert read(shop, 1, "one")["metafield"] is None


def test_an_empty_value_is_no_way_to_clear(shop: Shop) -> None:
    (error,) = put(shop, metafield(1, "one", ""))["userErrors"]
    assert (error["code"], error["message"]) == ("BLANK", "Value can't be blank.")


@pytest.mark.parametrize(
    ("kind", "text", "stored"),
    [
        ("number_integer", "+007", "7"),
        ("number_decimal", "1.2345678919", "1.234567891"),
        ("number_decimal", "12", "12.0"),
        ("number_decimal", "-0.50", "-0.5"),
        ("boolean", "t", "true"),
        ("boolean", "0", "false"),
        ("date", "2026-02-28", "2026-02-28"),
        ("date_time", "2026-02-28T10:00:00", "2026-02-28T10:00:00+00:00"),
        ("date_time", "2026-02-28T10:00:00+09:00", "2026-02-28T10:00:00+09:00"),
        ("list.single_line_text_field", '["a", "ü"]', '["a","ü"]'),
        ("list.number_integer", "[1, 2]", "[1,2]"),
        ("json", '{"a": 1}', '{"a":1}'),
    ],
)
def test_values_are_normalised_as_the_platform_does(kind: str, text: str, stored: str) -> None:
    assert normalise_value(kind, text) == stored


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("number_integer", "1.0"),
        ("number_decimal", "NaN"),
        ("boolean", "yes"),
        ("date", "2026-02-30"),
        ("date", "20260228"),
        ("date_time", "2026-02-28"),
        ("single_line_text_field", "a\nb"),
        ("list.single_line_text_field", "a"),
        ("json", "{"),
        ("money", "5"),
        ("url", "example.com"),
        ("nonsense", "x"),
    ],
)
def test_values_of_the_wrong_kind_are_refused(kind: str, text: str) -> None:
    with pytest.raises(InvalidValue):
        normalise_value(kind, text)


@pytest.mark.parametrize(
    ("rules", "text", "message"),
    [
        ({"min": "3"}, "2", "Value has a minimum of 3."),
        ({"max": "3"}, "4", "Value has a maximum of 3."),
    ],
)
def test_bounds_of_numbers_are_enforced(rules: dict[str, str], text: str, message: str) -> None:
    with pytest.raises(InvalidValue, match=message):
        normalise_value("number_integer", text, rules)


def test_a_definition_tells_what_it_can_be_used_for(shop: Shop) -> None:
    made = define(shop, "tenure", "number_integer", pin=True,
                  capabilities={"adminFilterable": {"enabled": True}},
                  access={"storefront": "NONE", "customerAccount": "NONE"})  # fmt: skip
    created = made["createdDefinition"]
    assert made["userErrors"] == []
    assert created["pinnedPosition"] == 1
    assert created["access"] == {"storefront": "NONE", "admin": "PUBLIC_READ_WRITE"}
    assert created["capabilities"]["adminFilterable"] == {
        "enabled": True,
        "eligible": True,
        "status": "FILTERABLE",
    }
    assert define(shop, "spent", "number_decimal", pin=True)["createdDefinition"]["pinnedPosition"] == 2


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"key": "twice"}, "TAKEN"),
        ({"key": "x"}, "TOO_SHORT"),
        ({"type": "nonsense"}, "INCLUSION"),
        ({"type": "date", "capabilities": {"adminFilterable": {"enabled": True}}}, "INVALID_CAPABILITY"),
        ({"access": {"admin": "MERCHANT_READ"}}, "ADMIN_ACCESS_INPUT_NOT_ALLOWED"),
    ],
)
def test_a_wrong_definition_is_refused_with_its_code(shop: Shop, more: dict[str, Any], code: str) -> None:
    define(shop, "twice", "date")
    given = {"key": "other", "type": "date"} | more
    payload = define(shop, given.pop("key"), given.pop("type"), **given)
    assert payload["createdDefinition"] is None
    assert [error["code"] for error in payload["userErrors"]] == [code]


def test_a_definition_adopts_matching_values_and_is_barred_by_others(shop: Shop) -> None:
    put(shop, metafield(1, "good", "12"), metafield(1, "bad", "twelve"))
    assert define(shop, "good", "number_integer")["userErrors"] == []
    assert put(shop, metafield(1, "good", "13", None))["metafields"][0]["type"] == "number_integer"
    assert define(shop, "bad", "number_integer")["userErrors"][0]["code"] == "UNSTRUCTURED_ALREADY_EXISTS"


def test_definitions_are_changed_pinned_listed_and_deleted_by_name(shop: Shop) -> None:
    define(shop, "one", "date")
    who = 'ownerType: CUSTOMER, namespace: "crm", key: "one"'
    changed = shop.data(
        f"""mutation {{ metafieldDefinitionUpdate(definition: {{{who}, name: "First", pin: true}}) {{
        updatedDefinition {{ name pinnedPosition }} userErrors {{ code }} }} }}"""
    )["metafieldDefinitionUpdate"]
    assert changed == {"updatedDefinition": {"name": "First", "pinnedPosition": 1}, "userErrors": []}
    again = shop.data(
        f"""mutation {{ metafieldDefinitionPin(identifier: {{{who}}}) {{
        pinnedDefinition {{ id }} userErrors {{ code }} }} }}"""
    )["metafieldDefinitionPin"]
    assert again == {"pinnedDefinition": None, "userErrors": [{"code": "ALREADY_PINNED"}]}
    put(shop, metafield(1, "one", "2026-01-01", None))
    shop.data(f"mutation {{ metafieldDefinitionDelete(identifier: {{{who}}}) {{ deletedDefinitionId }} }}")
    listed = shop.data(
        '{ metafieldDefinitions(ownerType: CUSTOMER, first: 9, namespace: "crm") { nodes { key } } }'
    )
    assert listed["metafieldDefinitions"]["nodes"] == []
    assert read(shop, 1, "one")["metafield"]["value"] == "2026-01-01"


def test_records_can_be_rejected_on_demand(shop: Shop) -> None:
    rule = {"fault": "reject_records", "contains": "Customer/2", "message": "Not today.", "times": 1}
    shop.sandbox("faults", [rule])
    (error,) = put(shop, metafield(1, "one", "x"), metafield(2, "one", "x"))["userErrors"]
    assert (error["field"], error["message"]) == (["metafields", "1", "value"], "Not today.")
    assert put(shop, metafield(2, "one", "x"))["userErrors"] == []


def test_segments_have_unique_names_and_find_their_members(shop: Shop) -> None:
    put(shop, metafield(1, "score", "80", "number_integer"), metafield(2, "score", "9", "number_integer"))
    make = """mutation($n: String!, $q: String!) { segmentCreate(name: $n, query: $q) {
    segment { id name } userErrors { field message } } }"""
    one = shop.data(make, n="Good", q="metafields.crm.score >= 10 OR number_of_orders > 0")["segmentCreate"]
    two = shop.data(make, n="Good", q="metafields.crm.score IS NULL")["segmentCreate"]
    assert [made["segment"]["name"] for made in (one, two)] == ["Good", "Good (2)"]
    members = """query($id: ID!) { customerSegmentMembers(first: 1000, segmentId: $id) { totalCount
    edges { node { id } } } }"""
    found = [shop.data(members, id=made["segment"]["id"])["customerSegmentMembers"] for made in (one, two)]
    assert [[edge["node"]["id"][-1] for edge in one["edges"]] for one in found] == [["1", "2"], ["3"]]
    assert [one["totalCount"] for one in found] == [2, 1]
    (error,) = shop.data(make, n="Bad", q="abc = 1")["segmentCreate"]["userErrors"]
    assert error == {"field": ["query"], "message": "Query Line 1 Column 1: 'abc' filter cannot be found."}


def test_a_merge_keeps_the_one_who_bought_and_copies_what_it_lacks(shop: Shop) -> None:
    put(shop, metafield(1, "one", "lost"), metafield(1, "two", "copied"), metafield(2, "one", "kept"))
    merged = shop.data(
        """mutation { customerMerge(customerOneId: "gid://shopify/Customer/1",
        customerTwoId: "gid://shopify/Customer/2") { resultingCustomerId job { id }
        userErrors { message } } }"""
    )["customerMerge"]
    assert merged["resultingCustomerId"] == "gid://shopify/Customer/2"
    assert shop.data('{ customer(id: "gid://shopify/Customer/1") { id } }')["customer"] is None
    assert (read(shop, 2, "one")["metafield"]["value"], read(shop, 2, "two")["metafield"]["value"]) == (
        "kept",
        "copied",
    )
    status = shop.data(
        "query($id: ID!) { customerMergeJobStatus(jobId: $id) { resultingCustomerId status } }",
        id=merged["job"]["id"],
    )["customerMergeJobStatus"]
    assert status == {"resultingCustomerId": "gid://shopify/Customer/2", "status": "COMPLETED"}


def test_only_who_never_ordered_can_be_deleted(shop: Shop) -> None:
    drop = """mutation($id: ID!) { customerDelete(input: {id: $id}) { deletedCustomerId
    userErrors { field message } } }"""
    gone = shop.data(drop, id="gid://shopify/Customer/3")["customerDelete"]
    assert gone == {"deletedCustomerId": "gid://shopify/Customer/3", "userErrors": []}
    (error,) = shop.data(drop, id="gid://shopify/Customer/2")["customerDelete"]["userErrors"]
    assert error["message"] == "Customer can't be deleted because they have associated orders"
