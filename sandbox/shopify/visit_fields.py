"""The visits before an order; an order whose visits are not worked out yet (`journey_pending`) shows none."""

from sandbox.shopify.specs import Embed, gid, plain, text, truth

_TRACKED = (
    "coalesce($.referral_code, $.landing_page, $.referrer_url, $.utm_source, $.utm_medium, $.utm_campaign,"
    " $.utm_content, $.visit_source, $.visit_source_type) IS NOT NULL"
)
_UTM = "coalesce($.utm_source, $.utm_medium, $.utm_campaign, $.utm_content) IS NOT NULL"

_VISIT = Embed(
    {
        "id": gid("CustomerVisit", "$.id"),
        "occurredAt": plain("$.processed_at"),
        "source": text("coalesce($.visit_source, $.utm_source, $.referrer_url, 'direct')"),
        "sourceType": plain("$.visit_source_type"),
        "referrerUrl": text("$.referrer_url"),
        "landingPage": text("$.landing_page"),
        "referralCode": text("$.referral_code"),
        "utmParameters": Embed(
            {
                "source": text("$.utm_source"),
                "medium": text("$.utm_medium"),
                "campaign": text("$.utm_campaign"),
                "content": text("$.utm_content"),
            },
            when=_UTM,
        ),
    },
    when=f"NOT $.journey_pending AND {_TRACKED}",
)

JOURNEY = Embed(
    {"ready": truth("NOT $.journey_pending"), "firstVisit": _VISIT, "lastVisit": _VISIT},
    when="$.source_name = 'web' OR $.journey_pending OR " + _TRACKED,
)
