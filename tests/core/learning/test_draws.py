"""Stochastic policies act with the probabilities that their tables say."""

from math import exp
from typing import Any

import numpy as np
import pytest

from synrl_core import datasets
from synrl_core.config import TrainingConfig
from synrl_core.learning.draws import ActionDraws
from synrl_core.learning.factory import make_trainer
from synrl_core.learning.history import packed_codes
from synrl_core.learning.synaptic import SynapticTrainer
from synrl_core.policies.policy import CODES, Policy

SYNAPSES = 400_000


def drawn(q: np.ndarray, temperature: float, epsilon: float, state: int, rewards: int) -> np.ndarray:
    """Share of each action among SYNAPSES that are all in one state."""
    history = (q.ndim - 1) // 2
    tables = q.reshape(1, 1, CODES, CODES**history, CODES**history)
    draws = ActionDraws(tables, np.array([[temperature]]), 1, SYNAPSES)
    actions = np.empty(SYNAPSES, np.uint8)
    places = np.full(SYNAPSES, packed_codes(history)[state])
    draws(
        np.random.default_rng(5), places, np.array([0]), np.array([rewards]), np.array([epsilon], np.float32), actions
    )
    return np.bincount(actions, minlength=CODES) / SYNAPSES


@pytest.mark.parametrize("epsilon", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("history", [1, 2, 3])
def test_actions_are_drawn_as_often_as_the_softmax_and_exploration_say(history: int, epsilon: float) -> None:
    rng = np.random.default_rng(history)
    q = rng.standard_normal((CODES,) * (2 * history + 1))
    state, rewards = rng.integers(0, CODES**history, 2).tolist()
    row = q.reshape(CODES, CODES**history, CODES**history)[:, state, rewards]
    wanted = np.exp(row / 0.7) / np.exp(row / 0.7).sum() * (1 - epsilon) + epsilon / CODES
    np.testing.assert_allclose(drawn(q, 0.7, epsilon, state, rewards), wanted, atol=4 * np.sqrt(0.25 / SYNAPSES))


def test_a_cold_table_takes_its_best_action_but_for_the_roundings_share() -> None:
    q = np.zeros((CODES,) * 3)
    q[0] = 1.0
    assert drawn(q, 1e-3, 0.0, 0, 0)[0] >= 1 - 1e-4


def trainer_under(policy: Policy, **settings: Any) -> SynapticTrainer:
    """A small run under a policy."""
    config = TrainingConfig(
        dataset="teacher", hidden_layers=(3,), iterations=40, exploration=0, policy="it", **settings
    )
    trainer = make_trainer(config, datasets.load("teacher"), find_policy=lambda name, history: policy)
    assert isinstance(trainer, SynapticTrainer)
    return trainer


@pytest.mark.parametrize("replicates", [1, 3])
def test_each_cell_of_a_run_is_visited_as_its_probability_says(replicates: int) -> None:
    q = np.random.default_rng(1).standard_normal((CODES,) * 5)
    trainer = trainer_under(Policy("it", q, temperature=1.0), replicates=replicates)
    list(trainer.events())
    visits = trainer.policy_visits()
    assert visits is not None
    taken, shares = visits.sum(axis=0), np.exp(q) / np.exp(q).sum(axis=0)
    often = taken.sum(axis=0)
    off = (taken - often * shares) / np.sqrt(np.maximum(often, 1))
    assert np.abs(off).max() < 3  # standard deviations of a share are at most half of this unit
    assert (often > 30).sum() > 6 * replicates - 5


def test_biases_may_be_greedy_beside_stochastic_weights() -> None:
    config = TrainingConfig(
        dataset="teacher", hidden_layers=(3,), iterations=60, exploration=0, policy="drawn", bias_policy="greedy"
    )
    up = Policy.from_greedy("greedy", np.full((CODES,) * 4, 2))
    drawn_ = Policy("drawn", np.zeros((CODES,) * 5), temperature=1.0)
    trainer = make_trainer(
        config, datasets.load("teacher"), find_policy=lambda name, history: {"drawn": drawn_, "greedy": up}[name]
    )
    first = [layer[:, 0].copy() for layer in trainer.weights()]
    list(trainer.events())
    for layer, before in zip(trainer.weights(), first, strict=True):
        assert (layer[:, 0] > before).all()
        assert np.unique(np.round((layer[:, 0] - before), 6)).size == 1


def test_an_adaptive_table_is_drawn_from_as_it_is_learned() -> None:
    q = np.zeros((CODES,) * 5)
    trainer = trainer_under(Policy("it", q, temperature=0.01), adaptive=True, learning_rate=0.5)
    list(trainer.events())
    learned = trainer.q_table()
    assert learned is not None
    assert np.abs(learned).max() > 0.1
    taken = trainer.policy_visits()[0].sum(axis=(1, 2, 3, 4))
    assert taken.max() > 1.2 * taken.min()  # a table of zeros would make them alike


def test_candidates_of_one_batch_each_keep_their_temperature() -> None:
    q = np.zeros((CODES,) * 5)
    q[2] = 1.0
    trainer = trainer_under(Policy("it", q), replicates=2)
    trainer.give_tables([Policy("cold", q), Policy("warm", q, temperature=1.0)])
    list(trainer.events())
    up = trainer.policy_visits()[:, 2].sum(axis=(1, 2, 3, 4)) / trainer.policy_visits().sum(axis=(1, 2, 3, 4, 5))
    np.testing.assert_allclose(up, [1.0, exp(1) / (exp(1) + 2)], atol=0.03)
