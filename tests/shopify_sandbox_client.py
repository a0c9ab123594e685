"""A plain client of the sandbox's shop for tests: requests, and nothing of the product."""

import json
from typing import Any

import requests

SECONDS = 30
POLLS = 3_000

SET = """mutation($m: [MetafieldsSetInput!]!) { metafieldsSet(metafields: $m) {
  metafields { id namespace key type value } userErrors { field message code elementIndex } } }"""
RUN = """mutation($q: String!, $g: Boolean!) { bulkOperationRunQuery(query: $q, groupObjects: $g) {
  bulkOperation { id status } userErrors { field message code } } }"""
POLL = """query($id: ID!) { bulkOperation(id: $id) { id status errorCode createdAt completedAt objectCount
  rootObjectCount fileSize url partialDataUrl type } }"""
STAGE = """mutation { stagedUploadsCreate(input: [{resource: BULK_MUTATION_VARIABLES,
  filename: "bulk_op_vars", mimeType: "text/jsonl",
  httpMethod: POST}]) { stagedTargets { url parameters { name value } }
  userErrors { message } } }"""
IMPORT = """mutation($m: String!, $p: String!) {
  bulkOperationRunMutation(mutation: $m, stagedUploadPath: $p) {
    bulkOperation { id status }
    userErrors { field message code } } }"""


class Shop:
    """One running sandbox's shop, spoken to with its fixed token."""

    def __init__(self, ready: dict[str, Any]) -> None:
        self.keys = ready["shopify"]
        self.url: str = self.keys["url"]
        self.headers = {"X-Shopify-Access-Token": self.keys["access_token"]}

    def post(self, query: str, version: str = "2026-10", **variables: Any) -> requests.Response:
        """Send a document."""
        return requests.post(
            f"{self.url}/admin/api/{version}/graphql.json",
            json={"query": query, "variables": variables},
            headers=self.headers,
            timeout=SECONDS,
        )

    def body(self, query: str, **variables: Any) -> dict[str, Any]:
        """Send a document and give the whole answer."""
        answer: dict[str, Any] = self.post(query, **variables).json()
        return answer

    def data(self, query: str, **variables: Any) -> dict[str, Any]:
        """Send a document that has to succeed and give its data."""
        answer = self.body(query, **variables)
        assert "errors" not in answer, answer["errors"]
        data: dict[str, Any] = answer["data"]
        return data

    def get(self, path: str, **params: Any) -> requests.Response:
        """Read a REST resource."""
        return requests.get(self.url + path, params=params, headers=self.headers, timeout=SECONDS)

    def sandbox(self, path: str, body: Any) -> None:
        """Use one of the sandbox's own switches."""
        requests.post(f"{self.url}/_sandbox/{path}", json=body, timeout=SECONDS).raise_for_status()

    def submit(self, query: str, *, grouped: bool = False) -> dict[str, Any]:
        """Submit a bulk query and give the payload."""
        payload: dict[str, Any] = self.data(RUN, q=query, g=grouped)["bulkOperationRunQuery"]
        return payload

    def finished(self, number: str) -> dict[str, Any]:
        """Poll a bulk operation until it has ended."""
        for _ in range(POLLS):
            operation: dict[str, Any] = self.data(POLL, id=number)["bulkOperation"]
            if operation["status"] not in ("CREATED", "RUNNING", "CANCELING"):
                return operation
        raise AssertionError(f"{number} did not end")

    def download(self, url: str | None) -> str:
        """Download a bulk result; no token is sent along."""
        assert url is not None
        answer = requests.get(url, timeout=SECONDS)
        answer.raise_for_status()
        assert int(answer.headers["Content-Length"]) == len(answer.content)
        return answer.content.decode()

    def export(self, query: str, *, grouped: bool = False) -> list[dict[str, Any]]:
        """Run a bulk query to its end and give the rows."""
        payload = self.submit(query, grouped=grouped)
        assert payload["userErrors"] == []
        operation = self.finished(payload["bulkOperation"]["id"])
        assert operation["status"] == "COMPLETED"
        return [json.loads(line) for line in self.download(operation["url"]).splitlines()]

    def stage(self, text: str) -> str:
        """Upload the variables of a bulk mutation and give the path to name them by."""
        (target,) = self.data(STAGE)["stagedUploadsCreate"]["stagedTargets"]
        fields = {one["name"]: one["value"] for one in target["parameters"]}
        answer = requests.post(target["url"], data=fields, files={"file": ("vars", text)}, timeout=SECONDS)
        assert answer.status_code == 201
        return fields["key"]

    def run_import(self, mutation: str, lines: list[Any]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """Run a bulk mutation to its end and give the operation and its result lines."""
        key = self.stage("".join(json.dumps(line) + "\n" for line in lines))
        payload = self.data(IMPORT, m=mutation, p=key)["bulkOperationRunMutation"]
        assert payload["userErrors"] == []
        operation = self.finished(payload["bulkOperation"]["id"])
        return operation, [json.loads(line) for line in self.download(operation["url"]).splitlines()]


def metafield(
    owner: int, key: str, value: str, kind: str | None = "single_line_text_field"
) -> dict[str, Any]:
    """Write one metafield input for a customer, in the namespace `crm`."""
    given = {"ownerId": f"gid://shopify/Customer/{owner}", "namespace": "crm", "key": key, "value": value}
    return given | ({"type": kind} if kind else {})
