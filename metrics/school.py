"""The rules of the merchant's school, each with where it stands, its verdict and what here keeps it.

The school is that of 西村公児 (「伝説の通販バイブル」, 日本経済新聞出版社, 2015) in two of his posts: how to
make customers come back (rules A: `school_tenure`, `school_repeat`) and what a sales force of today is (rules
B: `school_salesforce`). A verdict is his own where it says `kept` or `rejected`; what he calls a guide is a
`guide value`, and what this product does not do yet is `not yet`. What is rejected is not built. Wordings are
ours, in few words.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from types import ModuleType

from metrics import school_repeat, school_salesforce, school_tenure
from metrics.facts import Facts, Undescribed, fact, facts_of, keys_of

_BETWEEN = " · "


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of the school.

    `post` and `source`: where it stands, and in our words what that place says. `since`: the version, and its
    day, from which all that keeps the rule is here (of one that nothing keeps: from which it is listed).
    `metrics` are the figures that keep it, `kept_by` says how (or that it is not built). `settings` are the
    keys of `zaiseki.toml` that govern it (`segment.*`: the whole section), empty where none does.
    """

    id: str
    english: str
    japanese: str
    post: str
    post_japanese: str
    source: str
    source_japanese: str
    since: str
    verdict: str
    metrics: tuple[str, ...]
    kept_by: str
    kept_by_japanese: str
    settings: tuple[str, ...]


@cache
def rules_known() -> tuple[Rule, ...]:
    """Every rule of the school, by post and place in it. Raises `Undescribed` where a fact is missing."""
    return tuple(rule for part in (school_tenure, school_repeat, school_salesforce) for rule in _of(part))


def _of(module: ModuleType) -> Iterator[Rule]:
    yield from rules_in(module.__doc__ or "", module.__name__)


def rules_in(text: str, where: str) -> Iterator[Rule]:
    """The rules of a text whose paragraphs are prose, one `Post: English · Japanese`, or a block a rule.

    A block says `Rule: id · English · Japanese`, `Source: English · Japanese`, `Since: version (day)`,
    `Verdict: ...`, `Metrics: id, id` or "none", `Kept by: English · Japanese` and `Settings: ...` or "none".
    """
    blocks = text.split("\n\n")
    posts = [facts_of(block, where) for block in blocks if block.lstrip().startswith("Post: ")]
    if len(posts) != 1:
        raise Undescribed(f"{where}: Post")
    post = _languages(posts[0], "Post", where, 2)
    for block in blocks:
        if block.lstrip().startswith("Rule: "):
            yield _rule(facts_of(block, where), (post[0], post[1]), where)


def _rule(facts: Facts, post: tuple[str, str], where: str) -> Rule:
    name, english, japanese = _languages(facts, "Rule", where, 3)
    here = f"{where}: {name}"
    source, source_japanese = _languages(facts, "Source", here, 2)
    kept_by, kept_by_japanese = _languages(facts, "Kept by", here, 2)
    return Rule(
        id=name,
        english=english,
        japanese=japanese,
        post=post[0],
        post_japanese=post[1],
        source=source,
        source_japanese=source_japanese,
        since=fact(facts, "Since", here),
        verdict=fact(facts, "Verdict", here),
        metrics=keys_of(facts, "Metrics", here),
        kept_by=kept_by,
        kept_by_japanese=kept_by_japanese,
        settings=keys_of(facts, "Settings", here),
    )


def _languages(facts: Facts, name: str, where: str, count: int) -> list[str]:
    said = fact(facts, name, where).split(_BETWEEN)
    if len(said) != count:
        raise Undescribed(f"{where}: {name} in {count} parts with {_BETWEEN.strip()!r} between them")
    return said
