"""The engine equals a one-synapse-at-a-time oracle on any shape, policy, history and draws, not only on stored ones."""

from __future__ import annotations

from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from synrl_core.config import QUpdate, TrainingConfig
from synrl_core.learning.data import Samples
from synrl_core.learning.synaptic import SynapticTrainer
from synrl_core.networks.feedforward import FeedforwardNetwork, with_ones
from synrl_core.networks.losses import Truth
from synrl_core.policies.policy import Policy
from synrl_core.testing import replay
from tests.core import oracle
from tests.core.oracle import Oracle, explored_at, from_vectors
from tests.examples import examples

OUTPUTS = st.one_of(st.integers(2, 4), st.just(12), st.just(1))
TOLERANCE: dict[type[np.floating], float] = {np.float32: 2e-6, np.float64: 1e-12}

Vectors = dict[str, NDArray[Any]]


@st.composite
def files(draw: st.DrawFn, outputs: st.SearchStrategy[int] = OUTPUTS) -> Vectors:
    """Vector files: none to three hidden layers, up to 12 classes, any activation, history and share of explorers."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    hidden = draw(st.lists(st.integers(1, 4), max_size=3))
    shape = [draw(st.integers(1, 5)), *hidden, draw(outputs)]
    samples, iterations = draw(st.integers(1, 9)), draw(st.integers(0, 12))
    history = draw(st.integers(1, 3))
    table = rng.standard_normal((3,) * (2 * history + 1))
    if draw(st.booleans()):
        table = np.round(table)  # ties
    vectors: Vectors = {
        "X": rng.standard_normal((samples, shape[0])),
        "y": rng.integers(0, max(2, shape[-1]), samples),
        "shape": np.array(shape),
        "act": np.array(draw(st.sampled_from(sorted(oracle.ACTIVATIONS)))),
        "step": np.array(draw(st.sampled_from([1e-3, 0.01, 0.1]))),
        "explore": np.array(0.5),
        "alpha": np.array(draw(st.sampled_from([0.0, 0.0, 0.01, 0.5, 1.0]))),
        "gamma": np.array(draw(st.sampled_from([0.0, 0.5, 0.9]))),
        "Q0": table,
    }
    share = draw(st.sampled_from([0.0, 0.2, 1.0]))
    only_biases = draw(st.booleans())
    for layer, (fan_in, fan_out) in enumerate(pairwise(shape)):
        size = (iterations, fan_in + 1, fan_out)
        vectors[f"W{layer}_0"] = rng.uniform(-0.5, 0.5, size[1:])
        explore = rng.random(size) < share
        if only_biases:
            explore[:, 1:] = False
        vectors[f"explore_{layer}"] = explore
        # Where nobody explores, a file may hold anything.
        vectors[f"random_{layer}"] = np.where(explore, rng.integers(0, 3, size), rng.integers(-9, 9, size))
    return vectors


def weights_of(one: Oracle, layer: int) -> NDArray[np.float64]:
    return np.array(one.weights[layer]).T


@settings(max_examples=examples(150), deadline=None)
@given(
    vectors=files(),
    dtype=st.sampled_from([np.float32, np.float64]),
    q_update=st.sampled_from(["synchronous", "sequential"]),
)
def test_replay_equals_the_oracle_on_files_never_seen(
    vectors: Vectors, dtype: type[np.floating], q_update: QUpdate
) -> None:
    logistic = vectors["shape"][-1] == 1 and vectors["y"].max() == 1
    one = from_vectors(
        vectors, dtype, sequential=q_update == "sequential", loss_kind="logistic" if logistic else "cross_entropy"
    )
    found = replay(vectors, dtype, q_update=q_update)
    near = partial(np.testing.assert_allclose, rtol=TOLERANCE[dtype], atol=TOLERANCE[dtype])
    near(found["loss"][0], one.loss)
    iterations, layers = len(vectors["explore_0"]), range(len(vectors["shape"]) - 1)
    assert found["W_0"].shape == vectors["explore_0"].shape
    assert found["W_0"].dtype == dtype
    for t in range(iterations):
        actions = one.iterate(explored_at(vectors, t))
        if one.undecided:  # rounding decides from here on, in the oracle as in the engine
            return
        for (layer, unit, source), action in actions.items():
            assert found[f"action_{layer}"][t, source, unit] == action + 1
        for layer in layers:
            near(found[f"W_{layer}"][t], weights_of(one, layer))
        near(found["loss"][t + 1], one.loss)
        np.testing.assert_allclose(found["Q"][t], one.tables[0], rtol=0, atol=1e-9)
        assert found["reward"][t] == one.rewards[-1]


@settings(max_examples=examples(60), deadline=None)
@given(
    vectors=files(st.integers(2, 3)),
    replicates=st.integers(1, 3),
    own_bias_table=st.booleans(),
    loss=st.sampled_from(["cross_entropy", "l_p", "squared_error"]),
    q_update=st.sampled_from(["synchronous", "sequential"]),
    seed=st.integers(0, 2**32 - 1),
)
def test_each_replicate_has_its_own_rewards_and_tables(
    vectors: Vectors, replicates: int, own_bias_table: bool, loss: str, q_update: str, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    iterations, layers = len(vectors["explore_0"]), len(vectors["shape"]) - 1
    each: list[Vectors] = []
    for _ in range(replicates):
        mine = dict(vectors)
        for layer in range(layers):
            mine[f"W{layer}_0"] = rng.permuted(vectors[f"W{layer}_0"])
            mine[f"explore_{layer}"] = rng.permuted(vectors[f"explore_{layer}"], axis=2)
            mine[f"random_{layer}"] = rng.integers(0, 3, vectors[f"random_{layer}"].shape)
        each.append(mine)
    bias_table = rng.standard_normal(vectors["Q0"].shape) if own_bias_table else None
    trainer = trainer_of(each, bias_table, loss, q_update)
    oracles = [
        from_vectors(mine, np.float64, sequential=q_update == "sequential", loss_kind=loss, exponent=3.0)
        for mine in each
    ]
    if bias_table is not None:
        for one in oracles:
            one.tables.append(bias_table.copy())
    for t in range(iterations):
        trainer.step()
        for one, mine in zip(oracles, each, strict=True):
            one.iterate(explored_at(mine, t))
        if any(one.undecided for one in oracles):
            return
        tables, bias_tables = trainer.q_table(), trainer.bias_q_table()
        for r, one in enumerate(oracles):
            table = r if len(tables) > 1 else 0
            for layer, view in enumerate(trainer.network.layer_views(trainer.flat_weights)):
                np.testing.assert_allclose(view[r].T, weights_of(one, layer), rtol=0, atol=1e-12)
            np.testing.assert_allclose(trainer.last_loss[r], one.loss, rtol=1e-12)
            np.testing.assert_allclose(tables[table], one.tables[0], rtol=0, atol=1e-9)
            if bias_tables is not None:
                np.testing.assert_allclose(bias_tables[table], one.tables[1], rtol=0, atol=1e-9)
            assert trainer.last_rewards[r] - 1 == one.rewards[-1]


def trainer_of(
    each: list[Vectors], bias_table: NDArray[np.float64] | None, loss: str, q_update: str
) -> SynapticTrainer:
    """Make one trainer whose replicates are these files: same data and policy, own weights and draws."""
    first = each[0]
    samples = Samples(with_ones(first["X"], np.float64), Truth(first["y"]))
    network = FeedforwardNetwork(tuple(first["shape"].tolist()), str(first["act"]), len(each))  # type: ignore[arg-type]
    config = TrainingConfig.model_validate(
        {
            "iterations": 100, "loss": loss, "loss_exponent": 3.0, "step_size": float(first["step"]),
            "step_size_schedule": "constant", "adaptive": bool(first["alpha"]), "learning_rate": float(first["alpha"]),
            "discount": float(first["gamma"]), "q_update": q_update, "replicates": len(each),
        }
    )  # fmt: skip
    bias_policy = None if bias_table is None else Policy("biases", bias_table)
    trainer = SynapticTrainer(config, network, samples, samples, Policy("weights", first["Q0"]), bias_policy)
    for layer, view in enumerate(network.layer_views(trainer.flat_weights)):
        view[...] = np.stack([mine[f"W{layer}_0"].T for mine in each])
    script = iter(range(100))

    def draws(epsilon: NDArray[np.float32]) -> tuple[NDArray[np.intp], NDArray[np.uint8]]:
        t = next(script)
        explored, codes = np.zeros(network.synapses, bool), np.zeros(network.synapses, np.uint8)
        for layer, (who, what) in enumerate(
            zip(network.layer_views(explored), network.layer_views(codes), strict=True)
        ):
            who[...] = np.stack([mine[f"explore_{layer}"][t].T for mine in each])
            what[...] = np.stack([mine[f"random_{layer}"][t].T for mine in each])
        explorers = np.flatnonzero(explored)
        return explorers, codes[explorers]

    trainer.draws = draws
    return trainer


@pytest.mark.parametrize("name", ["adaptive_seq", "adaptive_sync", "static_linear", "static_relu", "static_tanh"])
def test_the_oracle_itself_agrees_with_the_stored_vectors(name: str) -> None:
    """Written apart from each other, both say the same of the method."""
    from tests.core.test_replay import load

    vectors = load(name)
    vectors["act"] = np.array({"linear": "identity", "none": "identity"}.get(str(vectors["act"]), str(vectors["act"])))
    one = from_vectors(vectors, np.float64, sequential=name.endswith("seq"))
    for t in range(30):
        actions = one.iterate(explored_at(vectors, t))
        assert all(vectors[f"action_{i}"][t, source, unit] == a + 1 for (i, unit, source), a in actions.items())
        np.testing.assert_allclose(vectors["Q"][t], one.tables[0], rtol=0, atol=1e-12)
        np.testing.assert_allclose(vectors["loss"][t + 1], one.loss, rtol=1e-12)
