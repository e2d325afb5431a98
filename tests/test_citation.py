"""The citation file: this version of the software, and the paper."""

from __future__ import annotations

import re
from importlib.metadata import version
from pathlib import Path

CITATION = (Path(__file__).parents[1] / "CITATION.cff").read_text(encoding="utf-8")


def test_it_names_this_version_and_the_paper() -> None:
    assert re.findall(r'^version: "(.+)"$', CITATION, re.MULTILINE) == [version("synrl")]
    assert "arXiv:2105.14383" in CITATION
    assert all(f"family-names: {name}\n" in CITATION for name in ("Bhargava", "Rezaei", "Lankarany"))


def test_it_has_what_the_format_requires() -> None:
    keys = re.findall(r"^([\w-]+):", CITATION, re.MULTILINE)
    assert {"cff-version", "message", "title", "authors"} <= set(keys)
    assert len(keys) == len(set(keys))
