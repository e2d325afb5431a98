"""A real API with a real worker process, shared by the tests that need one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from backend.db.migrate import upgrade
from backend.db.store import Store, make_engine
from backend.main import create_api
from backend.settings import Settings


@pytest.fixture(scope="session")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """The API in this process, its worker in another."""
    settings = Settings(data_dir=tmp_path_factory.mktemp("data"), workers=1)
    with TestClient(create_api(settings), raise_server_exceptions=False) as started:
        yield started


@pytest.fixture
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """An empty database of this version's schema."""
    opened = Store(make_engine(f"sqlite:///{tmp_path_factory.mktemp('database') / 'synrl.db'}"))
    upgrade(opened.engine)
    yield opened
    opened.close()
