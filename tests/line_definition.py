"""The demo's numbers once more, from the data and the scenario's files alone: csv, dicts and the definitions.

Nothing of the product or of the sandbox is used. A customer of the data is known by its number; an e-mail of
the scenario ends in it, and who has none on Salesforce is linked by the Shopify customer's id.
"""

from __future__ import annotations

import csv
import gzip
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path

from line_readback import Value

DATA = Path(__file__).parents[1] / "sandbox" / "data" / "cdnow_master.csv.gz"
AS_OF = date(1998, 6, 30)
BEST_SPEND = Decimal("133.95")
STEADY_DAYS, BEST_DAYS = 90, 210
CHANNELS = {"web": "online", "pos": "store", "shopify_draft_order": "phone"}
ACTIVE = {
    "first": "follow_up_first",
    "fledgling": "build_trust",
    "steady": "tell_story",
    "trend": "deepen_bond",
    "best": "treat_special",
}
CHANNEL_ORDER = ("online", "store", "phone", "sales")


@dataclass
class Buyer:
    """One customer of the data: what was paid on each day that something was paid, and how it was ordered.

    `first_codes`: the discount codes of the earliest order, with its time.
    """

    spent: dict[date, Decimal] = field(default_factory=dict)
    channels: set[str] = field(default_factory=set)
    first_codes: tuple[str, tuple[str, ...]] | None = None

    @property
    def days(self) -> list[date]:
        """The purchase days, in order."""
        return sorted(self.spent)


@dataclass(frozen=True)
class Scenario:
    """What the files of the demo say. `records`: number of the customer behind each record's id.

    `holders`: number of the customer who holds a personal code. `mail`: what their records say of e-mail,
    True where one permits it and False where one refuses; silence is neither. `refused_on` and
    `permitted_on`: the latest days on which a record that says so was made. `opted_out`: who refused in
    Salesforce, which tells no day.
    """

    records: Mapping[str, Mapping[str, int]]
    buyers: Mapping[int, Buyer]
    holders: Mapping[str, int]
    mail: Mapping[int, set[bool]]
    refused_on: Mapping[int, date]
    permitted_on: Mapping[int, date]
    opted_out: set[int]


