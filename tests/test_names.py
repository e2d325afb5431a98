"""Names and docstrings use the field's terms, so that a search for the usual word finds the code."""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("synrl_core", "backend", "dashboard", "benchmarks", "scripts")
#: Words that a name must not contain, with the term to use instead. ``look_up`` is a term by itself.
INSTEAD = {
    "door": "authentication", "gate": "middleware", "knock": "request", "wish": "request", "wishes": "requests",
    "whoever": "person", "visitor": "person", "allowance": "rate limit", "patience": "timeout",
    "look": "snapshot or preview", "looks": "snapshots or previews", "looked": "read", "glance": "preview",
    "said": "formatted or described", "told": "requested or reported", "let_go": "preempt, interrupt or release",
    "take": "receive, pop or claim", "takes": "accepts", "taken": "claimed or used",
}  # fmt: skip
#: Names with one of these words that are kept: they are the field's, a format's or an interface of others.
KEPT = {
    "take", # numpy.take and what is named after it
    "takes_files", # declared at routes: they accept files
    "told", # field of the stored format of tapes
}  # fmt: skip
#: Words of a docstring that hide who acts or assume a gender.
PRONOUNS = re.compile(r"\b(whoever|she|her|hers|herself|himself)\b", re.IGNORECASE)
LONGEST_TEST_NAME = 70


Definition = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


@functools.cache
def parsed(path: Path) -> tuple[ast.Module, list[Definition]]:
    """Return a module, and all classes and functions that it defines, at any depth."""
    tree = ast.parse(path.read_text())
    return tree, list(definitions(tree.body))


def definitions(statements: Sequence[ast.stmt]) -> Iterator[Definition]:
    """Yield the definitions among statements and below them; expressions, which are most of a tree, hold none."""
    for statement in statements:
        if isinstance(statement, Definition):
            yield statement
        for block in ("body", "orelse", "finalbody"):
            yield from definitions(getattr(statement, block, ()))
        for branch in (*getattr(statement, "handlers", ()), *getattr(statement, "cases", ())):
            yield from definitions(branch.body)


def modules(*folders: str) -> Iterator[tuple[Path, ast.Module, list[Definition]]]:
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield path.relative_to(ROOT), *parsed(path)


def words(name: str) -> list[str]:
    return [part.lower() for part in re.findall(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])", name)]


def misnomers(name: str) -> list[str]:
    """Return the unsearchable words in a name, each with the term to use instead."""
    if name in KEPT:
        return []
    joined = f"_{'_'.join(words(name))}_".replace("_look_up_", "_")
    return [f"{name}: {word} -> {term}" for word, term in INSTEAD.items() if f"_{word}_" in joined]


@pytest.mark.parametrize("name", ["Door", "let_go", "_look_again", "SaidWish"])
def test_an_unsearchable_name_is_noticed(name: str) -> None:
    assert misnomers(name)


def test_modules_classes_and_functions_are_named_by_searchable_terms() -> None:
    found = []
    for path, _, defined in modules(*PACKAGES):
        found += [f"{path}: {one}" for one in misnomers(path.stem)]
        for node in defined:
            found += [f"{path}:{node.lineno}: {one}" for one in misnomers(node.name)]
    assert found == []


def test_docstrings_name_people_by_role_or_as_they() -> None:
    found = []
    for path, tree, defined in modules(*PACKAGES):
        for node in (tree, *defined):
            text = ast.get_docstring(node) or ""
            found += [f"{path}: {match.group()} in {text[:60]!r}" for match in PRONOUNS.finditer(text)]
    assert found == []


def test_every_module_says_what_it_does() -> None:
    assert [
        str(path) for path, tree, _ in modules(*PACKAGES) if path.name != "__init__.py" and not ast.get_docstring(tree)
    ] == []


def test_names_of_tests_are_short_enough_to_read_in_a_list() -> None:
    names = [
        f"{path}: {node.name}"
        for path, _, defined in modules("tests")
        for node in defined
        if node.name.startswith("test_") and len(node.name) > LONGEST_TEST_NAME
    ]
    assert names == []
