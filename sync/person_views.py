"""The views of `sync.frames` on what happened beside orders: touches, products, referrers, shared addresses.

They stand on the views and tables that `frames.refresh` makes first, and are to be filled in as it does.
"""

from __future__ import annotations

from sync.owners import MAX_MERGES

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

# One row of a platform may tell of several things, each with its own day. An opportunity whose primary
# contact was forgotten is nobody's: the account's other people had no part in it.
_TOUCHES = """
WITH buyers AS (
    SELECT platform, account, order_id, min(contact_id) AS contact_id
    FROM roles WHERE is_primary AND NOT deleted GROUP BY ALL),
told AS (
    SELECT t.*, CASE WHEN b.order_id IS NULL THEN t.record_id ELSE b.contact_id END AS whose
    FROM touches t LEFT JOIN buyers b
        ON b.platform = t.platform AND b.account = t.account AND b.order_id = t.opportunity_id
    WHERE NOT t.deleted),
owned AS (
    SELECT n.person_id, t.* EXCLUDE (record_id, whose) FROM told t JOIN named_persons n
        ON n.platform = t.platform AND n.account = t.account AND n.named = t.whose)
SELECT person_id, platform, account, object AS kind, id AS touch_id, day, ended_day, value FROM owned
WHERE object IN ('abandoned_checkout', 'draft_order', 'opportunity', 'case')
UNION ALL SELECT person_id, platform, account, 'invoice_sent', id, sent_day, NULL, NULL
FROM owned WHERE object = 'draft_order' AND sent_day IS NOT NULL
UNION ALL SELECT person_id, platform, account, 'campaign_sent', id, day, NULL, NULL
FROM owned WHERE object = 'campaign_member'
UNION ALL SELECT person_id, platform, account, 'campaign_response', id, ended_day, NULL, NULL
FROM owned WHERE object = 'campaign_member' AND ended_day IS NOT NULL
UNION ALL SELECT person_id, platform, account, 'activity', id, day, NULL, NULL
FROM owned WHERE object = 'task'
UNION ALL SELECT person_id, platform, account, 'lead', id, created_day, lead_ended_day, lead_state
FROM member_records WHERE lead_state IS NOT NULL
UNION ALL SELECT person_id, platform, account, 'consent', id, coalesce(consent_day, created_day), NULL,
    email_consent
FROM member_records WHERE email_consent IS NOT NULL
UNION ALL SELECT person_id, platform, account, 'expectation', id, expectation_day, NULL, expectation
FROM member_records WHERE expectation IS NOT NULL AND expectation_day IS NOT NULL
UNION ALL SELECT person_id, platform, account, 'nps', id, nps_day, NULL, nps::VARCHAR
FROM member_records WHERE nps IS NOT NULL AND nps_day IS NOT NULL
UNION ALL SELECT person_id, platform, account, 'stars', id, stars_day, NULL, stars::VARCHAR
FROM member_records WHERE stars IS NOT NULL AND stars_day IS NOT NULL"""

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
REFERRERS = """
CREATE OR REPLACE TEMP VIEW referrers AS
WITH told AS (
    SELECT person_id, platform, account, referrer_id FROM member_records
    WHERE referrer_id IS NOT NULL
        AND (len({sources}) = 0 OR list_contains({sources}, lower(trim(lead_source)))))
SELECT t.person_id, n.person_id AS referrer_id FROM told t JOIN named_persons n
    ON n.platform = t.platform AND n.account = t.account AND n.named = t.referrer_id
UNION SELECT t.person_id, c.person_id FROM told t JOIN referral_codes c ON c.code = t.referrer_id"""

LINES = """
CREATE OR REPLACE TEMP VIEW person_lines AS
SELECT l.platform, l.account, l.order_id, p.person_id, l.product_id, l.title, l.quantity,
    (round(l.original_amount * p.rate, {scale}))::DECIMAL(18,4) AS amount
FROM order_lines l JOIN person_orders p USING (platform, account, order_id)"""
