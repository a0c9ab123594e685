"""What to expect of one person and of the shop, by the models that a run kept: `why` and `metrics`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from expectation_worlds import drawn
from rich.console import Console
from stored_people import order, record
from why_people import AS_OF, TODAY, Explained, fill_store
from zaiseki_command import Command

from metrics.expectation_counts import Histories
from metrics.expectation_evidence import BG_NBD, GAMMA_GAMMA, MBG_NBD, Evidence
from metrics.expectation_fit import Reason, Refusal
from metrics.expectation_models import BG, Model, alive, expected_purchases
from metrics.expectation_return import Fit, fit_return
from metrics.explain_expectation import Bought, ExpectationTold, expectation_told
from metrics.fields import Language
from metrics.segment import Thresholds
from sync.model import Order
from sync.store import Store
from zaiseki.cli.shell import Shell
from zaiseki.counting import refresh_frames, score_rules
from zaiseki.explanation import Explanation
from zaiseki.settings import read_settings
from zaiseki.shop_scoring import keep_shop, score_shop
from zaiseki.show_expectation import show_expectation

TRUE = Model(0.8, 12.0, 0.9, 2.0)
PRICE = 2000
NOBODY, RELAY = "2", "3"
JAPANESE = "今後90日の期待購入回数"


def id_of(who: int) -> str:
    """The id of somebody's record in the shop."""
    return str(1000 + who)


def days_of(repeats: int, tenure: int) -> Sequence[int]:
    """Days with purchases from the first (0) to the last, as many as there were."""
    return [*range(repeats), tenure] if repeats else [0]


def orders_of(people: Histories) -> Iterator[Order]:
    """Everybody's purchases; each person pays prices of their own."""
    luck = np.random.default_rng(9)
    rows = zip(people.repeats, people.tenure_days, people.age_days, strict=True)
    for who, (repeats, tenure, age) in enumerate(rows):
        level = luck.gamma(6, PRICE / 5)
        for day in days_of(int(repeats), int(tenure)):
            price = f"{100 + int(level * luck.gamma(4, 0.25))}"
            yield order(f"{who}-{day}", TODAY - int(age) + day, price, record_id=id_of(who))


def keep(config: Path) -> None:
    """Count and keep the figures of the shop, as a run does."""
    settings = read_settings(config)
    rules = score_rules(settings, Thresholds(Decimal(70000)))
    with Store.open(config.parent / "zaiseki.duckdb") as store:
        refresh_frames(store, rules.purchases, as_of_day=TODAY)
        lines = score_shop(store, settings, as_of=AS_OF, rules=rules, currency="JPY", tracked=False)
        keep_shop(store, AS_OF, lines)


def shop(folder: Path, people: Histories) -> Path:
    buyers = [record(id_of(who)) for who in range(len(people.people))]
    extra = [record(NOBODY), record(RELAY, by_relay=True)]
    orders = [*orders_of(people), order("r1", TODAY - 30, record_id=RELAY)]
    config = fill_store(folder, [*buyers, *extra], orders)
    keep(config)
    return config


@pytest.fixture(scope="module")
def people() -> Histories:
    return drawn(TRUE, 900, days=500, spread=300, seed=4)[0]


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory, people: Histories) -> Path:
    return shop(tmp_path_factory.mktemp("shop"), people)


@pytest.fixture(scope="module")
def why(config: Path) -> Explained:
    return Explained(config)


def told(why: Explained, who: str) -> dict[str, Any]:
    facts: dict[str, Any] = why.facts(f"shopify:{who}")["expectation"]
    return facts


def one(people: Histories, who: int) -> Histories:
    return Histories(
        people.repeats[[who]], people.tenure_days[[who]], people.age_days[[who]], people.people[[who]]
    )


def test_a_persons_expectation_is_that_of_the_model_fitted_to_the_shop(
    why: Explained, people: Histories
) -> None:
    mbg, bg = fit_return(people), fit_return(people, first=BG)
    assert isinstance(mbg, Fit) and isinstance(bg, Fit)
    for who in (0, 1, int(np.argmax(people.repeats)), int(np.argmax(people.age_days))):
        facts, history = told(why, id_of(who)), one(people, who)
        assert facts["missing"] is None and facts["days"] == 90
        for key, expected in (
            ("purchases", expected_purchases(mbg.model, history, days=90)[0]),
            ("purchases_bg", expected_purchases(bg.model, history, days=90)[0]),
            ("still_customer", alive(mbg.model, history)[0]),
        ):
            # Parameters are kept to 4 decimals, what is told to 2.
            assert float(facts[key]) == pytest.approx(expected, abs=0.0051), key
    parameters = facts["models"]["mbg_nbd"]["parameters"]
    assert [float(parameters[name]["value"]) for name in ["r", "alpha", "a", "b"]] == pytest.approx(
        mbg.evidence.parameters, abs=5e-5
    )
    assert [float(parameters[name]["error"]) for name in ["r", "alpha", "a", "b"]] == pytest.approx(
        mbg.evidence.errors, abs=5e-5
    )
    assert facts["models"]["mbg_nbd"]["people"] == 900


