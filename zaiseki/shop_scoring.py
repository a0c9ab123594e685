"""The figures of the whole shop: from the store's frames and the settings into the table `shop_scores`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import narwhals as nw
import pyarrow as pa

from metrics.calendar import day_of
from metrics.catalogue import metrics_known
from metrics.contacts import ContactRules
from metrics.gaps import gap_lines, rows_of, touch_sources
from metrics.koopman import Market
from metrics.products import ProductRules
from metrics.purchases import Frame
from metrics.scores import ScoreRules
from metrics.shop_frames import ShopFrames, ShopRules
from metrics.shop_line import ShopLine
from metrics.shop_scores import shop_lines
from metrics.targets import against_targets, target_lines
from sync import frames, numbers
from sync.money import scale
from sync.store import Store
from sync.visits import PENDING
from zaiseki.settings import Settings
from zaiseki.word_of_mouth import TABLE as ATTRIBUTIONS

TABLE = "shop_scores"
SOURCE_FIGURE = "new_by_source"
DAILY = 62
"""Days of which every one is kept; of older months the last is."""
_STEP = Decimal("0.0001")
_ROWS = pa.schema(
    {"name": pa.string(), "part": pa.string(), "value": pa.decimal128(38, 4), "base": pa.int64()}
)


def score_shop(
    store: Store,
    settings: Settings,
    *,
    as_of: date,
    rules: ScoreRules,
    currency: str,
    tracked: bool,
    sources_seen: bool = True,
) -> list[ShopLine]:
    """Every figure of the shop as of `as_of`, then the gaps and the targets.

    To be called once the frames are refreshed and the tables `scores` and (where `tracked`) `attributions`
    are of that day. `currency`: the reporting one. Who is known only by a marketplace's address may be
    several people: their orders count as sales, and nobody of them as a person. Where the lead sources that
    tell of referrals cannot be read (`sources_seen`), no figure says where customers came from.
    """
    found = shop_frames(store, settings, tracked=tracked and sources_seen)
    lines = shop_lines(
        found,
        as_of_day=day_of(as_of),
        rules=shop_rules(settings, rules, currency),
        materialise=store.materialise,
    )
    if not sources_seen:
        lines = [line for line in lines if line.name != SOURCE_FIGURE]
    sources = _sources(store, found, as_of_day=day_of(as_of))
    gaps = gap_lines(lines, sources, settings.targets, known_ids())
    lines += gaps
    aims = against_targets(lines, settings.targets, this_month=f"{as_of:%Y-%m}")
    store.release()
    return [*lines, *target_lines(aims)]


def keep_shop(store: Store, as_of: date, lines: Sequence[ShopLine]) -> None:
    """Make `lines` what the table `shop_scores` holds for `as_of`; all other days stay as they are.

    But for the last `DAILY` days only the latest day of each month is kept: the table would grow for ever.
    """
    rows = [
        {"name": line.name, "part": line.part, "value": _stored(line.value), "base": line.base}
        for line in lines
    ]
    store.con.register("incoming_lines", pa.Table.from_pylist(rows, schema=_ROWS))
    with store.transaction():
        store.con.execute(f"DELETE FROM {TABLE} WHERE as_of = ?", [as_of])
        store.con.execute(
            f"INSERT INTO {TABLE} BY NAME SELECT ?::DATE AS as_of, * FROM incoming_lines", [as_of]
        )
        store.con.execute(
            f"""DELETE FROM {TABLE} WHERE as_of < ?::DATE - {DAILY} AND as_of NOT IN (
                SELECT max(as_of) FROM {TABLE} GROUP BY date_trunc('month', as_of))""",
            [as_of],
        )
    store.con.unregister("incoming_lines")


def known_ids() -> tuple[str, ...]:
    """The ids of all figures of the shop."""
    return tuple(metric.id for metric in metrics_known() if metric.of_shop)


def shop_rules(settings: Settings, rules: ScoreRules, currency: str) -> ShopRules:
    """What the settings say of the shop's figures; `rules` are those that persons were scored by."""
    stated = settings.market
    return ShopRules(
        purchases=rules.purchases,
        thresholds=rules.thresholds,
        smallest=Decimal(1).scaleb(-scale(currency)),
        satisfaction=rules.satisfaction,
        contacts=ContactRules(settings.contacts.quiet_days),
        products=ProductRules(settings.products.front_end, settings.products.back_end),
        window_days=settings.referral.window_days,
        max_redemptions=settings.referral.max_redemptions,
        code_pattern=settings.referral.code_pattern,
        market=Market(stated.name, stated.year, stated.total) if stated else None,
    )


def shop_frames(store: Store, settings: Settings, *, tracked: bool) -> ShopFrames:
    """The store's frames as the figures of the shop read them, with numbers for the ids of persons.

    What several figures read is computed once.
    """
    once, relay = store.materialise, store.materialise(numbers.numbered(store, "relay_persons"))
    scores: Frame = nw.from_native(store.con.table("scores"))
    shown = scores.select("person_id", "segment", "contact_by", "next_action")

    def known(name: frames.Name) -> Frame:
        return once(_known(numbers.numbered(store, name), relay))

    return ShopFrames(
        persons=known("persons"),
        orders=_nobodys(numbers.numbered(store, "person_orders"), relay),
        refunds=once(numbers.numbered(store, "person_refunds")),
        touches=known("person_touches"),
        subscriptions=known("subscriptions"),
        rfm_groups=known("rfm_groups"),
        codes=once(frames.frame(store, "referral_codes")),
        scores=once(_known(numbers.by_number(store, shown, "person_id"), relay)),
        named=once(_known(_attributions(store), relay)) if tracked else None,
        invitations=known("invitations"),
        order_lines=frames.frame(store, "person_lines") if settings.metrics.products else None,
    )


def _attributions(store: Store) -> Frame:
    named: Frame = nw.from_native(store.con.table(ATTRIBUTIONS))
    return numbers.by_number(store, named, "person_id", "referrer_id")


def _sources(store: Store, found: ShopFrames, *, as_of_day: int) -> dict[str, int]:
    """What every source told, in rows; of what has a day, up to `as_of_day`."""
    seen, lines = nw.col("ordered_day") <= as_of_day, found.order_lines
    came = found.orders.filter(seen, ~nw.col("utm_medium").is_null() | (nw.col("visit") != PENDING))
    return {
        **touch_sources(found.touches, as_of_day=as_of_day),
        "visit_sources": rows_of(came),
        "referral_codes": rows_of(found.codes),
        "referrers": rows_of(frames.frame(store, "referrers")),
        "order_lines": rows_of(None if lines is None else lines.filter(seen)),
        "subscriptions": rows_of(found.subscriptions),
        "rfm_groups": rows_of(found.rfm_groups),
    }


def _known(rows: Frame, relay: Frame) -> Frame:
    return rows.join(relay, on="person_id", how="anti")


def _nobodys(orders: Frame, relay: Frame) -> Frame:
    """`orders`, those of `relay` as nobody's."""
    marked = relay.select("person_id").with_columns(is_relay=nw.lit(True))
    person = nw.when(nw.col("is_relay").is_null()).then(nw.col("person_id"))
    return orders.join(marked, on="person_id", how="left").with_columns(person_id=person).drop("is_relay")


def _stored(value: Decimal | None) -> Decimal | None:
    return None if value is None else value.quantize(_STEP, rounding=ROUND_HALF_UP)
