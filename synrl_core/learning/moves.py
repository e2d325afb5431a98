"""Move the weights by the actions of their synapses."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from synrl_core.learning.schedules import ScheduleFunction
from synrl_core.networks.blocks import Floats


class Moves:
    """Add step size * action to every weight; the last move can be taken back.

    Buffers are filled by assignment before they are calculated with: an operation on two types converts its operands
    at several times the price.

    Parameters
    ----------
    step_size
        Iteration -> how far an action moves a weight.
    reach
        (synapses,) how many step sizes an action moves each one: a bias may move further.
    weights
        (synapses,) moved in place.
    """

    def __init__(self, step_size: ScheduleFunction, reach: Floats, weights: Floats) -> None:
        self.step_size = step_size
        self._reach, self._weights = reach, weights
        self._before, self._move, self._unit = (np.empty_like(weights) for _ in range(3))
        self._stay: Floats = np.ones((), weights.dtype)  # the code of the action 0
        self._size: Floats = np.full((), np.nan, weights.dtype)
        self._unit_of = np.nan

    def __call__(self, iteration: int, actions: NDArray[np.uint8]) -> None:
        """Move all weights by their action codes, (synapses,)."""
        move, size = self._move, self.step_size(iteration)
        if size != self._unit_of:
            self._unit_of = self._size[...] = size
            np.multiply(self._reach, self._size, out=self._unit)
        self._before[...] = self._weights
        move[...] = actions
        move -= self._stay  # codes 0, 1, 2 -> actions -1, 0, +1
        move *= self._unit
        self._weights += move

    def undo(self) -> None:
        """Put all weights back to where they were before the last move."""
        self._weights[...] = self._before