def test_a_further_purchase_is_worth_what_gamma_gamma_says(why: Explained, people: Histories) -> None:
    who = int(np.argmax(people.repeats))
    spent = sum(o.amount for o in orders_of(people) if o.record_id == id_of(who) and not o.id.endswith("-0"))
    facts = told(why, id_of(who))
    model = facts["models"]["gamma_gamma"]
    p, q, v = (float(model["parameters"][name]["value"]) for name in "pqv")
    x = int(people.repeats[who])
    assert float(facts["day_spend"]) == pytest.approx(p * (v + float(spent)) / (p * x + q - 1), abs=1)
    assert float(facts["spend"]) == pytest.approx(
        float(facts["purchases"]) * float(facts["day_spend"]), rel=0.02
    )
    once = int(np.argmin(people.repeats))
    assert float(told(why, id_of(once))["day_spend"]) == pytest.approx(p * v / (q - 1), abs=1)


def test_it_is_told_in_words_with_errors_and_how_the_fit_ended(why: Explained) -> None:
    english, japanese = why.text("shopify:1000"), why.text("shopify:1000", "ja")
    facts = told(why, "1000")
    assert f"Expected within the next 90 days: {facts['purchases']} purchases." in english
    assert "Estimated from 900 buyers as of 2026-11-21 by the model MBG/NBD: r 0." in english
    assert "(± one standard error; 3 of 3 starts of the fit agree)" in english
    assert "no field, segment or suggestion rests on it" in english
    assert (
        f"{JAPANESE}: {facts['purchases']}回" in japanese and "購入者900人からMBG/NBDモデルで推定" in japanese
    )


@pytest.mark.parametrize(
    ("who", "missing", "english", "japanese"),
    [
        (NOBODY, "never_bought", "no purchase of this person counts", "有効な購入がありません"),
        (RELAY, "by_relay", "this may be several people", "複数の方の可能性"),
    ],
)
def test_whom_the_model_does_not_know_it_expects_nothing_of(
    why: Explained, who: str, missing: str, english: str, japanese: str
) -> None:
    assert told(why, who)["missing"] == missing and told(why, who)["purchases"] is None
    assert english in why.text(f"shopify:{who}") and japanese in why.text(f"shopify:{who}", "ja")


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop of twelve."""
    return shop(tmp_path_factory.mktemp("few"), drawn(TRUE, 12, days=400, spread=200, seed=2)[0])


def test_too_few_buyers_are_told_with_what_it_takes(small: Path) -> None:
    why = Explained(small)
    facts = told(why, "1000")
    assert facts["missing"] == "refused"
    assert facts["models"]["mbg_nbd"] == {"refused": "few_buyers", "have": 12, "need": 500}
    assert "12 people have bought, and it takes 500 to learn from" in why.text("shopify:1000")
    assert "購入者が12人です(推定には500人以上が必要)" in why.text("shopify:1000", "ja")


def printed(found: Explanation, told: ExpectationTold, lang: Language) -> str:
    """What is shown of somebody's expectation."""
    out = StringIO()
    show_expectation(Shell(Path(), lang, out=Console(file=out, width=300)), replace(found, expectation=told))
    return out.getvalue()


@pytest.mark.parametrize("reason", get_args(Reason))
def test_every_refusal_is_told_in_words_and_no_number_with_it(why: Explained, reason: Reason) -> None:
    person, models = why.of("shopify:1000"), [Evidence(MBG_NBD, Refusal(reason, 1, 3))]
    bought = Bought(2, 30, 90, Decimal(3000))
    refused = expectation_told(bought, models)
    assert (refused.missing, refused.purchases, refused.spend) == ("refused", None, None)
    english, japanese = printed(person, refused, "en"), printed(person, refused, "ja")
    assert english.startswith("No expected purchases can be told: ")
    assert japanese.startswith("期待購入回数は表示できません: ")
    for text in (english, japanese):
        assert "{" not in text and len(text.splitlines()) == 1


