"""JavaScript modules of the pages: how they are served."""

from __future__ import annotations

import re
from pathlib import Path

from dashboard.modules import ENTRY, FOLDER, Modules
from tests.dashboard.conftest import Pages

_IMPORT = re.compile(r"""^import (?:[^;"']* from )?["']([^"']+)["'];$""", re.MULTILINE)


def folder(at: Path, **files: str) -> Path:
    for name, text in files.items():
        (at / f"{name}.js").write_text(text)
    return at


def test_a_change_of_any_module_changes_the_folder_of_all(tmp_path: Path) -> None:
    before = Modules(folder(tmp_path, main='import "./part.js";', part="export const part = 1;"))
    same = Modules(tmp_path)
    after = Modules(folder(tmp_path, part="export const part = 2;"))
    assert before.path(ENTRY) == same.path(ENTRY)
    assert before.path(ENTRY).rpartition("/")[0] != after.path(ENTRY).rpartition("/")[0]


def test_modules_may_be_cached_for_good_and_are_javascript(pages: Pages) -> None:
    modules = Modules()
    for name in modules.names:
        answer = pages.client.get(f"/{modules.path(name)}")
        assert answer.status_code == pages.client.head(f"/{modules.path(name)}").status_code == 200
        assert "immutable" in answer.headers["Cache-Control"]
        assert answer.headers["Content-Type"].startswith("text/javascript")
        assert answer.content == (FOLDER / name).read_bytes()


def test_another_version_and_other_files_are_not_found(pages: Pages) -> None:
    folder_of_all = Modules().path("")
    for path in ("assets/modules/0123456789abcdef/main.js", f"{folder_of_all}nosuch.js", f"{folder_of_all}../app.py"):
        answer = pages.client.get(f"/{path}")
        assert answer.status_code == 404
        assert "immutable" not in answer.headers.get("Cache-Control", "")


def test_a_page_loads_each_module_once_and_before_it_is_imported(pages: Pages) -> None:
    """A module under two addresses would be two modules; one that is not preloaded costs a round trip."""
    index = pages.client.get("/").text
    preloaded = re.findall(r'<link rel="modulepreload" href="/([^"]+)">', index)
    scripts = re.findall(r'<script type="module" src="/([^"]+)"></script>', index)
    modules = Modules()
    assert scripts == [modules.path(ENTRY)]
    assert sorted([*preloaded, *scripts]) == sorted(modules.path(name) for name in modules.names)
    assert index.count("assets/modules/") == len(modules.names)


def test_every_module_is_imported() -> None:
    """A module that nothing imports would be loaded for nothing."""
    imported = {ENTRY}
    for script in FOLDER.rglob("*.js"):
        for target in _IMPORT.findall(script.read_text()):
            imported.add((script.parent / target).resolve().relative_to(FOLDER.resolve()).as_posix())
    assert imported == set(Modules().names)
