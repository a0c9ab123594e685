"""The catalogue of fields: words that fit, codes in order, nothing promised."""

import re

import pytest

from metrics.fields import (
    CHANNELS,
    DESCRIPTION,
    HELP,
    HISTORY_KEYS,
    KEYS,
    LABELS,
    MEDIA,
    REFERRAL_KEYS,
    SEGMENTS,
    Language,
    catalogue,
    formulas,
)

LANGUAGES: tuple[Language, ...] = ("en", "ja")
CURRENCIES = ("JPY", "USD", "EUR", "KWD", "CLP", "XXX")
DESIGN_SEGMENTS = [
    "prospect",
    "first_active",
    "first_lapsed",
    "fledgling_active",
    "fledgling_lapsed",
    "steady_active",
    "steady_lapsed",
    "trend_active",
    "trend_lapsed",
    "best_active",
    "best_lapsed",
]
DESIGN_KINDS = {
    "person_id": "text",
    "first_purchase_on": "date",
    "last_purchase_on": "date",
    "tenure_days": "integer",
    "purchases": "integer",
    "net_spend": "decimal",
    "segment": "choice",
    "segment_since": "date",
    "lapses_on": "date",
    "referrals": "integer",
    "referral_score": "decimal",
    "satisfaction": "choice",
    "funnel_stage": "choice",
    "next_action": "choice",
    "channels": "list",
    "contact_by": "list",
}
PROMISE = re.compile(
    r"earn|reward(?!s\.$)|bonus|coupon|discount|commission|point|プレゼント|特典|割引|ポイント"
)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("currency", CURRENCIES)
def test_every_label_and_help_fits_salesforce(language: Language, currency: str) -> None:
    for field in (*catalogue(currency=currency, scale=2, language=language), *formulas(language)):
        assert 0 < len(field.label) <= 40, field.label
        assert 0 < len(field.help) <= 100, field.help
        assert "{" not in field.label + field.help
        assert field.description == DESCRIPTION[language]


def test_labels_and_help_texts_are_there_for_exactly_the_keys_and_formulas() -> None:
    expected = {*KEYS, *(formula.key for formula in formulas())}
    assert set(LABELS) == set(HELP) == expected
    assert all(len(both) == 2 and all(both) for both in (*LABELS.values(), *HELP.values()))


@pytest.mark.parametrize("language", LANGUAGES)
def test_labels_are_distinct(language: Language) -> None:
    fields = catalogue(currency="JPY", scale=0, language=language)
    assert len({field.label for field in fields}) == len(fields)


def test_the_two_languages_differ_in_words_alone() -> None:
    english, japanese = (catalogue(currency="JPY", scale=0, language=language) for language in LANGUAGES)
    for one, other in zip(english, japanese, strict=True):
        assert one.label != other.label and one.help != other.help
        assert (one.key, one.kind, one.scale, one.precision, one.pinned, one.length) == (
            other.key,
            other.kind,
            other.scale,
            other.precision,
            other.pinned,
            other.length,
        )
        assert [choice.code for choice in one.choices] == [choice.code for choice in other.choices]


def test_kinds_order_and_pins_are_those_of_the_design() -> None:
    fields = catalogue(currency="JPY", scale=0)
    assert {field.key: field.kind for field in fields} == DESIGN_KINDS
    assert tuple(field.key for field in fields) == KEYS == tuple(DESIGN_KINDS)
    assert {field.key for field in fields if field.pinned} == {
        "segment",
        "tenure_days",
        "lapses_on",
        "referrals",
        "satisfaction",
        "next_action",
    }


def test_there_are_eleven_segments_in_the_order_of_the_design() -> None:
    (segment,) = [field for field in catalogue(currency="JPY", scale=0) if field.key == "segment"]
    assert [choice.code for choice in segment.choices] == DESIGN_SEGMENTS == [row[0] for row in SEGMENTS]
    assert len({choice.label for choice in segment.choices}) == 11


def test_the_channels_are_those_of_the_design() -> None:
    assert [row[0] for row in CHANNELS] == [
        "online",
        "store",
        "phone",
        "sales",
        "marketplace",
        "social",
        "other",
    ]
    assert all(";" not in text for row in CHANNELS for text in row)


def test_money_has_the_scale_of_its_currency_and_the_score_two_decimals() -> None:
    for scale in (0, 2, 3):
        fields = {field.key: field for field in catalogue(currency="JPY", scale=scale)}
        assert fields["net_spend"].scale == scale
        assert fields["referral_score"].scale == 2


def test_the_currency_is_named_as_people_say_it() -> None:
    def label(language: Language, currency: str) -> str:
        fields = catalogue(currency=currency, scale=0, language=language)
        return next(field.label for field in fields if field.key == "net_spend")

    assert label("en", "JPY") == "Net Spend (JPY)"
    assert label("ja", "JPY") == "累計購入金額(返金控除後・円)"
    assert label("ja", "USD") == "累計購入金額(返金控除後・USD)"


def test_fields_that_are_not_set_up_can_be_left_out() -> None:
    left = catalogue(currency="JPY", scale=0, without=REFERRAL_KEYS)
    assert set(KEYS) - {field.key for field in left} == set(REFERRAL_KEYS)


def test_everything_but_identity_consent_and_what_was_said_needs_the_whole_history() -> None:
    assert set(KEYS) - set(HISTORY_KEYS) == {"person_id", "satisfaction", "contact_by"}
    assert list(HISTORY_KEYS) == [key for key in KEYS if key in HISTORY_KEYS]


def test_the_media_are_those_of_the_design_in_its_order() -> None:
    (field,) = [field for field in catalogue(currency="JPY", scale=0) if field.key == "contact_by"]
    assert [choice.code for choice in field.choices] == ["email", "sms", "phone"] == [row[0] for row in MEDIA]
    assert field == catalogue(currency="JPY", scale=0)[-1]


def test_the_formula_counts_from_a_field_that_is_written() -> None:
    (formula,) = formulas()
    assert formula.since == "last_purchase_on" and formula.key not in KEYS


def test_texts_about_referrals_promise_nothing() -> None:
    for key in REFERRAL_KEYS:
        for text in (*LABELS[key], *HELP[key]):
            assert not PROMISE.search(text), text
    assert "Never a basis for rewards." in HELP["referral_score"][0]
    assert "謝礼の計算には使わないでください" in HELP["referral_score"][1]
