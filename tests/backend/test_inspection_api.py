"""Looks inside a run through the API."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient

from tests.backend.test_runs_api import create, finished


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


def test_a_synapse_of_a_stored_snapshot_tells_weight_history_and_row_of_the_table(
    client: TestClient, adaptive: dict[str, Any]
) -> None:
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
