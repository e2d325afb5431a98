"""JavaScript modules of the pages: how they are served."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dashboard.first_visit import VISITED
from dashboard.modules import DOCUMENTS, ENTRY, FIRST_VISIT, FOLDER, PAGES, PERSONAL_CODE, Modules
from tests.dashboard.conftest import Pages


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


@pytest.mark.parametrize("path", ["/", "/compare", "/runs/nosuch", "/datasets"])
def test_a_page_names_its_modules_once_and_before_they_are_imported(pages: Pages, path: str) -> None:
    """A module under two addresses would be two modules; one that is not preloaded costs a round trip."""
    index = pages.client.get(path, headers={"Cookie": f"{VISITED}=1"}).text
    preloaded = re.findall(r'<link rel="modulepreload" href="/([^"]+)">', index)
    scripts = re.findall(r'<script type="module" src="/([^"]+)"></script>', index)
    modules = Modules()
    assert scripts == [modules.path(ENTRY)]
    assert preloaded == [modules.path(name) for name in modules.of_page(path)]
    assert index.count("assets/modules/") == len(preloaded) + 1


def test_on_a_first_visit_all_but_the_table_waits_in_a_template(pages: Pages) -> None:
    pages.client.cookies.clear()
    index = pages.client.get("/").text
    assert '<template id="later">' not in pages.client.get("/").text, "on the second visit"
    at_once, later = index.split('<template id="later">')
    modules = Modules()
    assert re.findall(r'<script type="module" src="/([^"]+)"></script>', at_once) == [modules.path(FIRST_VISIT)]
    assert "_dash-component-suites" not in at_once
    for name in (ENTRY, *modules.of_page("/")):
        assert modules.path(name) in later
    assert "_dash-component-suites" in later
    assert sum(len(modules._compressed[name]) for name in modules.closure(FIRST_VISIT)) < 20_000


def test_a_page_needs_its_own_modules_and_none_of_other_pages() -> None:
    modules = Modules()
    runs, compare = set(modules.of_page("/")), set(modules.of_page("/compare"))
    assert "runs/page.js" in runs
    assert not any(name.startswith(("compare/", "run/", "playground/")) for name in runs)
    assert {"compare/page.js", "compare/tables.js", "charts/figure_view.js"} <= compare - runs
    assert not any(name.startswith(("run/", "playground/")) for name in compare)


def test_every_module_belongs_to_a_page() -> None:
    """A module that nothing imports would never run; one that only a call imports has no preload."""
    modules = Modules()
    of_pages = {ENTRY}.union(*map(modules.of_page, PAGES))
    assert of_pages.union(*map(modules.closure, (PERSONAL_CODE, FIRST_VISIT, *DOCUMENTS))) == set(modules.names)


def test_every_page_is_loaded_by_the_entry() -> None:
    loaded = re.findall(r'import\("\./([^"]+)"\)', (FOLDER / "pages.js").read_text())
    assert sorted(loaded) == sorted(PAGES.values())


def test_what_an_import_imports_is_needed_too(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "deep.js").write_text('import { far } from "../far.js";\n')
    folder(tmp_path, main='import {\n  a,\n  b,\n} from "./inner/deep.js";\nimport("./lazy.js");\n', lazy="", far="")
    assert Modules(tmp_path).closure(ENTRY) == {"main.js", "inner/deep.js", "far.js"}
