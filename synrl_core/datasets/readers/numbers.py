"""Parse numbers with a decimal point or comma and thousands separators.

``1.234,5`` and ``1,234.5`` and ``1 234,5`` and ``1'234.5`` are the same number; which of point and comma parts the
fraction is known for a whole file, never guessed for one number.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from synrl_core.datasets.choices import Decimal

#: No-break, narrow no-break, thin and ordinary space.
_SPACES = "\u00a0\u202f\u2009 "
_EXPONENT = r"(?:[eE][+-]?\d+)?"
_SIGN = r"[+\-−]?"
#: Whole parts in groups of three; a number of thousands never begins with 0.
_GROUPED = r"[1-9]\d{0,2}(?:([%s])\d{3})(?:\1\d{3})*"
_GROUPS = {".": _GROUPED % f",'’{_SPACES}", ",": _GROUPED % f".'’{_SPACES}"}
_PATTERNS = {
    decimal: re.compile(rf"{_SIGN}(?:{groups}|\d+)?(?:{re.escape(decimal)}\d*)?{_EXPONENT}", re.ASCII)
    for decimal, groups in _GROUPS.items()
}
_THOUSANDS = {decimal: re.compile(rf"{_SIGN}{groups}(?!\d)") for decimal, groups in _GROUPS.items()}
_CLEANED = {
    ".": str.maketrans({"−": "-", **dict.fromkeys(f",'’{_SPACES}", "")}),
    ",": str.maketrans({"−": "-", ",": ".", **dict.fromkeys(f".'’{_SPACES}", "")}),
}
_COMMA_FRACTION = re.compile(rf"{_SIGN}(?:{_GROUPS[',']}|\d*),\d+{_EXPONENT}", re.ASCII)
_POINT_FRACTION = re.compile(rf"{_SIGN}(?:{_GROUPS['.']}|\d*)\.\d+{_EXPONENT}", re.ASCII)
_COMMA_THOUSANDS = re.compile(rf"{_SIGN}[1-9]\d{{0,2}}(?:,\d{{3}})+", re.ASCII)
_POINT_THOUSANDS = re.compile(rf"{_SIGN}[1-9]\d{{0,2}}(?:\.\d{{3}})+", re.ASCII)


def parse(text: str, decimal: Decimal) -> float | None:
    """Return the number of a text under a decimal sign, or None. Infinity is a number, NaN is none."""
    text = text.strip()
    if not any(letter.isdigit() for letter in text) or not _PATTERNS[decimal].fullmatch(text):
        return float(text) if text.lower().lstrip("+-") in ("inf", "infinity") else None
    try:
        return float(text.translate(_CLEANED[decimal]))
    except ValueError:
        return None


def is_number(text: str) -> bool:
    """Whether a text is a number under either decimal sign."""
    return parse(text, ".") is not None or parse(text, ",") is not None


def has_thousands(text: str, decimal: Decimal) -> bool:
    """Whether a number has signs between its thousands."""
    return _THOUSANDS[decimal].match(text.strip()) is not None


def decimal_sign(cells: Iterable[str], separator: str) -> Decimal | None:
    """Detect the decimal sign of a file from its numbers; None when none has a fraction.

    ``1,234`` alone may be either. Where columns are not separated by commas the comma is free to be the decimal sign,
    and most often is; where they are, it stands in quotes and parts thousands.
    """
    comma = point = either = groups = 0
    for cell in cells:
        text = cell.strip()
        if _COMMA_THOUSANDS.fullmatch(text):
            either += 1
            groups += text.count(",") > 1
        elif _COMMA_FRACTION.fullmatch(text):
            comma += 1
        elif _POINT_THOUSANDS.fullmatch(text):
            groups -= text.count(".") > 1
        elif _POINT_FRACTION.fullmatch(text):
            point += 1
    if comma or point:
        return "," if comma > point else "."
    if groups < 0:
        return ","
    if either:
        return "." if groups > 0 or separator == "," else ","
    return None
