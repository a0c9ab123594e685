"""The documents name nothing that does not exist: commands, options, settings, variables, files, codes."""

import re
import shlex
import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args

import pytest
import typer.main

from connectors import retry
from sync import keys
from zaiseki.cli.main import app
from zaiseki.environment import Secrets, ShopSecrets, shop_secret, variable
from zaiseki.outcome import DONE, ERROR, HELD, IN_PART
from zaiseki.settings import documented_keys
from zaiseki.settings_metrics import EXPECTATION_VALUES, Funnel, Satisfaction
from zaiseki.settings_orders import Channels, Exclude, Purchases
from zaiseki.settings_platforms import Salesforce, Write
from zaiseki.settings_sections import Settings
from zaiseki.thresholds import DEFAULT_LAPSE_DAYS

ROOT = Path(__file__).parent.parent
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
NAMES = [str(path.relative_to(ROOT)) for path in DOCUMENTS]
FENCE = re.compile(r"^ *```(\w*)\n(.*?)^ *```", re.DOTALL | re.MULTILINE)
SPAN = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)[^)]*\)")
ROW = re.compile(r"^\| *(.+?) *\|$", re.MULTILINE)
SECTIONS = "|".join(Settings.model_fields)
KEY = re.compile(rf"^({SECTIONS})(\.[a-z_]+)+$")
DEFAULT_WORDS: dict[str, tuple[object, str]] = {
    "salesforce.not_a_purchase": ((), "none"),
    "salesforce.currency": (None, "the org's"),
    "purchases.exclude.tags": ((), "none"),
    **{f"channels.{code}": ((), "none") for code in Channels.model_fields},
    "purchases.exclude.channels": ((), "none"),
    "referral.referrer_source": ((), "none"),
    "products.front_end": ((), "none"),
    "products.back_end": ((), "none"),
    "satisfaction.expectation_values": (EXPECTATION_VALUES, "in English and Japanese"),
    "satisfaction.complaint_types": (Satisfaction().complaint_types, "in English and Japanese"),
    "funnel.memory_stages": (Funnel().memory_stages, "Salesforce's own"),
    "funnel.lead_new": (Funnel().lead_new, "Salesforce's own"),
    "funnel.lead_closed": (Funnel().lead_closed, "Salesforce's own"),
    "satisfaction.quality_notes": (Satisfaction().quality_notes, "in English and Japanese"),
    "satisfaction.nps": ((4, 9), "`[4, 9]`"),
    "targets": ({}, "none"),
    "currency.rates": ({}, "none"),
    "identity.relay_domains": ((), "none"),
    "identity.no_keys": ((), "none"),
    "privacy.exclude.objects": ((), "not said"),
    "write.objects": (Write().objects, "all"),
    "segment.best_spend": (None, "derived"),
    "segment.lapse_days": (None, f"`{DEFAULT_LAPSE_DAYS}`"),
    "currency.reporting": (None, "the shop's"),
    "identity.phone_region": (None, "each account's country"),
    "write.platforms": (Write().platforms, "both"),
    "write.fields": (Write().fields, "all"),
}
"""Defaults that are told in words: what they stand for, and the words."""
VARIABLES = {
    "ZAISEKI_CONFIG",
    keys.ENVIRONMENT_NAME,
    retry.ENVIRONMENT_NAME,
    *(variable(name) for name in Secrets.model_fields),
    *(shop_secret("<name>", secret) for secret in ShopSecrets.model_fields),
    *(shop_secret("tokyo", secret) for secret in ShopSecrets.model_fields),
}


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def fences(name: str, language: str) -> list[str]:
    return [body for kind, body in FENCE.findall(text_of(name)) if kind == language]


def spans(name: str) -> list[str]:
    return SPAN.findall(FENCE.sub("", text_of(name)))


def shell_lines(name: str) -> list[list[str]]:
    """Every command line that the document shows, in words, comments dropped."""
    lines = [*(line for body in fences(name, "sh") for line in body.splitlines()), *spans(name)]
    found = []
    for line in lines:
        try:
            found.append(shlex.split(line, comments=True))
        except ValueError:
            continue  # a piece of prose or code, not of a shell
    return [words for words in found if words]


def rows(name: str, heading: str) -> list[list[str]]:
    """The cells of the first table whose first column has this heading."""
    lines = text_of(name).splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith(f"| {heading} |"))
    table = []
    for line in lines[start + 2 :]:
        if not (row := ROW.match(line)):
            break
        table.append([cell.strip() for cell in row[1].split(" | ")])
    return table


def zaiseki() -> Any:
    """The group of commands, as typer builds it."""
    return typer.main.get_command(app)


def options_of(command: Any) -> set[str]:
    return {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}


@pytest.mark.parametrize("name", NAMES)
def test_every_command_shown_exists_with_its_options(name: str) -> None:
    group = zaiseki()
    for words in shell_lines(name):
        if Path(words[0]).name != "zaiseki":
            continue
        every = options_of(group)
        for number, word in enumerate(words[1:], start=1):
            if word.startswith("-"):
                assert word.split("=")[0] in every | options_of(group), f"{name}: {' '.join(words)}"
            elif every == options_of(group) and not words[number - 1].startswith("-"):
                assert word in group.commands, f"{name}: {' '.join(words)}"
                every = options_of(group.commands[word])


@pytest.mark.parametrize("name", NAMES)
def test_every_option_shown_by_itself_belongs_to_some_command(name: str) -> None:
    group = zaiseki()
    known = options_of(group).union(*(options_of(command) for command in group.commands.values()))
    shown = {words[0] for words in shell_lines(name) if re.match(r"^--?[a-z]", words[0])}
    assert shown - known - {"-vv"} == set()


