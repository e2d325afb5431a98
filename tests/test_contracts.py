"""Contracts of imports (import-linter, in pyproject.toml): an arrow upward turns them red."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.slowness import patience

ROOT = Path(__file__).parent.parent
PACKAGES = ("synrl_core", "backend", "dashboard", "migrations")

#: A module that must not be there, and the import in it.
PLANTED = {
    "shared ground that uses a feature": ("backend/kit/planted.py", "import backend.runs.service"),
    "a feature that uses the routes": ("backend/runs/planted.py", "import backend.api.main"),
    "the backend that uses the pages": ("backend/live/planted.py", "import dashboard.theme"),
    "a page that uses the database": ("dashboard/pages/planted.py", "import backend.db.store"),
    "a view of the comparison that uses the routes": ("dashboard/comparison/planted.py", "import backend.api.main"),
    "a worker that uses the service": ("backend/worker/planted.py", "import sqlalchemy"),
    "the science that uses the backend": ("synrl_core/learning/planted.py", "import backend.kit.settings"),
    "networks that use trainers": ("synrl_core/networks/planted.py", "import synrl_core.learning.factory"),
}


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the packages, to plant imports in."""
    folder = tmp_path_factory.mktemp("contracts")
    shutil.copy(ROOT / "pyproject.toml", folder)
    for package in PACKAGES:
        for file in (ROOT / package).rglob("*.py"):
            target = folder / file.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, target)
    return folder


def checked(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
    environment = os.environ | {"PYTHONPATH": str(folder)}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=patience(120), check=False
    )


def test_the_copy_without_a_mistake_is_green(copy: Path) -> None:
    """Else the tests below would prove nothing."""
    answer = checked(copy)
    assert answer.returncode == 0, answer.stdout


def test_a_planted_arrow_upward_turns_a_contract_red(copy: Path) -> None:
    """All at once, as a check takes seconds: each is told by its own name."""
    for path, text in PLANTED.values():
        (copy / path).write_text(f'"""Planted."""\n\n{text}\n')
    answer = checked(copy)
    for path, _ in PLANTED.values():
        (copy / path).unlink()
    assert answer.returncode != 0
    told = {path for path, _ in PLANTED.values() if path.removesuffix(".py").replace("/", ".") in answer.stdout}
    assert told == {path for path, _ in PLANTED.values()}
