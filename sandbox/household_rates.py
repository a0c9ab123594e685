"""How often things happen in the households of a generated scenario, fixed before any matching was measured.

Where a figure is public, it is named. The rest are assumptions about one shop in Japan that also sells
abroad and keeps a loyalty programme in its org, where staff type in part of the records. They are not to be
changed because a matcher does badly on them: to be wrong about the world is a reason, a result is none.

Two rules of the platforms bound everything: within a shop no two customers have the same e-mail or the same
phone, and the shop holds phones in E.164 and e-mails in lower case; an org takes whatever is typed.
"""

# Who there is.
JAPANESE = 0.75
"""Households in Japan; the others live in the United States, Britain, Germany, France or Korea."""
BUYERS = (0.86, 0.12, 0.02)
"""Households of which one, two or three people are known to the shop. In Japan a household has 2.2 people on
average and 38 % of them are one person (census 2020); mostly one of them does the ordering."""
COUPLE = 0.75
"""Of two known people of a household: a couple; else parent and child."""
OWN_FAMILY_NAME = 0.06
"""Somebody in a household bears another family name (couples abroad more often, but one rate is enough)."""
NAMESAKE = 0.004
"""Parent and child of the same name."""
FIRMS_PER_HOUSEHOLD = 0.008
"""Companies that buy in their own name, by orders that name no contact."""
STAFF = (0, 2, 3)
"""How many of the people known to the org work there, one as likely as the other."""

# What they own.
LANDLINE = 0.45
SECOND_EMAIL = 0.20
PLUS_TAG = 0.05
"""Of second addresses: the first one with a tag."""
SHARED_EMAIL = 0.05
"""Couples who order with one address. 27 % of couples share one somewhere (Pew, 2014); few shop with it."""
SHARED_MOBILE = 0.08
"""Of households with several known people: one mobile telephone stands for two of them."""
REUSED_MOBILE = 0.002
"""Numbers that belonged to somebody else before; carriers in Japan rest them for six months and more."""

# Where they are known.
PLACES = (("shopify", 0.55), ("both", 0.28), ("salesforce", 0.12), ("guest", 0.025), ("lead", 0.025))
PERSON_ACCOUNT = 0.4
"""Of people in the org: kept as Person Accounts; the others are contacts of a household's account."""
BY_HAND = 0.20
"""Of people in the org who also shop online: typed in by staff. The other records came by an integration,
with the online e-mail. Who does not shop online is always typed in."""
LINKED = 0.60
"""Of records that came by an integration: they hold the shop's customer id."""
STALE_LINK = 0.01
"""Of links: the customer they name is gone."""
SECOND_CUSTOMER = 0.006
"""People with two customers in one shop. They cannot share a key there; only other records tie them."""
SECOND_CONTACT = 0.07
"""People in the org with a second record of the same kind. Figures of 10 to 30 % are common in reports on
orgs nobody looks after; this one is looked after a little."""
BOTH_FORMS = 0.01
"""Contacts who were also made a Person Account, left over from a migration."""
CONVERTED_LEAD = 0.08
"""People in the org who were a lead first; the converted lead stays."""
OPEN_LEAD = 0.03
"""People in the shop who also stand in the org as a lead, from a fair or a form."""
GUEST_TOO = 0.05
"""Customers of the shop with an order that names no customer: by an app, an import, a till. (In its own
checkout the shop files an order under whose address it bears, so that an address which somebody else of the
household has an account under makes no guest.) Such an order bears no name here."""
MARKETPLACE = 0.12
"""Of those who are only guests: they come by a marketplace, and every order bears another relay address."""
SECOND_LEAD = 0.15
"""Of leads that were not converted: the same person filled in two forms."""

