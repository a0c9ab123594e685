"""Large invented scenarios on both platforms: everything happens in them that happens in real shops."""

import math
from pathlib import Path
from random import Random

from sandbox.people import choose
from sandbox.salesforce.ids import make_id
from sandbox.scenario_writer import ScenarioWriter
from sandbox.synthetic_customers import DAYS, Customer, invent_customers, local_time

FIRST_CUSTOMER = 7_100_000_000_000
FIRST_ORDER = 5_500_000_000_000
FIRST_REFUND = 9_000_000_000_000
FIRST_RECORD = 1_000_000
FIRST_GUEST = 50_000_000
FIRST_REDUCTION = 200_000_000
CODES_KEPT = 20_000
SCENARIO = """\
# Written by scripts/generate_scenario.py: {customers} customers, {orders} orders, seed {seed}.
now = 2026-10-01T12:00:00+09:00

[shopify]
shop = "zaiseki-large"
timezone = "Asia/Tokyo"
currency = "JPY"
plan = "plus"

[salesforce]
timezone = "Asia/Tokyo"
currency = "JPY"
daily_requests = 100000
"""


class _Scenario:
    """Writes one scenario, customer by customer; holds counters and the last referral codes, nothing else."""

    def __init__(self, writer: ScenarioWriter, seed: int) -> None:
        self.writer = writer
        self.rng = Random(f"synthetic/{seed}")
        self.orders = 0
        self.refunds = 0
        self.codes: list[tuple[str, int]] = []

    def customer(self, customer: Customer) -> None:
        """Write one customer's records and orders."""
        first, last = customer.days[0], customer.days[-1]
        made, changed = local_time(first, 0), local_time(last, 86_399)
        if customer.on_shopify:
            self._shopify_customer(customer, made, changed)
        if customer.on_salesforce:
            self._contact(customer, made, changed)
        code = self._code_of_a_friend(first)
        for place, day in enumerate(customer.days[1:]):
            self.orders += 1
            if customer.on_salesforce and not (customer.on_shopify and self.rng.random() < 0.6):
                self._salesforce_order(customer, day)
            else:
                self._shopify_order(customer, day, code if place == 0 else "")

    def _shopify_customer(self, customer: Customer, made: str, changed: str) -> None:
        person, shopify_id = customer.person, FIRST_CUSTOMER + customer.number
        self.writer.row(
            "shopify_customers",
            id=shopify_id,
            email=person.email,
            phone=person.phone,
            first_name=person.first_name,
            last_name=person.last_name,
            locale=person.locale,
            email_consent=choose(self.rng, ("SUBSCRIBED", "SUBSCRIBED", "NOT_SUBSCRIBED", "UNSUBSCRIBED")),
            created_at=made,
            updated_at=changed,
        )
        if self.rng.random() < 0.3:
            code = f"{person.latin.upper()}-{customer.number:05d}"
            self._remember(code, customer.days[0])
            self.writer.row(
                "shopify_metafields",
                owner_id=shopify_id,
                namespace="custom",
                key="referral_code",
                type="single_line_text_field",
                value=code,
            )

    def _remember(self, code: str, day: int) -> None:
        if len(self.codes) < CODES_KEPT:
            self.codes.append((code, day))
        else:
            self.codes[int(self.rng.random() * CODES_KEPT)] = (code, day)

    def _contact(self, customer: Customer, made: str, changed: str) -> None:
        person = customer.person
        account = make_id("001", FIRST_RECORD + customer.number)
        household = f"{person.last_name}家" if person.is_japanese else f"{person.last_name} Household"
        stamps = {"CreatedDate": made, "LastModifiedDate": changed}
        self.writer.row("salesforce_Account", Id=account, Name=household, **stamps)
        self.writer.row(
            "salesforce_Contact",
            Id=make_id("003", FIRST_RECORD + customer.number),
            AccountId=account,
            FirstName=person.first_name,
            LastName=person.last_name,
            Email=person.email.title() if self.rng.random() < 0.3 else person.email,
            MobilePhone=person.phone,
            Shopify_Customer_Id__c=FIRST_CUSTOMER + customer.number if customer.is_linked else "",
            **stamps,
        )

    def _code_of_a_friend(self, first_day: int) -> str:
        """Give a code of somebody who bought earlier, for one first purchase in eight."""
        if not self.codes or self.rng.random() > 0.125:
            return ""
        code, day = choose(self.rng, self.codes)
        return code if day < first_day else ""

    def _shopify_order(self, customer: Customer, day: int, code: str) -> None:
        """Write an order; now and then it is refunded, cancelled, not paid yet, a test or for resale."""
        rng, number = self.rng, self.orders
        at, amount, fate = local_time(day, int(rng.random() * 86_400)), self._amount(), rng.random()
        status, changed, cancelled_at = "PAID", at, ""
        if fate < 0.03:
            status = "REFUNDED" if fate < 0.01 else "PARTIALLY_REFUNDED"
            changed = self._refund(number, day + 9, amount if fate < 0.01 else amount // 3)
        elif fate < 0.045:
            status = "VOIDED"
            changed = cancelled_at = local_time(day, 86_399)
        elif fate < 0.065:
            status = "PENDING"
        customer_id, email = self._buyer(customer)
        self.writer.row(
            "shopify_orders",
            id=FIRST_ORDER + number,
            name=f"#{1000 + number}",
            customer_id=customer_id,
            email=email,
            processed_at=at,
            updated_at=changed,
            total=amount,
            financial_status=status,
            cancelled_at=cancelled_at,
            cancel_reason="CUSTOMER" if cancelled_at else "",
            test="true" if 0.065 < fate < 0.066 else "false",
            source_name=choose(rng, ("web", "web", "web", "web", "pos", "shopify_draft_order")),
            discount_codes=code,
            tags="wholesale" if fate > 0.998 else "",
        )

    def _buyer(self, customer: Customer) -> tuple[int | str, str]:
        """Say whom an order names: mostly the customer, now and then a guest's address, or nobody."""
        kind = self.rng.random()
        if kind > 0.02:
            return FIRST_CUSTOMER + customer.number, customer.person.email
        if kind > 0.015:
            return "", customer.person.email
        if kind > 0.005:
            guest = int(self.rng.random() * 1_000_000)
            return "", f"guest.{FIRST_GUEST + guest}@example.com"
        return "", ""

    def _refund(self, number: int, day: int, amount: int) -> str:
        self.refunds += 1
        at = local_time(min(day, len(DAYS) - 1), 86_399)
        self.writer.row(
            "shopify_refunds",
            id=FIRST_REFUND + self.refunds,
            order_id=FIRST_ORDER + number,
            processed_at=at,
            amount=amount,
            note=choose(self.rng, ("", "", "damaged", "changed mind")),
        )
        return at

    def _salesforce_order(self, customer: Customer, day: int) -> None:
        """Write an order; some stay drafts, and a few are reduced by half a week later."""
        amount, fate, number = self._amount(), self.rng.random(), self.orders
        self._order_row(customer, number, day, amount, status="Draft" if fate < 0.02 else "Activated")
        if fate > 0.99:
            reduced_on = min(day + 7, len(DAYS) - 1)
            self._order_row(customer, FIRST_REDUCTION + number, reduced_on, -(amount // 2), reduces=number)

    def _order_row(
        self,
        customer: Customer,
        number: int,
        day: int,
        amount: int,
        *,
        status: str = "Activated",
        reduces: int | None = None,
    ) -> None:
        at = local_time(day, 43_200)
        self.writer.row(
            "salesforce_Order",
            Id=make_id("801", FIRST_RECORD + number),
            OrderNumber=f"{number:08d}",
            AccountId=make_id("001", FIRST_RECORD + customer.number),
            BillToContactId=make_id("003", FIRST_RECORD + customer.number),
            EffectiveDate=DAYS[day],
            Status=status,
            StatusCode=status,
            TotalAmount=amount,
            IsReductionOrder="false" if reduces is None else "true",
            OriginalOrderId="" if reduces is None else make_id("801", FIRST_RECORD + reduces),
            CreatedDate=at,
            LastModifiedDate=at,
        )

    def _amount(self) -> int:
        """Draw an amount in yen: mostly a few thousand, seldom much more; some cost nothing."""
        share = self.rng.random()
        return 0 if share < 0.002 else 500 + 10 * int(350 * -math.log(1 - share))


def write_synthetic(folder: Path, *, customers: int, orders: int, seed: int) -> dict[str, int]:
    """Write a scenario with so many customers and orders; gives the number of rows per file.

    The same arguments give the same bytes. Orders made to Salesforce's reduction orders come on top.
    """
    with ScenarioWriter(folder) as writer:
        scenario = _Scenario(writer, seed)
        for customer in invent_customers(customers, orders, seed):
            scenario.customer(customer)
    text = SCENARIO.format(customers=customers, orders=orders, seed=seed)
    (folder / "scenario.toml").write_text(text, encoding="utf-8")
    return writer.counts
