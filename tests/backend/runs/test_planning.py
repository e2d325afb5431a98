"""Planning: cost and problems of a configuration or a sweep before it is started."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from fastapi.testclient import TestClient

from backend.db.store import Store
from backend.db.tables import Run
from backend.kit.status import RunStatus
from backend.runs import presets
from backend.runs import service as runs
from backend.runs.planning import service as planning
from backend.runs.planning.schemas import Plan, PlanRequest
from backend.runs.schemas import RunCreate
from synrl_core.config import TrainingConfig


def plan(store: Store, config: dict[str, Any] | None = None, max_runs: int = 100, **grid: list[Any]) -> Plan:
    with store.read() as session:
        return planning.plan(session, PlanRequest(config=config or {}, grid=grid), workers=2, max_runs=max_runs)


def remember(store: Store, config: TrainingConfig, seconds: float) -> None:
    """Store a finished run that took so long."""
    with store.write() as session:
        made = runs.create(session, RunCreate(config=config))
        run = session.get(Run, made.id)
        assert run is not None
        run.status, run.iteration, run.training_seconds = RunStatus.SUCCEEDED, config.iterations, seconds
        run.finished_at = datetime.now(UTC)


def test_defaults_are_planned(store: Store) -> None:
    planned = plan(store)
    assert (planned.runs, planned.problems, planned.configs) == (1, [], None)
    [network] = planned.networks
    assert planned.estimate is not None
    assert network.sizes == [64, 32, 10]
    assert network.synapses == 65 * 32 + 33 * 10
    assert network.samples + network.validation_samples == 1797
    assert planned.estimate.forward_passes == 20_001
    assert planned.estimate.basis == "model"
    assert (network.steps, network.is_recurrent) == (1, False)


def test_a_network_that_reads_sequences_says_in_how_many_steps(store: Store) -> None:
    [memory] = plan(store, {"architecture": "recurrent", "dataset": "recall"}).networks
    assert (memory.sizes, memory.steps, memory.is_recurrent) == ([5, 32, 5], 5, True)
    assert memory.synapses == (1 + 5 + 32) * 32 + 33 * 5
    [spikes] = plan(store, {"architecture": "spiking", "steps": 12}).networks
    assert (spikes.sizes, spikes.steps, spikes.is_recurrent) == ([64, 32, 10], 12, False)


def test_problems_are_those_with_which_a_run_is_refused(client: TestClient) -> None:
    for config in (
        {"step_size": 0},
        {"step_size": "abc", "iterations": 1.5},
        {"stepsize": 1},
        {"dataset": "nothing"},
        {"dataset": "spirals", "dataset_parameters": {"noise": 99}},
        {"loss": "logistic"},
        {"policy": "unheard_of"},
        {"hidden_layers": [4096, 0]},
    ):
        planned = client.post("/api/v1/plans", json={"config": config}).json()
        refused = client.post("/api/v1/runs", json={"config": config})
        assert refused.status_code == 422
        told = {(one["field"].removeprefix("config."), one["message"]) for one in refused.json()["errors"]}
        assert {(one["field"], one["message"]) for one in planned["problems"]} == told
        assert planned["estimate"] is None


def test_a_contradiction_is_put_beside_the_setting_to_change(store: Store) -> None:
    (problem,) = plan(store, {"method": "gradient", "activation": "step"}).problems
    assert problem.field == "activation"
    assert "gradient descent" in problem.message


def test_a_sweep_counts_each_combination_and_names_the_wrong_value(store: Store) -> None:
    assert plan(store, step_size=[0.1, 0.2], seed=[0, 1, 2]).runs == 6
    problems = plan(store, step_size=[0.1, 0, 5], seed=[0, 1, 2]).problems
    assert [(one.field, one.value) for one in problems] == [("step_size", 0), ("step_size", 5)]


def test_runs_that_differ_in_what_has_no_meaning_for_them_are_one_run(store: Store) -> None:
    planned = plan(store, method=["synaptic", "gradient"], step_size=[0.1, 0.2, 0.3])
    assert planned.runs == 4
    assert planned.configs is not None
    assert [one.get("method") for one in planned.configs] == [None, None, None, "gradient"]


def test_a_sweep_that_is_too_large_is_refused_without_being_made(store: Store) -> None:
    planned = plan(store, max_runs=100, seed=list(range(1000)), split_seed=list(range(1000)), replicates=[1, 2])
    assert planned.runs == 2_000_000
    assert "at most 100" in planned.problems[0].message


def test_the_time_is_that_of_runs_of_the_same_size_where_there_are_any(store: Store) -> None:
    remember(store, TrainingConfig(iterations=10_000), 50.0)
    estimate = plan(store, {"iterations": 20_000, "seed": 7}).estimate
    assert estimate is not None
    assert (estimate.basis, estimate.basis_runs) == ("runs_like_this", 1)
    assert estimate.seconds == pytest.approx(100, rel=0.01)


def test_presets_say_the_time_that_the_form_says_and_learn_from_runs(store: Store) -> None:
    remember(store, TrainingConfig(iterations=10_000), 50.0)
    with store.read() as session:
        offered = presets.timed(session)
    for preset in offered:
        estimate = plan(store, preset.config.model_dump(mode="json", exclude_defaults=True)).estimate
        assert estimate is not None
        assert preset.seconds == pytest.approx(estimate.seconds)
    assert offered[0].seconds == pytest.approx(100, rel=0.01)


def test_the_time_of_other_sizes_is_the_model_corrected_by_this_server(store: Store) -> None:
    elsewhere = plan(store, {"hidden_layers": [256, 256]}).estimate
    remember(store, TrainingConfig(iterations=10_000), 50.0)
    here = plan(store, {"hidden_layers": [256, 256]}).estimate
    assert elsewhere is not None
    assert here is not None
    assert (elsewhere.basis, here.basis) == ("model", "runs_of_this_server")
    assert here.seconds > elsewhere.seconds


def test_runs_take_turns(store: Store) -> None:
    one, four = plan(store).estimate, plan(store, seed=[0, 1, 2, 3]).estimate
    assert one is not None
    assert four is not None
    assert four.total_seconds == pytest.approx(2 * one.seconds)
    assert four.forward_passes == 4 * one.forward_passes


def test_generated_data_are_shown_as_their_parameters_make_them(client: TestClient) -> None:
    path = "/api/v1/datasets/spirals/preview"
    default = client.get(path).json()
    assert client.get(path, params={"parameters": "{}"}).json() == default
    noisy = client.get(path, params={"parameters": '{"noise": 0.5, "samples": 60}'}).json()
    assert (default["samples"], noisy["samples"]) == (1000, 60)
    assert len(noisy["points"]) == 60
    assert noisy["points"] != default["points"][:60]
    assert sum(one["samples"] for one in noisy["classes"]) == 60


@pytest.mark.parametrize("parameters", ['{"noise": 99}', '{"nois": 1}', "[]", "{", '{"samples": 1e12}'])
def test_data_that_cannot_be_made_are_refused(client: TestClient, parameters: str) -> None:
    answer = client.get("/api/v1/datasets/spirals/preview", params={"parameters": parameters})
    assert answer.status_code == 422
    assert answer.json()["errors"]
