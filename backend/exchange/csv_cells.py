"""Writer of CSV (RFC 4180), with no cell that a spreadsheet would run as a formula."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

#: Words that begin with one of these are taken for a formula by spreadsheets.
_FORMULAS = ("=", "+", "-", "@", "\t", "\r")


def row(cells: Iterable[Any]) -> str:
    """Return one line of CSV (RFC 4180). Text that looks like a formula gets an apostrophe; numbers are unchanged."""
    return ",".join(map(cell, cells)) + "\r\n"


def cell(value: Any) -> str:
    """Return one cell; empty for None, NaN and infinity."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return repr(value) if math.isfinite(value) else ""
    words = str(value)
    if words.startswith(_FORMULAS):
        words = f"'{words}"
    if any(letter in words for letter in ',"\r\n'):
        words = '"' + words.replace('"', '""') + '"'
    return words
