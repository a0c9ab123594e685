"""One look at the org before anything is pulled: describes, and one composite for all the rest."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from connectors.salesforce.pull import Slice, select
from connectors.salesforce.rest import COMPOSITE_QUERIES, Rest
from connectors.salesforce.schema import Shape

CORPORATE_CURRENCY = "SELECT IsoCode FROM CurrencyType WHERE IsCorporate = true"


class Answers:
    """What the composite said, in our words."""

    def __init__(self, bodies: Mapping[str, Any]) -> None:
        self.organization: Mapping[str, Any] = bodies["organization"]
        self.bodies = bodies

    def count(self, sobject: str) -> int:
        """Live rows of an object, by the platform's own count."""
        return int(self.bodies[f"count{sobject}"]["totalSize"])

    def page(self, sobject: str) -> dict[str, Any] | None:
        """The first page of an object's increment, where one was asked for."""
        return self.bodies.get(f"since{sobject}")

    def currency(self) -> str:
        """ISO code of the corporate currency; empty in an org of one currency, which no API tells."""
        rows = self.bodies.get("currency", {}).get("records") or [{}]
        return str(rows[0].get("IsoCode", ""))


def ask(
    rest: Rest, shapes: Mapping[str, Shape], queries: Mapping[str, str], since: Mapping[str, datetime | None]
) -> Answers:
    """Ask organization, currency, counts and first pages of increments; in one request unless many."""
    asked = []
    for sobject, soql in queries.items():
        asked.append((f"count{sobject}", rest.query_path(f"SELECT COUNT() FROM {sobject}", deleted=False)))
        if since.get(sobject) is not None:
            asked.append((f"since{sobject}", rest.query_path(soql, deleted=True)))
    if any("CurrencyIsoCode" in shape.visible for shape in shapes.values()):
        asked.append(("currency", rest.query_path(CORPORATE_CURRENCY, deleted=False)))
    org_id = rest.logged_in().org_id
    first = [("organization", f"sobjects/Organization/{org_id}"), *asked[:COMPOSITE_QUERIES]]
    bodies = rest.composite(first)
    if asked[COMPOSITE_QUERIES:]:
        bodies |= rest.composite(asked[COMPOSITE_QUERIES:])
    return Answers(bodies)


def slices(
    queries: Mapping[str, str], answers: Answers, since: Mapping[str, datetime | None]
) -> dict[str, Slice]:
    """What is to be read of each stream, the pages already here included."""
    made = {}
    for sobject, soql in queries.items():
        page = answers.page(sobject)
        rows = answers.count(sobject) if since.get(sobject) is None else int((page or {})["totalSize"])
        made[sobject] = Slice(soql, rows, page)
    return made


def build_queries(
    shapes: Mapping[str, Shape], extra: Mapping[str, list[str]], since: Mapping[str, datetime | None]
) -> dict[str, str]:
    """The query of each object that our user can see."""
    return {
        sobject: select(sobject, shape.columns(sobject, extra.get(sobject, [])), since.get(sobject))
        for sobject, shape in shapes.items()
        if shape.visible
    }
