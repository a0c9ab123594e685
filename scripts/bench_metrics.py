#!/usr/bin/env python3
"""Every metric of a person over invented purchases: fill a store, then one part in a process of its own.

    python scripts/bench_metrics.py fill FOLDER 1000000
    python scripts/bench_metrics.py PART FOLDER

People buy and leave as MBG/NBD says, within three years, about 10 times on average. 2 in 100 orders are
refunded, 1 in 200 is cancelled, 5 in 100 people hold a code, 3 in 100 first orders bear one, and there are
3 answers, consents, visits and other touches a person. PART is a name of `PARTS`;
it prints one JSON object.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import narwhals as nw
import numpy as np
import pyarrow as pa

from metrics.attribution import named_referrers, referrals
from metrics.evidence import SatisfactionRules
from metrics.expectation_counts import history_counts, over_people, read_histories, read_spends, spend_counts
from metrics.expectation_fit import Refusal
from metrics.expectation_models import BG, Model, expected_purchases
from metrics.expectation_return import HORIZON_DAYS, fit_return
from metrics.expectation_spend import expected_spend, fit_spend
from metrics.lapse import lapses_day
from metrics.purchases import Frame, PurchaseRules, valid_purchases
from metrics.referral import referral_scores
from metrics.repeat_spend import repeat_spend
from metrics.scores import ScoreRules, score_persons
from metrics.segment import Thresholds, segment, tier
from metrics.tenure import tenure
from sync.numbers import identified, numbered
from sync.store import Store
from zaiseki import word_of_mouth
from zaiseki.scoring import given_by_number

MEMORY = "3GB"
AS_OF_DAY = 20_000
RULES = PurchaseRules()
DRAWN = Model(r=0.8, alpha=2.65, a=0.7, b=6.0)
THRESHOLDS = Thresholds(best_spend=Decimal(70_000))
_ORDERS = """CREATE TABLE person_orders AS
WITH dated AS (SELECT *, hash(i, j) AS fate FROM drawn)
SELECT 'shopify' AS platform, 'bench.myshopify.com' AS account, i || '-' || j AS order_id,
    'person-' || i AS person_id, i AS person, TIMESTAMPTZ '1970-01-01 01:00:00+00'
        + to_days(ordered_day::INT) + to_seconds(fate % 40000) AS ordered_at, ordered_day,
    (1000 + fate % 17000)::DECIMAL(18,4) AS amount, false AS amount_unknown, 1::DECIMAL(18,8) AS rate,
    CASE WHEN fate % 200 = 3 THEN ordered_day + 1 END AS cancelled_day, false AS is_test,
    'PAID' AS payment_status, 'purchase' AS kind,
    CASE WHEN fate % 10 < 7 THEN 'online' WHEN fate % 10 < 9 THEN 'store' ELSE 'marketplace' END AS channel,
    CASE WHEN j = 0 AND fate % 100 < 3 THEN ['c' || (fate // 128 % {people} // 20 * 20)] ELSE [] END
        AS discount_codes, NULL::VARCHAR AS referral_code, NULL::VARCHAR AS utm_source,
    CASE WHEN fate % 5 = 0 THEN 'cpc' END AS utm_medium, NULL::VARCHAR AS utm_campaign,
    NULL::VARCHAR AS utm_content,
    CASE WHEN fate % 2 = 0 THEN 'search' WHEN fate % 3 = 0 THEN 'direct' END AS visit,
    []::VARCHAR[] AS tags, false AS is_b2b
FROM dated"""
_REST = (
    """CREATE TABLE person_refunds AS SELECT platform, account, order_id, person_id,
    ordered_day + 7 AS refunded_day, CASE WHEN hash(order_id) % 2 = 0 THEN amount ELSE 500 END AS amount,
    CASE WHEN hash(order_id) % 3 = 0 THEN 'quality' END AS reason
    FROM person_orders WHERE hash(order_id, 'back') % 100 < 2""",
    """CREATE TABLE scored_persons AS SELECT 'person-' || i AS person_id, {day} - (hash(i) % 1500)::BIGINT
    AS known_day FROM range({people}::BIGINT) t(i)""",
    """CREATE TABLE person_numbers AS SELECT 'person-' || i AS person_id, i AS person
    FROM range({people}::BIGINT) t(i)""",
    """CREATE TABLE referral_codes AS SELECT 'c' || i AS code, 'person-' || i AS person_id
    FROM range(0, {people}::BIGINT, 20) t(i)""",
    """CREATE TABLE consents AS SELECT person_id, CASE WHEN hash(person_id) % 3 = 0 THEN 'subscribed' END
    AS email_consent, NULL::VARCHAR AS sms_consent, hash(person_id) % 50 = 0 AS phone_refused
    FROM scored_persons""",
    """CREATE TABLE handed AS SELECT person_id, {day} - (hash(code) % 700)::BIGINT AS day
    FROM referral_codes""",
    """CREATE TABLE subscriptions AS SELECT person_id, 'active' AS status FROM scored_persons
    WHERE hash(person_id) % 20 = 0""",
    """CREATE TABLE person_touches AS SELECT 'person-' || (hash(i) % {people}) AS person_id,
    'salesforce' AS platform, 'bench' AS account,
    (['nps', 'stars', 'case', 'expectation', 'consent', 'abandoned_checkout', 'lead', 'opportunity',
        'campaign_sent', 'campaign_response', 'quality_return'])[1 + i % 11] AS kind, 't' || i AS touch_id,
    {day} - (hash(i, 'day') % 700)::BIGINT AS day,
    CASE WHEN i % 3 = 0 THEN {day} - (hash(i, 'day') % 700)::BIGINT + 5 END AS ended_day,
    (['9', '5', 'complaint', 'better', 'subscribed', NULL, 'open', 'won', NULL, NULL, 'quality'])[1 + i % 11]
        AS value, CASE WHEN i % 11 = 10 THEN (hash(i) % {people}) || '-0' END AS order_id
    FROM range({people}::BIGINT * 3) t(i)""",
)


def draw(people: int) -> pa.Table:
    """The purchase days of so many people: `i` the person, `j` the how manieth purchase, `ordered_day`."""
    luck = np.random.default_rng(1)
    started = AS_OF_DAY - luck.integers(0, 1095, people)
    interval, leaves = DRAWN.alpha * 7 / luck.gamma(DRAWN.r, 1, people), luck.beta(DRAWN.a, DRAWN.b, people)
    who, day = np.arange(people), started.astype(float)
    rounds = []
    while len(who):
        rounds.append(
            pa.table({"i": who, "j": np.full(len(who), len(rounds)), "ordered_day": day.astype(int)})
        )
        stays = luck.random(len(who)) >= leaves[who]
        who, day = who[stays], day[stays]
        day = day + luck.exponential(1, len(who)) * interval[who]
        who, day = who[day <= AS_OF_DAY], day[day <= AS_OF_DAY]
    return pa.concat_tables(rounds)


def fill(folder: Path, people: int) -> None:
    """Make a store with so many people."""
    with Store.open(folder / "metrics.duckdb", memory="4GB") as store:
        store.con.register("drawn", draw(people))
        for statement in (_ORDERS, *_REST):
            store.con.execute(statement.format(people=people, day=AS_OF_DAY))


def table(store: Store, name: str) -> Frame:
    """One of the tables that `fill` made."""
    return nw.from_native(store.con.table(name))


def valid_of(store: Store) -> Frame:
    """The purchases that count."""
    orders, refunds = table(store, "person_orders"), table(store, "person_refunds")
    return valid_purchases(orders, refunds, as_of_day=AS_OF_DAY, rules=RULES)


def valid_by_number(store: Store) -> Frame:
    """The same with numbers for ids, as a run scores them."""
    orders, refunds = numbered(store, "person_orders"), table(store, "person_refunds")
    return valid_purchases(orders, refunds, as_of_day=AS_OF_DAY, rules=RULES)


def group_by(store: Store) -> dict[str, Any]:
    """First, last, count and sum of every person's orders, valid or not, by one plain statement."""
    store.con.execute("""CREATE TEMP TABLE grouped AS SELECT person_id, min(ordered_day), max(ordered_day),
        count(*) AS orders, sum(amount) FROM person_orders GROUP BY person_id""")
    return {"persons": store.rows("SELECT count(*) FROM grouped")[0][0]}


def tenure_and_segment(store: Store) -> dict[str, Any]:
    """Tenure, purchases, spend, lapse day and segment of everybody; refunds and cancellations seen."""
    buyers = tenure(valid_by_number(store), rules=RULES)
    everyone = numbered(store, "persons").select("person_id").join(buyers, on="person_id", how="left")
    number = tier(nw.col("purchases"), nw.col("tenure_days"), nw.col("net_spend"), THRESHOLDS)
    last = nw.col("last_purchase_day")
    placed = everyone.with_columns(tier=number, lapses=lapses_day(last, THRESHOLDS.lapse_days))
    placed = placed.with_columns(segment=segment(nw.col("tier"), nw.col("lapses") <= AS_OF_DAY))
    made = store.materialise(identified(store, placed))
    return {"persons": _count(made)}


def every_metric(store: Store) -> dict[str, Any]:
    """Who brought whom, and every column of `scores.score_persons`."""
    buyers = store.materialise(tenure(valid_of(store), rules=RULES))
    codes = table(store, "referral_codes")
    named = named_referrers(valid_of(store), buyers, codes, materialise=store.materialise)
    word_of_mouth.keep(store, named)
    edges = store.materialise(referrals(named))
    friends = store.materialise(referral_scores(edges, buyers, materialise=store.materialise))
    given, rules = given_by_number(store, friends), ScoreRules(RULES, THRESHOLDS, SatisfactionRules())
    scored = score_persons(given, as_of_day=AS_OF_DAY, rules=rules, materialise=store.materialise)
    made = store.materialise(identified(store, scored))
    return {"persons": _count(made), "columns": len(made.collect_schema().names()), "edges": _count(edges)}


def expectation(store: Store) -> dict[str, Any]:
    """Histories counted, MBG/NBD, BG/NBD and Gamma-Gamma fitted, and what to expect of everybody."""
    valid, clock = store.materialise(valid_of(store)), time.monotonic
    began = clock()
    buyers = store.materialise(tenure(valid, rules=RULES))
    histories = read_histories(history_counts(buyers, as_of_day=AS_OF_DAY))
    spends = read_spends(spend_counts(repeat_spend(valid, buyers)))
    counted = clock()
    fit, spend = fit_return(histories), fit_spend(spends)
    beside = fit_return(histories, first=BG)
    fitted = clock()
    told: dict[str, Any] = {"persons": histories.buyers(), "rows": len(histories.people)}
    told |= {"spend_rows": len(spends.people), "count_seconds": counted - began}
    told |= {"fit_seconds": fitted - counted, "fit": str(fit), "spend": str(spend), "beside": str(beside)}
    if not isinstance(fit, Refusal):
        expected = expected_purchases(fit.model, histories, days=HORIZON_DAYS)
        told |= {"expected": over_people(histories.people, expected)}
    if not isinstance(spend, Refusal):
        told |= {"worth": float(np.mean(expected_spend(spend, spends.repeats, spends.spend)))}
    return told | {"expect_seconds": clock() - fitted}


def summary(store: Store) -> dict[str, Any]:
    """Frequency, recency, T and monetary value of every buyer, as Lifetimes sums them up."""
    found = store.rows(f"""SELECT count(*), sum(frequency)::BIGINT, sum(recency)::BIGINT, sum(age)::BIGINT,
        round(sum(money))::BIGINT FROM ({_summed(store)})""")
    return dict(zip(("persons", "frequency", "recency", "age", "money"), found[0], strict=True))


def differences(store: Store) -> dict[str, Any]:
    """How many people have another summary than in the file that Lifetimes wrote, or are in one alone."""
    theirs = _beside(store, "summary.parquet")
    (found,) = store.rows(f"""SELECT count(*), count(*) FILTER ((ours.frequency, ours.recency, age)
            IS DISTINCT FROM (theirs.frequency, theirs.recency, theirs."T")),
        count(*) FILTER ((abs(money - monetary_value) <= 1e-9 * money) IS DISTINCT FROM true)
        FROM ({_summed(store)}) ours FULL JOIN '{theirs}' theirs USING (person_id)""")
    return dict(zip(("persons", "numbers", "money"), found, strict=True))


def _summed(store: Store) -> str:
    """A query of them all."""
    valid = store.materialise(nw.from_native(store.con.table("valid")))
    buyers = store.materialise(tenure(valid, rules=RULES))
    spends = store.materialise(repeat_spend(valid, buyers))
    made = store.materialise(buyers.join(spends, on="person_id", how="left"))
    return f"""SELECT person_id, gaps AS frequency, tenure_days AS recency,
        {AS_OF_DAY} - first_purchase_day AS age,
        coalesce(repeat_spend::DOUBLE / repeat_days, 0) AS money FROM ({made.to_native().sql_query()})"""


def _beside(store: Store, name: str) -> Path:
    """A file beside the store."""
    database = Path(store.rows("SELECT path FROM duckdb_databases() WHERE path IS NOT NULL")[0][0])
    return database.with_name(name)


def export(store: Store) -> dict[str, Any]:
    """The purchases that count as a table and as a file, for whoever sums them up."""
    made = store.materialise(valid_of(store).select("person_id", "ordered_day", "net"))
    store.con.execute(f"CREATE OR REPLACE TABLE valid AS {made.to_native().sql_query()}")
    target = _beside(store, "valid.parquet")
    store.con.execute(f"""COPY (SELECT person_id, (DATE '1970-01-01' + ordered_day::INT)::TIMESTAMP AS day,
        net::DOUBLE AS net FROM valid) TO '{target}'""")
    return {"orders": _count(made)}


def _count(frame: Frame) -> int:
    return int(frame.select(nw.len()).collect().item())


PARTS: dict[str, Callable[[Store], dict[str, Any]]] = {
    "group_by": group_by,
    "tenure_and_segment": tenure_and_segment,
    "every_metric": every_metric,
    "expectation": expectation,
    "export": export,
    "summary": summary,
    "differences": differences,
}


def main() -> None:
    """Fill, or measure one part: seconds without the time it takes to start and open the store."""
    folder = Path(sys.argv[2])
    if sys.argv[1] == "fill":
        fill(folder, int(sys.argv[3]))
        return
    with Store.open(folder / "metrics.duckdb", memory=MEMORY) as store:
        began = time.monotonic()
        told = PARTS[sys.argv[1]](store)
        print(json.dumps({"seconds": round(time.monotonic() - began, 2), **told}))


if __name__ == "__main__":
    main()
