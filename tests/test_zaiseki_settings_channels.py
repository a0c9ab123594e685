"""The settings of channels: a closed list of codes, and no name in two of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from zaiseki.errors import Stop
from zaiseki.settings import Settings, read_settings
from zaiseki.settings_orders import Channels

SHOP = '[shopify]\nshop = "tea.myshopify.com"\n'


def read(folder: Path, text: str) -> Settings:
    path = folder / "zaiseki.toml"
    path.write_text(SHOP + text, encoding="utf-8")
    return read_settings(path)


def test_names_are_folded_to_their_channel() -> None:
    made = Channels(marketplace=("Ａmazon ", "1234567"), social=("LINE",))
    assert made.by_name() == {"amazon": "marketplace", "1234567": "marketplace", "line": "social"}


def test_a_channel_that_does_not_exist_is_refused_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(Stop) as stop:
        read(tmp_path, '[channels]\nmarketplaces = ["amazon"]\n')
    assert stop.value.code == "settings_unknown_key"
    assert (stop.value.details["key"], stop.value.details["nearest"]) == (
        "channels.marketplaces",
        "marketplace",
    )


@pytest.mark.parametrize(
    "text", ['marketplace = ["Amazon"]\nsocial = ["ＡＭＡＺＯＮ"]', 'online = ["1"]\nother = ["1"]']
)
def test_a_name_in_two_channels_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(Stop) as stop:
        read(tmp_path, f"[channels]\n{text}\n")
    assert (stop.value.code, stop.value.details["key"]) == ("settings_bad_value", "channels")
    assert "two channels" in stop.value.details["cause"]


def test_a_name_twice_in_one_channel_is_no_contradiction(tmp_path: Path) -> None:
    assert read(tmp_path, '[channels]\nsocial = ["line", "LINE"]\n').channels.by_name() == {"line": "social"}


@pytest.mark.parametrize("text", ['social = [""]', 'social = "line"', "social = [1234567]"])
def test_a_list_holds_names(tmp_path: Path, text: str) -> None:
    with pytest.raises(Stop) as stop:
        read(tmp_path, f"[channels]\n{text}\n")
    assert stop.value.code == "settings_bad_value"
