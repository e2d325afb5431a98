"""A run cut anywhere and resumed in a new process ends with the bytes of the run that was never cut."""

import io
import itertools
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from synrl_core import datasets, policies
from synrl_core.config import TrainingConfig
from synrl_core.datasets import Dataset
from synrl_core.errors import CheckpointError
from synrl_core.learning import checkpoint
from synrl_core.learning.factory import make_trainer, resume_trainer
from synrl_core.measuring.events import Finished, Snapshot, Step
from synrl_core.policies.policy import Policy
from tests.examples import examples

ITERATIONS = 24

SYNAPTIC = st.fixed_dictionaries(
    {
        "adaptive": st.booleans(),
        "history": st.integers(1, 3),
        "policy": st.sampled_from(["win_stay_lose_shift", "random", "blank", "stochastic"]),
        "bias_policy": st.sampled_from([None, "win_stay_lose_shift", "random", "stochastic"]),
        "q_update": st.sampled_from(["synchronous", "sequential"]),
        "redraw_reward": st.sampled_from(["clean", "reference"]),
        "exploration": st.sampled_from([0.0, 0.3, 1.0]),
        "step_size_schedule": st.sampled_from(["constant", "linear", "cosine", "switch"]),
        "exploration_schedule": st.sampled_from(["constant", "cosine"]),
        "activation": st.sampled_from(["relu", "tanh", "sigmoid", "identity", "step", "sign"]),
    }
)
GRADIENT = st.fixed_dictionaries(
    {
        "method": st.just("gradient"),
        "optimizer": st.sampled_from(["sgd", "adam"]),
        "momentum": st.sampled_from([0.0, 0.9]),
        "activation": st.sampled_from(["relu", "tanh", "sigmoid", "identity"]),
    }
)
COMMON = st.fixed_dictionaries(
    {
        "hidden_layers": st.sampled_from([(), (3,), (4, 3)]),
        "replicates": st.integers(1, 3),
        "loss": st.sampled_from(["cross_entropy", "l_p", "logistic", "squared_error"]),
        "initialisation": st.sampled_from(["uniform", "normal", "glorot_uniform", "he_normal"]),
        "batch_size": st.sampled_from([50, 5000]),
        "batch_interval": st.integers(1, 9),
        "evaluate_every": st.integers(1, 9),
        "snapshot_every": st.integers(1, 30),
        "target_accuracy": st.sampled_from([None, 0.9]),
        "give_up_after": st.sampled_from([None, 11]),
        "seed": st.integers(0, 2**32 - 1),
    }
)


def configuration(settings: dict[str, Any]) -> TrainingConfig:
    if settings.get("adaptive") is False and settings.get("policy") == "blank":
        settings["policy"] = "random"
    greedy = {"win_stay_lose_shift"} >= {settings.get("policy"), settings.get("bias_policy")} - {None}
    if settings.get("adaptive") is False and greedy and settings["exploration"] == 0:
        settings["exploration"] = 0.1  # nobody would ever move
    return TrainingConfig(dataset="teacher", iterations=ITERATIONS, give_up_below=0.6, **settings)


def find_policy(name: str, history: int | None) -> Policy:
    """Those that ship, and a stochastic one of any history."""
    if name != "stochastic":
        return policies.get(name, history)
    q = np.random.default_rng(0).standard_normal((3,) * (2 * (history or 2) + 1))
    return Policy("stochastic", q, temperature=0.5)


@pytest.fixture(scope="module")
def points() -> Dataset:
    return datasets.load("teacher")


@settings(max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(method=st.one_of(SYNAPTIC, GRADIENT), common=COMMON, cut=st.integers(0, 3 * ITERATIONS))
def test_a_cut_run_ends_as_the_whole_one(
    points: Dataset, method: dict[str, Any], common: dict[str, Any], cut: int
) -> None:
    config = configuration(method | common)
    whole = make_trainer(config, points, find_policy=find_policy)
    events = list(whole.events())
    part = make_trainer(config, points, find_policy=find_policy)
    for _ in itertools.islice(part.events(), cut):
        pass
    resumed = resume_trainer(part.state_bytes(), points)
    assert resumed.state_bytes() == part.state_bytes()
    left = list(resumed.events())
    assert [type(event) for event in left] == [type(event) for event in events[min(cut, len(events) - 1) :]]
    assert resumed.state_bytes() == whole.state_bytes()
    assert left[-1] == events[-1]


RESUME_ALL = """
import sys
from threadpoolctl import threadpool_limits
from synrl_core import datasets
from synrl_core.policies.policy import Policy
from synrl_core.learning.factory import resume_trainer
points = datasets.load("teacher")
with threadpool_limits(1):
    while size := sys.stdin.buffer.read(8):
        trainer = resume_trainer(sys.stdin.buffer.read(int.from_bytes(size, "big")), points)
        for _ in trainer.events():
            pass
        state = trainer.state_bytes()
        sys.stdout.buffer.write(len(state).to_bytes(8, "big") + state)
"""
CUT_RUNS = st.tuples(st.one_of(SYNAPTIC, GRADIENT), COMMON, st.integers(0, 3 * ITERATIONS))


# Starting a process takes longer than these runs, so each of the new ones goes on with several.
@settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck))
@given(runs=st.lists(CUT_RUNS, min_size=8, max_size=8))
def test_a_new_process_ends_with_the_same_bytes(
    points: Dataset, runs: list[tuple[dict[str, Any], dict[str, Any], int]]
) -> None:
    sent, wanted = io.BytesIO(), io.BytesIO()
    for method, common, cut in runs:
        config = configuration(method | common)
        whole, part = (
            make_trainer(config, points, find_policy=find_policy),
            make_trainer(config, points, find_policy=find_policy),
        )
        list(whole.events())
        list(itertools.islice(part.events(), cut))
        for pipe, state in ((sent, part.state_bytes()), (wanted, whole.state_bytes())):
            pipe.write(len(state).to_bytes(8, "big") + state)
    elsewhere = subprocess.run(
        [sys.executable, "-c", RESUME_ALL], input=sent.getvalue(), capture_output=True, check=True, cwd=Path.cwd()
    )
    assert elsewhere.stdout == wanted.getvalue()


