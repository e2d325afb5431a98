from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient

from synrl_core import datasets
from tests.server import wait_for

SHORT = {"dataset": "digits", "iterations": 300, "evaluate_every": 50, "snapshot_every": 100}


def create(client: TestClient, **settings: Any) -> dict[str, Any]:
    answer = client.post("/api/v1/runs", json={"config": SHORT | settings})
    assert answer.status_code == 201, answer.text
    run: dict[str, Any] = answer.json()
    return run


def finished(client: TestClient, run: dict[str, Any]) -> dict[str, Any]:
    return wait_for(
        lambda: client.get(f"/api/v1/runs/{run['id']}").json(),
        lambda seen: seen["status"] in ("succeeded", "stopped", "failed"),
    )


@pytest.fixture(scope="module")
def done(client: TestClient) -> dict[str, Any]:
    """A run that has succeeded."""
    return finished(client, create(client))


def test_a_run_is_created_trained_and_kept_with_what_was_measured(client: TestClient, done: dict[str, Any]) -> None:
    assert done["status"] == "succeeded"
    assert done["iteration"] == done["iterations"] == 300
    assert done["best_validation_accuracy"] >= done["validation_accuracy"] > 0
    assert done["best_iteration"] % 50 == 0
    assert done["forward_passes"] >= 300
    assert done["error"] is None
    assert done["created_at"] <= done["started_at"] <= done["finished_at"]
    assert done["provenance"]["numpy"] == np.__version__
    assert len(done["dataset_hash"]) == 64


def test_creation_answers_with_the_place_of_the_run(client: TestClient) -> None:
    answer = client.post("/api/v1/runs", json={"config": SHORT, "name": "  my run "})
    assert answer.headers["Location"] == f"/api/v1/runs/{answer.json()['id']}"
    assert answer.json()["name"] == "my run"
    finished(client, answer.json())


def test_curves_hold_every_evaluation_once(client: TestClient, done: dict[str, Any]) -> None:
    metrics = client.get(f"/api/v1/runs/{done['id']}/metrics").json()
    assert metrics["iteration"] == [0, 50, 100, 150, 200, 250, 300]
    assert {len(column) for column in metrics["values"].values()} == {7}
    assert metrics["deviation"] is None
    assert metrics["seconds"] == sorted(metrics["seconds"])
    assert metrics["values"]["validation_accuracy"][-1] == pytest.approx(done["validation_accuracy"], rel=1e-4)


def test_every_action_of_every_synapse_is_counted(client: TestClient, done: dict[str, Any]) -> None:
    actions = client.get(f"/api/v1/runs/{done['id']}/actions").json()
    [units] = done["config"]["hidden_layers"]
    synapses = [65 * units, (units + 1) * 10]
    for layer, count in zip(actions["layers"], synapses, strict=True):
        assert sum(map(sum, (layer["down"], layer["stay"], layer["up"]))) == 300 * count


def test_replicates_come_as_mean_deviation_and_each(client: TestClient) -> None:
    run = finished(client, create(client, replicates=3))
    metrics = client.get(f"/api/v1/runs/{run['id']}/metrics?replicates=all").json()
    each = np.array(metrics["replicates"]["validation_accuracy"])
    assert each.shape == (3, 7)
    np.testing.assert_allclose(metrics["values"]["validation_accuracy"], each.mean(axis=0), rtol=1e-4)
    np.testing.assert_allclose(metrics["deviation"]["validation_accuracy"], each.std(axis=0, ddof=1), rtol=1e-3)


def test_stored_weights_are_given_coarse_and_exact(client: TestClient, done: dict[str, Any]) -> None:
    snapshots = client.get(f"/api/v1/runs/{done['id']}/snapshots").json()
    assert [snapshot["iteration"] for snapshot in snapshots] == [0, 100, 200, 300]
    coarse = client.get(f"/api/v1/runs/{done['id']}/snapshots/300").json()
    exact_bytes = client.get(f"/api/v1/runs/{done['id']}/snapshots/300?format=npz").content
    with np.load(io.BytesIO(exact_bytes), allow_pickle=False) as exact:
        for number, layer in enumerate(coarse["layers"]):
            weights = exact[f"weights_{number}"][0]
            assert weights.shape == (layer["rows"], layer["columns"])
            assert layer["scale"] == pytest.approx(np.abs(weights).max())
    assert client.get(f"/api/v1/runs/{done['id']}/snapshots/7").status_code == 404


