"""Every text we send is valid against Shopify's own schema, and keeps the rules of bulk queries."""

from datetime import UTC, datetime
from importlib.resources import files

import pytest
from graphql import FieldNode, NoDeprecatedCustomRule, parse, validate, visit
from graphql.language import OperationDefinitionNode, Visitor

from connectors.errors import MendSettings
from connectors.shopify import documents, provision, returns
from connectors.shopify.names import to_metafield
from metrics.fields import catalogue
from sandbox.shopify.schema import admin_schema

FIELDS = catalogue(currency="JPY", scale=2)
ROWS = documents.Rows(FIELDS, "custom.referral-code", "history.first_order_on")
ANSWERS = {"expectation": "survey.expected", "nps": "survey.nps", "stars": "reviews.stars"}
WITH_LINES = documents.Rows(FIELDS, "custom.referral-code", answers=ANSWERS, lines=True)
STREAMS = ("customers", "orders", "abandoned_checkouts", "draft_orders")
BY_KEY = {field.key: field for field in FIELDS}
FILES = sorted(
    entry.name.removesuffix(".graphql") for entry in files("connectors.shopify").joinpath("queries").iterdir()
)
RETURNS = {"return", "returns_page"}
"""Composed in a room of their own, and tested there."""
FRAGMENTS = (
    {stream.removesuffix("s") for stream in STREAMS} | {f"{stream}_swept" for stream in STREAMS} | RETURNS
)
SWEPT = [documents.text(f"{stream}_swept") for stream in STREAMS]
BULK = {
    f"{stream} {search}": ROWS.bulk(stream, search)
    for stream in STREAMS
    for search in (None, "updated_at:>='2026-01-01T00:00:00Z'")
} | {f"{stream} ids": documents.bulk_sweep(stream) for stream in STREAMS}


def whole(name: str) -> str:
    """The text of a file with the fragments it uses."""
    text = documents.text(name)
    return " ".join(
        [
            text,
            *(
                made
                for made in (*ROWS.fragments.values(), *SWEPT)
                if f"...{made.split()[1]} " in text.replace("}", " ")
            ),
        ]
        if "..." in text
        else [text]
    )


@pytest.mark.parametrize("name", [name for name in FILES if name not in FRAGMENTS])
def test_every_query_file_is_valid(name: str) -> None:
    assert validate(admin_schema(), parse(whole(name))) == []


@pytest.mark.parametrize(
    "text",
    [
        ROWS.survey(),
        WITH_LINES.survey(),
        WITH_LINES.bulk("orders", None),
        *(made.page(stream) for made in (ROWS, WITH_LINES) for stream in STREAMS),
        *(documents.page_sweep(stream) for stream in STREAMS),
        provision.creation(12),
        provision.completion(2),
        *BULK.values(),
    ],
)
def test_every_composed_text_is_valid(text: str) -> None:
    assert validate(admin_schema(), parse(text)) == []


def test_nothing_deprecated_is_asked_for_but_what_older_versions_have_alone() -> None:
    whole_texts = [
        ROWS.survey(),
        ROWS.page("orders"),
        returns.page_text(),
        *BULK.values(),
        *map(whole, set(FILES) - FRAGMENTS),
    ]
    found = [
        error.message
        for text in whole_texts
        for error in validate(admin_schema(), parse(text), [NoDeprecatedCustomRule])
    ]
    assert {message.split(" is deprecated")[0] for message in found} <= {
        "The field CustomerPhoneNumber.marketingState",
        "The field CustomerPhoneNumber.marketingUpdatedAt",
        "The field ReturnLineItemType.returnReason",
    }


@pytest.mark.parametrize("text", BULK.values())
def test_bulk_queries_have_one_connection_as_edges_and_no_variables(text: str) -> None:
    document = parse(text)
    (operation,) = document.definitions
    assert isinstance(operation, OperationDefinitionNode)
    assert len(operation.selection_set.selections) == 1
    assert not operation.variable_definitions
    assert len(text.encode()) < 65_535
    names: list[str] = []

    class Collect(Visitor):
        def enter_field(self, node: FieldNode, *_: object) -> None:
            """Note a field and its alias."""
            names.append(node.name.value)
            assert not (node.name.value == "id" and node.alias)

    visit(document, Collect())
    assert names.count("edges") == 1
    assert "nodes" not in names
    assert "pageInfo" not in names


def test_bulk_mutations_are_one_mutation_of_one_call() -> None:
    for name in ("set", "delete"):
        (operation,) = parse(documents.text(name)).definitions
        assert isinstance(operation, OperationDefinitionNode)
        assert len(operation.selection_set.selections) == 1


def test_a_customer_row_carries_our_fields_and_the_referral_code() -> None:
    text = ROWS.bulk("customers", None)
    assert 'zaiseki_tenure_days: metafield(namespace: "zaiseki", key: "tenure_days") { value }' in text
    assert 'referral_code: metafield(namespace: "custom", key: "referral-code") { value updatedAt }' in text
    assert 'first_purchase: metafield(namespace: "history", key: "first_order_on") { value }' in text
    plain = documents.Rows(FIELDS, None).bulk("customers", None)
    assert "referral_code" not in plain
    assert "first_purchase:" not in plain


@pytest.mark.parametrize("name", ["referral_code", 'a.b" } x', "custom.", "a b.c"])
def test_a_metafield_name_that_is_none_is_refused(name: str) -> None:
    for given in ((name, None), (None, name)):
        with pytest.raises(MendSettings):
            documents.Rows(FIELDS, *given)


def test_dates_in_a_search_are_quoted_and_in_utc() -> None:
    instant = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert documents.changed_since(instant) == "updated_at:>='2026-01-02T03:04:05Z'"
    assert documents.changed_since(None) is None


def test_a_list_is_written_as_json() -> None:
    assert to_metafield(BY_KEY["channels"], "online;store") == '["online","store"]'
