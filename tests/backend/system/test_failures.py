"""Real failures around runs: the server stays up, runs resume or fail with a reason."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import event

from backend.api.main import create_api
from backend.db import store
from backend.db.tables import Run
from backend.kit.settings import Settings
from backend.training import dispatcher
from backend.training.local import LocalExecutor
from tests.backend.system.test_control import create, curve, do, final_bytes, jobs, look, training, until, until_status
from tests.server import ROOT, wait_for
from tests.slowness import patience

#: About two seconds of training.
CONFIG = {"dataset": "digits", "hidden_layers": [8], "iterations": 12_000, "evaluate_every": 600, "snapshot_every": 500}


@pytest.fixture(scope="module")
def quick() -> Iterator[None]:
    """Patience of a test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dispatcher, "WATCH_INTERVAL", 0.5)
        patch.setattr(dispatcher, "MOST_BEHIND", 1.0)
        patch.setattr(store, "BUSY_TIMEOUT_MS", 300)
        yield


@contextmanager
def api(folder: Path) -> Iterator[TestClient]:
    settings = Settings(data_dir=folder, workers=1, checkpoint_seconds=0.2)
    with TestClient(create_api(settings), raise_server_exceptions=False) as client:
        yield client


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Data folder of the server that is broken."""
    return tmp_path_factory.mktemp("broken") / "data"


@pytest.fixture(scope="module")
def broken(folder: Path, quick: None) -> Iterator[TestClient]:
    """An API that is broken again and again: what a test did to it must not show in the next."""
    with api(folder) as client:
        yield client


@pytest.fixture(scope="module")
def expected(broken: TestClient) -> tuple[Any, bytes]:
    """Curve and final bytes of a run that nothing happened to."""
    run = until_status(broken, create(broken, CONFIG), "succeeded")
    return curve(broken, run), final_bytes(broken, run)


def local(client: TestClient) -> LocalExecutor:
    """The executor of a server whose workers are on this machine."""
    executor = jobs(client)._executor
    assert isinstance(executor, LocalExecutor)
    return executor


def worker_of(client: TestClient, run: dict[str, Any]) -> int:
    """Return the process that trains a run."""

    def found() -> list[int]:
        address = jobs(client)._dispatcher._training[run["id"]].worker
        nannies = list(local(client)._cluster.workers.values())
        return [nanny.pid for nanny in nannies if nanny.worker_address == address and nanny.pid]

    return wait_for(found, bool)[0]


def heard_of(client: TestClient, run: dict[str, Any], attempt: int) -> dict[str, Any]:
    def seen() -> bool:
        trained = jobs(client)._dispatcher._training.get(run["id"])
        return trained is not None and trained.claimed.job["attempt"] == attempt and trained.worker is not None

    wait_for(seen, bool)
    return look(client, run)


def test_a_run_whose_worker_dies_three_times_fails_with_the_reason(broken: TestClient) -> None:
    run = training(broken, CONFIG | {"iterations": 10_000_000})
    for attempt in (1, 2, 3):
        heard_of(broken, run, attempt)
        os.kill(worker_of(broken, run), signal.SIGKILL)
    failed = until_status(broken, run, "failed")
    assert "died 3 times" in failed["error"]
    assert "rewind it" in failed["error"]
    assert failed["finished_at"] is not None
    other = until_status(broken, create(broken, CONFIG | {"iterations": 10}), "succeeded")
    assert other["iteration"] == 10, "the server is not in order"
    assert look(broken, run)["status"] == "failed"
    assert do(broken, run, "rewind")["status"] in ("queued", "running")
    until(broken, run, lambda seen: seen["status"] == "running" and seen["iteration"] > 0)
    do(broken, run, "stop")


@pytest.mark.guarantee("Jobs: no-orphan")
def test_a_worker_that_falls_silent_is_killed_and_its_run_goes_on(
    broken: TestClient, monkeypatch: pytest.MonkeyPatch, expected: tuple[Any, bytes]
) -> None:
    monkeypatch.setattr(dispatcher, "LEASE", 4.0)
    run = training(broken, CONFIG)
    heard_of(broken, run, 1)
    os.kill(worker_of(broken, run), signal.SIGSTOP)
    done = until_status(broken, run, "succeeded", "failed")
    assert done["status"] == "succeeded", done["error"]
    assert (curve(broken, run), final_bytes(broken, run)) == expected


@pytest.mark.guarantee("Jobs: no-orphan")
def test_a_lost_scheduler_is_replaced_and_runs_go_on(broken: TestClient, expected: tuple[Any, bytes]) -> None:
    run = training(broken, CONFIG)
    assert broken.portal is not None
    broken.portal.call(local(broken)._cluster.scheduler.close)
    done = until_status(broken, run, "succeeded", "failed")
    assert done["status"] == "succeeded", done["error"]
    assert (curve(broken, run), final_bytes(broken, run)) == expected
    with broken.app.state.store.read() as session:  # type: ignore[attr-defined]
        assert session.get_one(Run, run["id"]).lost_workers == 0, "it was not the run's fault"


def test_a_locked_database_is_waited_for_and_requests_get_the_reason(
    broken: TestClient, folder: Path, expected: tuple[Any, bytes]
) -> None:
    run = training(broken, CONFIG)
    before = broken.get("/api/v1/runs").json()["total"]
    other_program = sqlite3.connect(folder / "synrl.db", isolation_level=None)
    other_program.execute("BEGIN IMMEDIATE")
    refused = broken.post("/api/v1/runs", json={"config": CONFIG})
    assert refused.status_code == 503
    assert "database is locked. Nothing was changed" in refused.json()["detail"]
    assert look(broken, run)["status"] == "running", "what only reads is answered"
    wait_for(lambda: jobs(broken)._dispatcher._behind, bool)
    other_program.execute("ROLLBACK")
    other_program.close()
    done = until_status(broken, run, "succeeded", "failed")
    assert done["status"] == "succeeded", done["error"]
    assert (curve(broken, run), final_bytes(broken, run)) == expected
    assert broken.get("/api/v1/runs").json()["total"] == before


@pytest.mark.long
def test_a_run_waits_for_a_read_only_database_and_resumes(broken: TestClient, expected: tuple[Any, bytes]) -> None:
    run = training(broken, CONFIG)
    engine = broken.app.state.store.engine  # type: ignore[attr-defined]

    @contextmanager
    def read_only() -> Iterator[None]:
        def refuse(connection: Any) -> None:
            connection.exec_driver_sql("PRAGMA query_only = ON")

        def allow(connection: Any, *_: Any) -> None:
            connection.execute("PRAGMA query_only = OFF")

        event.listen(engine, "begin", refuse)
        try:
            yield
        finally:
            event.remove(engine, "begin", refuse)
            event.listen(engine, "checkout", allow)

    with read_only():
        refused = broken.post("/api/v1/runs", json={"config": CONFIG})
        assert refused.status_code == 503
        assert "readonly" in refused.json()["detail"]
        wait_for(lambda: jobs(broken)._dispatcher._behind, bool)
        waits = wait_for(lambda: look(broken, run), lambda seen: seen["status"] != "running")
        assert waits["status"] == "paused", "nobody trains it, whatever is stored"
        assert "continues by itself" in waits["error"]
    done = until_status(broken, run, "succeeded", "failed")
    assert done["status"] == "succeeded", done["error"]
    assert (curve(broken, run), final_bytes(broken, run)) == expected


@pytest.mark.long
def test_a_vanished_artifacts_folder_is_made_again(
    broken: TestClient, folder: Path, tmp_path: Path, expected: tuple[Any, bytes]
) -> None:
    run = training(broken, CONFIG)
    # Moved, not emptied file by file: the worker writes into it meanwhile.
    (folder / "artifacts").rename(tmp_path / "gone")
    os.kill(worker_of(broken, run), signal.SIGKILL)
    done = until_status(broken, run, "succeeded", "failed")
    assert done["status"] == "succeeded", done["error"]
    assert final_bytes(broken, run) == expected[1]
    assert curve(broken, run)[:2] == expected[0][:2]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of four megabytes."""
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(folder)], capture_output=True)
    if mounted.returncode:
        pytest.skip("mounting a file system is not allowed here")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(folder: Path) -> None:
    """Leave no room on a file system; the file `ballast` takes it all."""
    with (folder / "ballast").open("wb", buffering=0) as ballast, pytest.raises(OSError, match="No space left"):
        while True:
            ballast.write(bytes(512))


