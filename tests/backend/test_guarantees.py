"""Guarantees that `Store` and `Jobs` state: each is cited by a test that would fail without it."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

from backend.db.store import Store
from backend.training.runtime import Jobs

CITED = re.compile(r'^@pytest\.mark\.guarantee\("(\w+: [\w-]+)"\)$', re.MULTILINE)


def stated(owner: type) -> set[str]:
    """The names in the section Guarantees of a class's docstring."""
    text = inspect.getdoc(owner) or ""
    section = text.split("Guarantees\n----------\n")[1].split("\n\nParameters")[0]
    return {f"{owner.__name__}: {line}" for line in section.splitlines() if line and not line.startswith(" ")}


@pytest.mark.parametrize("owner", [Store, Jobs])
def test_every_guarantee_is_cited_by_a_test_and_no_other_is(owner: type) -> None:
    names = stated(owner)
    assert len(names) >= 5
    files = Path(__file__).parent.rglob("test_*.py")
    cited = {name for path in files for name in CITED.findall(path.read_text())}
    assert {name for name in cited if name.startswith(f"{owner.__name__}: ")} == names
