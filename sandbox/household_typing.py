"""How staff type e-mail addresses and telephone numbers into an org, which takes them as they come."""

from random import Random

from sandbox import household_rates as rates
from sandbox.people import choose

_WIDE = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}
_JAPANESE_WAYS = (
    ("{0}-{1}-{2}", 0.46),
    ("{0}{1}{2}", 0.24),
    ("{0} {1} {2}", 0.05),
    ("WIDE", 0.05),
    ("+81 {3}-{1}-{2}", 0.05),
    ("+81(0){3}-{1}-{2}", 0.02),
    ("{0}ー{1}ー{2}", 0.02),
    ("{0}‐{1}‐{2}", 0.01),
    ("{0}−{1}−{2}", 0.01),
    ("({0}){1}-{2}", 0.02),
    ("{0}-{1}-{2}(自宅)", 0.015),
    ("{0}-{1}-{2} 内線12", 0.005),
    ("{0}-{1}-{2} 携帯", 0.01),
    ("81{3}{1}{2}", 0.01),
    ("{3}{1}{2}", 0.02),
    (" {0}-{1}-{2}  ", 0.01),
    ("{0}.{1}.{2}", 0.01),
)
"""The last one but two is what a spreadsheet makes of a number: the leading zero is gone."""
_CODES = {"US": 2, "GB": 3, "DE": 3, "FR": 3, "KR": 3}


def type_phone(number: str, country: str, rng: Random) -> tuple[str, str]:
    """Type an E.164 number; gives the text, and the number again where it can be read from the text."""
    if not number:
        return "", ""
    if country == "JP":
        return _japanese(number, rng), number
    code, rest = number[: _CODES[country]], number[_CODES[country] :]
    if rng.random() < rates.FOREIGN_NATIONAL:
        return (f"({rest[:3]}) {rest[3:6]}-{rest[6:]}" if country == "US" else f"0{rest[:3]} {rest[3:]}"), ""
    return choose(rng, (number, f"{code} {rest[:3]} {rest[3:]}", f"{code}-{rest[:3]}-{rest[3:]}")), number


def _japanese(number: str, rng: Random) -> str:
    rest = number.removeprefix("+81")
    area = rest[:-8]
    parts = f"0{area}", rest[-8:-4], rest[-4:], area
    at = rng.random()
    for way, share in _JAPANESE_WAYS:
        at -= share
        if at < 0:
            return "-".join(parts[:3]).translate(_WIDE) if way == "WIDE" else way.format(*parts)
    return "-".join(parts[:3])


def type_email(address: str, rng: Random, *, typed: bool) -> tuple[str, str]:
    """Type an address into an org; gives the text and the address that it is, which a slip makes another."""
    if not address:
        return "", ""
    if typed and rng.random() < rates.EMAIL_TYPO:
        at = int(rng.random() * (address.index("@") - 1))
        address = address[:at] + address[at + 1] + address[at] + address[at + 2 :]
    shown = address
    if rng.random() < rates.EMAIL_CASE:
        shown = choose(rng, (shown.title(), shown.upper(), shown.capitalize()))
    if typed and rng.random() < rates.EMAIL_WIDE:
        shown = choose(rng, (shown.translate(_WIDE), f"{shown}\u200b", f" {shown} "))
    return shown, address
