"""Why rows are set aside, in words of both languages."""

import pytest

from metrics.fields import Language
from zaiseki.causes import cause_words, some


@pytest.mark.parametrize(
    ("cause", "language", "words"),
    [
        ("no_rate:EUR", "en", "no exchange rate for EUR"),
        ("no_rate:EUR", "ja", "EUR の為替レートがない"),
        ("decimal_parsing", "en", "not a number"),
        ("datetime_from_date_parsing", "ja", "日付ではない"),
        ("date_from_datetime_parsing", "en", "not a date"),
        ("given_twice", "en", "given twice, with different contents"),
        ("a_code_nobody_knows", "en", "a_code_nobody_knows"),
        ("no_such:detail", "ja", "no_such:detail"),
    ],
)
def test_a_cause_is_told_in_words_and_an_unknown_one_as_it_is(
    cause: str, language: Language, words: str
) -> None:
    assert cause_words(cause, language) == words


def test_more_rows_than_ids_told_are_marked() -> None:
    assert some(("1", "2"), 2) == "1, 2"
    assert some(("1", "2"), 3) == "1, 2, …"