def test_what_is_hardly_determined_is_said_to_be(why: Explained) -> None:
    person = why.of("shopify:1000")
    assert person.expectation is not None
    mbg, *others = person.expectation.models
    vague = replace(mbg, errors={**mbg.errors, "b": mbg.parameters["b"] + 1})
    text = printed(person, replace(person.expectation, models=(vague, *others)), "en")
    assert "the error is larger than the value: MBG/NBD b." in text
    assert "larger than the value" not in why.text("shopify:1000")


def test_where_a_model_beside_it_was_refused_the_reason_stands_in_its_place(why: Explained) -> None:
    person = why.of("shopify:1000")
    assert person.expectation is not None
    mbg = person.expectation.models[0]
    models = (mbg, Evidence(BG_NBD, Refusal("flat")), Evidence(GAMMA_GAMMA, Refusal("no_mean")))
    told = expectation_told(Bought(2, 30, 90, Decimal(3000)), models)
    assert told.purchases is not None and told.purchases_bg is None and told.day_spend is None
    text = printed(person, told, "en")
    assert "BG/NBD beside it: the purchases do not determine all parameters of the model." in text
    assert "is worth" not in text


def test_a_run_that_kept_no_model_says_so(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Store.open(small.parent / "zaiseki.duckdb") as store:
        store.con.execute("DELETE FROM shop_scores")
    why = Explained(small)
    assert told(why, "1000")["missing"] == "not_kept"
    assert "the last run fitted no model" in why.text("shopify:1000")
    assert "No run has kept figures" in Command(small, capsys)("metrics", "--expectation").err


def test_sixty_days_of_orders_are_too_little_to_expect_anything(tmp_path: Path) -> None:
    one_order = [order("1", TODAY - 3, record_id="1000")]
    why = Explained(fill_store(tmp_path, [record("1000")], one_order, whole_history=False))
    assert told(why, "1000")["missing"] == "partial_history"
    assert "only the last 60 days of orders can be read" in why.text("shopify:1000")


def test_whoever_is_kept_out_of_scoring_has_no_expectation(tmp_path: Path) -> None:
    kept_out = record("1000", excluded=True)
    why = Explained(fill_store(tmp_path, [kept_out], [order("1", TODAY, record_id="1000")]))
    assert why.facts("shopify:1000")["expectation"] is None


@pytest.fixture
def command(config: Path, capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(config, capsys)


def test_the_shop_is_told_with_every_model_beside_the_other(
    command: Command, why: Explained, people: Histories
) -> None:
    mbg = fit_return(people)
    assert isinstance(mbg, Fit)
    facts = json.loads(command("metrics", "--expectation", "--json").out)["expectation"]
    whole = float(expected_purchases(mbg.model, people, days=90).sum())
    assert float(facts["purchases"]) == pytest.approx(whole, abs=0.5)
    assert facts["buyers"] == 900 and facts["as_of"] == "2026-11-21"
    each = [told(why, id_of(who)) for who in range(5)]
    assert all(one["models"] == facts["models"] for one in each)
    english = command("metrics", "--expectation").out
    assert f"Expected within the next 90 days: {whole:,.0f} purchases of all 900 buyers" in english
    for name in ("MBG/NBD", "BG/NBD", "Gamma-Gamma", "standard error", "Correlation of purchases"):
        assert name in english
    japanese = command("metrics", "--expectation", lang="ja").out
    assert f"{JAPANESE}: 購入者900人の合計で{whole:,.0f}回" in japanese and "標準誤差" in japanese


def test_figures_of_the_shop_are_listed_with_unit_and_n(command: Command) -> None:
    english = command("metrics", "--shop").out
    row, beside = [line for line in english.splitlines() if "expected_purchases_shop" in line]
    assert "purchases" in row and "900" in row and "BG/NBD" in beside
    assert "Best – Active" in english and "F2@90" in english
    assert "return_model" not in english and "gap_no_data" not in english and "2026-1" not in english[60:]
    every = json.loads(command("metrics", "return_model", "--shop", "--json").out)["figures"]
    assert {one["part"] for one in every} >= {"mbg_nbd r", "mbg_nbd r error", "gamma_gamma correlation"}
    assert "bg_nbd alpha error" in command("metrics", "return_model", "--shop").out
    assert "ショップ全体の指標" in command("metrics", "--shop", lang="ja").out


def test_what_cannot_be_shown_says_what_to_do(command: Command) -> None:
    assert "no figure of the whole shop" in command("metrics", "segment", "--shop").err
    assert command("metrics", "--shop", "--expectation").code == 1
    assert command("metrics", "segment", "--expectation").code == 1
