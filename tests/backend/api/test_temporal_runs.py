"""A run of a recurrent or spiking network goes the whole way: trained by a worker, looked into, packed, taken in."""

from __future__ import annotations

import base64
import io
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient

from synrl_core import datasets
from tests.backend.api.test_runs import create, finished

SETTINGS: dict[str, dict[str, Any]] = {
    "memory": {"architecture": "recurrent", "activation": "tanh", "dataset": "recall", "hidden_layers": [6]},
    "rows": {"architecture": "spiking", "encoding": "rows", "recurrent_weights": True, "hidden_layers": [7],
             "initialisation": "he_normal", "replicates": 2},
}  # fmt: skip


@pytest.fixture(scope="module", params=SETTINGS)
def run(client: TestClient, request: pytest.FixtureRequest) -> dict[str, Any]:
    return finished(client, create(client, **SETTINGS[request.param]))


def test_it_succeeds_and_its_snapshots_have_the_recurrent_weights(client: TestClient, run: dict[str, Any]) -> None:
    assert run["status"] == "succeeded"
    config = run["config"]
    shape = run["sample_shape"]
    assert shape == list(datasets.load(config["dataset"]).sample_shape)
    units, inputs = config["hidden_layers"][0], shape[-1]
    stored = client.get(f"/api/v1/runs/{run['id']}/snapshots/300", params={"format": "npz"})
    with np.load(io.BytesIO(stored.content)) as arrays:
        assert arrays["weights_0"].shape == (config["replicates"], 1 + inputs + units, units)
    seen = client.get(f"/api/v1/runs/{run['id']}/synapses/0/{inputs + units}/0").json()
    assert seen["next_step"] == pytest.approx(
        client.get(f"/api/v1/runs/{run['id']}/synapses/0/1/0").json()["next_step"]
    )


def test_its_confusion_matrix_is_that_of_its_last_evaluation(client: TestClient, run: dict[str, Any]) -> None:
    metrics = client.get(f"/api/v1/runs/{run['id']}/metrics").json()
    seen = client.get(f"/api/v1/runs/{run['id']}/confusion", params={"iteration": 300}).json()
    assert 0 < seen["right"] <= seen["samples"]
    if run["config"]["replicates"] == 1:
        accuracy = metrics["values"]["validation_accuracy"][-1]
        assert seen["right"] / seen["samples"] == pytest.approx(accuracy, rel=1e-4)


def test_its_units_are_followed_over_the_steps_of_a_sample(client: TestClient, run: dict[str, Any]) -> None:
    where = f"/api/v1/runs/{run['id']}"
    confusion = client.get(f"{where}/confusion", params={"iteration": 300}).json()
    seen = client.get(f"{where}/states", params={"iteration": 300, "place": 5}).json()
    assert (seen["place"], seen["samples"]) == (5, confusion["samples"])
    [layer] = seen["layers"]
    units = run["config"]["hidden_layers"][0]
    assert (layer["units"], layer["shown"]) == (units, units)
    assert len(base64.b64decode(layer["data"])) == seen["steps"] * units
    assert sum(seen["probabilities"]) == pytest.approx(1, abs=0.01)
    assert seen["class_names"][0] == seen["named_name"]
    if run["config"]["architecture"] == "spiking":
        spikes = np.frombuffer(base64.b64decode(layer["spikes"]), np.uint8).reshape(seen["steps"], units)
        np.testing.assert_allclose(spikes.mean(axis=0), layer["rates"], atol=1e-4)
    else:
        assert (layer["spikes"], layer["rates"]) == (None, None)
    beyond = client.get(f"{where}/states", params={"place": seen["samples"]})
    assert beyond.status_code == 409
    assert f"there are {seen['samples']}" in beyond.json()["detail"]


def test_feedforward_networks_have_no_states_over_time(client: TestClient) -> None:
    run = create(client, iterations=1)
    answer = client.get(f"/api/v1/runs/{run['id']}/states")
    assert answer.status_code == 409
    assert "feedforward" in answer.json()["detail"]


def test_its_bundle_comes_in_again(client: TestClient, run: dict[str, Any]) -> None:
    packed = client.get("/api/v1/bundles", params={"runs": run["id"]})
    assert packed.status_code == 200
    answer = client.post("/api/v1/bundles", files={"files": ("mine.zip", packed.content)})
    assert answer.status_code in (200, 201), answer.text
    [taken] = answer.json()["runs"]
    assert client.get(f"/api/v1/runs/{taken['id']}").json()["config"] == run["config"]
    assert client.get(f"/api/v1/runs/{taken['id']}/snapshots/300").status_code == 200


def test_its_baseline_is_gradient_descent_through_time(client: TestClient, run: dict[str, Any]) -> None:
    made = client.post(f"/api/v1/runs/{run['id']}/baseline").json()["run"]
    assert made["config"]["architecture"] == run["config"]["architecture"]
    assert made["config"]["method"] == "gradient"
    assert finished(client, made)["status"] == "succeeded"


def test_what_does_not_fit_is_refused_naming_the_field(client: TestClient) -> None:
    for settings, field in (
        ({"architecture": "recurrent", "encoding": "rows", "dataset": "iris"}, "config.encoding"),
        ({"architecture": "spiking", "steps": 0}, "config.steps"),
    ):
        answer = client.post("/api/v1/runs", json={"config": settings})
        assert answer.status_code == 422
        assert [error["field"] for error in answer.json()["errors"]] == [field]