def test_a_full_disk_pauses_runs_and_they_resume_once_there_is_room(
    small_disk: Path, quick: None, expected: tuple[Any, bytes]
) -> None:
    with api(small_disk) as client:
        run = training(client, CONFIG)
        fill(small_disk)
        wait_for(lambda: jobs(client)._dispatcher._training, lambda trained: not trained or trouble(client))
        assert client.get("/").status_code == 404, "the server is up"
        (small_disk / "ballast").unlink()
        done = until_status(client, run, "succeeded", "failed")
        assert done["status"] == "succeeded", done["error"]
        assert (curve(client, run), final_bytes(client, run)) == expected


def trouble(client: TestClient) -> bool:
    return jobs(client)._dispatcher._behind


@pytest.mark.long
def test_a_full_place_of_artifacts_pauses_runs_until_it_has_room(
    small_disk: Path, tmp_path: Path, quick: None, expected: tuple[Any, bytes]
) -> None:
    settings = Settings(
        data_dir=tmp_path / "data", artifacts_url=small_disk.as_uri(), workers=1, checkpoint_seconds=0.2
    )
    with TestClient(create_api(settings)) as client:
        run = training(client, CONFIG)
        fill(small_disk)
        held = until_status(client, run, "paused")
        assert "No space left on device" in held["error"]
        assert "goes on from its last checkpoint as soon as that works again" in held["error"]
        (small_disk / "ballast").unlink()
        done = until_status(client, run, "succeeded", "failed")
        assert (done["status"], done["error"]) == ("succeeded", None)
        assert (curve(client, run), final_bytes(client, run)) == expected


def test_a_second_server_on_one_database_is_refused_with_what_to_do(broken: TestClient, folder: Path) -> None:
    environment = os.environ | {"SYNRL_DATA_DIR": str(folder), "SYNRL_PORT": "0"}
    second = subprocess.run(
        [sys.executable, "-m", "backend.cli", "serve"],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=patience(60),
    )
    assert second.returncode == 1
    assert "Another SynRL server works on" in second.stderr
    assert "SYNRL_DATA_DIR" in second.stderr
    assert "Traceback" not in second.stderr
