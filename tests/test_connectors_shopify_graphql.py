"""Reading an answer: data, or an error that says what to do."""

from collections.abc import Mapping
from typing import Any

import orjson
import pytest
import requests
import responses
from shopify_answers import GRAPHQL, TOKEN, Time

from connectors import errors
from connectors.http import Http
from connectors.shopify import ShopifyAccess
from connectors.shopify.auth import may_call
from connectors.shopify.cost import Bucket, Cost, read_cost
from connectors.shopify.graphql import GraphQL, read

STATUS = {"maximumAvailable": 2000.0, "currentlyAvailable": 62, "restoreRate": 100.0}
THROTTLED = {
    "errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}],
    "extensions": {"cost": {"requestedQueryCost": 862, "actualQueryCost": None, "throttleStatus": STATUS}},
}


def answer(
    body: Any = None, status: int = 200, headers: Mapping[str, str] | None = None
) -> requests.Response:
    made = requests.Response()
    made.status_code = status
    made._content = body if isinstance(body, bytes) else orjson.dumps(body)
    made.headers.update({"X-Shopify-API-Version": "2026-10", "X-Request-Id": "req-7", **(headers or {})})
    return made


def failure(code: str, message: str = "", **extensions: Any) -> dict[str, Any]:
    return {"errors": [{"message": message, "extensions": {"code": code, **extensions}}]}


def test_data_and_cost_of_a_good_answer() -> None:
    told = {"requestedQueryCost": 13, "actualQueryCost": 12, "throttleStatus": STATUS}
    read_answer = read(answer({"data": {"shop": {}}, "extensions": {"cost": told}}), "2026-10")
    assert read_answer.data == {"shop": {}}
    assert read_answer.cost == Cost(13, 12, 62, 2000, 100)


@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [
        (401, errors.TokenRefused, "token_refused"),
        (402, errors.MendSettings, "shop_frozen"),
        (403, errors.MendSettings, "forbidden"),
        (404, errors.MendSettings, "unknown_shop"),
        (423, errors.MendSettings, "shop_locked"),
        (430, errors.MendSettings, "security_rejection"),
        (429, errors.Wait, "too_many_requests"),
        (500, errors.Retry, "server_error"),
        (504, errors.Retry, "server_error"),
        (540, errors.Retry, "server_error"),
        (301, errors.MendSettings, "redirected"),
        (400, errors.UnexpectedAnswer, "unexpected_status"),
    ],
)
def test_every_status_has_its_consequence(status: int, kind: type[errors.ConnectorError], code: str) -> None:
    with pytest.raises(errors.ConnectorError) as raised:
        read(answer(b"", status), "2026-10")
    assert (type(raised.value), raised.value.code) == (kind, code)


def test_a_429_waits_as_long_as_its_decimal_header_says() -> None:
    with pytest.raises(errors.Wait) as raised:
        read(answer(b"", 429, {"retry-after": "4.0"}), "2026-10")
    assert raised.value.after == 4.0


def test_a_throttled_call_waits_until_the_bucket_holds_what_it_asks_for() -> None:
    with pytest.raises(errors.Wait) as raised:
        read(answer(THROTTLED), "2026-10")
    assert raised.value.after == pytest.approx((862 - 62) / 100)


@pytest.mark.parametrize(
    ("body", "kind", "code", "details"),
    [
        (
            failure("MAX_COST_EXCEEDED", cost=1293, maxCost=1000),
            errors.MendSettings,
            "max_cost_exceeded",
            {"cost": "1293", "maximum": "1000"},
        ),
        (
            failure("ACCESS_DENIED", "Access denied for x. Required access: `read_orders` access scope."),
            errors.MendSettings,
            "missing_scope",
            {"scope": "read_orders"},
        ),
        (
            failure("ACCESS_DENIED", "This app is not approved to access the Customer object."),
            errors.MendSettings,
            "access_denied",
            {"field": ""},
        ),
        (failure("SHOP_INACTIVE"), errors.MendSettings, "shop_frozen", {}),
        (failure("INTERNAL_SERVER_ERROR"), errors.Retry, "server_error", {}),
        (failure("undefinedField", typeName="Customer"), errors.UnexpectedAnswer, "graphql_error", {}),
        ({"data": None}, errors.UnexpectedAnswer, "no_data", {}),
        ([], errors.UnexpectedAnswer, "not_graphql", {}),
        (b'{"data": {"sho', errors.Retry, "broken_answer", {}),
        ({"errors": "Not Found"}, errors.UnexpectedAnswer, "graphql_error", {}),
    ],
)
def test_every_error_in_a_body_has_its_consequence(
    body: Any, kind: type[errors.ConnectorError], code: str, details: dict[str, str]
) -> None:
    with pytest.raises(errors.ConnectorError) as raised:
        read(answer(body), "2026-10")
    assert (type(raised.value), raised.value.code, raised.value.details) == (kind, code, details)


