"""What a server removes by itself: trash that lay long enough, and files that a cut-off deletion left."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from backend.api.main import create_api
from backend.kit.settings import Settings
from backend.wire.artifacts import snapshot_path
from tests.server import wait_for


def status(client: TestClient, run: str) -> str:
    told: str = client.get(f"/api/v1/runs/{run}").json()["status"]
    return told


@dataclass
class Restarted:
    """A server after a restart, and what its first start had left."""

    client: TestClient
    thrown_away: str
    kept: str
    files: dict[str, list[Path]]
    """Files of each run before the restart."""
    left_over: list[Path] = field(default_factory=list)
    """Files that nothing names."""


@pytest.fixture(scope="module")
def restarted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Restarted]:
    folder = tmp_path_factory.mktemp("data")
    artifacts = folder / "artifacts"
    with TestClient(create_api(Settings(data_dir=folder, workers=1))) as client:
        runs = [client.post("/api/v1/runs", json={"config": {"iterations": 50}}).json()["id"] for _ in range(2)]
        for run in runs:
            wait_for(partial(status, client, run), lambda now: now == "succeeded")
        thrown_away, kept = runs
        assert client.delete(f"/api/v1/runs/{thrown_away}").status_code == 204
        assert client.get(f"/api/v1/runs/{thrown_away}").status_code == 404
    files = {
        run: [path for path in (artifacts / "runs").rglob("*") if path.is_file() and run in str(path)] for run in runs
    }
    assert all(files.values())
    left_over = [
        artifacts / snapshot_path("0123456789ab", 1, 0),  # of a run whose row is gone
        artifacts / snapshot_path(kept, 0, 77),  # of an attempt whose end was not recorded
    ]
    for path in left_over:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    with TestClient(create_api(Settings(data_dir=folder, workers=1, trash_minutes=0))) as client:
        yield Restarted(client, thrown_away, kept, files, left_over)


def test_a_server_empties_its_trash_of_what_lay_there_for_long_enough(restarted: Restarted) -> None:
    client, thrown_away, kept = restarted.client, restarted.thrown_away, restarted.kept
    wait_for(lambda: [path for path in restarted.files[thrown_away] if path.exists()], lambda there: not there)
    assert client.post(f"/api/v1/runs/{thrown_away}/restore").status_code == 404
    assert client.get(f"/api/v1/runs/{kept}").status_code == 200
    assert all(path.exists() for path in restarted.files[kept])


def test_what_a_cut_off_deletion_left_is_swept_at_the_next_start(restarted: Restarted) -> None:
    wait_for(lambda: [path for path in restarted.left_over if path.exists()], lambda there: not there)
    assert all(path.exists() for path in restarted.files[restarted.kept])
