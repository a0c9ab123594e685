"""The views of `sync.frames` on what happened beside orders: touches, products, referrers, shared addresses.

They stand on the views and tables that `frames.refresh` makes first, and are to be filled in as it does.
"""

from __future__ import annotations

from sync.owners import GUEST_ID, MAX_MERGES

# A record is named by either of its ids, and by those of the records that were merged into it.
NAMED = f"""
CREATE OR REPLACE TEMP VIEW named_persons AS
WITH RECURSIVE merged AS (
    SELECT platform, account, id, alias_id, merged_into AS kept, 1 AS hops
    FROM records WHERE deleted AND merged_into IS NOT NULL
    UNION ALL
    SELECT m.platform, m.account, m.id, m.alias_id, r.merged_into, hops + 1
    FROM merged m JOIN records r ON r.platform = m.platform AND r.account = m.account AND r.id = m.kept
    WHERE r.deleted AND r.merged_into IS NOT NULL AND hops < {MAX_MERGES}),
known AS (
    SELECT person_id, platform, account, id, alias_id FROM member_records WHERE object <> 'guest'),
named AS (
    SELECT person_id, platform, account, id, alias_id FROM known
    UNION ALL SELECT k.person_id, m.platform, m.account, m.id, m.alias_id FROM merged m JOIN known k
        ON k.platform = m.platform AND k.account = m.account AND k.id = m.kept)
SELECT person_id, platform, account, id AS named FROM named
UNION ALL SELECT person_id, platform, account, alias_id FROM named WHERE alias_id IS NOT NULL"""


def _consents(state: str, day: str, other: str) -> str:
    """What a record says of one medium. A refusal without a day is in force now, since nobody knows when; one
    of this medium alone does not end what the same record permits by the other.

    Who unsubscribed was subscribed before (Shopify, enum CustomerEmailMarketingState); since when, no
    platform keeps, so that it counts from the day on which the record was made.
    """
    return f"""
SELECT person_id, platform, account, 'consent' AS kind, id AS touch_id, coalesce({day}, created_day) AS day,
    NULL AS ended_day,
    CASE WHEN {state} IN ('unsubscribed', 'redacted') AND {day} IS NULL THEN 'opted_out' ELSE {state} END
        AS value
FROM member_records
WHERE {state} IS NOT NULL AND NOT ({state} = 'unsubscribed' AND coalesce({other} = 'subscribed', false))
UNION ALL SELECT person_id, platform, account, 'consent', id, created_day, NULL, 'subscribed'
FROM member_records WHERE {state} = 'unsubscribed'"""


_EMAIL = _consents("email_consent", "consent_day", "sms_consent")
_SMS = _consents("sms_consent", "sms_consent_day", "email_consent")

