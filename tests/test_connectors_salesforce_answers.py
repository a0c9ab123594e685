"""What an answer of Salesforce means: the data, or the error that says what to do."""

from decimal import Decimal

import pytest
import requests

from connectors.errors import (
    BudgetSpent,
    MendSettings,
    Retry,
    TokenRefused,
    UnexpectedAnswer,
)
from connectors.salesforce.answers import read, read_part


def answer(status: int, body: str = "", **headers: str) -> requests.Response:
    response = requests.Response()
    response.status_code = status
    response._content = body.encode()
    response.headers.update(headers)
    return response


def coded(code: str, message: str = "because") -> str:
    return f'[{{"message": "{message}", "errorCode": "{code}"}}]'


def test_money_is_read_exactly() -> None:
    body = read(answer(200, '{"TotalAmount": 12345678901234.10}'))
    assert body == {"TotalAmount": Decimal("12345678901234.10")}
    assert str(body["TotalAmount"]) == "12345678901234.10"


def test_an_empty_answer_is_nothing() -> None:
    assert read(answer(204)) is None


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (401, coded("INVALID_SESSION_ID"), TokenRefused),
        (401, "<html>Unauthorized</html>", TokenRefused),
        (403, coded("INVALID_SESSION_ID"), TokenRefused),
        (403, coded("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."), BudgetSpent),
        (403, coded("REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests (Concurrent API) Limit exceeded."), Retry),
        (400, coded("LIMIT_EXCEEDED"), BudgetSpent),
        (400, coded("UNABLE_TO_LOCK_ROW"), Retry),
        (400, coded("QUERY_TIMEOUT"), Retry),
        (503, coded("SERVER_UNAVAILABLE"), Retry),
        (502, "<html>Bad gateway</html>", Retry),
        (406, "", Retry),
        (420, "", Retry),
        (429, "", Retry),
        (412, coded("JOB_NOT_COMPLETE"), Retry),
        (200, "<html>We are down for maintenance.</html>", Retry),
        (400, coded("INVALID_FIELD"), MendSettings),
        (400, coded("INVALID_TYPE"), MendSettings),
        (403, coded("API_DISABLED_FOR_ORG"), MendSettings),
        (403, coded("INSUFFICIENT_ACCESS_OR_READONLY"), MendSettings),
        (403, "<html>Forbidden</html>", MendSettings),
        (410, coded("UNSUPPORTED_API_VERSION"), MendSettings),
        (409, coded("INVALIDJOBSTATE"), UnexpectedAnswer),
        (404, coded("NOT_FOUND"), UnexpectedAnswer),
        (300, '["/a", "/b"]', UnexpectedAnswer),
    ],
)
def test_the_code_decides_before_the_status(status: int, body: str, kind: type[Exception]) -> None:
    with pytest.raises(kind) as caught:
        read(answer(status, body))
    assert type(caught.value) is kind


def test_the_wait_that_the_edge_asks_for_is_kept() -> None:
    with pytest.raises(Retry) as caught:
        read(answer(503, "", **{"Retry-After": "7"}))
    assert caught.value.after == 7.0


def test_a_missing_column_is_named_and_nothing_else_of_the_message() -> None:
    message = (
        "\\nSELECT Id FROM Contact WHERE Email = 'taro@example.jp'\\n ^\\nERROR at Row:1:Column:8\\n"
        "No such column 'Bacon__c' on entity 'Contact'."
    )
    with pytest.raises(MendSettings) as caught:
        read(answer(400, coded("INVALID_FIELD", message)))
    assert caught.value.details["field"] == "Contact.Bacon__c"
    assert "taro" not in str(caught.value)


def test_a_failed_part_of_a_composite_is_an_error_of_its_own() -> None:
    part = {"httpStatusCode": 400, "body": [{"errorCode": "INVALID_TYPE", "message": "no"}]}
    with pytest.raises(MendSettings):
        read_part(part)
    assert read_part({"httpStatusCode": 200, "body": {"totalSize": 3}}) == {"totalSize": 3}
