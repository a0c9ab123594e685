"""The next action (次のおすすめ対応): one suggestion for everybody, from one published table.

Nothing is sent, no effect is claimed, and the texts are presets that a merchant may edit.
"""

from __future__ import annotations

from dataclasses import dataclass

import narwhals as nw

from metrics.action_terms import TermDays, with_terms
from metrics.funnel_signs import DESIRE, INTEREST, MEMORY
from metrics.purchases import Frame


@dataclass(frozen=True, slots=True)
class Action:
    """A row of the table: the code, its texts, when it holds, and the first day on which it will not.

    `until` supposes that the row is the first that holds, and is null where waiting changes nothing.
    """

    code: str
    english: str
    japanese: str
    holds: nw.Expr
    until: nw.Expr


_NEVER = nw.lit(None).cast(nw.Int64)
_EVER = nw.lit(True)


def _is(segment: str) -> nw.Expr:
    return nw.col("segment") == segment


def _at(stage: str) -> nw.Expr:
    return nw.col("funnel_stage") == stage


_BUYER = nw.col("segment") != "prospect"
_PROSPECT = _is("prospect")
_LAPSED = nw.col("segment").is_in(["fledgling_lapsed", "steady_lapsed", "trend_lapsed"])

TABLE: tuple[Action, ...] = (
    Action(
        "resolve_complaint",
        "Answer the complaint first; no offers, no referral request.",
        "まずご不満に対応する。販促や紹介のお願いは控える。",
        nw.col("complains"),
        nw.col("complaint_until"),
    ),
    Action(
        "confirm_recovery",
        "Ask whether the problem is really solved.",
        "対応後、ご不満が解消したかを伺う。",
        nw.col("has_recovered"),
        nw.col("recovered_until"),
    ),
    Action(
        "thank_referrer",
        "Thank them for the introduction.",
        "ご紹介のお礼を伝える。",
        nw.col("has_referred"),
        nw.col("referral_until"),
    ),
    Action(
        "invite_referral",
        "Thank them now and hand them a way to tell a friend.",
        "感動が新しいうちにお礼を伝え、ご紹介の方法をお渡しする。",
        _BUYER & nw.col("is_freshly_delighted"),
        nw.col("delight_until"),
    ),
    Action(
        "call_back_best",
        "Contact personally, by name; ask how they are; no mass mailing.",
        "担当者から個別にお声がけする。一斉配信はしない。",
        _is("best_lapsed"),
        _NEVER,
    ),
    Action(
        "ask_expectation",
        "Ask what differed from what they expected.",
        "期待と違った点を伺う。",
        _is("first_lapsed"),
        _NEVER,
    ),
    Action(
        "win_back",
        "Tell them what is new and that they are welcome back.",
        "新しい取り組みをお知らせし、再開をご案内する。",
        _LAPSED,
        _NEVER,
    ),
    Action(
        "invite_second",
        "Give a reason for the second purchase.",
        "2回目のきっかけをご案内する。",
        _is("first_active") & nw.col("is_near"),
        nw.col("lapses_day"),
    ),
    Action(
        "prevent_lapse",
        "Get in touch before the lapse date; a story or a question, not a discount.",
        "離脱日までにご連絡する。値引きより近況やお役立ち情報を。",
        _BUYER & nw.col("is_near"),
        nw.col("lapses_day"),
    ),
    Action(
        "follow_up_first",
        "After delivery, reassure and ask how it compared with what they expected.",
        "お届け後、不安を解消し、期待に沿えたかを伺う。",
        _is("first_active"),
        nw.col("active_until"),
    ),
    Action(
        "build_trust",
        "Show how to use it and who makes it.",
        "使い方や作り手を伝え、信頼を育てる。",
        _is("fledgling_active"),
        nw.col("active_until"),
    ),
    Action(
        "tell_story",
        "Tell the company's ideas and efforts regularly; no sales messages.",
        "売り込みはせず、会社の考えや取り組みを定期的に伝える。",
        _is("steady_active"),
        nw.col("active_until"),
    ),
    Action(
        "deepen_bond",
        "Give reasons to stay: the product's background, the next item for them.",
        "一過性で終わらないよう、続ける理由を伝える。",
        _is("trend_active"),
        nw.col("active_until"),
    ),
    Action(
        "treat_special",
        "Offer an experience and a sense of being special.",
        "特別感と体験でおもてなしする。",
        _is("best_active"),
        nw.col("active_until"),
    ),
    Action(
        "leave_alone",
        "Do not approach; answer if they write.",
        "こちらからのご連絡は控え、お問い合わせには応じる。",
        _PROSPECT & nw.col("exited"),
        _NEVER,
    ),
    Action(
        "remind",
        "Remind them of what they looked at.",
        "検討されていた品を思い出していただく。",
        _PROSPECT & _at(MEMORY),
        _NEVER,
    ),
    Action(
        "help_decide",
        "Answer the question that keeps them from buying.",
        "ご検討中の不安や疑問にお答えする。",
        _PROSPECT & _at(DESIRE),
        _NEVER,
    ),
    Action(
        "offer_first",
        "Offer a first or trial item that leads to the main product.",
        "本商品につながるお試し・初回の品をご案内する。",
        _PROSPECT & _at(INTEREST),
        _NEVER,
    ),
    Action(
        "introduce",
        "Introduce the maker and the product; ask leave to write.",
        "作り手と商品を知っていただき、ご案内の許可を伺う。",
        _EVER,
        _NEVER,
    ),
)
"""The first row that holds is the action; rows 13 (deepen_bond) and 15 (leave_alone) are ours."""


