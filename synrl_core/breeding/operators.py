"""Operators on tables of greedy actions: cross, mutate, mirror, lengthen their history."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from synrl_core.policies.policy import CODES, UP

Actions = NDArray[np.int64]
"""Greedy action codes of every state, (3,) * 2h."""


def lifted(actions: Actions, history: int) -> Actions:
    """Make a table of a longer history that acts as this one and ignores the older actions and rewards."""
    shorter = actions.ndim // 2
    older = history - shorter
    by_age = actions.reshape((1,) * older + actions.shape[:shorter] + (1,) * older + actions.shape[shorter:])
    return np.broadcast_to(by_age, (CODES,) * (2 * history)).copy()


def mirror(state: tuple[int, ...]) -> tuple[int, ...]:
    """Return the state with its actions exchanged: down for up."""
    history = len(state) // 2
    return (*(UP - code for code in state[:history]), *state[history:])


def cross(one: Actions, other: Actions, rng: np.random.Generator) -> Actions:
    """Take each state's action from one or the other parent; mirror images stay mirror images."""
    child = one.copy()
    for state in np.ndindex(one.shape):
        if state <= mirror(state) and rng.random() < 0.5:
            child[state], child[mirror(state)] = other[state], other[mirror(state)]
    return child


def mutate(actions: Actions, rng: np.random.Generator, changes: int) -> Actions:
    """Draw a new action for some states, and the mirrored one for their mirror images."""
    mutant = actions.copy()
    history = actions.ndim // 2
    for _ in range(changes):
        state = (*rng.integers(0, CODES, history).tolist(), *(UP * rng.integers(0, 2, history)).tolist())
        action = int(rng.integers(0, CODES))
        mutant[state], mutant[mirror(state)] = action, UP - action
    return mutant
