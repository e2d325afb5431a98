"""A whole server on PostgreSQL, its backup and the way back."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text

from backend.cli.main import main
from backend.db.store import Store, make_engine
from backend.db.tables import Snapshot
from backend.runs import queries as repository
from backend.wire.artifacts import Artifacts
from tests.backend.db.test_store import new_run
from tests.postgres import Postgres
from tests.server import running, wait_for
from tests.slowness import patience


def synrl(url: str, data: Path, *arguments: str | Path) -> Result:
    environment = {"SYNRL_DATA_DIR": str(data), "SYNRL_DATABASE_URL": url}
    return CliRunner().invoke(main, ["db", *map(str, arguments)], env=environment)


@pytest.mark.timeout(400)
def test_a_server_on_postgresql_trains_lists_and_survives_a_kill(postgres: Postgres, tmp_path: Path) -> None:
    url = postgres.new_database()
    config = {"dataset": "digits", "hidden_layers": [8], "iterations": 3000, "evaluate_every": 10}
    with running(tmp_path, SYNRL_WORKERS="1", SYNRL_DATABASE_URL=url) as server:
        run = server.post("/api/v1/runs", {"config": config, "tags": ["pg"]})
        wait_for(lambda: server.get(f"/api/v1/runs/{run['id']}"), lambda seen: seen["iteration"] > 100, 150)
        server.kill()
        server.start()
        ended = wait_for(
            lambda: server.get(f"/api/v1/runs/{run['id']}"), lambda seen: seen["status"] == "succeeded", 150
        )
        assert ended["iteration"] == 3000
        metrics = server.get(f"/api/v1/runs/{run['id']}/metrics")
        assert metrics["iteration"] == list(range(0, 3001, 10))
        listed = server.get("/api/v1/runs?tag=pg&dataset=digits&sort=-best_validation_accuracy&search=digits")
        assert [one["id"] for one in listed["items"]] == [run["id"]]
        assert not (tmp_path / "synrl.db").exists()

        long = server.post("/api/v1/runs", {"config": config | {"iterations": 10_000_000}})
        path = f"/api/v1/runs/{long['id']}"
        wait_for(lambda: server.get(path), lambda seen: seen["iteration"] > 100)
        with read_only(postgres):
            refused = httpx2.post(f"{server.url}/api/v1/runs", json={"config": config}, timeout=patience(20))
            assert refused.status_code == 503, refused.text
            assert "read-only transaction. Nothing was changed" in refused.json()["detail"]
            assert server.get(path)["status"] == "running", "what only reads is answered"
        server.post(f"{path}/stop")
        stopped = wait_for(lambda: server.get(path), lambda seen: seen["status"] == "stopped")
        metrics = server.get(f"{path}/metrics?max_points=100000")
        assert metrics["iteration"] == list(range(0, stopped["iteration"] + 1, 10)), "nothing that was measured is lost"


@contextmanager
def read_only(postgres: Postgres) -> Iterator[None]:
    """Have PostgreSQL take nothing, as a standby does, for the length of a block."""
    try:
        _reloaded(postgres, "SET default_transaction_read_only = on", "on")
        yield
    finally:
        _reloaded(postgres, "RESET default_transaction_read_only", "off")


def _reloaded(postgres: Postgres, change: str, value: str) -> None:
    """Change the setting and wait until PostgreSQL has read it, which it does in its own time."""
    postgres.admin(f"ALTER SYSTEM {change}")
    postgres.admin("SELECT pg_reload_conf()")
    wait_for(lambda: postgres.setting("default_transaction_read_only"), lambda now: now == value)


@pytest.fixture
def filled(postgres: Postgres, tmp_path: Path) -> tuple[str, Path]:
    url, data = postgres.new_database("migrated"), tmp_path / "data"
    store = Store(make_engine(url))
    with store.write() as session:
        repository.add(session, new_run())
        session.add(Snapshot(run_id="r1", iteration=5, path="runs/r1/snapshots/5.npz"))
    store.close()
    Artifacts((data / "artifacts").as_uri()).write("runs/r1/snapshots/5.npz", b"weights")
    return url, data


def test_postgresql_is_backed_up_and_restored_all_or_nothing(
    postgres: Postgres, filled: tuple[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", f"{postgres.binaries}{os.pathsep}{os.environ['PATH']}")
    url, data = filled
    made = synrl(url, data, "backup", tmp_path / "backup")
    assert made.exit_code == 0, made.output
    assert synrl(url, data, "restore", tmp_path / "backup").exit_code == 1
    engine = make_engine(url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE runs SET name = 'later'"))
    refused = synrl(url, data, "restore", tmp_path / "backup", "--force")
    assert "Other connections" in refused.output
    engine.dispose()
    restored = synrl(url, data, "restore", tmp_path / "backup", "--force")
    assert restored.exit_code == 0, restored.output
    fresh = postgres.new_database()
    assert synrl(fresh, tmp_path / "new", "restore", tmp_path / "backup").exit_code == 0
    for where, folder in ((url, data), (fresh, tmp_path / "new")):
        checked = synrl(where, folder, "check")
        assert checked.exit_code == 0, checked.output
        store = Store(make_engine(where))
        with store.read() as session:
            run = repository.find(session, "r1")
            assert run is not None
            assert run.name == "a"
        store.close()


def test_a_machine_without_pg_dump_gets_the_name_of_the_package(
    filled: tuple[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    refused = synrl(*filled, "backup", tmp_path / "backup")
    assert refused.exit_code == 1
    assert "pg_dump is not on this machine's PATH" in refused.output
    assert not (tmp_path / "backup").exists()
    assert not (tmp_path / "backup.part").exists()
