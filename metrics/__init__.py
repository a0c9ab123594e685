"""Scores, the field catalogue, plan, guard and write-back: pure functions of tables and an as-of date."""
