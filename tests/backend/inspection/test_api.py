"""Inspection of a run through the API: weights, policy, synapses, mistakes."""

from __future__ import annotations

import base64
import io
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient
from PIL import Image

from synrl_core import datasets
from tests.backend.api.test_runs import create, finished


@pytest.fixture(scope="module")
def adaptive(client: TestClient) -> dict[str, Any]:
    """A finished run of three replicates that learned its table."""
    return finished(client, create(client, adaptive=True, replicates=3, hidden_layers=[5]))


@pytest.fixture(scope="module")
def gradient(client: TestClient) -> dict[str, Any]:
    return finished(client, create(client, method="gradient"))


def test_the_table_of_a_snapshot_counts_every_action_of_every_synapse(
    client: TestClient, adaptive: dict[str, Any]
) -> None:
    synapses = 65 * 5 + 6 * 10
    for iteration in (0, 100, 300):
        policy = client.get(f"/api/v1/runs/{adaptive['id']}/policy", params={"iteration": iteration}).json()
        assert policy["history"] == 2
        assert len(policy["table"]) == len(policy["visits"]) == 243
        assert sum(policy["visits"]) == iteration * synapses
    tables = [
        client.get(f"/api/v1/runs/{adaptive['id']}/policy", params={"replicate": r}).json()["table"] for r in range(3)
    ]
    assert tables[0] != tables[1] != tables[2], "each replicate learns its own"


def test_a_stored_synapse_has_weight_history_and_row_of_the_table(client: TestClient, adaptive: dict[str, Any]) -> None:
    run = adaptive["id"]
    seen = client.get(f"/api/v1/runs/{run}/synapses/0/12/3", params={"iteration": 200, "replicate": 2}).json()
    policy = client.get(f"/api/v1/runs/{run}/policy", params={"iteration": 200, "replicate": 2}).json()
    stored = client.get(f"/api/v1/runs/{run}/snapshots/200", params={"format": "npz"})
    with np.load(io.BytesIO(stored.content)) as arrays:
        assert seen["weight"] == pytest.approx(float(arrays["weights_0"][2, 12, 3]))
    acted, rewarded = seen["state"]
    table = np.array(policy["table"]).reshape(3, 9, 9)
    assert seen["values"] == pytest.approx(table[:, acted, rewarded].tolist())
    assert rewarded == policy["rewards"]
    assert seen["visits"] == np.array(policy["visits"]).reshape(3, 9, 9)[:, acted, rewarded].tolist()
    assert 3 * (seen["actions"][0] + 1) + seen["actions"][1] + 1 == acted
    assert sum(seen["probabilities"]) == pytest.approx(1)
    assert seen["live"] is False
    assert seen["iteration"] == 200
    assert seen["first_weight"] is not None


def test_a_bias_has_no_input_and_moves_twice_as_far(client: TestClient, adaptive: dict[str, Any]) -> None:
    bias = client.get(f"/api/v1/runs/{adaptive['id']}/synapses/0/0/0").json()
    weight = client.get(f"/api/v1/runs/{adaptive['id']}/synapses/0/1/0").json()
    assert bias["first_weight"] == 0
    assert bias["next_step"] == pytest.approx(2 * weight["next_step"])


@pytest.mark.parametrize("place", ["7/1/1", "0/99/0", "0/1/5", "1/0/10"])
def test_a_synapse_that_does_not_exist_is_refused_with_what_there_is(
    client: TestClient, adaptive: dict[str, Any], place: str
) -> None:
    answer = client.get(f"/api/v1/runs/{adaptive['id']}/synapses/{place}")
    assert answer.status_code == 404
    assert "There is no" in answer.json()["detail"]
    assert client.get(f"/api/v1/runs/{adaptive['id']}/synapses/0/1/1?replicate=3").status_code == 404


def test_gradient_descent_has_weights_but_no_policy(client: TestClient, gradient: dict[str, Any]) -> None:
    assert client.get(f"/api/v1/runs/{gradient['id']}/policy").status_code == 404
    seen = client.get(f"/api/v1/runs/{gradient['id']}/synapses/0/21/1").json()
    assert seen["weight"] != seen["first_weight"]
    assert seen["actions"] == seen["values"] == []
    assert seen["next_action"] is None


def test_each_replicate_has_weights_of_its_own_on_one_scale(client: TestClient, adaptive: dict[str, Any]) -> None:
    seen = [
        client.get(f"/api/v1/runs/{adaptive['id']}/snapshots/300", params={"replicate": r}).json() for r in range(3)
    ]
    assert len({one["layers"][0]["data"] for one in seen}) == 3
    assert len({one["layers"][0]["scale"] for one in seen}) == 1
    assert client.get(f"/api/v1/runs/{adaptive['id']}/snapshots/300?replicate=3").status_code == 404


# -- mistakes


