"""The addresses of the pages."""

from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from sandbox.clock import parse_stamp
from sandbox.pages import salesforce, shopify
from sandbox.pages.listing import read_wanted
from sandbox.state import State

FOLDER = Path(__file__).parent
WHOLE_CURRENCIES = frozenset({"JPY", "KRW", "VND", "CLP", "ISK"})
"""Currencies without a smaller unit in use (ISO 4217)."""


@cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _money(amount: object, currency: str) -> str:
    places = 0 if currency in WHOLE_CURRENCIES else 2
    return f"{Decimal(str(amount)):,.{places}f} {currency}"


def routes(state: State) -> list[Route]:
    """Give the routes of all pages; none of them needs a login, and none of them changes anything."""
    pages = _Pages(state)
    return [
        Route("/", lambda _: RedirectResponse("/pages/")),
        Route("/pages/", pages.home),
        Route("/pages/style.css", pages.style),
        Route("/pages/shopify/customers", pages.customers),
        Route("/pages/shopify/customers/{number:int}", pages.customer),
        Route("/pages/salesforce/{object_name}", pages.records),
        Route("/pages/salesforce/{object_name}/{record_id}", pages.record),
    ]


class _Pages:
    """The pages of one sandbox. The methods are plain functions: they read the database in worker threads."""

    def __init__(self, state: State) -> None:
        self.state = state

    def home(self, request: Request) -> Response:
        db = self.state.connection()
        counts = {
            "customers": db.execute("SELECT count(*) FROM shopify_customers").fetchone()[0],
            "shopify_orders": db.execute("SELECT count(*) FROM shopify_orders").fetchone()[0],
            "contacts": db.execute("SELECT count(*) FROM sf_Contact WHERE IsDeleted = 0").fetchone()[0],
            "salesforce_orders": db.execute("SELECT count(*) FROM sf_Order WHERE IsDeleted = 0").fetchone()[
                0
            ],
        }
        return self._page(
            "home.html",
            counts=counts,
            shopify_segments=shopify.segments(db),
            salesforce_segments=salesforce.segments(db, "Contact"),
        )

    def style(self, request: Request) -> Response:
        return Response((FOLDER / "style.css").read_bytes(), media_type="text/css")

    def customers(self, request: Request) -> Response:
        wanted = read_wanted(request)
        listing = shopify.list_customers(self.state.connection(), wanted)
        return self._page("customers.html", wanted=wanted, listing=listing)

    def customer(self, request: Request) -> Response:
        db = self.state.connection()
        found = shopify.read_customer(db, request.path_params["number"])
        if found is None:
            return self._missing("customer")
        person_id = found["person_id"]
        same = salesforce.records_of_person(db, person_id) if person_id else []
        return self._page("customer.html", same_person=same, **found)

    def records(self, request: Request) -> Response:
        object_name = request.path_params["object_name"]
        if object_name not in salesforce.OBJECTS:
            return self._missing("object")
        wanted = read_wanted(request)
        listing = salesforce.list_records(self.state.connection(), object_name, wanted)
        return self._page("records.html", object_name=object_name, wanted=wanted, listing=listing)

    def record(self, request: Request) -> Response:
        db = self.state.connection()
        object_name = request.path_params["object_name"]
        if object_name not in salesforce.OBJECTS:
            return self._missing("object")
        now = self.state.clock.now()
        found = salesforce.read_record(db, object_name, request.path_params["record_id"], now.date())
        if found is None:
            return self._missing(object_name.lower())
        person_id = found["person_id"]
        same = shopify.customers_of_person(db, person_id) if person_id else []
        return self._page("record.html", object_name=object_name, same_person=same, **found)

    def _page(self, template: str, status: int = 200, **values: Any) -> Response:
        config = self.state.config
        text = (
            _templates()
            .get_template(template)
            .render(
                config=config,
                now=self.state.clock.now().astimezone(config.shopify.zone),
                money=_money,
                shop_time=lambda stamp: parse_stamp(stamp).astimezone(config.shopify.zone),
                **values,
            )
        )
        return HTMLResponse(text, status_code=status)

    def _missing(self, what: str) -> Response:
        return self._page("missing.html", status=404, what=what)
