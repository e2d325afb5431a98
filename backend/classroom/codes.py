"""Codes of class sessions: six signs without look-alikes, and the reading of what people type."""

from __future__ import annotations

import secrets
from typing import Final

LENGTH: Final = 6
#: No 0 O Q D, no 1 I L; of 2 Z, 5 S, 8 B, 6 G, V U the first alone. 24 signs: 191 million codes.
ALPHABET: Final = "23456789ACEFHJKMNPRTVWXY"
_READ_AS: Final = str.maketrans("ZSBGU", "2586V")


def new_code() -> str:
    """Return a random code, such as ``'K7TM9X'``."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def tidy(typed: str) -> str:
    """Normalise a typed code: small letters, blanks, dashes and look-alikes."""
    signs = (sign for sign in typed.upper()[:100] if sign.isascii() and sign.isalnum())
    return "".join(signs).translate(_READ_AS)[: LENGTH + 1]