# Which keys a record holds.
PHONE_ONLY_CUSTOMER = 0.025
"""Customers made at the till, by phone and without e-mail; only where they have a mobile telephone."""
CUSTOMER_PHONE = 0.55
"""Customers who left their mobile number; in Japan the delivery asks for one."""
COPIED_PHONE = 0.75
"""Records by an integration that have the mobile number too."""
TYPED_EMAIL = 0.92
"""Records typed in by staff that have an e-mail: the form of the loyalty programme asks for one."""
TYPED_MOBILE = 0.85
TYPED_OTHER_EMAIL = 0.04
"""Of records beside the first, where there is a second address: it is the one they hold."""
GUEST_PHONE = 0.4
LEAD_EMAIL = 0.95
LEAD_MOBILE = 0.55
NO_RECORD_KEY = 0.002
"""Records on which the platforms hold no key at all."""

# What stands there instead.
EMAIL_TYPO = 0.003
"""Of e-mails typed by staff: two letters swapped. Online that is noticed: no confirmation comes."""
PLACEHOLDER_EMAIL = 0.006
"""Of records typed in: where a required field had to be filled with something."""
PLACEHOLDER_PHONE = 0.006
ROLE_EMAIL = 0.25
"""Of people at a company: the company's address, info@ and the like, instead of their own."""
FOREIGN_NATIONAL = 0.15
"""Of foreign numbers typed by staff: as dialled in that country, which cannot be read in Japan."""

# How names stand there.
STYLES_ONLINE = (
    ("han", 0.80),
    ("kana", 0.06),
    ("hiragana", 0.01),
    ("latin", 0.05),
    ("family", 0.04),
    ("none", 0.04),
)
"""Japanese names as people give them online: in which script, the family name only, or nothing."""
STYLES_TYPED = (
    ("han", 0.85),
    ("kana", 0.06),
    ("hiragana", 0.01),
    ("latin", 0.02),
    ("family", 0.03),
    ("joined", 0.03),
)
"""As staff type them; an org does not take a person without a last name."""
STYLES_FOREIGN = (("latin", 0.94), ("family", 0.03), ("none", 0.03))
UNKNOWN_NAME = 0.002
"""Of names typed in: a word for 'not known'."""
STANDARD_KANJI = 0.4
"""A name with a rare form of a character, written with the common one."""
NO_DIACRITICS = 0.3
SWAPPED = 0.008
"""Family and given name in each other's field."""
HALF_WIDTH = 0.2
"""Of kana."""
LETTER_CASE = 0.08
"""Of names in Latin letters: all capitals, or none."""
OTHER_ROMAJI = 0.10
"""Of Japanese names in Latin letters: another way to write them, such as yuuko for yuko."""
NICKNAME = 0.02
"""Of foreign names beside the first record, where one is common."""
MIDDLE_INITIAL = 0.01
NEW_FAMILY_NAME = 0.005
"""People with several records whose family name changed in between: about 1 % of women a year marry in
Japan, nearly all of them under the husband's name, and mostly the old record is mended."""
NAME_TYPO_ONLINE = 0.001
NAME_TYPO_TYPED = 0.006
"""Wrong characters: 直実 for 直美."""
HONORIFIC = 0.003
STRAY_SPACE = 0.015
INVISIBLE = 0.002
"""A zero-width space or a variation selector."""
EMAIL_CASE = 0.15
"""Of e-mails in the org."""
EMAIL_WIDE = 0.005

# What they buy.
ORDERS = (0.18, 0.42, 0.20, 0.10, 0.06, 0.04)
"""Nobody orders more than five times here: identity is what these scenarios are for."""
MIRRORED = 0.25
"""Of the shop's orders of people in the org: the integration makes them there again."""
UNMARKED_MIRROR = 0.02
"""Of those: without the shop's order in any field."""
REFUNDED = 0.02

# What happens until the second day.
CUSTOMERS_MERGED = 0.4
"""Of people with two customers in the shop."""
CONTACTS_MERGED = 0.3
"""Of people with two records of one kind in the org."""
NEW_PEOPLE = 0.01
NEW_RECORD = 0.01
"""People who get one more record."""
NEW_ORDER = 0.02
DELETED = 0.003
REDACTED = 0.001
"""Customers who had their data erased: the shop keeps the row and blanks what identifies it."""
NEW_EMAIL = 0.003
"""Customers who changed their address in the shop to their second one."""
