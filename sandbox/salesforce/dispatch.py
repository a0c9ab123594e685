"""Which resource a versioned path leads to."""

import re
from collections.abc import Callable
from dataclasses import replace

from starlette.responses import Response

from sandbox.salesforce import describe, rest_rows
from sandbox.salesforce.bulk_ingest import Ingest
from sandbox.salesforce.bulk_query import BulkQueries
from sandbox.salesforce.composite import composite
from sandbox.salesforce.errors import SalesforceError, not_found
from sandbox.salesforce.ids import full_id
from sandbox.salesforce.metadata import Deployments
from sandbox.salesforce.org import Org
from sandbox.salesforce.rest_query import Queries
from sandbox.salesforce.seed import INTEGRATION_ID
from sandbox.salesforce.web import Call, answer

_Handler = Callable[[Org, Call], Response]
_NAMES = ("sobjects", "query", "queryAll", "limits", "composite", "jobs", "metadata")


class Resources:
    """All resources of one org: every call finds its handler here, those inside a composite too."""

    def __init__(self, org: Org) -> None:
        queries, reads, ingest, deploys = Queries(org), BulkQueries(org), Ingest(org), Deployments(org)
        table: list[tuple[str, str, _Handler]] = [
            ("GET", r"", _listing),
            ("GET", r"limits", _limits),
            ("GET", r"(?P<kind>query|queryAll|tooling/query)", queries.query),
            ("GET", r"(?:query|queryAll)/(?P<locator>[^/]+)", queries.more),
            ("GET", r"connect/organization", _organization),
            ("GET", r"sobjects", describe.describe_global),
            ("GET", r"sobjects/(?P<object>\w+)", describe.object_info),
            ("POST", r"sobjects/(?P<object>\w+)", rest_rows.create),
            ("GET", r"sobjects/(?P<object>\w+)/describe", describe.describe),
            ("GET", r"sobjects/(?P<object>\w+)/(?P<id>[^/]+)", rest_rows.read),
            ("PATCH", r"sobjects/(?P<object>\w+)/(?P<id>[^/]+)", rest_rows.update),
            ("DELETE", r"sobjects/(?P<object>\w+)/(?P<id>[^/]+)", rest_rows.delete),
            ("GET", r"sobjects/(?P<object>\w+)/(?P<field>\w+)/(?P<id>.+)", rest_rows.read_by_key),
            ("PATCH", r"sobjects/(?P<object>\w+)/(?P<field>\w+)/(?P<id>.+)", rest_rows.upsert),
            ("POST", r"composite", lambda org, call: composite(self.serve, org, call)),
            ("POST", r"composite/sobjects", rest_rows.collections),
            ("PATCH", r"composite/sobjects", rest_rows.collections),
            ("DELETE", r"composite/sobjects", rest_rows.collections_delete),
            ("PATCH", r"composite/sobjects/(?P<object>\w+)/(?P<field>\w+)", rest_rows.collections_upsert),
            *reads.resources(),
            *ingest.resources(),
            *deploys.resources(),
        ]
        self._table = [
            (method, re.compile(pattern, re.IGNORECASE), handler) for method, pattern, handler in table
        ]

    def serve(self, org: Org, call: Call) -> Response:
        """Answer one call; raises `SalesforceError`."""
        allowed = False
        for method, pattern, handler in self._table:
            found = pattern.fullmatch(call.path)
            if found and method == call.method:
                return handler(org, replace(call, parts=found.groupdict()))
            allowed = allowed or bool(found)
        if allowed:
            raise SalesforceError(
                405, "METHOD_NOT_ALLOWED", f"HTTP Method '{call.method}' not allowed. Allowed are others."
            )
        raise not_found()


def _listing(org: Org, call: Call) -> Response:
    return answer({name: f"{call.root}/{name}" for name in _NAMES})


def _organization(org: Org, call: Call) -> Response:
    """Answer as the Connect REST API does: of its features those on currencies only."""
    config, several = org.config, bool(org.config.currencies)
    if not config.tells_currency and call.user_id == INTEGRATION_ID:
        raise SalesforceError(403, "FUNCTIONALITY_NOT_ENABLED", "This feature is not currently enabled.")
    features = {"multiCurrency": several, "defaultCurrencyIsoCode": None if several else config.currency}
    return answer({"orgId": full_id(org.state.secrets.salesforce_org_id), "features": features})


def _limits(org: Org, call: Call) -> Response:
    daily = org.config.daily_requests
    return answer(
        {
            "DailyApiRequests": {"Max": daily, "Remaining": max(0, daily - org.used)},
            "DailyBulkApiBatches": {"Max": 15_000, "Remaining": 15_000},
            "DailyBulkV2QueryJobs": {"Max": 10_000, "Remaining": 10_000},
            "DailyBulkV2QueryFileStorageMB": {"Max": 976_562, "Remaining": 976_562},
            "DataStorageMB": {"Max": 1_024, "Remaining": 1_024},
            "FileStorageMB": {"Max": 1_024, "Remaining": 1_024},
        }
    )
