"""Access that provisioning gives: to the job's own user, to what it reads, and edit of our fields only."""

import json
from pathlib import Path

import responses
from salesforce_deploys import (
    FORMULA,
    FORMULA_NAME,
    JOB,
    JOB_USER,
    WHOLE,
    an_admin,
    an_org,
    deployed,
    look,
    rights,
    run,
)
from salesforce_look import TOUCHED
from salesforce_org import CONTACT, DATA, FIELDS, LEAD, OURS, calls, connector, described, error


@responses.activate
def test_the_jobs_permission_set_grants_what_it_reads_and_the_edit_of_our_fields_only(tmp_path: Path) -> None:
    whole = look(WHOLE, WHOLE, WHOLE)
    whole["describeContact"] = described(
        (*CONTACT, *OURS, "Shop_Id__c"), (), tuple(n for n in CONTACT if n not in ("Email", "Phone"))
    )
    an_org(look())
    made = connector(tmp_path, shopify_id_field="Shop_Id__c", job_access=JOB)
    an_admin(whole)
    made.provision(FIELDS, [FORMULA], dry_run=True)
    fields, objects = rights(deployed()[1]["permissionsets/Zaiseki_Integration.permissionset"])
    assert objects == {"Account": True, "Contact": True, "Lead": True, "Order": False}
    ours = {f"{name}.{field}": True for name in ("Contact", "Lead", "Account") for field in OURS}
    formulas = {f"{name}.{FORMULA_NAME}": False for name in ("Contact", "Lead", "Account")}
    assert fields == {
        **ours,
        **formulas,
        **dict.fromkeys(("Contact.Email", "Contact.Phone", "Contact.Shop_Id__c"), False),
    }


@responses.activate
def test_objects_that_are_no_targets_get_no_fields_and_no_edit(tmp_path: Path) -> None:
    an_org(look())
    run(tmp_path, dry_run=True, accounts="never", objects=("PersonAccount", "Account", "Lead"))
    files = deployed()[1]
    assert {name for name in files if name.startswith("objects/")} == {
        "objects/Contact.object",
        "objects/Lead.object",
    }
    fields, objects = rights(files["permissionsets/Zaiseki_Integration.permissionset"])
    assert objects == {"Account": True, "Contact": False, "Lead": True, "Order": False}
    assert not [name for name in fields if name.startswith("Account.")]


@responses.activate
def test_opportunities_are_read_with_their_roles_which_have_no_rights_of_their_own(tmp_path: Path) -> None:
    roles = described(("Id", "OpportunityId"), (), ("Id", "OpportunityId"))
    an_org({**look(), "describeOpportunity": roles, "describeOpportunityContactRole": roles})
    run(tmp_path, dry_run=True, purchases="opportunity")
    _, objects = rights(deployed()[1]["permissionsets/Zaiseki_Integration.permissionset"])
    assert set(objects) == {"Account", "Contact", "Lead", "Opportunity"}


@responses.activate
def test_what_happened_beside_purchases_is_granted_by_the_objects_that_speak_for_it(tmp_path: Path) -> None:
    seen = {f"describe{name}": described(fields, (), fields[:4]) for name, fields in TOUCHED.items()}
    an_org({**look(), **seen})
    run(tmp_path, dry_run=True)
    fields, objects = rights(deployed()[1]["permissionsets/Zaiseki_Integration.permissionset"])
    owned = {name for name in objects if not objects[name]}
    assert owned == {"Order", "Opportunity", "Case", "Campaign"}, (
        "tasks and members have no rights of their own"
    )
    assert fields["Case.Reason"] is fields["Task.WhoId"] is fields["Opportunity.StageName"] is False


@responses.activate
def test_where_an_admin_provisions_the_jobs_own_user_is_looked_after(tmp_path: Path) -> None:
    """The admin sees every field; whether anything is to be done depends on what the job's user sees."""
    there = tuple((sobject, name) for sobject in ("Contact", "Lead", "Account") for name in WHOLE)
    whole = look(WHOLE, WHOLE, WHOLE)
    an_org(look(), whole, existing=there)
    made = connector(tmp_path, job_access=JOB)
    an_admin(whole)
    done = made.provision(FIELDS, [FORMULA], dry_run=False)
    assert {p.action for p in done if p.kind != "access"} == {"unchanged"}
    assert {p.action for p in done if p.kind == "access"} == {"updated"}
    (assignment,) = calls("POST", "PermissionSetAssignment")
    assert json.loads(assignment.body) == {"AssigneeId": JOB_USER, "PermissionSetId": "0PS1"}
    assert {call.headers["Authorization"] for call in calls("POST", "deployRequest")} == {
        "Bearer token-admin"
    }


@responses.activate
def test_a_job_that_cannot_read_a_column_the_admin_could_grant_gets_it(tmp_path: Path) -> None:
    whole, blind = look(WHOLE, WHOLE, WHOLE), look(WHOLE, WHOLE, WHOLE)
    whole["describeLead"] = described((*LEAD, *WHOLE), (FORMULA_NAME,))
    blind["describeLead"] = described((*(n for n in LEAD if n != "Email"), *WHOLE), (FORMULA_NAME,))
    an_org(blind, whole)
    made = connector(tmp_path, job_access=JOB)
    an_admin(whole)
    done = made.provision(FIELDS, [FORMULA], dry_run=False)
    assert {p.action for p in done if p.kind == "access"} == {"updated"}
    fields, _ = rights(deployed()[1]["permissionsets/Zaiseki_Integration.permissionset"])
    assert fields["Lead.Email"] is False


@responses.activate
def test_a_field_that_exists_unseen_gets_access_and_keeps_the_admins_label(tmp_path: Path) -> None:
    an_org(look(OURS[1:]), look(WHOLE, WHOLE, WHOLE), existing=(("Contact", OURS[0]), ("Case", OURS[1])))
    actions = {(p.object, p.name): p.action for p in run(tmp_path)}
    assert actions["Contact", OURS[0]] == "unchanged"
    assert actions["Lead", OURS[0]] == "created"
    assert actions["Contact", FORMULA_NAME] == "created"
    files = deployed()[1]
    assert b"Zaiseki_Tenure_Days__c" not in files["objects/Contact.object"]
    assert b"Zaiseki_Tenure_Days__c" in files["objects/Lead.object"]
    assert b"Contact.Zaiseki_Tenure_Days__c" in files["permissionsets/Zaiseki_Integration.permissionset"]


@responses.activate
def test_an_assignment_that_stands_already_is_no_error_and_missing_access_is_told(tmp_path: Path) -> None:
    locked = look(WHOLE, WHOLE, WHOLE)
    locked["describeContact"] = described(CONTACT + WHOLE, OURS[:1])
    an_org(look(), locked)
    responses.replace(
        responses.POST, f"{DATA}/sobjects/PermissionSetAssignment", json=error("DUPLICATE_VALUE"), status=400
    )
    access = [p for p in run(tmp_path) if p.kind == "access"]
    assert {(p.action, p.reason) for p in access} == {("failed", "no edit access: Contact.tenure_days")}
