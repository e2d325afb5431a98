"""Text that people type: shown, never run."""

from __future__ import annotations

import unicodedata


def one_line(text: str, longest: int) -> str:
    """Bring text to one printable line of at most ``longest`` letters: no line ends, no marks that turn text around."""
    normal = unicodedata.normalize("NFKC", text[: 10 * longest])
    printable = "".join(letter if letter.isprintable() else " " for letter in normal)
    return " ".join(printable.split())[:longest].rstrip()


def name_key(name: str) -> str:
    """Return what two names that look alike have in common: no regard to case and width."""
    return unicodedata.normalize("NFKC", name).casefold()[:100]
