"""Update the shared tables by Q-learning, from how often each cell was used.

All synapses in one state that took one action have one target, so n updates of a cell have a closed form:
``Q <- target + (1 - alpha)^n * (Q - target)``. That is the *synchronous* update, whose targets come from the
table as it stood before the iteration. The authors' *sequential* update lets a synapse see what those before
it changed; the two differ only while old and new states share cells, when h + 1 rewards in a row are equal.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from synrl_core.policies.policy import CODES


def next_action_states(history: int) -> NDArray[np.int64]:
    """State after each (action, action history), (3, 3^h): the oldest action drops out."""
    count = CODES**history
    actions, states = np.indices((CODES, count))
    following: NDArray[np.int64] = (states * CODES + actions) % count
    return following


def update_synchronous(
    table: NDArray[np.float64],
    counts: NDArray[np.int64],
    before: int,
    after: int,
    reward: float,
    learning_rate: float,
    discount: float,
) -> None:
    """Update one table in place.

    Parameters
    ----------
    table
        (3, 3^h, 3^h): action, past actions, past rewards.
    counts
        (3, 3^h) how many synapses took each action in each action history.
    before, after
        Reward histories in base 3 before the action, and with this action's reward.
    reward
        -1 or +1.
    """
    history = round(np.log(table.shape[1]) / np.log(CODES))
    best_next = table[:, :, after].max(axis=0)[next_action_states(history)]
    target = reward + discount * best_next
    cells = table[:, :, before]
    cells += (1 - (1 - learning_rate) ** counts) * (target - cells)  # exactly nothing where counts are 0


def update_sequential(
    table: NDArray[np.float64],
    used: tuple[NDArray[np.integer], NDArray[np.integer]],
    before: int,
    after: int,
    reward: float,
    learning_rate: float,
    discount: float,
) -> None:
    """Update one table in place, synapse after synapse, as the authors' code.

    Parameters
    ----------
    used
        (synapses,) action histories in base 3, and the actions taken, in the order of the updates.
    """
    history = round(np.log(table.shape[1]) / np.log(CODES))
    follow = next_action_states(history).tolist()
    old: list[list[float]] = table[:, :, before].tolist()
    new = old if after == before else table[:, :, after].tolist()
    for state, action in zip(*(codes.tolist() for codes in used), strict=True):
        following = follow[action][state]
        target = reward + discount * max(row[following] for row in new)
        old[action][state] += learning_rate * (target - old[action][state])
    table[:, :, before] = old
