"""Health checks and metrics of a server."""

from __future__ import annotations

import json
import logging
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families

from backend.api.main import create_api
from backend.kit import logs
from backend.kit.settings import Settings
from tests.backend.api.test_runs import create, finished
from tests.server import wait_for


def sample(client: TestClient, name: str, **labels: str) -> float:
    families = text_string_to_metric_families(client.get("/metrics").text)
    found = [s.value for f in families for s in f.samples if s.name == name and labels.items() <= s.labels.items()]
    assert found, f"{name} {labels} is not among the metrics"
    return sum(found)


def test_a_process_that_answers_is_alive(client: TestClient) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}


def test_a_server_with_database_workers_and_artifacts_is_ready(client: TestClient) -> None:
    wait_for(lambda: client.get("/readyz").status_code, lambda status: status == 200)
    assert client.get("/readyz").json() == {
        "ready": True, "checks": {"database": "ok", "workers": "ok", "artifacts": "ok"},
    }  # fmt: skip


@pytest.fixture
def own(tmp_path: Path) -> Iterator[TestClient]:
    with TestClient(create_api(Settings(data_dir=tmp_path, workers=1))) as started:
        wait_for(lambda: started.get("/readyz").json()["ready"], bool)
        yield started


def test_readiness_names_what_is_missing_and_comes_back(
    own: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backend.api.health.TIMEOUT", 0.3)

    def wrong() -> dict[str, str]:
        answer = own.get("/readyz")
        checks: dict[str, str] = answer.json()["checks"]
        assert answer.status_code == (200 if set(checks.values()) == {"ok"} else 503)
        return {name: said for name, said in checks.items() if said != "ok"}

    assert wrong() == {}
    shutil.rmtree(tmp_path / "artifacts")
    (tmp_path / "artifacts").write_text("in the way")
    assert set(wrong()) == {"artifacts"}
    (tmp_path / "artifacts").unlink()
    assert wrong() == {}
    other = sqlite3.connect(tmp_path / "synrl.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert set(wrong()) == {"database"}
    other.execute("ROLLBACK")
    other.close()
    wait_for(wrong, lambda found: found == {})


def test_metrics_tell_of_queue_runs_speed_lag_errors_and_latency(client: TestClient) -> None:
    done = sample(client, "synrl_runs", status="succeeded")
    finished(client, create(client))
    assert sample(client, "synrl_runs", status="succeeded") == done + 1
    assert sample(client, "synrl_event_lag_seconds_count") > 0
    assert sample(client, "synrl_write_errors_total") >= 0
    assert sample(client, "synrl_request_seconds_count", route="/runs", method="POST", status="201") > 0
    assert sample(client, "synrl_database_up") == 1
    assert sample(client, "synrl_workers") == 1
    running_run, queued = create(client, iterations=10_000_000), create(client)
    wait_for(lambda: sample(client, "synrl_iterations_per_second"), lambda speed: speed > 0)
    assert sample(client, "synrl_runs", status="running") == 1
    assert sample(client, "synrl_queue_length", kind="interactive") == 1
    assert sample(client, "synrl_queue_length", kind="sweep") == 0
    for run in (queued, running_run):
        client.post(f"/api/v1/runs/{run['id']}/stop")
        finished(client, run)


def test_requests_of_any_address_are_counted_under_few_labels(client: TestClient) -> None:
    before = len(client.get("/metrics").text.splitlines())
    for number in range(20):
        client.get(f"/api/v1/runs/unknown{number}")
        client.get(f"/nowhere/{number}")
    assert len(client.get("/metrics").text.splitlines()) - before < 100


def test_an_error_is_logged_whole_on_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    formatter = logs.JsonFormatter()
    try:
        raise ValueError("first line\nsecond line")
    except ValueError as error:
        record = logging.LogRecord(
            "backend", logging.ERROR, __file__, 1, "it %s", ("failed",), (type(error), error, None)
        )
    line = formatter.format(record)
    assert "\n" not in line
    assert json.loads(line)["message"] == "it failed"
    assert "first line\nsecond line" in json.loads(line)["exception"]
