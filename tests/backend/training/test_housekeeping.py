"""What people deleted is removed for good in time, with its files, without anybody asking."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from fastapi.testclient import TestClient

from backend.api.main import create_api
from backend.kit.settings import Settings
from tests.server import wait_for


def status(client: TestClient, run: str) -> str:
    told: str = client.get(f"/api/v1/runs/{run}").json()["status"]
    return told


def test_a_server_empties_its_trash_of_what_lay_there_for_long_enough(tmp_path: Path) -> None:
    artifacts = tmp_path / "artifacts" / "runs"
    with TestClient(create_api(Settings(data_dir=tmp_path, workers=1))) as client:
        runs = [client.post("/api/v1/runs", json={"config": {"iterations": 50}}).json()["id"] for _ in range(2)]
        for run in runs:
            wait_for(partial(status, client, run), lambda now: now == "succeeded")
        thrown_away, kept = runs
        assert client.delete(f"/api/v1/runs/{thrown_away}").status_code == 204
        assert client.get(f"/api/v1/runs/{thrown_away}").status_code == 404
    before = {run: [path for path in artifacts.rglob("*") if path.is_file() and run in str(path)] for run in runs}
    assert all(before.values())
    with TestClient(create_api(Settings(data_dir=tmp_path, workers=1, trash_minutes=0))) as client:
        wait_for(lambda: any(path.exists() for path in before[thrown_away]), lambda there: not there)
        assert client.post(f"/api/v1/runs/{thrown_away}/restore").status_code == 404
        assert client.get(f"/api/v1/runs/{kept}").status_code == 200
    assert all(path.exists() for path in before[kept])
