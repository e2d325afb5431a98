"""Parse numbers and layers as people write them: in forms, on the command line, as text in JSON.

Signs of thousands and decimals differ between countries. A text that has one meaning is read, whatever its country;
a text that has two is refused with both, so that 0,001 is never 1 and 20.000 is never 20. The form reads the same
texts (dashboard/web/new_run/numbers.js); a test holds both to one table.
"""

from __future__ import annotations

import re

_SIGN = "[-+]?"
#: Spaces and apostrophes between thousands: 20 000, 20'000.
_GAP = "[ \u00a0\u2009\u202f'\u2019]"
_POWER = re.compile(rf"{_SIGN}\d+e\+?\d{{1,2}}", re.IGNORECASE)
_PLAIN = re.compile(rf"{_SIGN}\d{{1,40}}")
_GAPS = re.compile(rf"{_SIGN}\d{{1,3}}(?:{_GAP}\d{{3}})+")
_COMMAS = re.compile(rf"{_SIGN}[1-9]\d{{0,2}}(?:,\d{{3}})+")
_POINTS = re.compile(rf"{_SIGN}[1-9]\d{{0,2}}(?:\.\d{{3}})+")
_NUMBER = re.compile(rf"{_SIGN}(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d{{1,4}})?", re.IGNORECASE)
_DECIMAL_COMMA = re.compile(rf"{_SIGN}\d*,\d+(?:e[-+]?\d{{1,4}})?", re.IGNORECASE)
#: Thousands and a decimal sign that differ: 1,234.5 and 1.234,5 and 1 234,5.
_BOTH = (
    re.compile(rf"{_SIGN}[1-9]\d{{0,2}}(?:,\d{{3}})+\.\d+"),
    re.compile(rf"{_SIGN}[1-9]\d{{0,2}}(?:\.\d{{3}})+,\d+"),
    re.compile(rf"{_SIGN}\d{{1,3}}(?:{_GAP}\d{{3}})+[.,]\d+"),
)
#: What stands between two layers: 64-32, 64 32, 64, 32, 64 x 32, 64 → 32.
_BETWEEN_LAYERS = re.compile(r"\s*(?:->|[-–—→x×,])\s*|\s+")
_NO_LAYERS = ("", "none", "0")


class AmbiguousNumberError(ValueError):
    """A text that can mean two numbers. The message names both and says how to write each."""


def whole_number(text: str) -> int:
    """Read a whole number: 20000, 20,000, 20 000, 20'000, 2e4.

    Raises
    ------
    AmbiguousNumberError
        For points between thousands, which are decimals elsewhere.
    ValueError
        When it is no whole number. A decimal point or a ``_`` is not taken, not even in 20.0.
    """
    plain = _plain(text)
    if _PLAIN.fullmatch(plain):
        return int(plain)
    if _POWER.fullmatch(plain):
        digits, power = re.split("[eE]", plain)
        return int(digits) * int(10 ** int(power))
    if _GAPS.fullmatch(plain) or _COMMAS.fullmatch(plain):
        return int(_without_marks(plain))
    if _POINTS.fullmatch(plain):
        raise AmbiguousNumberError(_two_readings(plain))
    raise ValueError(f"{text!r} is no whole number")


def decimal_number(text: str) -> float:
    """Read a number: 0.001, 0,001, 1e-3, .5, 1,234.5, 1.234,5, 1 234,5, 25 %.

    Raises
    ------
    AmbiguousNumberError
        For a single comma with three digits after it, as in 1,250, and for 20.000.
    ValueError
        When it is no number.
    """
    plain = _plain(text)
    if plain.endswith("%"):
        return decimal_number(plain[:-1]) / 100
    if _POINTS.fullmatch(plain) and plain.endswith(".000"):
        raise AmbiguousNumberError(_two_readings(plain))
    if _NUMBER.fullmatch(plain):
        return float(plain)
    if _COMMAS.fullmatch(plain) and plain.count(",") == 1:
        raise AmbiguousNumberError(_two_readings(plain))
    if _COMMAS.fullmatch(plain) or _GAPS.fullmatch(plain):
        return float(_without_marks(plain))
    if _DECIMAL_COMMA.fullmatch(plain):
        return float(plain.replace(",", "."))
    if any(pattern.fullmatch(plain) for pattern in _BOTH):
        thousands, decimals = re.split(r"[.,](?=\d+$)", plain)
        return float(f"{_without_marks(thousands)}.{decimals}")
    raise ValueError(f"{text!r} is no number")


def layers(text: str) -> tuple[int, ...]:
    """Read the units of each hidden layer: 64-32, 64 32, (64, 32), [64,32]; an empty text, ``none`` and 0 are no layer.

    Raises
    ------
    ValueError
        When a part is no whole number.
    """
    plain = _plain(text)
    if plain[:1] + plain[-1:] in ("()", "[]"):
        plain = plain[1:-1].strip().removesuffix(",")
    if plain.lower() in _NO_LAYERS:
        return ()
    parts = _BETWEEN_LAYERS.split(plain)
    if any(re.fullmatch(r"0\d+", part) for part in parts):  # 1,024 is one number somewhere
        raise AmbiguousNumberError(f"{text!r} has a layer that begins with 0: write 1024 without a comma")
    return tuple(map(whole_number, parts))


def _plain(text: str) -> str:
    """Write digits and minus signs of any script as ASCII."""
    ascii_digits = (str(int(sign)) if sign.isdecimal() else sign for sign in text.replace("\u2212", "-"))
    return "".join(ascii_digits).strip()


def _without_marks(number: str) -> str:
    return re.sub(rf"[.,]|{_GAP}", "", number)


def _two_readings(number: str) -> str:
    whole, rest = re.split("[.,]", number, maxsplit=1)
    if re.search("[.,]", rest):
        return f"{number!r} has points between thousands: write {_without_marks(number)}"
    fraction = f"{whole}.{rest}".rstrip("0").rstrip(".")
    return f"{number!r} can be {fraction} or {_without_marks(number)}: write {fraction} or {_without_marks(number)}"
