"""Run the measured steps of breeding: record each, count its forward passes, and replay those recorded before.

Between two measured steps breeding computes next to nothing, and the same for the same results. So a breeding that was
interrupted goes on where it was when the results of its steps so far are given back to it, and ends with the same
bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

#: Result of a step: arrays by name.
Arrays = Mapping[str, NDArray[Any]]


class Steps:
    """Measured steps of one breeding.

    Parameters
    ----------
    recorded
        Results of the steps that an earlier attempt took, in order; they are returned instead of computed.
    record
        Called with the name and the result of each step that was computed, before breeding goes on.
    progress
        Called with a line now and then.
    scored
        Called after each generation with what it is of, its number from 1 on, and the score of its best: a mean log of
        losses, below 0 is better, or on the bowl the mean progress rate, higher is better.
    budget
        Forward passes that all steps together may take; None: as many as they need.
    """

    def __init__(
        self,
        recorded: Sequence[Arrays] = (),
        record: Callable[[str, Arrays], None] = lambda _, __: None,
        progress: Callable[[str], None] = lambda _: None,
        scored: Callable[[str, int, float], None] = lambda *_: None,
        budget: int | None = None,
    ) -> None:
        self._recorded = recorded
        self._record = record
        self._taken = 0
        self.say = progress
        self.scored = scored
        self.budget = budget
        self.forward_passes = 0
        """Forward passes of the steps so far, those that were replayed included."""

    def take(self, name: str, forward_passes: int, compute: Callable[[], Arrays]) -> Arrays:
        """Return the result of the next step: the recorded one if there is one, else what `compute` returns."""
        number = self._taken
        self._taken += 1
        self.forward_passes += forward_passes
        if number < len(self._recorded):
            return self._recorded[number]
        result = compute()
        self._record(name, result)
        return result

    def affords(self, forward_passes: int) -> bool:
        """Whether so many forward passes more are within the budget."""
        return self.budget is None or self.forward_passes + forward_passes <= self.budget


def generator_state(rng: np.random.Generator) -> NDArray[np.uint64]:
    """Return the state of a PCG64 generator as six numbers."""
    told: Any = rng.bit_generator.state
    state, increment = told["state"]["state"], told["state"]["inc"]
    low = 2**64 - 1
    numbers = (state >> 64, state & low, increment >> 64, increment & low, told["has_uint32"], told["uinteger"])
    return np.array(numbers, dtype=np.uint64)


def set_generator_state(rng: np.random.Generator, numbers: NDArray[np.uint64]) -> None:
    """Give a PCG64 generator the state that `generator_state` returned."""
    high, low, increment_high, increment_low, has_uint32, uinteger = (int(one) for one in numbers)
    rng.bit_generator.state = {
        "bit_generator": "PCG64",
        "state": {"state": (high << 64) | low, "inc": (increment_high << 64) | increment_low},
        "has_uint32": has_uint32,
        "uinteger": uinteger,
    }