@settings(max_examples=examples(30), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(method=st.one_of(SYNAPTIC, GRADIENT), common=COMMON, steps=st.integers(0, 5))
def test_the_same_seed_gives_the_same_bytes(
    points: Dataset, method: dict[str, Any], common: dict[str, Any], steps: int
) -> None:
    config = configuration(method | common)
    first, second = (
        make_trainer(config, points, find_policy=find_policy),
        make_trainer(config, points, find_policy=find_policy),
    )
    for trainer in (first, second):
        list(itertools.islice(trainer.events(), steps))
    assert first.state_bytes() == second.state_bytes()


def test_an_extended_run_goes_on_at_the_end_of_its_schedule(points: Dataset) -> None:
    config = configuration({"step_size_schedule": "linear", "step_size_final_share": 0.5, "exploration": 1.0})
    trainer = make_trainer(config, points, find_policy=find_policy)
    list(trainer.events())
    longer = resume_trainer(trainer.state_bytes(), points, iterations=2 * ITERATIONS)
    assert longer.config.iterations == 2 * ITERATIONS
    before = longer.weights()[0]
    events = longer.events()
    step = next(event for event in events if isinstance(event, Step))
    assert step.iteration == ITERATIONS + 1
    moved = np.abs(longer.weights()[0] - before)[:, 1:]
    np.testing.assert_allclose(moved.max(), config.step_size * 0.5, rtol=1e-4)
    assert [event for event in events if isinstance(event, Finished)] == [Finished(2 * ITERATIONS, "completed")]


def test_snapshots_own_their_arrays(points: Dataset) -> None:
    trainer = make_trainer(configuration({"snapshot_every": 1, "policy": "random"}), points)
    first = next(event for event in trainer.events() if isinstance(event, Snapshot))
    kept = first.weights[0].copy()
    list(trainer.events())
    np.testing.assert_array_equal(first.weights[0], kept)
    assert not np.array_equal(trainer.weights()[0], kept)


def test_other_data_are_refused(points: Dataset) -> None:
    state = make_trainer(configuration({}), points).state_bytes()
    with pytest.raises(CheckpointError, match="other data"):
        resume_trainer(state, datasets.load("moons"))


def test_damaged_foreign_and_future_bytes_are_refused(points: Dataset) -> None:
    state = make_trainer(configuration({}), points).state_bytes()
    with pytest.raises(CheckpointError, match="no checkpoint"):
        checkpoint.unpack(state[: len(state) // 2])
    with pytest.raises(CheckpointError, match="no checkpoint"):
        checkpoint.unpack(pickle.dumps({"meta": 1}))
    buffer = io.BytesIO()
    np.savez(buffer, meta=np.array([{"version": 1}], dtype=object))
    with pytest.raises(CheckpointError, match="no checkpoint"):
        checkpoint.unpack(buffer.getvalue())
    buffer = io.BytesIO()
    np.savez(buffer, meta=np.frombuffer(b'{"version": 99}', np.uint8))
    with pytest.raises(CheckpointError, match="version 99"):
        checkpoint.unpack(buffer.getvalue())


def test_another_split_of_the_same_data_is_refused(points: Dataset) -> None:
    everything = np.arange(len(points.labels))
    parts = datasets.Split(everything[::2], everything[1::2])
    state = make_trainer(configuration({}), points, parts=parts).state_bytes()
    assert resume_trainer(state, points, parts=parts).state_bytes() == state
    with pytest.raises(CheckpointError, match="other samples for training"):
        resume_trainer(state, points)
    with pytest.raises(CheckpointError, match="other samples for training"):
        resume_trainer(state, points, parts=datasets.Split(parts.validation, parts.train))


@pytest.mark.parametrize("lost", ["iteration", "rng", "config", "weights", "tables", "states", "batch"])
def test_a_state_that_lacks_a_part_is_refused(points: Dataset, lost: str) -> None:
    meta, arrays = checkpoint.unpack(make_trainer(configuration({}), points).state_bytes())
    meta.pop("version")
    for told in (meta, arrays):
        told.pop(lost, None)
    with pytest.raises(CheckpointError, match="no whole state"):
        resume_trainer(checkpoint.pack(meta, arrays), points)


def test_a_state_of_another_shape_is_refused(points: Dataset) -> None:
    meta, arrays = checkpoint.unpack(make_trainer(configuration({}), points).state_bytes())
    meta.pop("version")
    with pytest.raises(CheckpointError, match="weights has shape"):
        resume_trainer(checkpoint.pack(meta, arrays | {"weights": arrays["weights"][:1]}), points)
