"""Sections of `zaiseki.toml` on people: how records become persons, and whom the job leaves alone."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from zaiseki.settings_types import ApiName, Section, Tag


class Identity(Section):
    """How records become persons. `phone_region`: country code of national numbers, e.g. `JP`.

    `max_sharing`: an address or number that more people's names share identifies nobody. `max_members`:
    a person of more records waits for a look. `relay_domains` and `no_keys`: addresses that are no keys.
    """

    phone_region: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] | None = None
    max_sharing: Annotated[int, Field(ge=1)] = 3
    max_members: Annotated[int, Field(ge=2)] = 20
    relay_domains: tuple[Tag, ...] = ()
    no_keys: tuple[Tag, ...] = ()


class PrivacyExclude(Section):
    """Who is not scored: customers with a tag, Salesforce records with a ticked box.

    `objects`: on which the box `field` was made. Where it is not seen on one of them the run stops; with none
    named, whoever has a lead or a business account on which it is not seen keeps the old values.
    """

    tag: Tag | None = None
    field: ApiName | None = None
    objects: tuple[Literal["Contact", "Lead", "Account"], ...] = ()

    @model_validator(mode="after")
    def _of_a_box(self) -> PrivacyExclude:
        if self.objects and self.field is None:
            raise ValueError("objects says where the box is; field must name it")
        return self


class Privacy(Section):
    """Whom the job leaves alone."""

    exclude: PrivacyExclude = PrivacyExclude()