def next_action(people: Frame, *, as_of_day: int, terms: TermDays | None = None) -> Frame:
    """Everybody's next action, and the first day on which it will change by waiting alone.

    It is the first row of a fixed table that holds, from complaints over word of mouth, lapse and segment to
    the funnel of who has not bought; exactly one for everybody. Nothing is sent.

    In: one row per person: `person_id`; `segment` (never null) and `lapses_day` (null for prospects) as of
    `as_of_day`; `satisfaction`, `strength`, `evidence_day`, `expires_day`, `open_complaint_day`,
    `recovered`, `recovered_day` as in `satisfaction.satisfaction` (null where it has no row of the person);
    `funnel_stage` and `exited` as in `funnel.funnel` (null: attention, not left); `newest_friend_day`: the
    day of the newest credited friend's first valid purchase; `newest_code_day`: the day of the newest
    personal code or recorded invitation; both null if there is none; `subscriber` (bool or null: an active
    subscription). Days are ints.
    Out: `person_id`, `next_action` (a code of `TABLE`), `until_day` (int; null where only an event changes
    the action). A value turns on an event or on that day, never between.

    Metric: next_action · Suggested next action · 次のおすすめ対応
    Unit: code
    Source: rules A20, B6, B11, B12; MakeRepeater help, pluscome.com, boxil.jp, Klaviyo academy
    Since: 0.2.0 (2026-11-22)
    Verdict: kept; rows deepen_bond and leave_alone are ours
    Settings: segment.*, satisfaction.*, funnel.*, referral.rewarded, purchases.unit, purchases.count_unpaid,
        purchases.exclude.*
    Settings: referral.code_metafield, referral.code_tag, referral.code_pattern
    Settings: referral.salesforce_code_field, referral.referrer_field, referral.referrer_source
    """
    known = with_terms(people, as_of_day, terms or TermDays())
    number = nw.when(TABLE[0].holds).then(nw.lit(0, nw.Int64))
    for nth, action in enumerate(TABLE[1:], start=1):
        number = number.when(action.holds).then(nw.lit(nth, nw.Int64))
    row = nw.col("row")
    code = nw.when(row == 0).then(nw.lit(TABLE[0].code))
    until = nw.when(row == 0).then(TABLE[0].until)
    for nth, action in enumerate(TABLE[1:], start=1):
        code = code.when(row == nth).then(nw.lit(action.code))
        until = until.when(row == nth).then(action.until)
    return known.with_columns(row=number.otherwise(None)).select(
        "person_id", next_action=code.otherwise(None), until_day=until.otherwise(None)
    )
