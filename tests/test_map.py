"""CONTRIBUTING.md and docs name files and functions that are there, and the map has every room."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = (ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md")))
#: Folders from which a path may be written, such as `runs/service.py` in backend.
STARTS = ("", "backend", "dashboard", "synrl_core", "synrl_core/datasets", "tests")
NAMED = re.compile(r"`((?:[\w.]+/)*[\w.]+\.(?:py|js|toml|css))(?::\s*([\w,\s]+))?`")
TIERS = ("synrl_core", "backend", "dashboard", "migrations", "benchmarks", "scripts", "tests")
MAP = re.compile(r"^    synrl_core/ .*?^In a feature's room", re.MULTILINE | re.DOTALL)


def named(page: Path) -> Iterator[tuple[str, list[str]]]:
    """Yield the paths that a page names, and functions in them."""
    for path, functions in NAMED.findall(page.read_text()):
        yield path, [name for one in functions.split(",") if (name := one.strip())]


def candidates(path: str) -> list[Path]:
    """Return the files that a path may mean; a name alone means any file of that name."""
    if "/" in path:
        return [file for start in STARTS if (file := ROOT / start / path).exists()]
    return [file for tier in TIERS for file in (ROOT / tier).rglob(path)] + list(ROOT.glob(path))


def defines(file: Path, function: str) -> bool:
    patterns = (r"(?:def|class|function|const) {}\b", r"^\s+(?:async )?{}\(")
    text = file.read_text()
    return any(re.search(pattern.format(re.escape(function)), text, re.MULTILINE) for pattern in patterns)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_files_and_functions_that_a_page_names_exist(page: Path) -> None:
    missing = []
    for path, functions in named(page):
        files = candidates(path)
        missing += [] if files else [path]
        missing += [f"{path}: {one}" for one in functions if files and not any(defines(file, one) for file in files)]
    assert missing == []


def test_the_map_has_every_room_and_no_file_that_is_gone() -> None:
    drawn = MAP.search((ROOT / "CONTRIBUTING.md").read_text())
    assert drawn is not None
    rooms = [
        folder.name
        for tier in ("synrl_core", "backend", "dashboard", "dashboard/web")
        for folder in (ROOT / tier).iterdir()
        if folder.is_dir() and not folder.name.startswith("_") and folder.name != "types"
    ]
    assert [room for room in rooms if not re.search(rf"\b{room}/", drawn[0])] == []
    files = re.findall(r"(?<!\.)\b\w+\.(?:py|js)\b", drawn[0])
    assert [name for name in files if not candidates(name)] == []
