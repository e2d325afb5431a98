"""Keep the histories that policies read: the last h actions of each synapse, the last h rewards of each network.

An action history is packed into one byte, two bits an action, the oldest highest: with h = 2 a synapse
whose last actions were down (0) and up (2) is in state 0b0010. Shifting in the next action makes the *cell*
(state, action) and, masked, the next state.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from synrl_core.policies.policy import CODES

BITS = 2
#: Moves a packed byte by one action. An array of no axes costs an operation less than a number does, and multiplying
#: bytes takes a quarter of the time of shifting them.
_SHIFT = np.array(1 << BITS, np.uint8)


def state_count(history: int) -> int:
    """Number of packed action histories, used or not: 4^h."""
    return 1 << (BITS * history)


@lru_cache(maxsize=8)
def packed_codes(digits: int) -> NDArray[np.intp]:
    """Packed code of each sequence of `digits` action codes, (3^digits,) in base-3 order."""
    sequences = np.indices((CODES,) * digits).reshape(digits, -1)
    codes = np.zeros(CODES**digits, np.intp)
    for digit in sequences:
        codes = (codes << BITS) | digit
    codes.flags.writeable = False
    return codes


@lru_cache(maxsize=4)
def _base_3(history: int) -> NDArray[np.uint8]:
    """(4^h,) the same action history as a number in base 3, for each packed one."""
    numbers = np.zeros(state_count(history), np.uint8)
    numbers[packed_codes(history)] = np.arange(CODES**history)
    return numbers


def first_state(history: int) -> int:
    """Packed state before the first action: h times stay."""
    return int(packed_codes(history)[CODES**history // 2])


class ActionHistory:
    """Packed states of all synapses, (synapses,) uint8; `length` is h."""

    def __init__(self, synapses: int, history: int) -> None:
        self.length = history
        self.states: NDArray[np.uint8] = np.full(synapses, first_state(history), np.uint8)
        self._mask = np.array(state_count(history) - 1, np.uint8)

    def in_base_3(self) -> NDArray[np.uint8]:
        """Number each synapse's history in base 3, the oldest action highest: its place in a table, (synapses,)."""
        return _base_3(self.length)[self.states]

    def pair(self, actions: NDArray[np.uint8], out: NDArray[np.uint8]) -> None:
        """Pack each synapse's state and action into its cell, (synapses,)."""
        np.multiply(self.states, _SHIFT, out=out)  # a cell of the longest history, 3, fills its byte
        np.bitwise_or(out, actions, out=out)

    def push(self, cells: NDArray[np.uint8]) -> None:
        """Move on to the states after these cells: the action is appended, the oldest drops out."""
        np.bitwise_and(cells, self._mask, out=self.states)


class RewardHistory:
    """Last h reward codes of each replicate, read as a number in base 3, the oldest highest: (R,) int64."""

    def __init__(self, replicates: int, history: int) -> None:
        self._count = CODES**history
        self.states: NDArray[np.int64] = np.full(replicates, self._count // 2, np.int64)  # STAY everywhere

    def push(self, rewards: NDArray[np.int8]) -> None:
        """Append each replicate's reward code and drop the oldest; `states` is a new array."""
        if len(rewards) == 1:  # plain numbers take a fraction of the time of arrays
            self.states = np.array([(self.states.item() * CODES + rewards.item()) % self._count])
        else:
            self.states = (self.states * CODES + rewards) % self._count
