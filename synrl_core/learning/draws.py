"""Where chance comes from: who explores and how, and which action a stochastic policy's synapses take."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from synrl_core.learning.history import packed_codes, state_count
from synrl_core.policies.policy import CODES, action_probabilities

#: Sixteen random bits decide, a quarter of the cost of a float.
_EVEN = 1 << 16


class Draws(Protocol):
    """Where exploration comes from."""

    def __call__(self, epsilon: NDArray[np.float32]) -> tuple[NDArray[np.intp], NDArray[np.uint8]]:
        """Choose who explores, each with probability `epsilon` ((synapses,) or a scalar): indices and action codes."""


class RandomDraws:
    """Draws of a random generator, in the order: who explores, then what each of them does.

    The threshold of who explores is rounded up or down by chance, so that the probability is `epsilon` itself.
    """

    def __init__(self, rng: np.random.Generator, synapses: int) -> None:
        self._rng = rng
        self._synapses = synapses

    def __call__(self, epsilon: NDArray[np.float32]) -> tuple[NDArray[np.intp], NDArray[np.uint8]]:
        """Draw for all synapses; see `Draws`."""
        threshold = np.floor(epsilon * _EVEN + self._rng.random())
        limit = int(threshold) if threshold.ndim == 0 else threshold
        explorers = np.flatnonzero(random_bits(self._rng, self._synapses) < limit)
        thirds = random_bits(self._rng, explorers.size) * np.uint32(CODES) >> 16  # 0, 1, 2, even to 1 in 65,536
        return explorers, thirds.astype(np.uint8)


class ActionDraws:
    """Draw every synapse's action with the probabilities of its state, exploration mixed in.

    Parameters
    ----------
    tables
        (R or 1, kinds, 3, 3^h, 3^h) values, as `SynapticTrainer` holds them.
    temperatures
        (R or 1, kinds), of each table.
    groups
        (layers, R, kinds): synapses of one group share a lookup.
    synapses
        How many act.
    """

    def __init__(
        self,
        tables: NDArray[np.float64],
        temperatures: NDArray[np.float64],
        groups: tuple[int, int, int],
        synapses: int,
    ) -> None:
        self._temperatures = temperatures
        history = round(np.log(tables.shape[-1]) / np.log(CODES))
        self._packed = packed_codes(history)
        states = state_count(history)
        rows, kinds = tables.shape[:2]
        self._up_to = np.zeros((rows, tables.shape[-1], kinds, 2, states), np.float32)
        self._limits = np.zeros((2, *groups, states), np.uint16)
        self._limit = np.empty(synapses, np.uint16)
        self._above = np.empty((2, synapses), np.bool_)
        for rewards in range(tables.shape[-1]):
            for row in range(rows):
                self.refresh(tables, row, rewards)

    def refresh(self, tables: NDArray[np.float64], row: int, rewards: int) -> None:
        """Take over a row's table, where its values under one reward history have changed."""
        for kind, table in enumerate(tables[row]):
            shares = action_probabilities(table[..., rewards], float(self._temperatures[row, kind]))
            self._up_to[row, rewards, kind][:, self._packed] = np.cumsum(shares, axis=0)[:-1]

    def __call__(
        self,
        rng: np.random.Generator,
        states: NDArray[np.intp],
        rows: NDArray[np.intp],
        rewards: NDArray[np.int64],
        epsilon: NDArray[np.float32],
        out: NDArray[np.uint8],
    ) -> None:
        """Draw for all synapses.

        A limit is rounded up or down by chance, so that the probabilities are right on average; a share below 1 in
        65,536 of the last action is rounded up to it.

        Parameters
        ----------
        states
            (synapses,) each one's group and packed action history as one number.
        rows, rewards
            (R,) each replicate's table and reward history.
        epsilon
            (kinds,) probability of a random action.
        out
            (synapses,) action codes.
        """
        up_to = self._up_to[rows, rewards]  # (R, kinds, 2, states)
        share = epsilon[:, None, None]
        mixed = up_to * (1 - share) + share * np.array([[1 / 3], [2 / 3]], np.float32)
        limits = np.minimum(np.floor(mixed * _EVEN + rng.random()), _EVEN - 1)
        self._limits[...] = limits.transpose(2, 0, 1, 3)[:, None]
        bits = random_bits(rng, states.size)
        for limit, above in zip(self._limits, self._above, strict=True):
            limit.ravel().take(states, out=self._limit, mode="clip")
            np.greater_equal(bits, self._limit, out=above)
        above_down, above_stay = self._above.view(np.uint8)
        np.add(above_down, above_stay, out=out)


def random_bits(rng: np.random.Generator, count: int) -> NDArray[np.uint16]:
    """Sixteen random bits for each of `count`."""
    return rng.bit_generator.random_raw(count // 4 + 1).view(np.uint16)[:count]
