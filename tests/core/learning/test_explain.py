"""What a synapse is said to do next is what the engine then does."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synrl_core import datasets
from synrl_core.config import TrainingConfig
from synrl_core.datasets import Dataset
from synrl_core.learning.explain import (
    Decision,
    SynapseAddress,
    all_updates,
    digits,
    explain_synapse,
    explain_update,
    table_of,
)
from synrl_core.learning.factory import make_trainer
from synrl_core.learning.synaptic import SynapticTrainer
from synrl_core.measuring.events import Behaviour, Snapshot
from synrl_core.networks.blocks import feedforward_blocks
from synrl_core.policies.policy import mixed_probabilities


@pytest.fixture(scope="module")
def moons() -> Dataset:
    return datasets.load("moons")


def trainer_of(moons: Dataset, **settings: Any) -> tuple[SynapticTrainer, TrainingConfig]:
    config = TrainingConfig(dataset="moons", hidden_layers=(3,), iterations=100, batch_size=5000, **settings)
    trainer = make_trainer(config, moons)
    assert isinstance(trainer, SynapticTrainer)
    return trainer, config


def addresses(snapshot: Snapshot) -> list[SynapseAddress]:
    return [
        SynapseAddress(replicate, layer, row, unit)
        for layer, weights in enumerate(snapshot.weights)
        for replicate, row, unit in np.ndindex(*weights.shape)
    ]


def explained(snapshot: Snapshot, config: TrainingConfig, address: SynapseAddress) -> Decision:
    decision = explain_synapse(snapshot, config, address)
    assert decision is not None
    return decision


@pytest.mark.parametrize("history", [1, 2, 3])
def test_without_exploration_the_explained_weight_is_the_next_one(moons: Dataset, history: int) -> None:
    trainer, config = trainer_of(
        moons, policy="win_stay_lose_shift", history=history, exploration=0.0, bias_step_factor=1.7, replicates=2,
        adaptive=True, learning_rate=0.1, step_size=0.0031,
    )  # fmt: skip
    for _ in range(9):
        trainer.step()
        before = trainer.snapshot()
        trainer.step()
        after = trainer.weights()
        for replicate, layer, row, unit in addresses(before):
            decision = explained(before, config, SynapseAddress(replicate, layer, row, unit))
            assert decision.probabilities[decision.likeliest + 1] == 1.0
            assert after[layer][replicate, row, unit] == np.float32(decision.next_weights[decision.likeliest + 1])


@pytest.mark.parametrize("settings", [{"history": 1}, {"history": 2}, {"bias_policy": "random"}])
def test_the_table_learns_what_was_explained(moons: Dataset, settings: dict[str, Any]) -> None:
    """The synapses that share a cell together make the update that the engine makes."""
    trainer, config = trainer_of(
        moons, policy="win_stay_lose_shift", adaptive=True, learning_rate=0.2, exploration=0.5, **settings
    )
    for _ in range(25):
        trainer.step()
        before = trainer.snapshot()
        trainer.step()
        after = trainer.snapshot()
        assert before.behaviour is not None
        assert after.behaviour is not None
        reward = 1 if trainer.last_rewards[0] == 2 else -1
        cells: dict[tuple[bool, int, int], list[SynapseAddress]] = {}
        for address in addresses(before):
            acted = explained(after, config, address).actions[-1]
            own_table = address.row == 0 and config.bias_policy is not None
            cells.setdefault((own_table, explained(before, config, address).state[0], acted), []).append(address)
        for (own_table, state, acted), members in cells.items():
            update = explain_update(before, config, members[0], acted, reward, synapses=len(members))
            learned = table_of(after.behaviour, 0, is_bias=own_table)[acted + 1, state, before.behaviour.rewards[0]]
            assert update.new_value == pytest.approx(learned, abs=1e-12)
            assert update.next_state[1] == after.behaviour.rewards[0]
            assert explained(after, config, members[0]).state == update.next_state


def snapshot_of(values: list[float], **behaviour: Any) -> Snapshot:
    """One synapse and its bias, with h = 1, that last went up and was rewarded."""
    table = np.zeros((1, 3, 3, 3))
    table[0, :, 2, 2] = values
    table[0, :, 0, 0] = [0.5, 0.25, 0.0]
    given = {
        "bias_policy": None, "exploration": (0.3, 0.3), "step_size": 0.5, "temperature": (0.0, 0.0),
    } | behaviour  # fmt: skip
    weights = np.array([[[1.0], [2.0]]], np.float32)
    histories = np.array([[[2], [2]]], np.uint8)
    return Snapshot(
        4, feedforward_blocks((1, 1)), (weights,),
        Behaviour(policy=table, visits=np.arange(27).reshape(1, 3, 3, 3), histories=(histories,),
                  rewards=np.array([2]), **given),
    )  # fmt: skip


def test_the_numbers_are_those_of_the_paper_by_hand() -> None:
    snapshot, config = snapshot_of([0.1, 0.2, 0.4]), TrainingConfig(learning_rate=0.1, discount=0.9, adaptive=True)
    decision = explained(snapshot, config, SynapseAddress(0, 0, 1, 0))
    assert (decision.actions, decision.rewards, decision.state) == ((1,), (1,), (2, 2))
    assert decision.values.tolist() == [0.1, 0.2, 0.4]
    assert decision.visits.tolist() == [8, 17, 26]
    assert decision.likeliest == 1
    assert decision.probabilities.tolist() == pytest.approx([0.1, 0.1, 0.8])
    assert (decision.weight, decision.step, decision.next_weights) == (2.0, 0.5, (1.5, 2.0, 2.5))
    assert explained(snapshot, config, SynapseAddress(0, 0, 0, 0)).next_weights == (0.0, 1.0, 2.0)
    update = explain_update(snapshot, config, SynapseAddress(0, 0, 1, 0), action=-1, reward=-1)
    assert (update.value, update.next_state, update.best_next) == (0.1, (0, 0), 0.5)
    assert update.target == pytest.approx(-1 + 0.9 * 0.5)
    assert update.new_value == pytest.approx(0.1 + 0.1 * (-0.55 - 0.1))
    twice = explain_update(snapshot, config, SynapseAddress(0, 0, 1, 0), action=-1, reward=-1, synapses=2)
    assert twice.rate == pytest.approx(0.19)


def test_all_updates_are_those_of_each_action_under_each_reward() -> None:
    snapshot, config, address = snapshot_of([0.1, 0.2, 0.4]), TrainingConfig(adaptive=True), SynapseAddress(0, 0, 1, 0)
    updates = all_updates(snapshot, config, address)
    assert [(one.action, one.reward) for one in updates] == [(-1, -1), (0, -1), (1, -1), (-1, 1), (0, 1), (1, 1)]
    assert updates == [explain_update(snapshot, config, address, one.action, one.reward) for one in updates]


@given(
    values=st.lists(st.floats(-5, 5), min_size=3, max_size=3),
    temperature=st.sampled_from([0.0, 0.1, 1.0, 30.0]),
    exploration=st.floats(0, 1),
)
def test_a_share_draws_each_action_as_often_as_its_probability(
    values: list[float], temperature: float, exploration: float
) -> None:
    hot = (temperature, temperature)
    snapshot = snapshot_of(values, temperature=hot, exploration=(exploration, exploration))
    decision = explained(snapshot, TrainingConfig(), SynapseAddress(0, 0, 1, 0))
    assert decision.probabilities.sum() == pytest.approx(1)
    np.testing.assert_array_equal(
        decision.probabilities, mixed_probabilities(np.array(values), temperature, exploration)
    )
    shares = (np.arange(3000) + 0.5) / 3000
    drawn = np.bincount([decision.action_for(share) + 1 for share in shares], minlength=3) / 3000
    np.testing.assert_allclose(drawn, decision.probabilities, atol=1e-3)


@given(count=st.integers(1, 3), data=st.data())
def test_digits_read_a_state_oldest_first(count: int, data: st.DataObject) -> None:
    state = data.draw(st.integers(0, 3**count - 1))
    assert sum((digit + 1) * 3**place for place, digit in enumerate(reversed(digits(state, count)))) == state


def test_gradient_descent_decides_nothing(moons: Dataset) -> None:
    config = TrainingConfig(dataset="moons", method="gradient")
    snapshot = make_trainer(config, moons).snapshot()
    assert explain_synapse(snapshot, config, SynapseAddress(0, 0, 0, 0)) is None
    with pytest.raises(ValueError, match="no table"):
        explain_update(snapshot, config, SynapseAddress(0, 0, 0, 0), 1, 1)
