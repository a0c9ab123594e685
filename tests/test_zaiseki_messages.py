"""The catalogue of messages: everything that can be said is there, in both languages, and nothing else."""

import inspect
import re
import string

import pytest
from zaiseki_scan import CONNECTOR_ERRORS, OURS, constants, prefixes, raised, said

import connectors.errors
from connectors.errors import ConnectorError, MendSettings, Unavailable
from sync.streams import STREAMS
from zaiseki.messages import errors, explain, language_of, say, texts
from zaiseki.platform_messages import BY_KIND, platform_message

SAYING = frozenset({"say", "remark", "Note", "step"})
ALWAYS = frozenset({"platform", "variables", "code", "detail", "fact"})
"""What the message of a platform's error may always use."""
FRAGMENTS = frozenset({"why_then"})
"""Texts that others finish."""
JAPANESE = re.compile(r"[ぁ-んァ-ヶ一-龠]")


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_every_code_that_stops_a_command_or_is_found_has_its_message() -> None:
    missing = {f"{one.code} ({one.where})" for one in raised() if one.kind in OURS} - {
        f"{one.code} ({one.where})" for one in raised() if one.code in errors()
    }
    assert missing == set()


def test_the_scan_sees_codes_named_in_every_way() -> None:
    codes = {one.code for one in raised()}
    assert {
        "settings_missing",
        "fields_missing",
        "shop_frozen",
        "object_not_visible",
        "plan_altered",
    } <= codes


def test_what_a_merchant_can_mend_on_a_platform_never_reads_as_the_general_message() -> None:
    general = {one.code for one in raised() if one.kind in ("MendSettings", "BudgetSpent")} - set(errors())
    assert general == set()


def test_every_kind_of_platform_error_falls_back_to_a_message_of_its_kind() -> None:
    kinds = {
        kind
        for _, kind in inspect.getmembers(connectors.errors, inspect.isclass)
        if issubclass(kind, ConnectorError)
    }
    assert {kind.__name__ for kind in kinds} == CONNECTOR_ERRORS
    for kind in kinds:
        message = platform_message(kind("shopify", "a_code_nobody_knows", "HTTP 599"), "en")
        assert "Shopify" in message.text and "a_code_nobody_knows HTTP 599" in message.text
        assert message.code == next(code for base, code in BY_KIND if issubclass(kind, base))


def test_no_message_is_left_over() -> None:
    explained = {one.key for one in said(frozenset({"explain"}))}
    used = {one.code for one in raised()} | explained | {code for _, code in BY_KIND}
    assert set(errors()) - used == set()
    assert explained - set(errors()) == set()


def test_a_message_uses_only_what_every_place_that_raises_it_gives() -> None:
    wrong = []
    for one in raised():
        # Neither is told as it is: a refused token is renewed first, a bad plan file is named by the command.
        if one.given is None or one.code not in errors() or one.kind in ("TokenRefused", "PlanUnreadable"):
            continue
        given = one.given | (ALWAYS if one.kind in CONNECTOR_ERRORS else {"platform"})
        entry = errors()[one.code]
        wanted = placeholders(entry["en"]) | placeholders(entry["en_next"])
        if wanted - given:
            wrong.append((one.where, one.code, sorted(wanted - given)))
    # The org's answer names no versions; only the list of versions, asked for on a 404, does.
    assert [one for one in wrong if one[1:] != ("api_version_unknown", ["offered"])] == []


@pytest.mark.parametrize("code", sorted(errors()))
def test_an_error_says_what_happened_and_the_next_step_in_both_languages(code: str) -> None:
    entry = errors()[code]
    assert set(entry) == {"en", "en_next", "ja", "ja_next"}
    for part in ("", "_next"):
        english, japanese = entry[f"en{part}"], entry[f"ja{part}"]
        assert placeholders(english) == placeholders(japanese)
        assert JAPANESE.search(japanese) and not JAPANESE.search(english)
        assert english.endswith((".", "?")) and japanese.endswith("。")


@pytest.mark.parametrize("key", sorted(set(texts()) - FRAGMENTS))
def test_a_japanese_text_that_begins_another_sentence_ends_its_last_one(key: str) -> None:
    japanese = texts()[key]["ja"]
    assert "。" not in japanese or japanese.endswith("。")


def test_every_kind_of_record_has_its_words() -> None:
    kinds = {name for kind in STREAMS.values() if kind.table == "records" for name in kind.objects} | {
        "guest"
    }
    assert kinds == {key.removeprefix("record_") for key in texts() if key.startswith("record_")}


@pytest.mark.parametrize("key", sorted(texts()))
def test_a_text_has_both_languages_with_the_same_blanks(key: str) -> None:
    entry = texts()[key]
    assert set(entry) == {"en", "ja"}
    assert placeholders(entry["en"]) == placeholders(entry["ja"])
    assert not JAPANESE.search(entry["en"])


def test_every_text_that_is_named_exists_and_gets_what_it_asks_for() -> None:
    found = said(SAYING)
    assert {one.key for one in found} - set(texts()) == set()
    wrong = [
        (one.where, one.key)
        for one in found
        if one.given is not None and placeholders(texts()[one.key]["en"]) - one.given
    ]
    assert wrong == []


def test_no_text_is_left_over() -> None:
    named, words = constants("zaiseki"), constants()
    begun = {prefix for prefix in prefixes() if any(key.startswith(prefix) for key in texts())}
    unused = {
        key
        for key in texts()
        if key not in named
        and not any(key.startswith(prefix) and key.removeprefix(prefix) in words for prefix in begun)
    }
    assert unused == set()


def test_a_missing_detail_shows_as_a_dash_and_never_fails() -> None:
    assert "–" in explain("store_broken", "en").text


def test_a_platform_that_cannot_be_reached_reads_clearly() -> None:
    message = platform_message(Unavailable("salesforce", "unreachable", "ConnectionError"), "en")
    assert message.text == "Salesforce could not be reached or kept failing (unreachable ConnectionError)."
    assert "run the same command again" in message.next_step


def test_an_error_of_a_platform_names_the_variables_of_that_platform() -> None:
    message = platform_message(MendSettings("shopify", "token_refused"), "ja")
    assert "ZAISEKI_SHOPIFY_…" in message.next_step
    assert message.text.endswith("(token_refused)。")


@pytest.mark.parametrize(
    ("given", "environment", "spoken"),
    [
        ("en", {"LANG": "ja_JP.UTF-8"}, "en"),
        ("ja", {"LANG": "en_US.UTF-8"}, "ja"),
        (None, {"LANG": "ja_JP.UTF-8"}, "ja"),
        (None, {"LC_ALL": "C.UTF-8", "LANG": "ja_JP.UTF-8"}, "en"),
        (None, {"LANG": "de_DE.UTF-8"}, "en"),
    ],
)
def test_the_language_is_what_was_given_else_the_locales(
    monkeypatch: pytest.MonkeyPatch, given: str | None, environment: dict[str, str], spoken: str
) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert language_of(given) == spoken


def test_a_text_is_filled_in() -> None:
    assert say("plan_saved", "en", path="p.json").startswith("Plan written to p.json;")