@pytest.mark.parametrize("name", NAMES)
def test_every_make_target_shown_exists(name: str) -> None:
    targets = set(re.findall(r"^([a-z-]+):", text_of("Makefile"), re.MULTILINE))
    shown = {words[1] for words in shell_lines(name) if words[0] == "make" and len(words) > 1}
    assert shown - targets == set()


def test_the_readme_shows_every_command_that_a_merchant_runs() -> None:
    shown = {words[1] for words in shell_lines("README.md") if words[0] == "zaiseki" and len(words) > 1}
    assert {"provision", "plan", "sync", "status"} <= shown
    assert [line.split("#")[0].strip() for line in fences("README.md", "sh")[0].splitlines()] == [
        "make demo",
        "make test",
    ]


def test_the_readme_tells_what_it_is_then_the_two_commands_then_how_to_connect() -> None:
    headings = re.findall(r"^#+ (.*)$", text_of("README.md"), re.MULTILINE)
    assert headings[:3] == ["Zaiseki", "Try it: two commands", "Connect a real shop and org"]


@pytest.mark.parametrize("name", NAMES)
def test_every_setting_shown_exists(name: str) -> None:
    shown = {span for span in spans(name) if KEY.match(span)}
    assert shown - set(documented_keys()) == set()


@pytest.mark.parametrize("name", NAMES)
def test_every_settings_file_shown_is_understood(name: str) -> None:
    for body in fences(name, "toml"):
        Settings.model_validate(tomllib.loads(body, parse_float=Decimal))


@pytest.mark.parametrize("name", NAMES)
def test_every_variable_shown_exists(name: str) -> None:
    shown = set(re.findall(r"\bZAISEKI_[A-Z_<>]+", text_of(name)))
    assert shown - VARIABLES == set()
    # `…_ADMIN_USERNAME` stands for a name told in full just before.
    for tail in re.findall(r"…(_[A-Z][A-Z_]+)", text_of(name)):
        assert any(known.endswith(tail) for known in VARIABLES), tail


def test_every_variable_is_documented() -> None:
    text = text_of("docs/settings.md")
    tails = re.findall(r"…(_[A-Z][A-Z_]+)", text)
    missing = {name for name in VARIABLES if name not in text and not name.endswith(tuple(tails))}
    missing -= {name for name in missing if "_TOKYO_" in name}  # an example of <NAME>
    assert missing == set()


def test_the_settings_page_lists_exactly_the_settings_with_their_defaults() -> None:
    listed = {row[0].strip("`"): row[1] for row in rows("docs/settings.md", "key")}
    assert list(listed) == list(documented_keys())
    for key, default in documented_keys().items():
        assert listed[key] == _shown(key, default), key


def _shown(key: str, default: object) -> str:
    if key in DEFAULT_WORDS:
        stands_for, words = DEFAULT_WORDS[key]
        assert default == stands_for
        return words
    if default is None or type(default).__name__ == "PydanticUndefinedType":
        return "–"
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


def test_the_settings_page_names_every_value_of_a_closed_choice() -> None:
    meanings = {row[0].strip("`"): row[2] for row in rows("docs/settings.md", "key")}
    closed = (
        (Salesforce, "salesforce.purchases"),
        (Salesforce, "salesforce.accounts"),
        (Purchases, "purchases.unit"),
    )
    for model, key in closed:
        values = get_args(model.model_fields[key.split(".")[1]].annotation)
        assert len(values) > 1 and all(f"`{value}`" in meanings[key] for value in values), key
    assert all(f"`{platform}`" in meanings["write.platforms"] for platform in Write().platforms)
    assert all(f"`{name}`" in meanings["write.objects"] for name in Write().objects)
    for channel in get_args(get_args(Exclude.model_fields["channels"].annotation)[0]):
        assert f"`{channel}`" in meanings["purchases.exclude.channels"]


def test_the_time_limit_is_documented_as_it_is() -> None:
    assert f"| `{retry.ENVIRONMENT_NAME}` | `{retry.SECONDS:g}` |" in text_of("docs/settings.md")


def test_the_exit_codes_are_told_as_they_are() -> None:
    assert [row[0] for row in rows("docs/operators.md", "exit code")] == ["0", "1", "2", "3"]
    assert (DONE, ERROR, HELD, IN_PART) == (0, 1, 2, 3)
    (line,) = re.findall(r"^Exit codes: (.*\n.*)$", text_of("README.md"), re.MULTILINE)
    assert re.findall(r"(?:^|· ?\n?)(\d) ", line) == ["0", "1", "2", "3"]


@pytest.mark.parametrize("name", NAMES)
def test_every_link_leads_to_a_file(name: str) -> None:
    base = (ROOT / name).parent
    broken = [
        target
        for target in LINK.findall(text_of(name))
        if not target.startswith(("https://", "http://")) and not (base / target).exists()
    ]
    assert broken == []


@pytest.mark.parametrize("name", NAMES)
def test_every_path_of_the_project_shown_exists(name: str) -> None:
    tops = {path.name for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith(".")}
    missing = []
    for span in spans(name):
        for word in span.split():
            top, slash, _ = word.partition("/")
            # The demo's own folder is made by the demo.
            if slash and top in tops - {"demo"} and not list(ROOT.glob(word.rstrip("/"))):
                missing.append(word)
    assert missing == []


def test_the_documents_never_name_a_path_of_a_machine() -> None:
    for name in NAMES:
        assert not re.search(r"(?<![\w.])/(work|home|root|tmp|Users)/", text_of(name)), name
