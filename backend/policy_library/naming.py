"""Names of policies: their keys, and the names of files."""

from __future__ import annotations

import unicodedata

from backend.kit.fields import NAME_LENGTH
from backend.kit.text import one_line


def name_key(name: str) -> str:
    """Return a name without regard to case, width and spaces."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())[:NAME_LENGTH]


def name_of_file(file_name: str) -> str:
    """Return the name of the policy of a file that tells none: the file's without folder and ending."""
    stem = file_name.replace("\\", "/").rsplit("/", 1)[-1].rsplit(".", 1)[0]
    return one_line(stem, NAME_LENGTH) or "imported"


def file_stem(name: str) -> str:
    """Return a name as that of a file, without its ending."""
    kept = "".join(letter if letter.isalnum() or letter in "-_." else "_" for letter in name)
    return kept.strip("._") or "policy"
