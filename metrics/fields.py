"""The catalogue of our fields: keys, kinds, choices and the words people read, in the order people read them.

Labels and help texts keep to Salesforce's limits (40 and 100 characters); the same help is Shopify's
description. Codes are stored, labels are shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from connectors.base import Choice, Field, Formula
from metrics.next_action import TABLE

Language = Literal["en", "ja"]

SEGMENTS: tuple[tuple[str, str, str], ...] = (
    ("prospect", "Not Yet a Buyer", "未購入"),
    ("first_active", "First Purchase – Active", "初回現役客"),
    ("first_lapsed", "First Purchase – Lapsed", "初回離脱客"),
    ("fledgling_active", "New Repeater – Active", "よちよち現役客"),
    ("fledgling_lapsed", "New Repeater – Lapsed", "よちよち離脱客"),
    ("steady_active", "Steady – Active", "コツコツ現役客"),
    ("steady_lapsed", "Steady – Lapsed", "コツコツ離脱客"),
    ("trend_active", "Fast Spender – Active", "流行現役客"),
    ("trend_lapsed", "Fast Spender – Lapsed", "流行離脱客"),
    ("best_active", "Best – Active", "優良現役客"),
    ("best_lapsed", "Best – Lapsed", "優良離脱客"),
)
CHANNELS: tuple[tuple[str, str, str], ...] = (
    ("online", "Online", "ネット"),
    ("store", "Store", "店舗"),
    ("phone", "Phone, Post or Fax", "電話・はがき・FAX"),
    ("sales", "Sales", "営業"),
    ("marketplace", "Marketplace", "モール"),
    ("social", "Social", "SNS"),
    ("other", "Other", "その他"),
)
SATISFACTION: tuple[tuple[str, str, str], ...] = (
    ("dissatisfied", "Dissatisfied (Expectation > Evaluation)", "不満(事前期待>事後評価)"),
    ("satisfied", "Satisfied (Expectation = Evaluation)", "満足(事前期待=事後評価)"),
    ("delighted", "Delighted (Expectation < Evaluation)", "感動(事前期待<事後評価)"),
    ("unknown", "Not Known Yet", "未確認"),
)
FUNNEL_STAGES: tuple[tuple[str, str, str], ...] = (
    ("attention", "Attention (Target)", "注目(ターゲット)"),
    ("interest", "Interest (Prospect)", "興味(見込み客)"),
    ("desire", "Desire", "欲求"),
    ("memory", "Memory", "記憶"),
    ("action", "Action (Bought)", "購買行動(購入済み)"),
)
NEXT_ACTIONS: tuple[tuple[str, str, str], ...] = tuple(
    (action.code, action.english, action.japanese) for action in TABLE
)
"""The table itself stands in `next_action`: a suggestion is read together with when it is made."""
MEDIA: tuple[tuple[str, str, str], ...] = (
    ("email", "E-mail", "メール"),
    ("sms", "SMS", "SMS"),
    ("phone", "Phone", "電話"),
)

DESCRIPTION = {
    "en": "Written by Zaiseki on schedule; do not edit.",
    "ja": "Zaisekiが定期的に更新します。手で編集しないでください。",
}
LABELS: dict[str, tuple[str, str]] = {
    "person_id": ("Same Person ID", "同一人物ID"),
    "first_purchase_on": ("First Purchase Date", "初回購入日"),
    "last_purchase_on": ("Last Purchase Date", "最終購入日"),
    "tenure_days": ("Tenure (Days, First to Last Purchase)", "在籍期間(日数)"),
    "purchases": ("Purchase Days", "購入回数(同日は1回)"),
    "net_spend": ("Net Spend ({currency})", "累計購入金額(返金控除後・{currency})"),
    "segment": ("Customer Segment (CPM)", "顧客区分(CPM)"),
    "segment_since": ("In Segment Since", "現在の区分になった日"),
    "lapses_on": ("Lapse Date", "離脱日(予定を含む)"),
    "referrals": ("Referred Customers", "紹介人数"),
    "referral_score": ("Referral Score", "紹介スコア"),
    "satisfaction": ("Expectation vs. Evaluation", "事前期待と事後評価"),
    "funnel_stage": ("Funnel Stage (AIDMA)", "購買心理の段階(AIDMA)"),
    "next_action": ("Suggested Next Action", "次のおすすめ対応"),
    "channels": ("Purchase Channels", "購入チャネル"),
    "contact_by": ("May Contact By", "連絡してよい手段"),
    "days_since_last": ("Days Since Last Purchase", "最終購入からの日数(離脱期間)"),
}
HELP: dict[str, tuple[str, str]] = {
    "person_id": (
        "Same value on every Shopify and Salesforce record of the same person.",
        "同じ方のレコードには、ShopifyでもSalesforceでも同じ値が入ります。",
    ),
    "first_purchase_on": (
        "Day of the first counted purchase in any channel, shop time. Blank: never bought.",
        "全チャネルで最初の有効な購入の日(店舗の時間帯)。未購入は空欄。",
    ),
    "last_purchase_on": (
        "Day of the latest counted purchase in any channel, shop time. Blank: never bought.",
        "全チャネルで最後の有効な購入の日(店舗の時間帯)。未購入は空欄。",
    ),
    "tenure_days": (
        "Days from first to last purchase, not to today. 0: bought on one day only. Blank: never bought.",
        "初回購入日から最終購入日までの日数(今日までではありません)。購入日が1日だけの方は0、未購入は空欄。",
    ),
    "purchases": (
        "Days with a counted purchase, both systems together. Can be lower than Shopify's order count.",
        "有効な購入のあった日数(両システム合算)。Shopifyの注文数より少ないことがあります。",
    ),
    "net_spend": (
        "Counted purchases less refunds, all channels, in {currency}. Can differ from Shopify's amount spent.",
        "有効な購入の合計から返金を引いた額(全チャネル・{currency})。Shopifyの合計購入金額と異なることがあります。",
    ),
    "segment": (
        "From tenure, net spend and days since last purchase. Written by Zaiseki; edits are replaced.",
        "在籍期間・累計購入金額・離脱期間から決まる区分。自動更新のため手で直しても上書きされます。",
    ),
    "segment_since": (
        "Day the rules put the customer here, by today's thresholds; not the day the job ran.",
        "現在の基準で計算して、この区分に入った日。処理を実行した日ではありません。",
    ),
    "lapses_on": (
        "Without another purchase, lapsed from this day. In the past: already lapsed.",
        "次の購入がなければ、この日から「離脱」になります。過去の日付は離脱済みです。",
    ),
    "referrals": (
        "New customers whose first counted purchase came through this person. Blank: not tracked.",
        "この方の紹介で初めて購入した方の人数。空欄は紹介を計測していないことを表します。",
    ),
    "referral_score": (
        "Referrals, plus half for each they referred, a quarter for the next. Never a basis for rewards.",
        "紹介1人を1、その先の紹介を1/2、1/4…と数えた分析用の値。謝礼の計算には使わないでください。",
    ),
    "satisfaction": (
        "What the customer said or did, against what was expected. Not known yet: nothing was said.",
        "事前の期待に対する購入後の評価。「未確認」は声がまだ無いことを表し、満足とはみなしません。",
    ),
    "funnel_stage": (
        "Furthest step toward the first purchase that has evidence. Every buyer is at Action.",
        "初回購入までのうち、根拠のある最も進んだ段階。購入した方はすべて「購買行動」です。",
    ),
    "next_action": (
        "One suggestion from a published table. Nothing is sent. Use a permitted medium only.",
        "公開された対応表から選んだ1件の提案。送信はしません。許可のある手段でご連絡ください。",
    ),
    "channels": (
        "Where the counted purchases were made. All channels count alike.",
        "有効な購入のあった場所。どのチャネルも同じ重みで扱います。",
    ),
    "contact_by": (
        "Media that some record of this person permits and none refuses. Blank: none known.",
        "どのレコードでも拒否されておらず、許可のある手段。空欄は許可が確認できないことを表します。",
    ),
    "days_since_last": (
        "Counted to today; changes daily, never written.",
        "今日までの日数。毎日自動で変わります。",
    ),
}
KEYS = (
    "person_id",
    "first_purchase_on",
    "last_purchase_on",
    "tenure_days",
    "purchases",
    "net_spend",
    "segment",
    "segment_since",
    "lapses_on",
    "referrals",
    "referral_score",
    "satisfaction",
    "funnel_stage",
    "next_action",
    "channels",
    "contact_by",
)
"""Every key of the catalogue, in order."""
REFERRAL_KEYS = ("referrals", "referral_score")
HISTORY_KEYS = tuple(key for key in KEYS if key not in ("person_id", "satisfaction", "contact_by"))
"""Fields that need the whole order history: refused where the platform shows only the last 60 days."""


def catalogue(
    *, currency: str, scale: int, language: Language = "en", without: Sequence[str] = ()
) -> tuple[Field, ...]:
    """Our fields in order, worded in `language`, net spend in `currency` with `scale` decimals.

    `without` names keys that are not set up (referrals where nothing tracks them).
    """
    made = (
        _field("person_id", "text", currency, language, length=36),
        _field("first_purchase_on", "date", currency, language),
        _field("last_purchase_on", "date", currency, language),
        _field("tenure_days", "integer", currency, language, precision=6, pinned=True),
        _field("purchases", "integer", currency, language, precision=6),
        _field("net_spend", "decimal", currency, language, precision=16, scale=scale),
        _field("segment", "choice", currency, language, choices=_choices(SEGMENTS, language), pinned=True),
        _field("segment_since", "date", currency, language),
        _field("lapses_on", "date", currency, language, pinned=True),
        _field("referrals", "integer", currency, language, precision=6, pinned=True),
        _field("referral_score", "decimal", currency, language, precision=8, scale=2),
        _field(
            "satisfaction",
            "choice",
            currency,
            language,
            choices=_choices(SATISFACTION, language),
            pinned=True,
        ),
        _field("funnel_stage", "choice", currency, language, choices=_choices(FUNNEL_STAGES, language)),
        _field(
            "next_action", "choice", currency, language, choices=_choices(NEXT_ACTIONS, language), pinned=True
        ),
        _field("channels", "list", currency, language, choices=_choices(CHANNELS, language)),
        _field("contact_by", "list", currency, language, choices=_choices(MEDIA, language)),
    )
    return tuple(field for field in made if field.key not in without)


def formulas(language: Language = "en") -> tuple[Formula, ...]:
    """Days from the last purchase to today: a formula of Salesforce, which changes daily and nobody writes.

    Metric: days_since_last · Days Since Last Purchase · 最終購入からの日数(離脱期間)
    Unit: days
    Source: the lapse period (離脱期間) of customer portfolio management, LTV-Lab help (faqhelp.ltv-lab.jp)
    Since: 0.1.0 (2026-11-21)
    Verdict: kept (A18)
    Settings: purchases.count_unpaid, purchases.exclude.*
    """
    key, nth = "days_since_last", 0 if language == "en" else 1
    return (Formula(key, "last_purchase_on", LABELS[key][nth], HELP[key][nth], DESCRIPTION[language]),)


def _choices(rows: Sequence[tuple[str, str, str]], language: Language) -> tuple[Choice, ...]:
    return tuple(Choice(code, en if language == "en" else ja) for code, en, ja in rows)


def _field(key: str, kind: str, currency: str, language: Language, **more: object) -> Field:
    nth = 0 if language == "en" else 1
    shown = "円" if language == "ja" and currency == "JPY" else currency
    return Field(
        key=key,
        kind=kind,  # type: ignore[arg-type]  # literals at every call above
        label=LABELS[key][nth].format(currency=shown),
        help=HELP[key][nth].format(currency=shown),
        description=DESCRIPTION[language],
        **more,  # type: ignore[arg-type]
    )
