"""Checks of the JavaScript: types of the server's data are up to date, and mistakes turn the checks red."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from scripts import web_types
from tests.slowness import patience

ROOT = Path(__file__).parent.parent.parent
NODE = Path(sys.prefix) / "bin" / "node"
TOOLS = ROOT / "node_modules"


@pytest.fixture(scope="module", autouse=True)
def tools() -> None:
    """Fail with the remedy where the tools are not installed."""
    for tool in (NODE, TOOLS):
        assert tool.exists(), f"{tool} is missing: run `make setup-dev`"


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the modules and of the tools' settings, to plant mistakes in."""
    folder = tmp_path_factory.mktemp("checked")
    for name in ("package.json", "tsconfig.json", "biome.json"):
        shutil.copy(ROOT / name, folder)
    for name in ("dashboard/web", "dashboard/assets", "tests/web"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("fonts", "icons", "*.css"))
    (folder / "node_modules").symlink_to(TOOLS)
    return folder


def tool(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [NODE, *command], cwd=folder, capture_output=True, text=True, timeout=patience(120), check=False
    )


def tsc(folder: Path) -> subprocess.CompletedProcess[str]:
    return tool(folder, "node_modules/typescript/bin/tsc", "--project", ".")


def rules(folder: Path) -> subprocess.CompletedProcess[str]:
    return tool(folder, "--test", "tests/web/rules.test.js")


def biome(folder: Path) -> subprocess.CompletedProcess[str]:
    return tool(folder, "node_modules/@biomejs/biome/bin/biome", "check", "--error-on-warnings", "--colors=off")


def test_types_of_the_servers_data_are_up_to_date() -> None:
    assert web_types.FILE.read_text() == web_types.text(), "run `python -m scripts.web_types`"


PLANTED = {
    "a function without types": ("tsc", "export function planted(value) {\n  return value;\n}\n", "TS7006"),
    "a global": ("tsc", "window.planted = true;\n", "TS2339"),
    "a global of all scripts": ("tsc", "globalThis.planted = true;\n", "TS7017"),
    "an id that no page has": (
        "tsc",
        'import { byId } from "./core/dom.js";\n\nbyId("no-such-element").remove();\n',
        "TS2345",
    ),
    "a field that the API has not": (
        "tsc",
        '/** @import { RunRead } from "./types/schemas.js" */\n\n/** @param {RunRead} run */\n'
        "export const planted = (run) => run.no_such_field;\n",
        "TS2339",
    ),
    "a file without types": ("rules", "// @ts-nocheck\nexport const planted = (value) => value;\n", "typed"),
    "an error that is not looked at": ("rules", "// @ts-ignore\nexport const planted = missing;\n", "typed"),
    "a global behind a cast": (
        "rules",
        "/** @type {any} */ (window).planted = 1;\nwindow.planted = 1;\n",
        "global",
    ),
    "HTML made of text": ("rules", 'document.body.innerHTML = "<b>planted</b>";\n', "HTML"),
    "an element that is looked up past the types": (
        "rules",
        'export const planted = document.getElementById("no-such-element");\n',
        "ids",
    ),
    "a promise that nobody awaits": (
        "biome",
        'import { call } from "./core/api.js";\n\ncall("GET", "/planted");\n',
        "noFloatingPromises",
    ),
    "a name that is defined nowhere": ("biome", "export const planted = () => neverDefined();\n", "noUndeclared"),
}


@pytest.fixture(scope="module")
def reports(copy: Path) -> dict[str, str]:
    """What each tool says while all of its mistakes are planted, each in a module of its own."""
    said = {}
    for name, check in {"tsc": tsc, "biome": biome, "rules": rules}.items():
        planted = {
            copy / "dashboard" / "web" / module(one): text for one, (by, text, _) in PLANTED.items() if by == name
        }
        for path, text in planted.items():
            path.write_text(text)
        answer = check(copy)
        for path in planted:
            path.unlink()
        assert answer.returncode != 0
        said[name] = answer.stdout + answer.stderr
    return said


def module(mistake: str) -> str:
    return f"planted-{list(PLANTED).index(mistake)}.js"


@pytest.mark.parametrize("mistake", PLANTED)
def test_a_planted_mistake_turns_a_check_red(reports: dict[str, str], mistake: str) -> None:
    name, _, rule = PLANTED[mistake]
    assert rule in reports[name]
    assert module(mistake) in reports[name]


def test_a_planted_cycle_of_imports_turns_a_check_red(copy: Path) -> None:
    planted = copy / "dashboard" / "web" / "planted"
    planted.mkdir()
    for one, other in (("one", "other"), ("other", "one")):
        text = f'import {{ {other} }} from "./{other}.js";\n\nexport const {one} = () => {other};\n'
        (planted / f"{one}.js").write_text(text)
    answer = biome(copy)
    shutil.rmtree(planted)
    assert answer.returncode != 0
    assert "noImportCycles" in answer.stdout + answer.stderr


def test_the_copy_without_a_mistake_is_green(copy: Path) -> None:
    """Else the tests above would prove nothing."""
    for check in (tsc, biome, rules):
        answer = check(copy)
        assert answer.returncode == 0, answer.stdout + answer.stderr
