"""An explanation as a shopkeeper reads it."""

from __future__ import annotations

from rich.table import Table

from metrics.contact_by import PERMITS, REFUSES
from metrics.fields import MEDIA
from sync.decisions import Ref
from sync.review import TOO_MANY
from zaiseki.cli.shell import Shell
from zaiseki.explanation import Explanation
from zaiseki.members import Member
from zaiseki.messages import say
from zaiseki.named import name_of
from zaiseki.show_acquisition import show_acquisition
from zaiseki.show_expectation import show_expectation
from zaiseki.show_experience import show_experience
from zaiseki.show_friends import show_friends
from zaiseki.show_orders import money, show_orders, sums_text, system_name
from zaiseki.show_segments import show_segment
from zaiseki.show_shop_states import show_shop_states


def show_why(shell: Shell, found: Explanation) -> None:
    """Print everything about one person that fits a screen; `--json` has the rest."""
    shell.say("why_title", record=name_of(found.asked), as_of=found.run.as_of, run_id=found.run.run_id)
    if found.person_id:
        shell.say("why_person", person_id=found.person_id, records=len(found.members))
    _show_members(shell, found)
    _show_standing(shell, found)
    _show_review(shell, found)
    if found.sums:
        show_orders(shell, found)
        shell.say("why_sums", text=sums_text(shell, found, found.sums))
    for twin in found.possible_twins:
        amount = money(twin["salesforce_amount"], twin["currency"])
        days = {name: str(twin[name]) for name in ("salesforce_on", "shopify_on")}
        shell.say("why_twin", count=twin["pairs"], amount=amount, **days)
    show_segment(shell, found)
    show_shop_states(shell, found)
    show_acquisition(shell, found)
    show_experience(shell, found)
    show_expectation(shell, found)
    show_friends(shell, found)
    _show_consent(shell, found)


def _show_members(shell: Shell, found: Explanation) -> None:
    table = Table(title=_say(shell, "why_members"), title_justify="left")
    for head in ("system", "kind", "record", "created", "joined", "written"):
        table.add_column(_say(shell, f"why_column_{head}"))
    for member in found.members:
        table.add_row(
            system_name(shell, found, member.ref.platform, member.ref.account),
            _say(shell, f"record_{member.ref.object}"),
            name_of(member.ref),
            str(member.created_on) if member.created_on else "–",
            _joined(shell, member),
            _say(shell, "why_yes" if member.writable and member.state == "live" else "why_no"),
        )
    shell.out.print(table)


def _joined(shell: Shell, member: Member) -> str:
    """Why a record is this person's; what it is instead where it is nobody's."""
    if member.state in ("deleted", "dormant", "waiting"):
        return _say(shell, f"why_is_{member.state}")
    if member.merged_into:
        return _say(shell, "why_merged", record=name_of(member.ref._replace(id=member.merged_into)))
    return _say(shell, f"tied_{member.rule}") if member.rule not in (None, "alone") else "–"


def _show_standing(shell: Shell, found: Explanation) -> None:
    """What sets this person apart from others."""
    if found.excluded:
        excluded = [name_of(member.ref) for member in found.members if member.excluded]
        shell.say("why_excluded", records=", ".join(excluded))
    if found.person_id and found.by_relay:
        shell.say("why_by_relay")
    if found.stale:
        shell.say("why_stale", as_of=found.run.as_of)


def _show_review(shell: Shell, found: Explanation) -> None:
    for item in found.review:
        if item["reason"] == TOO_MANY:
            shell.say("why_queued", item=item["item"], count=item["members"])
            continue
        one = Ref(item["platform"], item["account"], item["object"], item["id"])
        other = Ref(*(item[f"other_{part}"] for part in Ref._fields))
        reason = _say(shell, f"review_because_{item['reason']}")
        records = f"{name_of(one)} / {name_of(other)}"
        shell.say("why_review", item=item["item"], records=records, reason=reason)


def _show_consent(shell: Shell, found: Explanation) -> None:
    table = Table(title=_say(shell, "why_consent"), title_justify="left")
    for head in ("system", "record"):
        table.add_column(_say(shell, f"why_column_{head}"))
    nth = 1 if shell.language == "en" else 2
    media = {row[0]: row[nth] for row in MEDIA}
    for label in media.values():
        table.add_column(label)
    for member in found.members:
        if member.state == "live" and member.ref.object != "guest":
            phone = REFUSES[0] if member.phone_refused else None
            states = (member.email_consent, member.sms_consent, phone)
            system = system_name(shell, found, member.ref.platform, member.ref.account)
            table.add_row(system, name_of(member.ref), *(_consent(shell, state) for state in states))
    if table.rows:
        shell.out.print(table)
    if found.score is None:
        return
    separator = "、" if shell.language == "ja" else ", "
    permitted = separator.join(media[code] for code in (found.score["contact_by"] or "").split(";") if code)
    shell.say("why_contact_by", media=permitted or _say(shell, "why_no_medium"))


def _consent(shell: Shell, state: str | None) -> str:
    if state in PERMITS:
        return _say(shell, "why_permits")
    return _say(shell, "why_refuses") if state in REFUSES else "–"


def _say(shell: Shell, key: str, **details: object) -> str:
    return say(key, shell.language, **details)