def read_data() -> dict[int, dict[date, Decimal]]:
    """CDNOW's rows: per customer, what was paid on each day. Days of nothing but 0 are left out."""
    paid: dict[int, dict[date, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    with gzip.open(DATA, "rt", encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            paid[int(row["customer_id"])][date.fromisoformat(row["date"])] += Decimal(row["amount"])
    return {who: {day: sum_ for day, sum_ in days.items() if sum_} for who, days in paid.items()}


def read_scenario(folder: Path) -> Scenario:
    """The demo's files: who stands behind which record, and what was ordered where."""
    customers = {row["id"]: _number_in(row["email"]) for row in _rows(folder, "shopify_customers")}
    contacts = {
        row["Id"]: _number_in(row["Email"]) or customers[row["Shopify_Customer_Id__c"]]
        for row in _rows(folder, "salesforce_Contact")
    }
    buyers: dict[int, Buyer] = defaultdict(Buyer)
    for row in _rows(folder, "shopify_orders"):
        at = datetime.fromisoformat(row["processed_at"])
        codes = tuple(filter(None, row["discount_codes"].split(";")))
        who = buyers[customers[row["customer_id"]]]
        _note(who, at.date(), row["total"], CHANNELS[row["source_name"]], (at.isoformat(), codes))
    for row in _rows(folder, "salesforce_Order"):
        on = date.fromisoformat(row["EffectiveDate"])
        _note(buyers[contacts[row["BillToContactId"]]], on, row["TotalAmount"], "sales", (str(on), ()))
    holders = {row["value"]: customers[row["owner_id"]] for row in _rows(folder, "shopify_metafields")}
    mail: dict[int, set[bool]] = defaultdict(set)
    said: dict[bool, dict[int, date]] = {True: {}, False: {}}
    for row in _rows(folder, "shopify_customers"):
        if row["email_consent"] in ("SUBSCRIBED", "UNSUBSCRIBED"):
            _say(mail, said, customers[row["id"]], row["email_consent"] == "SUBSCRIBED", row["created_at"])
    out = {
        contacts[row["Id"]]
        for row in _rows(folder, "salesforce_Contact")
        if row["HasOptedOutOfEmail"] == "true"
    }
    for who in out:
        mail[who].add(False)
    records = {"shopify": customers, "salesforce": contacts}
    return Scenario(records, buyers, holders, mail, said[False], said[True], opted_out=out)


def _say(
    mail: dict[int, set[bool]], said: dict[bool, dict[int, date]], who: int, permits: bool, made_at: str
) -> None:
    mail[who].add(permits)
    on = datetime.fromisoformat(made_at).date()
    said[permits][who] = max(on, said[permits].get(who, on))


def expected(
    scenario: Scenario, *, lapse_days: int = 240, as_of: date = AS_OF
) -> dict[int, dict[str, Value]]:
    """The values of our fields (but the person's id) for every customer of the data."""
    data = read_data()
    first = {who: min(days) for who, days in data.items() if days}
    children = _referred(scenario, first)
    return {
        who: _portfolio(days, lapse_days, as_of)
        | {
            "referrals": len(children[who]),
            "referral_score": _rounded(_reach(who, children)),
            "satisfaction": _satisfaction(days, as_of),
            "funnel_stage": _stage(scenario, who, days),
            "next_action": _action(
                scenario,
                who,
                days,
                friends=[first[c] for c in children[who]],
                lapse_days=lapse_days,
                as_of=as_of,
            ),
            "channels": _channels(scenario.buyers, who),
            "contact_by": ("email",) if scenario.mail.get(who) == {True} else None,
        }
        for who, days in data.items()
    }


def segment_at(spent: Mapping[date, Decimal], day: date, lapse_days: int) -> str:
    """The segment on `day`, by the definition, of who spent `spent`."""
    until = {on: amount for on, amount in spent.items() if on <= day}
    if not until:
        return "prospect"
    first, last, net = min(until), max(until), sum(until.values())
    tenure = (last - first).days
    if len(until) == 1:
        tier = "first"
    elif tenure < STEADY_DAYS:
        tier = "fledgling"
    elif net < BEST_SPEND:
        tier = "steady"
    else:
        tier = "trend" if tenure < BEST_DAYS else "best"
    return f"{tier}_{'lapsed' if (day - last).days >= lapse_days else 'active'}"


def _portfolio(spent: Mapping[date, Decimal], lapse_days: int, as_of: date) -> dict[str, Value]:
    dated = ("first_purchase_on", "last_purchase_on", "tenure_days", "segment_since", "lapses_on")
    if not spent:
        nothing: dict[str, Value] = dict.fromkeys(dated)
        return nothing | {"purchases": 0, "net_spend": Decimal(0), "segment": "prospect"}
    first, last = min(spent), max(spent)
    return {
        "first_purchase_on": first,
        "last_purchase_on": last,
        "tenure_days": (last - first).days,
        "purchases": len(spent),
        "net_spend": sum(spent.values(), Decimal(0)),
        "segment": segment_at(spent, as_of, lapse_days),
        "segment_since": _since(spent, lapse_days, as_of),
        "lapses_on": last + timedelta(days=lapse_days),
    }


def _satisfaction(spent: Mapping[date, Decimal], as_of: date) -> str:
    """Nobody in the demo says anything: who bought again within a year is content, of all others nothing
    is known."""
    return "satisfied" if len(spent) > 1 and (as_of - max(spent)).days < 365 else "unknown"


def _stage(scenario: Scenario, who: int, spent: Mapping[date, Decimal]) -> str:
    if spent:
        return "action"
    # Whoever unsubscribed from the shop's mail had subscribed before.
    return "interest" if who in scenario.permitted_on or who in scenario.refused_on else "attention"


def _action(
    scenario: Scenario,
    who: int,
    spent: Mapping[date, Decimal],
    *,
    friends: list[date],
    lapse_days: int,
    as_of: date,
) -> str:
    """The rows of the table that anybody of the demo can come to, in order."""
    if friends and (as_of - max(friends)).days <= 30:
        return "thank_referrer"
    tier, _, half = segment_at(spent, as_of, lapse_days).partition("_")
    if half == "lapsed":
        return {"best": "call_back_best", "first": "ask_expectation"}.get(tier, "win_back")
    if half == "active" and 1 <= lapse_days - (as_of - max(spent)).days <= 30:
        return "invite_second" if tier == "first" else "prevent_lapse"
    if half == "active":
        return ACTIVE[tier]
    refused, permitted = scenario.refused_on.get(who), scenario.permitted_on.get(who)
    if who in scenario.opted_out or (refused and not (permitted and permitted > refused)):
        return "leave_alone"
    return "offer_first" if permitted else "introduce"


def _since(spent: Mapping[date, Decimal], lapse_days: int, as_of: date) -> date:
    """Without refunds a segment begins on a purchase day, or on the day a purchase lapses."""
    turns = {on + timedelta(days=wait) for on in spent for wait in (0, lapse_days)}
    past = sorted((day for day in turns if day <= as_of), reverse=True)
    now = segment_at(spent, as_of, lapse_days)
    began = past[0]
    for day in past:
        if segment_at(spent, day, lapse_days) != now:
            break
        began = day
    return began


def _referred(scenario: Scenario, first: Mapping[int, date]) -> dict[int, list[int]]:
    """Whom each customer referred: by the code on the first order, and having bought on an earlier day."""
    children: dict[int, list[int]] = defaultdict(list)
    for who, buyer in scenario.buyers.items():
        codes = buyer.first_codes[1] if buyer.first_codes else ()
        for referrer in {scenario.holders[code] for code in codes if code in scenario.holders}:
            if referrer != who and referrer in first and first[referrer] < first[who]:
                children[referrer].append(who)
    return children


def _reach(who: int, children: Mapping[int, list[int]]) -> Fraction:
    """One for each referred, and half of what each of them reached in turn."""
    return sum((1 + _reach(child, children) / 2 for child in children[who]), Fraction(0))


def _rounded(value: Fraction) -> Decimal:
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return exact.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


def _channels(buyers: Mapping[int, Buyer], who: int) -> Value:
    used = buyers[who].channels if who in buyers else set()
    return tuple(channel for channel in CHANNEL_ORDER if channel in used) or None


def _note(buyer: Buyer, on: date, total: str, channel: str, order: tuple[str, tuple[str, ...]]) -> None:
    amount = Decimal(total)
    if not amount:
        return  # what is free is no purchase
    buyer.spent[on] = buyer.spent.get(on, Decimal(0)) + amount
    buyer.channels.add(channel)
    buyer.first_codes = min(buyer.first_codes or order, order)


def _number_in(email: str) -> int:
    found = re.search(r"\.(\d{5})@", unicodedata.normalize("NFKC", email))
    return int(found.group(1)) if found else 0


def _rows(folder: Path, stem: str) -> Iterator[dict[str, str]]:
    with (folder / f"{stem}.csv").open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines)
