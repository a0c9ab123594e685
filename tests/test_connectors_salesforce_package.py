"""The metadata we deploy: valid by the platform's own schema, typed as the contract says, always the same."""

import io
import zipfile
from pathlib import Path
from xml.etree import ElementTree as Xml

import pytest
import simple_salesforce
from lxml import etree
from salesforce_org import FIELDS

from connectors.salesforce import package
from connectors.salesforce.names import api_name
from connectors.salesforce.source import CARRIERS, READS, source_tree
from metrics.fields import catalogue, formulas

FORMULA_NAME = "Zaiseki_Days_Since_Last__c"
NS = f"{{{package.NAMESPACE}}}"


def our_archive(version: str = "67.0") -> dict[str, bytes]:
    fields, formula = catalogue(currency="JPY", scale=0, language="ja"), formulas("ja")
    nodes = [*map(package.field_xml, fields), *map(package.formula_xml, formula)]
    sets = package.access_sets(CARRIERS, fields, formula, package.Rights(READS, CARRIERS))
    return unpack(package.archive(version, dict.fromkeys(CARRIERS, nodes), sets))


def unpack(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as made:
        return {name: made.read(name) for name in made.namelist()}


@pytest.fixture(scope="module")
def wsdl_schema() -> etree.XMLSchema:
    """The XML schema of Salesforce's metadata WSDL, with the root elements that files have."""
    path = Path(simple_salesforce.__file__).parent / "metadata.wsdl"
    xsd = "{http://www.w3.org/2001/XMLSchema}"
    schema = etree.parse(str(path)).find(f".//{xsd}schema")
    for name in ("CustomObject", "PermissionSet", "Package"):
        etree.SubElement(schema, f"{xsd}element", name=name, type=f"tns:{name}")
    # Parsed anew so that the prefixes declared around it stand on the schema itself.
    return etree.XMLSchema(etree.fromstring(etree.tostring(schema)))


@pytest.mark.parametrize(
    "path",
    [
        "package.xml",
        "objects/Contact.object",
        "objects/Lead.object",
        "objects/Account.object",
        "permissionsets/Zaiseki_Integration.permissionset",
        "permissionsets/Zaiseki_Viewer.permissionset",
    ],
)
def test_every_file_is_valid_by_the_platforms_own_schema(path: str, wsdl_schema: etree.XMLSchema) -> None:
    wsdl_schema.assertValid(etree.fromstring(our_archive()[path]))


def test_fields_have_the_types_of_the_contract() -> None:
    holder = Xml.fromstring(our_archive()["objects/Contact.object"])
    told = {}
    for node in holder.findall(f"{NS}fields"):
        parts = [node.findtext(f"{NS}{name}") or "" for name in ("type", "length", "precision", "scale")]
        told[node.findtext(f"{NS}fullName")] = " ".join(part for part in parts if part)
    assert told == {
        "Zaiseki_Person_Id__c": "Text 36",
        "Zaiseki_First_Purchase_On__c": "Date",
        "Zaiseki_Last_Purchase_On__c": "Date",
        "Zaiseki_Tenure_Days__c": "Number 6 0",
        "Zaiseki_Purchases__c": "Number 6 0",
        "Zaiseki_Net_Spend__c": "Number 16 0",
        "Zaiseki_Segment__c": "Picklist",
        "Zaiseki_Segment_Since__c": "Date",
        "Zaiseki_Lapses_On__c": "Date",
        "Zaiseki_Referrals__c": "Number 6 0",
        "Zaiseki_Referral_Score__c": "Number 10 2",
        "Zaiseki_Satisfaction__c": "Picklist",
        "Zaiseki_Funnel_Stage__c": "Picklist",
        "Zaiseki_Next_Action__c": "Picklist",
        "Zaiseki_Channels__c": "Text 255",
        "Zaiseki_Contact_By__c": "Text 255",
        "Zaiseki_Days_Since_Last__c": "Number 18 0",
    }
    assert "TODAY() - Zaiseki_Last_Purchase_On__c" in [n.text for n in holder.iter(f"{NS}formula")]


def test_a_picklist_stores_codes_shows_labels_and_takes_nothing_else() -> None:
    holder = Xml.fromstring(our_archive()["objects/Contact.object"])
    values = [
        (value.findtext(f"{NS}fullName"), value.findtext(f"{NS}label")) for value in holder.iter(f"{NS}value")
    ]
    assert ("steady_active", "コツコツ現役客") in values
    assert ("resolve_complaint", "まずご不満に対応する。販促や紹介のお願いは控える。") in values
    assert len(values) == 11 + 4 + 5 + 19
    assert [node.text for node in holder.iter(f"{NS}restricted")] == ["true"] * 4


def test_permission_sets_name_no_licence_and_only_the_jobs_may_edit() -> None:
    made = our_archive()
    job = Xml.fromstring(made["permissionsets/Zaiseki_Integration.permissionset"])
    people = Xml.fromstring(made["permissionsets/Zaiseki_Viewer.permissionset"])
    assert job.find(f"{NS}license") is None
    assert people.find(f"{NS}license") is None
    assert people.find(f"{NS}objectPermissions") is None
    assert {node.text for node in people.iter(f"{NS}editable")} == {"false"}
    rights = {
        n.findtext(f"{NS}field"): n.findtext(f"{NS}editable") for n in job.iter(f"{NS}fieldPermissions")
    }
    ours = {
        f"{sobject}.{api_name(field.key)}"
        for sobject in CARRIERS
        for field in catalogue(currency="JPY", scale=0)
    }
    assert {name for name, editable in rights.items() if editable == "true"} == ours
    assert {"Contact.Email", "Lead.MobilePhone", f"Account.{FORMULA_NAME}"} <= set(rights)
    assert {
        n.text for tag in ("allowDelete", "allowCreate", "modifyAllRecords") for n in job.iter(f"{NS}{tag}")
    } == {"false"}


def test_the_same_catalogue_makes_the_same_bytes() -> None:
    def once() -> bytes:
        return package.archive("67.0", {"Contact": [package.field_xml(FIELDS[2])]}, {})

    assert once() == once()


def test_api_names_follow_the_contract() -> None:
    assert api_name("person_id") == "Zaiseki_Person_Id__c"
    assert api_name("first_purchase_on") == "Zaiseki_First_Purchase_On__c"


def test_the_committed_source_tree_is_what_the_catalogue_makes() -> None:
    """If this fails after a change of the catalogue: `python scripts/write_metadata.py`."""
    root = Path(package.__file__).parent / "metadata"
    held = {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}
    assert held == source_tree("67.0", CARRIERS, catalogue(currency="USD", scale=2), formulas())


def test_the_source_tree_holds_the_fields_that_provision_deploys() -> None:
    fields = catalogue(currency="USD", scale=2)
    tree = source_tree("67.0", CARRIERS, fields, formulas())
    names = {
        Path(path).name.removesuffix(".field-meta.xml") for path in tree if path.endswith(".field-meta.xml")
    }
    assert names == {api_name(field.key) for field in fields} | {FORMULA_NAME}
