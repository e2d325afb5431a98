"""Fixtures that all tests share."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server import Server, running

# Before anything imports scipy: scikit-learn's checks of array namespaces need it.
os.environ.setdefault("SCIPY_ARRAY_API", "1")
# What Starlette's test client calls the server it talks to.
os.environ["SYNRL_ALLOWED_HOSTS"] = "testserver"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A server with an empty data folder."""
    with running(tmp_path / "data") as started:
        yield started


@pytest.fixture(scope="session", autouse=True)
def no_process_is_left() -> Iterator[None]:
    """Fail rather than hang: this process would wait at its end for workers that no server of a test has ended."""
    yield
    for process in multiprocessing.active_children():
        process.join(10)
    left = multiprocessing.active_children()
    for process in left:
        process.kill()
    assert not left
