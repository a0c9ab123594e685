"""What in the settings decides what a row comes to say."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from zoneinfo import ZoneInfo

from connectors.base import Site
from sync.model import Account
from sync.personal import folded_tag
from sync.rates import Rates
from zaiseki.connect import answer_fields, answer_metafields
from zaiseki.job import Job
from zaiseki.settings import Settings
from zaiseki.world import World, currency_of, region_in

READER = 4
"""Raised when the same rows come to say something else: then every stream is read anew once."""


def account_of(job: Job, world: World, site: Site) -> Account:
    """All that normalising the rows of one account depends on."""
    settings, salesforce = job.settings, job.settings.salesforce
    exclude = settings.privacy.exclude
    own = currency_of(settings, site)
    return Account(
        platform=site.platform,
        account=site.account,
        timezone=ZoneInfo(site.timezone),
        currency=own or world.currency,
        reporting=world.currency,
        region=region_in(settings, site, world.sites),
        fields=world.fields,
        key=job.key,
        rates=_rates(job, world, own),
        now=site.server_time,
        tombstones=job.tombstones,
        shopify_id_field=salesforce.shopify_id_field if salesforce else None,
        code_field=settings.referral.salesforce_code_field,
        order_reference=salesforce.order_reference if salesforce else None,
        not_a_purchase=salesforce.not_a_purchase if salesforce else (),
        first_purchase_field=settings.history.first_purchase_field,
        exclude_tag=exclude.tag,
        exclude_field=exclude.field,
        watched_tags=watched_tags(settings),
        relay_domains=settings.identity.relay_domains,
        no_keys=settings.identity.no_keys,
        code_tag=settings.referral.code_tag,
        code_pattern=settings.referral.code_pattern,
        expectations=_expectations(settings),
        quality_words=_quality_words(settings),
        channels=settings.channels.by_name(),
        channel_field=salesforce.channel_field if salesforce else None,
        referrer_field=settings.referral.referrer_field,
        answer_fields=answer_fields(settings),
        answered_on_field=settings.satisfaction.answered_on_field,
        complaint_types=_folded(settings.satisfaction.complaint_types),
        memory_stages=_folded(settings.funnel.memory_stages),
        lead_new=_folded(settings.funnel.lead_new),
        lead_closed=_folded(settings.funnel.lead_closed),
        opened_on=settings.history.opened_on,
    )


def watched_tags(settings: Settings) -> frozenset[str]:
    """The tags, folded, that decide about somebody: all others are not stored."""
    named = [settings.privacy.exclude.tag, *settings.purchases.exclude.tags]
    return frozenset(folded_tag(tag) for tag in named if tag)


def _expectations(settings: Settings) -> dict[str, str]:
    """What customers answer, folded, to what it means."""
    given = settings.satisfaction.expectation_values
    return {folded_tag(answer): meaning for meaning, answers in given.items() for answer in answers}


def _folded(words: Iterable[str]) -> frozenset[str]:
    return frozenset(map(folded_tag, words))


def _quality_words(settings: Settings) -> tuple[str, ...]:
    return tuple(folded_tag(word) for word in settings.satisfaction.quality_notes)


def _rates(job: Job, world: World, own: str) -> Rates:
    """What an account's amounts are worth: the settings win, and the org's table speaks for the shops too."""
    table = next((site for site in world.sites.values() if site.rates), None)
    home = currency_of(job.settings, table) if table else own
    return Rates(
        reporting=world.currency,
        home=home or world.currency,
        table=table.rates if table else (),
        settled=job.settings.currency.rates,
    )


def reading(job: Job) -> str:
    """What in the settings changes what a stored row says; another value means reading all anew."""
    settings, salesforce = job.settings, job.settings.salesforce
    facts: Mapping[str, object] = {
        "reader": READER,
        "referral_code": settings.referral.code_metafield,
        "salesforce_code": settings.referral.salesforce_code_field,
        "shopify_id_field": salesforce.shopify_id_field if salesforce else None,
        "order_reference": salesforce.order_reference if salesforce else None,
        "salesforce_purchases": salesforce.purchases if salesforce else None,
        "salesforce_accounts": salesforce.accounts if salesforce else None,
        "salesforce_currency": salesforce.currency if salesforce else None,
        "not_a_purchase": sorted(salesforce.not_a_purchase) if salesforce else [],
        "phone_region": settings.identity.phone_region,
        "relay_domains": sorted(settings.identity.relay_domains),
        "no_keys": sorted(settings.identity.no_keys),
        # An order keeps the rate it was first stored with; one set aside for want of a rate comes in now.
        "rates": sorted(settings.currency.rates),
        "opened_on": str(settings.history.opened_on),
        "first_purchase": [settings.history.first_purchase_metafield, settings.history.first_purchase_field],
        "excluded": [settings.privacy.exclude.tag, settings.privacy.exclude.field],
        "tags": sorted(watched_tags(settings)),
        "code_tags": [settings.referral.code_tag, settings.referral.code_pattern],
        "answers": answer_metafields(settings),
        "expectations": sorted(_expectations(settings).items()),
        "quality_words": sorted(_quality_words(settings)),
        "products": settings.metrics.products,
        "channels": sorted(settings.channels.by_name().items()),
        "channel_field": salesforce.channel_field if salesforce else None,
        "referrer": settings.referral.referrer_field,
        "answer_fields": [answer_fields(settings), settings.satisfaction.answered_on_field],
        "complaints": sorted(_folded(settings.satisfaction.complaint_types)),
        "funnel": [sorted(_folded(words)) for words in _funnel_words(settings)],
    }
    return json.dumps(facts, sort_keys=True)


def _funnel_words(settings: Settings) -> tuple[tuple[str, ...], ...]:
    given = settings.funnel
    return given.memory_stages, given.lead_new, given.lead_closed
