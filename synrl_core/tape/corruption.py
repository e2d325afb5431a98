"""Corruption of the reward signal: the reward that synapses receive, given the measured one."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from synrl_core.policies.policy import DOWN, UP
from synrl_core.tape.changes import ITERATIONS
from synrl_core.tape.scene import Corrupted


class Corruption:
    """Corruption of a reward signal: may invert, delay or randomise it.

    Its chance comes from a generator of its own: one number an iteration, whether it is used or not, so that a scene
    draws the same explorers whatever its corruption.

    Parameters
    ----------
    kind
        ``none``; ``inverted``; ``delayed``: the reward of the iteration before (-1 at first); ``coin``: +1 or -1 with
        equal chances; ``unreliable``: the true reward with probability `truth`, else the other one.
    truth
        0..1.
    seed
        Of the scene.
    """

    def __init__(self, kind: Corrupted, truth: float, seed: int) -> None:
        self._kind, self._truth, self._seed = kind, truth, seed

    def corrupt(self, iteration: int, measured: int, before: int) -> int:
        """Return the reward code that the synapses learn.

        Parameters
        ----------
        iteration
            Iterations completed before this one.
        measured, before
            Reward codes (0 for -1, 2 for +1) as measured in this iteration and in the one before.
        """
        if self._kind == "inverted":
            return UP - measured
        if self._kind == "delayed":
            return before
        if self._kind == "coin":
            return UP if self._chances[iteration] < 0.5 else DOWN
        if self._kind == "unreliable" and self._chances[iteration] >= self._truth:
            return UP - measured
        return measured

    @cached_property
    def _chances(self) -> NDArray[np.float64]:
        """One uniform number for each iteration."""
        sequence = np.random.SeedSequence(self._seed, spawn_key=(3,))  # the trainer takes the children 0 to 2
        return np.random.default_rng(sequence).random(ITERATIONS)
