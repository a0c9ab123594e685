"""Which addresses can stand for one person."""

from __future__ import annotations

import pytest

from sync.addresses import identifies


@pytest.mark.parametrize(
    "email",
    [
        "taro@example.com",
        "taro@example.jp",
        "taro+tea@gmail.com",
        "information@tea.jp",
        "x1@privaterelay.appleid.com",
        "no.reply.smith@web.de",
        "notamarketplace.amazon.com@web.de",
    ],
)
def test_a_persons_own_address_is_a_key(email: str) -> None:
    assert identifies(email) == "personal"


@pytest.mark.parametrize(
    "email",
    [
        "info@tea.jp",
        "INFO@Tea.JP",
        "ｉｎｆｏ@tea.jp",
        "support@shop.example",
        "noreply@tea.jp",
        "postmaster@tea.jp",
        "no@mail.com",
        "nomail@example.com",
        "dummy@x.jp",
        "test@x.jp",
        "taro@nomail.com",
        "a@b.invalid",
        None,
        "",
        "no mail",
    ],
)
def test_role_and_placeholder_addresses_are_nobodys(email: str | None) -> None:
    assert identifies(email) == "shared"


@pytest.mark.parametrize(
    "email",
    [
        "abc123@marketplace.amazon.co.jp",
        "abc@marketplace.amazon.com",
        "x@pc.fw.rakuten.ne.jp",
        "X@Members.eBay.com",
    ],
)
def test_a_marketplaces_relay_address_is_nobodys_but_known_as_relay(email: str) -> None:
    assert identifies(email) == "relay"


def test_the_merchant_names_further_relays_and_addresses_that_are_no_keys() -> None:
    more = {
        "relay_domains": ("Relay.Example",),
        "no_keys": ("Shop@Tea.jp", "@staff.example", "branch.example"),
    }
    assert identifies("a@relay.example", **more) == "relay"
    assert identifies("a@eu.relay.example", **more) == "relay"
    assert identifies("shop@tea.jp", **more) == "shared"
    assert identifies("taro@tea.jp", **more) == "personal"
    assert identifies("taro@staff.example", **more) == "shared"
    assert identifies("taro@north.branch.example", **more) == "shared"
    assert identifies("taro@otherbranch.example", **more) == "personal"
