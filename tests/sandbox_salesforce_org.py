"""A client as plain as can be for tests of the sandbox's org, and archives to deploy into it."""

import io
import json
import time
import zipfile
from collections.abc import Mapping
from typing import Any

import requests

TIMEOUT = 30
NS = 'xmlns="http://soap.sforce.com/2006/04/metadata"'
ENDED = ("JobComplete", "Failed", "Aborted")


class Org:
    """Sends requests to the org of a ready line, with its static access token."""

    def __init__(self, ready: Mapping[str, Any], version: str = "67.0") -> None:
        self.url: str = ready["salesforce"]["url"]
        self.token: str = ready["salesforce"]["access_token"]
        self.base = f"{self.url}/services/data/v{version}"

    def send(self, method: str, path: str, **options: Any) -> requests.Response:
        """Send a request to a path below the version, or to a whole URL."""
        url = path if path.startswith("http") else f"{self.base}/{path}"
        headers = {"Authorization": f"Bearer {self.token}", **options.pop("headers", {})}
        return requests.request(method, url, timeout=TIMEOUT, headers=headers, **options)

    def get(self, path: str, **options: Any) -> requests.Response:
        """Send a GET."""
        return self.send("GET", path, **options)

    def post(self, path: str, body: Any) -> requests.Response:
        """Send a POST of JSON."""
        return self.send("POST", path, json=body)

    def patch(self, path: str, body: Any) -> requests.Response:
        """Send a PATCH of JSON."""
        return self.send("PATCH", path, json=body)

    def query(self, soql: str, kind: str = "query") -> Any:
        """The JSON that a query answers with."""
        return self.get(kind, params={"q": soql}).json()

    def rows(self, soql: str, kind: str = "query") -> list[dict[str, Any]]:
        """The records of a query that fits into one page, without their attributes."""
        found: list[dict[str, Any]] = self.query(soql, kind)["records"]
        return [{name: value for name, value in one.items() if name != "attributes"} for one in found]

    def error(self, soql: str) -> tuple[int, str, str]:
        """Status, errorCode and message of a query that is refused."""
        answer = self.get("query", params={"q": soql})
        return answer.status_code, answer.json()[0]["errorCode"], answer.json()[0]["message"]

    def ended(self, path: str) -> dict[str, Any]:
        """Poll a bulk job until it has ended."""
        deadline = time.monotonic() + TIMEOUT
        while time.monotonic() < deadline:
            job: dict[str, Any] = self.get(path).json()
            if job["state"] in ENDED:
                return job
        raise AssertionError(f"{path} did not end")

    def ingest(self, csv: str, operation: str = "update", **info: Any) -> dict[str, Any]:
        """Run an ingest job over Contact to its end."""
        body = {"object": "Contact", "operation": operation, "contentType": "CSV", "lineEnding": "LF", **info}
        job = self.post("jobs/ingest", body).json()
        headers = {"Content-Type": "text/csv; charset=UTF-8"}
        upload = self.send("PUT", f"{self.url}/{job['contentUrl']}", data=csv.encode(), headers=headers)
        assert upload.status_code == 201, upload.text
        assert self.patch(f"jobs/ingest/{job['id']}", {"state": "UploadComplete"}).status_code == 200
        return self.ended(f"jobs/ingest/{job['id']}")

    def deploy(self, files: Mapping[str, str], part: str = "json", **options: Any) -> dict[str, Any]:
        """Deploy files as one archive and give the deployResult once it is done."""
        asked = {"deployOptions": {"rollbackOnError": True, "singlePackage": True, **options}}
        parts = {
            part: (None, json.dumps(asked), "application/json"),
            "file": ("deploy.zip", zipped(files), "application/zip"),
        }
        answer = self.send("POST", "metadata/deployRequest", files=parts)
        assert answer.status_code == 201, answer.text
        deadline = time.monotonic() + TIMEOUT
        while time.monotonic() < deadline:
            path = f"metadata/deployRequest/{answer.json()['id']}?includeDetails=true"
            result: dict[str, Any] = self.get(path).json()["deployResult"]
            if result["done"]:
                return result
        raise AssertionError("the deploy did not end")

    def assign(self, permission_set: str) -> requests.Response:
        """Give the token's own user a permission set."""
        found = self.rows(f"SELECT Id FROM PermissionSet WHERE Name = '{permission_set}'")
        user = self.get(f"{self.url}/services/oauth2/userinfo").json()["user_id"]
        return self.post(
            "sobjects/PermissionSetAssignment", {"AssigneeId": user, "PermissionSetId": found[0]["Id"]}
        )


def zipped(files: Mapping[str, str]) -> bytes:
    """Pack texts into an archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)
    return out.getvalue()


def package(*members: tuple[str, str]) -> str:
    """A package.xml that names these (type, member) pairs."""
    types = "".join(f"<types><members>{one}</members><name>{kind}</name></types>" for kind, one in members)
    return f"<Package {NS}>{types}<version>67.0</version></Package>"


SEGMENT = (
    "<fields><fullName>Z_Segment__c</fullName><inlineHelpText>Where they stand</inlineHelpText>"
    "<label>Segment</label><type>Picklist</type><valueSet><restricted>true</restricted><valueSetDefinition>"
    "<sorted>false</sorted><value><fullName>best</fullName><default>false</default><label>Best</label></value>"
    "<value><fullName>first</fullName><default>false</default><label>First</label></value>"
    "</valueSetDefinition></valueSet></fields>"
)
DAYS = (
    "<fields><fullName>Z_Days__c</fullName><label>Days</label><precision>6</precision><scale>0</scale>"
    "<type>Number</type></fields>"
)
SPEND = (
    "<fields><fullName>Z_Spend__c</fullName><label>Spend</label><precision>8</precision><scale>2</scale>"
    "<type>Number</type></fields>"
)
NOTE = (
    "<fields><fullName>Z_Note__c</fullName><externalId>true</externalId><label>Note</label>"
    "<length>10</length><type>Text</type></fields>"
)
SINCE = (
    "<fields><fullName>Z_Since__c</fullName><formula>TODAY() - Birthdate</formula><label>Since</label>"
    "<precision>18</precision><scale>0</scale><type>Number</type></fields>"
)


def custom_object(*fields: str) -> str:
    """An objects/….object file with these fields."""
    return f"<CustomObject {NS}>{''.join(fields)}</CustomObject>"


def permission_set(*fields: str, read_only: tuple[str, ...] = (), label: str = "Zed") -> str:
    """A permission set over Contact fields: those of `read_only` to read, the others to edit too."""
    rights = "".join(
        f"<fieldPermissions><editable>{str(name not in read_only).lower()}</editable>"
        f"<field>Contact.{name}</field><readable>true</readable></fieldPermissions>"
        for name in (*fields, *read_only)
    )
    return f"<PermissionSet {NS}>{rights}<label>{label}</label></PermissionSet>"


EVERYTHING = {
    "package.xml": package(("CustomField", "Contact.Z_Segment__c"), ("PermissionSet", "Zed")),
    "objects/Contact.object": custom_object(SEGMENT, DAYS, SPEND, NOTE, SINCE),
    "permissionsets/Zed.permissionset": permission_set(
        "Z_Segment__c", "Z_Days__c", "Z_Spend__c", "Z_Note__c", read_only=("Z_Since__c",)
    ),
}
"""Five fields and the permission set that gives access to them."""
