"""Sanitise text that people type: it is shown, never executed."""

from __future__ import annotations

import unicodedata
from typing import Any


def one_line(text: str, longest: int) -> str:
    """Return text on one printable line of at most ``longest`` letters, without marks that change its direction."""
    normal = unicodedata.normalize("NFKC", text[: 10 * longest])
    return single_spaced(normal)[:longest].rstrip()


def single_spaced(text: str) -> str:
    """Return text with a single blank for each run of blanks, line ends and unprintable characters."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


def comma_separated(text: str) -> list[str]:
    """Return the words between commas, without those that are empty: 'a, b' as ['a', 'b']."""
    return [part.strip() for part in text.split(",") if part.strip()]


def name_key(name: str) -> str:
    """Return the key by which names that look alike are equal: without regard to case and width."""
    return unicodedata.normalize("NFKC", name).casefold()[:100]


def without_surrogates(text: str) -> str:
    """Return text that can be encoded: unpaired surrogates, halves of a character in UTF-16, become U+FFFD."""
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def unpaired_surrogate(data: Any) -> tuple[str | int, ...] | None:
    """Find text with an unpaired surrogate in what was read from JSON.

    Returns
    -------
    tuple or None
        The path of keys and positions to the first such text, or to the object that has it as a key; None: no text.
    """
    waiting: list[tuple[tuple[str | int, ...], Any]] = [((), data)]
    while waiting:  # a stack, not a recursion: a body may be nested as deep as the parser allows
        path, value = waiting.pop()
        if isinstance(value, str):
            if without_surrogates(value) != value:
                return path
        elif isinstance(value, dict):
            if any(without_surrogates(name) != name for name in value if isinstance(name, str)):
                return path
            waiting += [((*path, name), one) for name, one in value.items()]
        elif isinstance(value, list | tuple):
            waiting += [((*path, place), one) for place, one in enumerate(value)]
    return None
