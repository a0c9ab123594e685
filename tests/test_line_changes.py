"""Day after day: what changes on either platform arrives, what does not is left alone, and nothing drifts
from what one full reading would say."""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from survival_days import (
    ANNA,
    BEN,
    C_ANNA,
    C_DAI,
    C_FUMI,
    C_GEN,
    C_HANA,
    CHIE,
    DAI,
    EMI,
    FirstDay,
    contact,
    customer,
    first_day,
    next_day,
    order,
    sale,
)
from survival_door import Door
from survival_support import Place, balanced, on_salesforce, on_shopify, scores

folders = count()


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> FirstDay:
    return first_day(tmp_path_factory.mktemp("first"))


@pytest.fixture
def begun(first: FirstDay, tmp_path: Path) -> Iterator[tuple[Place, Door]]:
    with first.again(tmp_path) as made:
        yield made


@pytest.fixture
def place(begun: tuple[Place, Door]) -> Place:
    return begun[0]


@pytest.fixture
def door(begun: tuple[Place, Door]) -> Door:
    return begun[1]


def one_full_reading_says_the_same(place: Place) -> None:
    """A store that reads everything anew finds the same persons and scores, and nothing to write."""
    other = Place(place.ready, place.folder / f"afresh{next(folders)}")
    shutil.copy(place.folder / "zaiseki.key", other.folder)
    done = other.run("plan")
    assert (done.code in (0, 3), done.facts["planned"]) == (True, 0), done.facts
    assert scores(other) == scores(place)
    assert members(other) == members(place)


def members(place: Place) -> Sequence[tuple[Any, ...]]:
    return place.rows("SELECT person_id, platform, object, id FROM members ORDER BY ALL")


def person(place: Place, record: object) -> str:
    """The person id that a record shows on its platform."""
    if isinstance(record, int):
        return str(on_shopify(place)[str(record)]["person_id"])
    return str(on_salesforce(place)[str(record)]["Zaiseki_Person_Id__c"])


@contextmanager
def written_to(door: Door, *records: int | str) -> Iterator[None]:
    """The block sends values to these records (customers by number, contacts by Id) and to no others."""
    before = len(door.passed)
    yield
    sent = {record for record, _ in door.sent_values(since=before)}
    assert sent == {f"gid://shopify/Customer/{one}" if isinstance(one, int) else one for one in records}


def test_orders_and_customers_that_come_and_change_reach_exactly_the_records_they_concern(
    place: Place, door: Door
) -> None:
    new_contact = f"003{21:012d}AAA"
    next_day(
        place,
        2,
        {
            "shopify_customers": [customer(21, "ichiro", "2026-10-02")],
            "shopify_orders": [
                order(201, 21, "2026-10-02", 1100, discount_codes="EMI-5"),
                order(202, BEN, "2026-10-02", 5100, discount_codes=""),
            ],
            "salesforce_Contact": [contact(new_contact, "jun", "2026-10-02")],
            "salesforce_Order": [
                sale(21, new_contact, "2026-10-02", 1200),
                sale(22, C_DAI, "2026-10-02", 1300),
            ],
        },
    )
    with written_to(door, 21, BEN, EMI, new_contact, C_DAI, DAI):
        done = balanced(place.run("sync"))
    lines = done.facts["streams"]
    assert {name: line["inserted"] for name, line in lines.items() if line["inserted"]} == {
        "shopify.customers": 1,
        "shopify.orders": 2,
        "salesforce.Contact": 1,
        "salesforce.Order": 2,
    }
    shop, org = on_shopify(place), on_salesforce(place)
    assert shop[str(BEN)]["tenure_days"] == "123", "2026-06-01 to 2026-10-02"
    assert (shop[str(EMI)]["referrals"], shop[str(EMI)]["referral_score"]) == ("1", "1.0")
    assert org[C_DAI]["Zaiseki_Net_Spend__c"] == 7_000 + 2_000 + 1_300, "both platforms count"
    assert shop[str(DAI)]["last_purchase_on"] == org[C_DAI]["Zaiseki_Last_Purchase_On__c"] == "2026-10-02"
    assert org[new_contact]["Zaiseki_Segment__c"] == "first_active"
    one_full_reading_says_the_same(place)


def test_an_order_refunded_or_cancelled_later_counts_no_more(place: Place, door: Door) -> None:
    next_day(
        place,
        2,
        {
            "shopify_refunds": [
                {"id": 1, "order_id": 104, "processed_at": "2026-10-02T09:00:00+09:00", "amount": 6000}
            ]
        },
        {"shopify_orders": [{"id": 104, "financial_status": "REFUNDED"}]},
        {
            "shopify_orders": [
                {"id": 102, "cancelled_at": "2026-10-02T09:00:00+09:00", "cancel_reason": "CUSTOMER"}
            ]
        },
        {"salesforce_Order": [{"Id": f"801{1:012d}AAA", "Status": "Draft", "StatusCode": "Draft"}]},
    )
    with written_to(door, CHIE, ANNA, C_ANNA, C_FUMI):
        done = balanced(place.run("sync"))
    assert done.stream("shopify.orders")["updated"] == 2
    assert done.stream("salesforce.Order")["updated"] == 1
    shop, org = on_shopify(place), on_salesforce(place)
    for held in (shop[str(CHIE)], {k[8:-3].lower(): v for k, v in org[C_FUMI].items()}):
        assert (held["segment"], float(held["net_spend"]), int(held["purchases"])) == ("prospect", 0, 0)
        assert not held.keys() & {
            "first_purchase_on",
            "last_purchase_on",
            "tenure_days",
            "lapses_on",
            "channels",
        }
    assert (shop[str(ANNA)]["last_purchase_on"], shop[str(ANNA)]["tenure_days"]) == ("2026-01-10", "0")
    assert org[C_ANNA]["Zaiseki_Net_Spend__c"] == 3_000
    one_full_reading_says_the_same(place)