def test_the_confusion_matrix_agrees_with_the_validation_curve(client: TestClient, adaptive: dict[str, Any]) -> None:
    run = adaptive["id"]
    curve = client.get(f"/api/v1/runs/{run}/metrics", params={"replicates": "all"}).json()
    for iteration, replicate in ((0, 0), (300, 2)):
        where = {"iteration": iteration, "replicate": replicate}
        seen = client.get(f"/api/v1/runs/{run}/confusion", params=where).json()
        counts = np.array(seen["counts"])
        assert counts.sum() == seen["samples"] == 450
        assert np.trace(counts) == seen["right"]
        place = curve["iteration"].index(iteration)
        accuracy = curve["replicates"]["validation_accuracy"][replicate][place]
        assert seen["right"] / seen["samples"] == pytest.approx(accuracy, abs=1e-5)
        assert seen["class_names"] == [str(digit) for digit in range(10)]
        assert counts.sum(axis=1).tolist() == seen["class_samples"]


def test_mistakes_come_with_pictures_worst_first_at_any_snapshot(client: TestClient, adaptive: dict[str, Any]) -> None:
    digits = datasets.load("digits")
    seen = client.get(f"/api/v1/runs/{adaptive['id']}/mistakes", params={"iteration": 100}).json()
    assert seen["iteration"] == 100
    assert 0 < len(seen["mistakes"]) <= seen["samples"] - seen["right"]
    unlikely = [one["certainty_of_truth"] for one in seen["mistakes"]]
    assert unlikely == sorted(unlikely)
    for one in seen["mistakes"][:3]:
        assert one["label"] != one["named"]
        assert digits.labels[one["sample"]] == one["label"]
        picture = np.asarray(Image.open(io.BytesIO(base64.b64decode(one["picture"].split(",")[1]))))
        assert picture == pytest.approx(digits.features[one["sample"]].reshape(8, 8) * 255, abs=1)
    last = client.get(f"/api/v1/runs/{adaptive['id']}/mistakes").json()
    assert last["iteration"] == 300


def test_mistakes_of_tables_come_with_their_values(client: TestClient) -> None:
    run = finished(client, create(client, dataset="wine", iterations=100, snapshot_every=100))
    seen = client.get(f"/api/v1/runs/{run['id']}/mistakes?iteration=0").json()
    assert len(seen["feature_names"]) == 13
    assert all(one["picture"] is None and len(one["values"]) == 13 for one in seen["mistakes"])
    assert seen["mistakes"]


def test_what_can_not_be_judged_is_refused_with_the_reason(client: TestClient, adaptive: dict[str, Any]) -> None:
    where = f"/api/v1/runs/{adaptive['id']}/confusion"
    assert client.get(where, params={"iteration": 7}).status_code == 404
    answer = client.get(where, params={"replicate": 3})
    assert answer.status_code == 404
    assert "no replicate 3" in answer.json()["detail"]
    assert client.get("/api/v1/runs/nobody/confusion").status_code == 404


def test_the_server_never_loads_scikit_learn() -> None:
    """It takes a second and 100 MB: data are loaded in the workers and in the process that looks at mistakes."""
    told = subprocess.run(
        [sys.executable, "-c", "import sys, dashboard.serve; print('sklearn' in sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.strip() == "False"


# -- the baseline


def test_a_baseline_is_started_once_and_found_afterwards(client: TestClient) -> None:
    run = finished(client, create(client, hidden_layers=[7], replicates=2, seed=5))
    where = f"/api/v1/runs/{run['id']}/baseline"
    assert client.get(where).json() == {"run": None, "possible": True, "reason": None}
    made = client.post(where).json()["run"]
    assert made["config"]["method"] == "gradient"
    assert made["config"]["hidden_layers"] == [7]
    assert made["config"]["replicates"] == 2
    assert client.post(where).json()["run"]["id"] == made["id"], "asked twice, started once"
    other = create(client, hidden_layers=[7], seed=6)
    assert client.get(f"/api/v1/runs/{other['id']}/baseline").json()["run"]["id"] == made["id"]
    different = create(client, hidden_layers=[7], dataset="iris")
    assert client.get(f"/api/v1/runs/{different['id']}/baseline").json()["run"] is None
    for one in (made, other, different):
        finished(client, one)


def test_where_there_is_no_gradient_there_is_no_baseline(client: TestClient, gradient: dict[str, Any]) -> None:
    run = create(client, activation="step")
    answer = client.get(f"/api/v1/runs/{run['id']}/baseline").json()
    assert answer["possible"] is False
    assert "derivative is 0" in answer["reason"]
    assert client.post(f"/api/v1/runs/{run['id']}/baseline").status_code == 409
    assert client.get(f"/api/v1/runs/{gradient['id']}/baseline").json()["possible"] is False
    finished(client, run)
