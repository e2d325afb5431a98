"""Write docs/structure.md: the import graph between rooms (packages) as Mermaid diagrams, and the map of all modules.

`python -m scripts.structure` writes the page from the code: arrows from the imports (grimp, which import-linter uses),
a line a module from the first sentence of its docstring. A test holds that the page is up to date.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import grimp

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "structure.md"
PACKAGES = ("synrl_core", "backend", "dashboard")

HEAD = """# Structure

Written by `python -m scripts.structure` from the code; do not edit by hand. A room is a package or a module directly
below `synrl_core`, `backend` or `dashboard`; a number on an arrow counts the modules of one room that import the other.
The contracts in pyproject.toml (`[tool.importlinter]`) say which arrows are allowed.
"""


def page() -> str:
    """Return the whole page as Markdown."""
    graph = grimp.build_graph(*PACKAGES, cache_dir=None)
    parts = (
        f"## {package}\n\n{_sentence(package)}\n\n{_diagram(graph, package)}\n\n{_map(package)}\n"
        for package in PACKAGES
    )
    return "\n".join([HEAD, *parts])


def _room(module: str) -> str:
    """Return the room of a module: ``backend.runs`` for ``backend.runs.table.queries``."""
    return ".".join(module.split(".")[:2])


def _diagram(graph: grimp.ImportGraph, package: str) -> str:
    """Return the arrows between the rooms of one package as a Mermaid flowchart."""
    arrows: Counter[tuple[str, str]] = Counter()
    for module in graph.modules:
        if _room(module).startswith(f"{package}."):
            targets = {_room(imported) for imported in graph.find_modules_directly_imported_by(module)}
            arrows.update((_room(module), target) for target in targets - {_room(module), package})
    inside = [(start, end, count) for (start, end), count in sorted(arrows.items()) if end.startswith(f"{package}.")]
    lines = [f"    {_leaf(start)} -->|{count}| {_leaf(end)}" for start, end, count in inside]
    return "\n".join(["```mermaid", "flowchart TD", *lines, "```"])


def _leaf(module: str) -> str:
    return module.rpartition(".")[2]


def _map(package: str) -> str:
    """Return a line for each module, indented by its depth."""
    lines = []
    for path in _paths(ROOT / package):
        is_package = path.name == "__init__.py"
        shown = path.parent if is_package else path
        depth = len(shown.relative_to(ROOT).parts) - 2
        if depth >= 0:
            name = f"{shown.name}/" if is_package else shown.name
            lines.append(f"{'  ' * depth}- `{name}` {_sentence(_dotted(path))}")
    return "\n".join(lines)


def _paths(folder: Path) -> Iterator[Path]:
    """Yield the modules below a folder, each package before its contents."""
    yield folder / "__init__.py"
    for path in sorted(folder.iterdir()):
        if path.is_dir() and (path / "__init__.py").exists():
            yield from _paths(path)
        elif path.suffix == ".py" and path.name != "__init__.py":
            yield path


def _dotted(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _sentence(module: str) -> str:
    """Return the first line of a module's docstring."""
    path = ROOT / module.replace(".", "/")
    path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return docstring.split("\n\n")[0].replace("\n", " ").split(". ")[0].removesuffix(".") + "."


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
