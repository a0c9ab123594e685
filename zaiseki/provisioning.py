"""Provisioning: the catalogue's fields and the access to them, on every configured platform."""

from __future__ import annotations

import tempfile
from pathlib import Path

from connectors.base import Provisioned, Site
from metrics.fields import REFERRAL_KEYS, Language, catalogue, formulas
from sync.money import scale
from zaiseki.connect import connect
from zaiseki.environment import read_secrets
from zaiseki.errors import Stop
from zaiseki.settings import Settings, read_settings
from zaiseki.world import currency_of, tracks_referrals


def provision_all(config: Path, language: Language, *, dry_run: bool) -> dict[str, list[Provisioned]]:
    """What was made, completed or found, by connector; `dry_run` only tells.

    Fields whose source is not set up are left out. Raises `Stop` or `connectors.errors.ConnectorError`.
    """
    settings = read_settings(config)
    done: dict[str, list[Provisioned]] = {}
    with tempfile.TemporaryDirectory(prefix="zaiseki-") as scratch:
        draft = catalogue(currency="", scale=2)
        connectors = connect(
            settings, read_secrets(), draft, Path(scratch), lambda what, rows: None, admin=True
        )
        try:
            sites = [c.survey(dict.fromkeys(c.streams)) for c in connectors]
            currency = settings.currency.reporting or _currency(settings, sites)
            without = () if tracks_referrals(settings) else REFERRAL_KEYS
            wanted = [
                field
                for field in catalogue(
                    currency=currency, scale=scale(currency), language=language, without=without
                )
                if field.key in settings.write.fields
            ]
            keys = {field.key for field in wanted}
            counting = [formula for formula in formulas(language) if formula.since in keys]
            for connector in connectors:
                if connector.platform in settings.write.platforms:
                    done[connector.name] = connector.provision(wanted, counting, dry_run=dry_run)
        finally:
            for connector in connectors:
                connector.close()
    return done


def _currency(settings: Settings, sites: list[Site]) -> str:
    """The first shop's currency; the org's without a shop."""
    found = [currency for site in sites if (currency := currency_of(settings, site))]
    if not found:
        raise Stop("currency_unknown")
    return found[0]
