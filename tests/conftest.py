"""Fixtures that all tests share."""

from __future__ import annotations

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
    """A server with an empty data folder and one worker."""
    with running(tmp_path / "data", SYNRL_WORKERS="1") as started:
        yield started
