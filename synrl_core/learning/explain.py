"""Explain one synapse's next action and its reason from a snapshot: state, row of the table, probabilities, weight.

Pure functions whose numbers people can check by hand; the trainer does the same to all synapses at once
(`synrl_core.learning.synaptic`), and tests hold the two together.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from synrl_core.config import TrainingConfig
from synrl_core.learning.qlearning import next_action_states
from synrl_core.measuring.events import Behaviour, Snapshot
from synrl_core.networks.blocks import layers_of
from synrl_core.policies.policy import CODES, DOWN, STAY, UP, mixed_probabilities


class SynapseAddress(NamedTuple):
    """Layer, row and column of a synapse.

    Attributes
    ----------
    replicate, layer
        Counted from 0.
    row
        Row of the layer's matrix: 0 is the bias, then come the units below, then, in recurrent layers, its own units.
    unit
        Unit that it ends at, counted from 0.
    """

    replicate: int
    layer: int
    row: int
    unit: int


class Decision(NamedTuple):
    """State of a synapse before its next action, and the probability of each action.

    Attributes
    ----------
    actions, rewards
        The last h actions of the synapse and rewards of its network, each -1, 0 (none yet) or +1, oldest first.
    state
        (action state, reward state): both pasts read as numbers in base 3, its place in the table.
    values
        (3,) Q values of down, stay and up in this state.
    visits
        (3,) how often any synapse took each action in this state.
    exploration
        Probability of a random action.
    temperature
        0: the action of the highest value, ties to the lowest. Above 0: drawn with softmax(values / temperature).
    probabilities
        (3,) of down, stay and up, exploration included.
    likeliest
        -1, 0 or +1: the action of the highest value, which is the likeliest.
    weight
        The weight now.
    step
        How far one action moves it.
    next_weights
        The weight after down, stay and up, rounded as the engine rounds (float32).
    """

    actions: tuple[int, ...]
    rewards: tuple[int, ...]
    state: tuple[int, int]
    values: NDArray[np.float64]
    visits: NDArray[np.int64]
    exploration: float
    temperature: float
    probabilities: NDArray[np.float64]
    likeliest: int
    weight: float
    step: float
    next_weights: tuple[float, float, float]

    def action_for(self, share: float) -> int:
        """Return the action (-1, 0, +1) that a uniform random number from 0 to below 1 draws.

        The numbers are laid out down, stay, up: an action is drawn by as many of them as its probability says.
        """
        return int(np.searchsorted(np.cumsum(self.probabilities)[:-1], share, side="right")) - 1


class QStep(NamedTuple):
    """One Q-learning update of a synapse's cell: ``value + rate * (target - value)``.

    Attributes
    ----------
    action, reward
        Action of the synapse, and the reward: +1 if the loss fell, else -1.
    value
        Q of the action in the state before.
    next_state
        (action state, reward state) that follow.
    best_next
        The highest value in the state that follows.
    target
        reward + discount * best_next.
    rate
        Learning rate; of n synapses that update the same cell together, 1 - (1 - learning rate)^n.
    new_value
        Q of the action in the state before, after the update.
    """

    action: int
    reward: int
    value: float
    next_state: tuple[int, int]
    best_next: float
    target: float
    rate: float
    new_value: float


def explain_synapse(snapshot: Snapshot, config: TrainingConfig, address: SynapseAddress) -> Decision | None:
    """Explain a synapse's next action; None where no policy acts (gradient descent).

    Raises
    ------
    IndexError
        When the snapshot has no such synapse.
    """
    behaviour = snapshot.behaviour
    if behaviour is None:
        return None
    replicate, layer, row, unit = address
    is_bias = layers_of(snapshot.blocks)[layer].block_at(row).kind == "bias"
    acted, rewarded = int(behaviour.histories[layer][replicate, row, unit]), int(behaviour.rewards[replicate])
    values = table_of(behaviour, replicate, is_bias=is_bias)[:, acted, rewarded]
    exploration, temperature = behaviour.exploration[int(is_bias)], behaviour.temperature[int(is_bias)]
    history = history_of(behaviour)
    factor = config.bias_step_factor if is_bias else 1.0
    weight = snapshot.weights[layer][replicate, row, unit]
    move = np.float32(factor) * np.float32(behaviour.step_size)
    return Decision(
        actions=digits(acted, history),
        rewards=digits(rewarded, history),
        state=(acted, rewarded),
        values=values,
        visits=behaviour.visits[replicate].reshape(CODES, CODES**history, -1)[:, acted, rewarded],
        exploration=exploration,
        temperature=temperature,
        probabilities=mixed_probabilities(values, temperature, exploration),
        likeliest=int(np.argmax(values)) - STAY,
        weight=float(weight),
        step=factor * behaviour.step_size,
        next_weights=(float(weight - move), float(weight), float(weight + move)),
    )


def explain_update(
    snapshot: Snapshot,
    config: TrainingConfig,
    address: SynapseAddress,
    action: int,
    reward: int,
    synapses: int = 1,
) -> QStep:
    """Explain the update of the table that an action and its reward lead to, in an adaptive run.

    Parameters
    ----------
    action, reward
        -1, 0 or +1, and -1 or +1.
    synapses
        How many synapses take the same action in the same state: one update for each of them, under the synchronous
        rule.

    Raises
    ------
    ValueError
        When no policy acts.
    IndexError
        When the snapshot has no such synapse.
    """
    decision = explain_synapse(snapshot, config, address)
    if decision is None or snapshot.behaviour is None:
        raise ValueError("gradient descent has no table that an action could change")
    is_bias = layers_of(snapshot.blocks)[address.layer].block_at(address.row).kind == "bias"
    table = table_of(snapshot.behaviour, address.replicate, is_bias=is_bias)
    (acted, rewarded), states = decision.state, table.shape[1]
    code = action + STAY
    following = int(next_action_states(len(decision.actions))[code, acted]), (rewarded * CODES + reward + STAY) % states
    value, best_next = float(decision.values[code]), float(table[:, following[0], following[1]].max())
    target = reward + config.discount * best_next
    rate = 1 - (1 - config.learning_rate) ** synapses
    return QStep(action, reward, value, following, best_next, target, rate, value + rate * (target - value))


def all_updates(snapshot: Snapshot, config: TrainingConfig, address: SynapseAddress) -> list[QStep]:
    """Explain the update of each action under each reward: down, stay and up after -1, then after +1."""
    outcomes = [(code - STAY, sign) for sign in (DOWN - STAY, UP - STAY) for code in range(CODES)]
    return [explain_update(snapshot, config, address, action, reward) for action, reward in outcomes]


def history_of(behaviour: Behaviour) -> int:
    """Return h, the number of past actions and rewards that the table reads."""
    return (behaviour.policy.ndim - 2) // 2


def table_of(behaviour: Behaviour, replicate: int, *, is_bias: bool = False) -> NDArray[np.float64]:
    """Return the table, (3, 3^h, 3^h), that a replicate's weights or biases act by; static ones are shared by all."""
    tables = behaviour.bias_policy if is_bias and behaviour.bias_policy is not None else behaviour.policy
    states = CODES ** history_of(behaviour)
    table: NDArray[np.float64] = tables[min(replicate, len(tables) - 1)]
    return table.reshape(CODES, states, states)


def digits(state: int, count: int) -> tuple[int, ...]:
    """Decode a state in base 3 into `count` actions or rewards, -1, 0 or +1, oldest first."""
    return tuple(state // CODES**place % CODES - STAY for place in reversed(range(count)))
