"""Prepare the tables that act so that all synapses look their actions up at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from synrl_core.learning.draws import ActionDraws
from synrl_core.learning.history import packed_codes, state_count
from synrl_core.policies.policy import CODES, Policy

WEIGHTS, BIASES = 0, 1


class ActingTables:
    """Q tables of the weights and of the biases, shared by all replicates or one for each.

    Synapses are looked up by their table and packed action history as one number: each replicate and each kind (weight
    or bias, if these have tables of their own) has a table that acts.

    Parameters
    ----------
    policies
        One row of tables each: (policy,), or (policy, bias_policy) where biases act by a table of their own.
    replicates
        R.
    synapses
        How many act.

    Attributes
    ----------
    values
        (rows, kinds, 3, 3^h, 3^h) float64: one row for all replicates, or R. Adaptive runs change it in place and call
        `refresh`.
    temperatures
        (rows, kinds).
    floors
        Of each kind of the first row, the least probability of a random action.
    rows
        (R,) row of each replicate.
    draws
        Draws the actions where a table is stochastic; None where all are greedy.
    """

    draws: ActionDraws | None

    def __init__(self, policies: Sequence[tuple[Policy, ...]], replicates: int, synapses: int) -> None:
        self.values: NDArray[np.float64] = np.stack([np.stack([kind.table for kind in row]) for row in policies])
        self.temperatures = np.array([[kind.temperature for kind in row] for row in policies])
        self.floors = [kind.exploration for kind in policies[0]]
        self.rows = np.arange(replicates, dtype=np.intp) % len(policies)
        self._synapses = synapses
        self.refresh_all()

    def refresh_all(self) -> None:
        """Compute all choices again, after the values have been replaced."""
        self._choices = _choices(self.values)
        self.draws = None
        if self.temperatures.any():
            self.draws = ActionDraws(self.values, self.temperatures, len(self.rows), self._synapses)

    def refresh(self, row: int, rewards: int) -> None:
        """Compute a row's choices again, where its values under one reward history have changed."""
        self._choices[row, rewards] = _choices(self.values[row : row + 1, ..., rewards : rewards + 1])[0, 0]
        if self.draws is not None:
            self.draws.refresh(self.values, row, rewards)

    def act_greedily(self, states: NDArray[np.intp], rewards: NDArray[np.int64], out: NDArray[np.uint8]) -> None:
        """argmax_a Q[a, state] of all synapses: one lookup in 4^h entries, as the reward history is global.

        Parameters
        ----------
        states
            (synapses,) each one's table and packed action history as one number.
        rewards
            (R,) reward history of each replicate, in base 3.
        out
            (synapses,) action codes.
        """
        # Plain indices take a fraction of the time of arrays of them.
        choices = self._choices[0, rewards.item()] if len(rewards) == 1 else self._choices[self.rows, rewards]
        choices.ravel().take(states, out=out, mode="clip")

    def q_table(self, kind: int) -> NDArray[np.float64]:
        """Copy the tables of a kind, (rows,) + (3,) * (2h + 1)."""
        digits = round(np.log(self.values[0, 0].size) / np.log(CODES))
        return self.values[:, kind].reshape(-1, *(CODES,) * digits).copy()


def _choices(tables: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Greedy action codes of tables (.., kinds, 3, 3^h, rewards): (.., rewards, kinds, 4^h) by packed state."""
    best = np.moveaxis(np.argmax(tables, axis=-3), -1, -3)
    history = round(np.log(best.shape[-1]) / np.log(CODES))
    choices = np.zeros((*best.shape[:-1], state_count(history)), np.uint8)
    choices[..., packed_codes(history)] = best
    return choices
