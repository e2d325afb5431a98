"""Draw random actions: exploration, and the actions of stochastic policies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from synrl_core.learning.history import packed_codes, state_count
from synrl_core.learning.schedules import ScheduleFunction
from synrl_core.policies.policy import CODES, action_probabilities

#: Sixteen random bits decide, a quarter of the cost of a float.
_EVEN = 1 << 16
#: Even choice among three by sixteen random bits: 0, 1 or 2 of each, even to 1 in 65,536.
_THIRD_OF = (np.arange(_EVEN) * CODES // _EVEN).astype(np.uint8)
#: An array of no axes costs an operation less than a number does.
_HIGHEST = np.array(_EVEN - 1, np.float32)
#: Limits of an even choice among three.
_THIRDS = np.array([[1 / 3], [2 / 3]], np.float32) * np.float32(_EVEN)


class Draws(Protocol):
    """Source of exploration: random in training, scripted in tests."""

    def __call__(self, epsilon: NDArray[np.float32]) -> tuple[NDArray[np.intp], NDArray[np.uint8]]:
        """Choose the synapses that explore, each with probability `epsilon` ((synapses,) or one for all).

        Returns
        -------
        Indices of these synapses, and their action codes.
        """


class RandomDraws:
    """Exploration drawn by a random generator: first which synapses explore, then the action of each.

    The threshold is rounded up or down by chance, so that the probability is `epsilon` itself.
    """

    def __init__(self, rng: np.random.Generator, synapses: int) -> None:
        self._rng = rng
        self._synapses = synapses

    def __call__(self, epsilon: NDArray[np.float32]) -> tuple[NDArray[np.intp], NDArray[np.uint8]]:
        """Draw for all synapses; see `Draws`."""
        threshold = epsilon * _EVEN + self._rng.random()
        limit = int(threshold) if threshold.ndim == 0 else np.floor(threshold)
        explorers = (random_bits(self._rng, self._synapses) < limit).nonzero()[0]
        return explorers, _THIRD_OF.take(random_bits(self._rng, explorers.size))


class ExplorationRates:
    """Probability of a random action over time, computed again only when the schedule changes it.

    Parameters
    ----------
    schedule
        Iteration -> probability, before any floor.
    floors
        Least probability of each kind of synapse.
    kinds
        (synapses,) kind of each, or 0 where there is one.
    """

    def __init__(self, schedule: ScheduleFunction, floors: Sequence[float], kinds: NDArray[np.intp] | int) -> None:
        self._schedule, self._floors = schedule, floors
        self._synapse_floors: NDArray[np.float32] = np.array(floors, np.float32)[kinds]
        self._for_kinds = self._for_synapses = np.nan
        self._kinds = self._synapses = self._synapse_floors

    def of_kinds(self, iteration: int) -> NDArray[np.float32]:
        """Return the probability of each kind, (kinds,). Borrowed."""
        rate = self._schedule(iteration)
        if rate != self._for_kinds:
            self._for_kinds, self._kinds = rate, np.maximum(self._floors, rate).astype(np.float32)
        return self._kinds

    def of_synapses(self, iteration: int) -> NDArray[np.float32]:
        """Return the probability of each synapse, (synapses,), or one for all. Borrowed."""
        rate = self._schedule(iteration)
        if rate != self._for_synapses:
            self._for_synapses, self._synapses = rate, np.maximum(self._synapse_floors, rate)
        return self._synapses

    def pair(self, iteration: int) -> tuple[float, float]:
        """Return the probability of weights and of biases, unrounded."""
        rates = np.maximum(self._floors, self._schedule(iteration)).tolist()
        return rates[0], rates[-1]


class ActionDraws:
    """Draw every synapse's action with the probabilities of its state, exploration mixed in.

    Parameters
    ----------
    tables
        (R or 1, kinds, 3, 3^h, 3^h) values, as `SynapticTrainer` holds them.
    temperatures
        (R or 1, kinds), of each table.
    replicates
        R.
    synapses
        How many act.
    """

    def __init__(
        self,
        tables: NDArray[np.float64],
        temperatures: NDArray[np.float64],
        replicates: int,
        synapses: int,
    ) -> None:
        self._temperatures = temperatures
        history = round(np.log(tables.shape[-1]) / np.log(CODES))
        self._packed = packed_codes(history)
        states = state_count(history)
        rows, kinds = tables.shape[:2]
        self._up_to = np.zeros((rows, tables.shape[-1], kinds, 2, states), np.float32)
        self._epsilon, self._explores = np.zeros(0, np.float32), False
        self._mixed = np.empty((replicates, kinds, 2, states), np.float32)
        self._limits = np.zeros((2, replicates, kinds, states), np.uint16)
        self._limit = np.empty(synapses, np.uint16)
        self._above = np.empty((2, synapses), np.bool_)
        # Views that an iteration would make anew, at the price of a small network's loss.
        self._mixed_by_limit = self._mixed.transpose(2, 0, 1, 3)
        self._pairs = tuple(zip(self._limits.reshape(2, -1), self._above, strict=True))
        self._codes = self._above.view(np.uint8)
        for rewards in range(tables.shape[-1]):
            for row in range(rows):
                self.refresh(tables, row, rewards)

    def refresh(self, tables: NDArray[np.float64], row: int, rewards: int) -> None:
        """Read a row's table again, where its values under one reward history have changed."""
        for kind, table in enumerate(tables[row]):
            shares = action_probabilities(table[..., rewards], float(self._temperatures[row, kind]))
            up_to = np.cumsum(shares, axis=0)[:-1].astype(np.float32)
            self._up_to[row, rewards, kind][:, self._packed] = up_to * np.float32(_EVEN)  # exact: a power of two

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
            (synapses,) each one's table and packed action history as one number.
        rows, rewards
            (R,) each replicate's table and reward history.
        epsilon
            (kinds,) probability of a random action; never changed in place.
        out
            (synapses,) action codes.
        """
        up_to: NDArray[np.float32]  # (R, kinds, 2, states)
        up_to = self._up_to[rows.item(), rewards.item()] if len(rows) == 1 else self._up_to[rows, rewards]
        if epsilon is not self._epsilon:  # it is the same array while it does not change
            self._epsilon, self._explores = epsilon, bool(epsilon.any())
        if self._explores:
            share = epsilon[:, None, None]
            up_to = up_to * (1 - share) + share * _THIRDS
        np.add(up_to, rng.random(), out=self._mixed)
        np.minimum(self._mixed, _HIGHEST, out=self._mixed)
        self._limits[...] = self._mixed_by_limit  # rounded down: never negative
        bits = random_bits(rng, states.size)
        for limits, above in self._pairs:
            limits.take(states, out=self._limit, mode="clip")
            np.greater_equal(bits, self._limit, out=above)
        np.add(self._codes[0], self._codes[1], out=out)


def random_bits(rng: np.random.Generator, count: int) -> NDArray[np.uint16]:
    """Sixteen random bits for each of `count`."""
    return np.ndarray(count, np.uint16, rng.bit_generator.random_raw(count // 4 + 1))
