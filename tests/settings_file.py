"""A settings file of a test, and why it is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from zaiseki.errors import Stop
from zaiseki.settings import read_settings

SHOP = '[shopify]\nshop = "example.myshopify.com"\n'


def stopped(path: Path, text: str) -> Stop:
    """Why the settings are refused."""
    path.write_text(text, encoding="utf-8")
    with pytest.raises(Stop) as caught:
        read_settings(path)
    assert caught.value.exit_code == 1
    assert caught.value.details["path"] == str(path)
    return caught.value
