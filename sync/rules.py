"""The rules by which records are tied to persons."""

from __future__ import annotations

RULES = ("link", "converted", "merged", "accepted", "email", "phone")
"""The surest first; in the tables of identity a rule is its place in this list. From `email` on a tie may be
dropped; those before it are explicit and stand whatever else is said."""
EMAIL = RULES.index("email")
PHONE = RULES.index("phone")