# One row of a platform may tell of several things, each with its own day. An opportunity whose primary
# contact was forgotten is nobody's: the account's other people had no part in it.
# Of an opportunity whose history is seen, that tells when it was at proposal; what stands there now does not.
# A return names the customer of its order; that of an order without one is its guest's.
_TOUCHES = f"""
WITH buyers AS (
    SELECT platform, account, order_id, min(contact_id) AS contact_id
    FROM roles WHERE is_primary AND NOT deleted GROUP BY ALL),
stages AS (
    SELECT platform, account, opportunity_id, id, day FROM touches
    WHERE object = 'opportunity_stage' AND value = 'proposal' AND NOT deleted),
happened AS (
    SELECT platform, account, object, id, record_id, opportunity_id, order_id, day, sent_day, ended_day,
        CASE WHEN value = 'proposal' AND EXISTS (FROM stages s WHERE s.platform = t.platform
            AND s.account = t.account AND s.opportunity_id = t.id) THEN 'open' ELSE value END AS value
    FROM touches t WHERE NOT deleted AND object <> 'opportunity_stage'
    UNION ALL SELECT s.platform, s.account, 'opportunity_stage', s.id, d.record_id, d.opportunity_id, NULL,
        s.day, NULL, NULL, 'proposal'
    FROM stages s JOIN touches d ON d.platform = s.platform AND d.account = s.account
        AND d.object = 'opportunity' AND d.id = s.opportunity_id AND NOT d.deleted),
told AS (
    SELECT t.*, CASE WHEN b.order_id IS NULL THEN t.record_id ELSE b.contact_id END AS whose
    FROM happened t LEFT JOIN buyers b
        ON b.platform = t.platform AND b.account = t.account AND b.order_id = t.opportunity_id),
owned AS (
    SELECT n.person_id, t.* EXCLUDE (record_id, whose) FROM told t JOIN named_persons n
        ON n.platform = t.platform AND n.account = t.account AND n.named = t.whose
    UNION ALL SELECT g.person_id, h.* EXCLUDE record_id FROM happened h
    JOIN orders o ON o.platform = h.platform AND o.account = h.account AND o.id = h.order_id AND NOT o.deleted
    JOIN member_records g ON g.platform = o.platform AND g.account = o.account AND g.object = 'guest'
        AND g.id = {GUEST_ID.format(of="o")}
    WHERE h.object = 'return' AND h.record_id IS NULL)
SELECT person_id, platform, account, object AS kind, id AS touch_id, day, ended_day, value FROM owned
WHERE object IN ('abandoned_checkout', 'draft_order', 'opportunity', 'opportunity_stage', 'case')
UNION ALL SELECT person_id, platform, account, 'invoice_sent', id, sent_day, NULL, NULL
FROM owned WHERE object = 'draft_order' AND sent_day IS NOT NULL
UNION ALL SELECT person_id, platform, account, 'campaign_sent', id, day, NULL, NULL
FROM owned WHERE object = 'campaign_member'
UNION ALL SELECT person_id, platform, account, 'campaign_response', id, ended_day, NULL, NULL
FROM owned WHERE object = 'campaign_member' AND ended_day IS NOT NULL
UNION ALL SELECT person_id, platform, account, 'activity', id, day, NULL, NULL
FROM owned WHERE object IN ('task', 'event')
UNION ALL SELECT person_id, platform, account, 'lead', id, created_day, lead_ended_day, lead_state
FROM member_records WHERE lead_state IS NOT NULL
UNION ALL {_EMAIL}
UNION ALL {_SMS}
UNION ALL SELECT person_id, platform, account, 'expectation', id, expectation_day, NULL, expectation
FROM member_records WHERE expectation IS NOT NULL AND expectation_day IS NOT NULL
UNION ALL SELECT person_id, platform, account, 'nps', id, nps_day, NULL, nps::VARCHAR
FROM member_records WHERE nps IS NOT NULL AND nps_day IS NOT NULL
UNION ALL SELECT person_id, platform, account, 'stars', id, stars_day, NULL, stars::VARCHAR
FROM member_records WHERE stars IS NOT NULL AND stars_day IS NOT NULL
UNION ALL BY NAME
SELECT person_id, platform, account, 'quality_return' AS kind, id AS touch_id, day, value, order_id
FROM owned WHERE object = 'return' AND value = 'quality'"""

TOUCHED = f"CREATE OR REPLACE TEMP VIEW person_touches AS {_TOUCHES}"

# Who shares an address or a number with whom; a value of many is nobody's.
SHARED = """
CREATE OR REPLACE TEMP VIEW shared_keys AS
WITH keyed AS (
    SELECT DISTINCT person_id, unnest([email_key, phone_key]) AS key FROM member_records),
few AS (
    SELECT key FROM keyed WHERE key IS NOT NULL GROUP BY key HAVING count(*) BETWEEN 2 AND {max_sharing})
SELECT DISTINCT k.person_id, o.person_id AS other_id
FROM few JOIN keyed k USING (key) JOIN keyed o USING (key) WHERE k.person_id <> o.person_id"""

# Who is named may be told by id or by personal code.
INTRODUCED = """
CREATE OR REPLACE TEMP VIEW introduced AS
WITH told AS (
    SELECT person_id, platform, account, object, id, created_day, referrer_id FROM member_records
    WHERE referrer_id IS NOT NULL
        AND (len({sources}) = 0 OR list_contains({sources}, lower(trim(lead_source)))))
SELECT t.* EXCLUDE referrer_id, n.person_id AS referrer_id FROM told t JOIN named_persons n
    ON n.platform = t.platform AND n.account = t.account AND n.named = t.referrer_id
UNION SELECT t.* EXCLUDE referrer_id, c.person_id FROM told t JOIN referral_codes c
    ON c.code = t.referrer_id"""

REFERRERS = """
CREATE OR REPLACE TEMP VIEW referrers AS SELECT DISTINCT person_id, referrer_id FROM introduced"""

# Of what people send each other no platform knows. A lead that names who brought it is an invitation that
# somebody recorded; a contact that does may have been filled in long after the purchase.
INVITED = """
CREATE OR REPLACE TEMP VIEW invitations AS
SELECT referrer_id AS person_id, created_day AS day FROM introduced
WHERE object = 'Lead' AND person_id <> referrer_id AND created_day IS NOT NULL"""

HANDED = """
CREATE OR REPLACE TEMP VIEW handed AS
SELECT person_id, code_day AS day FROM member_records WHERE code_day IS NOT NULL
UNION ALL SELECT person_id, day FROM invitations"""

LINES = """
CREATE OR REPLACE TEMP VIEW person_lines AS
SELECT l.platform, l.account, l.order_id, p.person_id, p.ordered_day, l.product_id, l.title, l.quantity,
    (round(l.original_amount * p.rate, {scale}))::DECIMAL(18,4) AS amount
FROM order_lines l JOIN person_orders p USING (platform, account, order_id)"""