def test_runs_are_listed_newest_first_by_page_and_status(client: TestClient, done: dict[str, Any]) -> None:
    newer = finished(client, create(client))
    listed = client.get("/api/v1/runs?limit=1").json()
    assert [run["id"] for run in listed["items"]] == [newer["id"]]
    assert listed["total"] >= 2
    assert newer["id"] not in [run["id"] for run in client.get("/api/v1/runs?status=failed").json()["items"]]
    assert newer["id"] in [run["id"] for run in client.get("/api/v1/runs?status=succeeded").json()["items"]]


def test_a_run_is_renamed(client: TestClient, done: dict[str, Any]) -> None:
    assert client.patch(f"/api/v1/runs/{done['id']}", json={"name": "Ada's"}).json()["name"] == "Ada's"
    assert client.get(f"/api/v1/runs/{done['id']}").json()["name"] == "Ada's"


def test_a_running_run_stops_within_half_a_second_and_stays_stopped(client: TestClient) -> None:
    run = create(client, iterations=10_000_000)
    path = f"/api/v1/runs/{run['id']}"
    wait_for(lambda: client.get(path).json(), lambda seen: seen["iteration"] > 0)
    assert client.delete(path).status_code == 409
    assert client.post(f"{path}/stop").status_code == 200
    stopped = wait_for(lambda: client.get(path).json(), lambda seen: seen["status"] != "running")
    assert stopped["status"] == "stopped"
    assert 0 < stopped["iteration"] < 10_000_000
    assert client.post(f"{path}/stop").json()["status"] == "stopped"


def test_a_queued_run_stops_before_it_begins(client: TestClient) -> None:
    blocking = create(client, iterations=10_000_000)
    queued = create(client)
    assert client.post(f"/api/v1/runs/{queued['id']}/stop").json()["status"] == "stopped"
    client.post(f"/api/v1/runs/{blocking['id']}/stop")
    assert finished(client, blocking)["status"] == "stopped"
    assert client.get(f"/api/v1/runs/{queued['id']}").json()["iteration"] == 0


def test_what_has_ended_by_itself_can_not_be_stopped(client: TestClient, done: dict[str, Any]) -> None:
    answer = client.post(f"/api/v1/runs/{done['id']}/stop")
    assert answer.status_code == 409
    assert "already succeeded" in answer.json()["detail"]


def test_a_deleted_run_is_gone_with_its_weights(client: TestClient) -> None:
    run = finished(client, create(client))
    artifacts = client.app.state.jobs.artifacts  # type: ignore[attr-defined]
    folder = f"{artifacts._root}/runs/{run['id']}"
    assert artifacts._files.exists(folder)
    assert client.delete(f"/api/v1/runs/{run['id']}?purge=true").status_code == 204
    assert client.get(f"/api/v1/runs/{run['id']}").status_code == 404
    assert client.get(f"/api/v1/runs/{run['id']}/metrics").status_code == 404
    wait_for(lambda: artifacts._files.exists(folder), lambda there: not there)


def test_presets_are_offered_and_each_can_be_started(client: TestClient) -> None:
    presets = client.get("/api/v1/presets").json()
    assert presets[0]["title"] == "Digits"
    assert len({preset["id"] for preset in presets}) == len(presets)
    for preset in presets:
        quick = preset["config"] | {"iterations": 20, "evaluate_every": 10}
        run = client.post("/api/v1/runs", json={"config": quick}).json()
        assert finished(client, run)["status"] == "succeeded"


def test_a_run_has_the_name_and_the_shape_of_its_data(client: TestClient) -> None:
    for name in datasets.names():
        answer = client.post("/api/v1/runs", json={"config": {"dataset": name, "iterations": 1}})
        run = finished(client, answer.json())
        assert (run["dataset_name"], tuple(run["sample_shape"])) == (name, datasets.load(name).sample_shape)


def test_more_concurrent_writers_than_threads_all_succeed(client: TestClient) -> None:
    with ThreadPoolExecutor(60) as crowd:  # Starlette has 40 threads for them
        made = list(crowd.map(lambda _: client.post("/api/v1/runs", json={"config": {"iterations": 1}}), range(60)))
    assert {answer.status_code for answer in made} == {201}
    for answer in made:
        client.post(f"/api/v1/runs/{answer.json()['id']}/stop")
        client.delete(f"/api/v1/runs/{answer.json()['id']}", params={"purge": True})