def test_an_ignored_search_term_is_fatal_because_then_every_row_matches() -> None:
    warned = {"search": [{"path": ["customers"], "warnings": [{"code": "invalid_field"}]}]}
    with pytest.raises(errors.UnexpectedAnswer) as raised:
        read(answer({"data": {}, "extensions": warned}), "2026-10")
    assert raised.value.code == "search_ignored"
    unwarned = {"search": [{"path": ["customers"], "parsed": {}}]}
    assert read(answer({"data": {"a": 1}, "extensions": unwarned}), "2026-10").data == {"a": 1}


def test_a_version_that_fell_forward_is_noticed() -> None:
    with pytest.raises(errors.MendSettings) as raised:
        read(answer({"data": {}}, headers={"X-Shopify-API-Version": "2027-01"}), "2026-10")
    assert raised.value.details == {"asked": "2026-10", "answered": "2027-01"}


def test_no_error_quotes_a_message_that_could_be_about_a_person() -> None:
    body = failure("BAD_USER_INPUT", "Variable $x got invalid value 'taro@example.jp'")
    with pytest.raises(errors.ConnectorError) as raised:
        read(answer(body), "2026-10")
    assert "taro" not in str(raised.value)
    assert "req-7" in str(raised.value), "the request id is what Shopify's support asks for"


def test_the_bucket_waits_before_a_call_that_would_be_refused() -> None:
    time = Time()
    bucket = Bucket(time.now)
    assert bucket.seconds_before("a") == 0
    bucket.note("a", Cost(178, 178, 28, 2000, 100))
    assert bucket.seconds_before("a") == pytest.approx(1.5)
    assert bucket.seconds_before("never sent") == 0
    time.sleep(1.0)
    assert bucket.seconds_before("a") == pytest.approx(0.5)
    assert read_cost({}) is None


def graphql(time: Time, **access: Any) -> GraphQL:
    given = access or {"access_token": "shpat_secret"}
    made = ShopifyAccess("demo.myshopify.com", **given)
    return GraphQL(Http("shopify", may_call, None, "Zaiseki"), made, sleep=time.sleep, now=time.now)


def test_throttled_calls_are_repeated_and_counted() -> None:
    time = Time()
    cost = {"requestedQueryCost": 862, "actualQueryCost": 158, "throttleStatus": STATUS}
    with responses.RequestsMock() as mock:
        mock.post(GRAPHQL, json=THROTTLED)
        mock.post(GRAPHQL, json={"data": {"shop": {}}, "extensions": {"cost": cost}})
        one = graphql(time)
        assert one.run("query A { shop { id } }") == {"shop": {}}
    assert one.http.usage.requests == 2
    assert one.http.usage.cost == 158
    assert 8.0 <= one.http.usage.throttled_seconds <= 8.25


def test_the_token_goes_in_shopifys_own_header() -> None:
    with responses.RequestsMock() as mock:
        mock.post(GRAPHQL, json={"data": {}})
        graphql(Time()).run("query A { shop { id } }")
        sent = mock.calls[0].request
    assert sent.headers["X-Shopify-Access-Token"] == "shpat_secret"
    assert "Authorization" not in sent.headers


def test_a_refused_token_is_replaced_once() -> None:
    with responses.RequestsMock() as mock:
        mock.post(TOKEN, json={"access_token": "one", "expires_in": 86399})
        mock.post(GRAPHQL, status=401)
        mock.post(TOKEN, json={"access_token": "two", "expires_in": 86399})
        mock.post(GRAPHQL, json={"data": {"a": 1}})
        assert graphql(Time(), client_id="i", client_secret="s").run("query A { a }") == {"a": 1}
        assert mock.calls[3].request.headers["X-Shopify-Access-Token"] == "two"


def test_a_token_refused_twice_is_for_the_merchant() -> None:
    with responses.RequestsMock() as mock:
        mock.post(TOKEN, json={"access_token": "one", "expires_in": 86399})
        mock.post(GRAPHQL, status=401)
        with pytest.raises(errors.MendSettings) as raised:
            graphql(Time(), client_id="i", client_secret="s").run("query A { a }")
        assert len(mock.calls) == 4
    assert raised.value.code == "token_refused"


def test_a_refused_static_token_is_not_sent_again() -> None:
    with responses.RequestsMock() as mock:
        mock.post(GRAPHQL, status=401)
        with pytest.raises(errors.MendSettings):
            graphql(Time()).run("query A { a }")
        assert len(mock.calls) == 1


def test_a_redirect_does_not_carry_the_token_away() -> None:
    with responses.RequestsMock() as mock:
        mock.post(GRAPHQL, status=307, headers={"Location": "https://storage.googleapis.com/x"})
        with pytest.raises(errors.MendSettings) as raised:
            graphql(Time()).run("query A { a }")
        assert len(mock.calls) == 1
    assert raised.value.code == "redirected"