def test_persons_that_join_or_split_keep_the_id_that_came_first(place: Place, door: Door) -> None:
    anna, ben, fumi = person(place, ANNA), person(place, BEN), person(place, C_FUMI)
    assert person(place, C_ANNA) == anna
    late = f"003{22:012d}AAA"
    next_day(place, 2, {"salesforce_Contact": [contact(late, "kei", "2020-01-01", LastModifiedDate="")]})
    assert balanced(place.run("sync")).facts["people"]["new"] == 1
    assert person(place, late) not in (anna, ben, fumi)

    next_day(
        place,
        3,
        {"salesforce_Contact": [{"Id": late, "Email": "Ben@Example.com", "FirstName": "Ben"}]},
        {"salesforce_Contact": [{"Id": C_ANNA, "Email": "other.anna@example.com"}]},
    )
    with written_to(door, late, C_ANNA):
        people = balanced(place.run("sync")).facts["people"]
    assert (people["joins"], people["splits"]) == (1, 1)
    assert person(place, late) == person(place, BEN) == ben, (
        "the older record joined later: the first id stays"
    )
    assert person(place, ANNA) == anna, "her oldest record is what the id was given to"
    assert person(place, C_ANNA) not in (anna, ben, fumi)
    one_full_reading_says_the_same(place)


def test_a_guest_who_becomes_a_customer_is_the_same_person(place: Place, door: Door) -> None:
    ((guest,),) = place.rows("SELECT person_id FROM members WHERE object = 'guest'")
    next_day(place, 2, {"shopify_customers": [customer(31, "guest", "2026-10-02")]})
    with written_to(door, 31):
        done = balanced(place.run("sync"))
    assert (done.facts["records"], done.facts["people"]["new"]) == (12, 0)
    held = on_shopify(place)["31"]
    assert (held["person_id"], held["net_spend"], held["purchases"]) == (guest, "900.0", "1")
    one_full_reading_says_the_same(place)


def test_records_that_are_deleted_or_merged_go_and_their_orders_follow(place: Place, door: Door) -> None:
    next_day(
        place,
        2,
        {"salesforce_Contact": [{"Id": C_GEN, "deleted": "true"}]},
        {"salesforce_Contact": [{"Id": C_HANA, "merged_into": C_FUMI}]},
        {"shopify_customers": [{"id": CHIE, "merged_into": BEN}]},
    )
    with written_to(door, C_FUMI, BEN):
        done = balanced(place.run("sync"))
    people = done.facts["people"]
    assert (done.facts["records"], people["gone"], people["joins"]) == (8, 1, 2)
    assert done.stream("salesforce.Contact")["live"] == 3
    assert done.stream("shopify.customers")["live"] == 4
    assert on_salesforce(place)[C_FUMI]["Zaiseki_Net_Spend__c"] == 1_000 + 2_500
    assert on_shopify(place)[str(BEN)]["net_spend"] == "11000.0"
    one_full_reading_says_the_same(place)


def test_rows_that_cannot_be_read_are_counted_and_named_and_come_back_when_mended(
    place: Place, door: Door
) -> None:
    next_day(
        place,
        2,
        {"shopify_orders": [order(301, BEN, "2026-10-02", 100, currency="EUR")]},
        {"shopify_orders": [order(302, BEN, "2026-10-02", "0.123456")]},
        {"salesforce_Order": [sale(31, C_FUMI, "2026-10-02", 100, EffectiveDate="")]},
        {"shopify_orders": [{"id": 101, "currency": "EUR"}]},
    )
    with written_to(door):
        done = balanced(place.run("sync"), code=3)
    assert done.stream("shopify.orders")["quarantined"] == 3
    assert done.stream("salesforce.Order")["quarantined"] == 1
    named = place.run("status").facts["quarantine"]
    assert {(one["stream"], one["field"], one["cause"], one["count"]) for one in named} == {
        ("shopify.orders", "totalPriceSet", "no_rate:EUR", 2),
        ("shopify.orders", "totalPriceSet.shopMoney.amount", "decimal_max_places", 1),
        ("salesforce.Order", "EffectiveDate", "date_type", 1),
    }
    place.run("status", "--acknowledge")
    assert balanced(place.run("sync")).facts["planned"] == 0
    next_day(place, 3, {"shopify_orders": [order(303, BEN, "2026-10-03", 100, currency="EUR")]})
    assert balanced(place.run("sync"), code=3).facts["unacknowledged"]["quarantined"] == 1

    next_day(
        place,
        4,
        {"shopify_orders": [{"id": number, "currency": "JPY", "total": 100} for number in (301, 302, 303)]},
        {"shopify_orders": [{"id": 101, "currency": "JPY"}]},
        {"salesforce_Order": [{"Id": f"801{31:012d}AAA", "EffectiveDate": "2026-10-02"}]},
    )
    with written_to(door, BEN, C_FUMI):
        balanced(place.run("sync"))
    assert place.rows("SELECT * FROM quarantine") == []
    assert on_shopify(place)[str(BEN)]["net_spend"] == "5300.0"
    assert on_salesforce(place)[C_FUMI]["Zaiseki_Net_Spend__c"] == 1_100
    one_full_reading_says_the_same(place)
