"""Reads a scenario folder: `scenario.toml` and the CSV files of both platforms, streamed row by row."""

import csv
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from sandbox.config import ScenarioConfig
from sandbox.errors import ScenarioError
from sandbox.salesforce import tables as salesforce_tables
from sandbox.salesforce.schema import bump_version, load_schema
from sandbox.shopify import tables as shopify_tables
from sandbox.state import State

BATCH_ROWS = 5_000
APPLY_COLUMNS = ("deleted", "merged_into")
"""Columns that only a scenario laid on top of another may have: a first scenario holds what is alive."""


@dataclass(frozen=True)
class ScenarioFile:
    """One known CSV file: `name` is the table's file stem on Shopify, the object's name on Salesforce."""

    path: Path
    platform: Literal["shopify", "salesforce"]
    name: str


def read_config(folder: Path) -> ScenarioConfig:
    """Read and check `scenario.toml`; a folder without one gets the defaults."""
    if not folder.is_dir():
        raise ScenarioError(f"{folder}: no such folder")
    path = folder / "scenario.toml"
    if not path.is_file():
        return ScenarioConfig()
    try:
        return ScenarioConfig.model_validate(
            tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
        )
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ScenarioError(f"{path}: {error}") from error
    except ValidationError as error:
        raise ScenarioError(f"{path}: {_in_one_line(error)}") from error


def load_scenario(state: State, folder: Path) -> dict[str, int]:
    """Create the tables of both platforms and fill them; gives the number of rows per file."""
    with state.writing() as db:
        shopify_tables.create_tables(db)
        salesforce_tables.create_tables(db, state.config)
    files = known_files(folder)
    _check_headers(state, files)
    return {file.path.name: _load_file(state, file) for file in files}


_CHANGEABLE = {"shopify": ("country",), "salesforce": ("hidden_fields", "hidden_objects", "tells_currency")}


def apply_scenario(state: State, folder: Path) -> dict[str, int]:
    """Upsert the rows of another folder, move the clock to its `now`, where it names one, and let what it
    says of access and places hold from now on."""
    config = read_config(folder)
    files = known_files(folder)
    _check_headers(state, files, extra=APPLY_COLUMNS)
    if "now" in config.model_fields_set:
        state.clock.set(config.now)
    _change_access(state, config)
    return {file.path.name: _load_file(state, file) for file in files}


def _change_access(state: State, config: ScenarioConfig) -> None:
    """Take over what the platforms' admins may change at any time."""
    changed = {
        platform: {key: getattr(told, key) for key in _CHANGEABLE[platform] if key in told.model_fields_set}
        for platform, told in (("shopify", config.shopify), ("salesforce", config.salesforce))
    }
    before = {"shopify": state.config.shopify, "salesforce": state.config.salesforce}
    state.config = state.config.model_copy(
        update={name: part.model_copy(update=changed[name]) for name, part in before.items()}
    )
    with state.writing() as db:
        bump_version(db)


def known_files(folder: Path) -> list[ScenarioFile]:
    """List the files of a folder that a scenario may have, in the order they are loaded."""
    shopify = [ScenarioFile(folder / f"{stem}.csv", "shopify", stem) for stem in shopify_tables.COLUMNS]
    salesforce = [
        ScenarioFile(folder / f"salesforce_{name}.csv", "salesforce", name)
        for name in salesforce_tables.OBJECTS
    ]
    return [file for file in shopify + salesforce if file.path.is_file()]


def read_rows(path: Path) -> Iterator[dict[str, str]]:
    """Yield the rows of a CSV file as dicts; every row must have as many fields as the header."""
    with _told_by_name(path), path.open(encoding="utf-8-sig", newline="") as lines:
        reader = csv.reader(lines, strict=True)
        header = next(reader, [])
        for values in reader:
            if len(values) != len(header):
                raise ScenarioError(
                    f"{path}: line {reader.line_num} has {len(values)} fields, the header has {len(header)}"
                )
            yield dict(zip(header, values, strict=True))


def _load_file(state: State, file: ScenarioFile) -> int:
    tables = shopify_tables if file.platform == "shopify" else salesforce_tables
    count = 0
    rows = read_rows(file.path)
    while batch := list(islice(rows, BATCH_ROWS)):
        with _told_by_name(file.path):
            count += tables.load_rows(state, file.name, batch)
    return count


def _check_headers(state: State, files: list[ScenarioFile], *, extra: tuple[str, ...] = ()) -> None:
    """Check all headers before the first row of any file is stored."""
    for file in files:
        with _told_by_name(file.path), file.path.open(encoding="utf-8-sig", newline="") as lines:
            header = next(csv.reader(lines, strict=True), [])
            twice = sorted({name for name in header if header.count(name) > 1})
            if twice:
                raise ScenarioError(f"column {', '.join(twice)} stands in the header more than once")
            early = [name for name in header if name in APPLY_COLUMNS and name not in extra]
            if early:
                raise ScenarioError(f"column {', '.join(early)} belongs in a scenario applied later")
            unknown = _unknown_columns(state, file, header)
            if unknown:
                raise ScenarioError(f"unknown column {', '.join(unknown)}")


def _unknown_columns(state: State, file: ScenarioFile, header: list[str]) -> list[str]:
    columns = [name for name in header if name not in APPLY_COLUMNS]
    if file.platform == "shopify":
        return [name for name in columns if name not in shopify_tables.COLUMNS[file.name]]
    fields = load_schema(state.connection()).get(file.name.lower())
    if fields is None:
        raise ScenarioError(f"{file.name} exists only where [salesforce] of scenario.toml turns it on")
    # Custom fields need no declaration: a column that is named like one makes one.
    return [name for name in columns if not fields.get(name) and not name.endswith(("__c", "__pc"))]


@contextmanager
def _told_by_name(path: Path) -> Iterator[None]:
    """Turn what is wrong with a file into a message that begins with its name."""
    try:
        yield
    except ScenarioError as error:
        if str(error).startswith(str(path)):
            raise
        raise ScenarioError(f"{path}: {error}") from error
    except UnicodeDecodeError as error:
        raise ScenarioError(f"{path}: not UTF-8 ({error.reason} at byte {error.start})") from error
    except csv.Error as error:
        raise ScenarioError(f"{path}: not a CSV file ({error})") from error


def _in_one_line(error: ValidationError) -> str:
    return "; ".join(
        f"{'.'.join(str(part) for part in one['loc']) or 'scenario'}: {one['msg']}" for one in error.errors()
    )
