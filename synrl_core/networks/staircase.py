"""Count the spikes of a unit under a constant current without its steps.

Under a constant current a leaky integrate-and-fire unit that starts at rest fires more often the larger the current
is: its number of spikes in a given number of steps is a staircase. The stairs depend on decay and steps alone, so they
are found once, and a layer is counted by one comparison for each of its stairs, a quarter of the work of its steps.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import DTypeLike, NDArray

from synrl_core.networks.tally import SpikeTally

Floats = NDArray[np.floating]


@lru_cache(maxsize=64)
def stairs(decay: float, steps: int, dtype: str) -> Floats:
    """Find the currents at which a unit fires once more.

    Parameters
    ----------
    decay
        beta in [0, 1), share of the membrane that a step keeps.
    steps
        T; the unit fires at most so often.
    dtype
        Name of the floats to compute in, as the engine does.

    Returns
    -------
    (steps,) of `dtype`, descending: a unit whose scaled current (`spikes_of`) is below the entry k fires more than k
    times.
    """
    wanted = np.arange(1, steps + 1)
    # Between always and never so many, halving the numbers of the floats between: every float has its turn.
    low, high = (_number(np.full(steps, end, dtype)) for end in (-4.0 * steps, 4.0))
    while (low + 1 < high).any():
        middle = (low >> 1) + (high >> 1) + (low & high & 1)
        enough = spikes_of(_float(middle, dtype), decay, steps) >= wanted
        low, high = np.where(enough, middle, low), np.where(enough, high, middle)
    return _float(high, dtype)


def _number(floats: Floats) -> NDArray[np.int64]:
    """Number floats in their order; 0 and -0 have one number."""
    bits = floats.view(f"i{floats.itemsize}")
    return np.where(bits < 0, np.iinfo(bits.dtype).min - bits, bits).astype(np.int64)


def _float(numbers: NDArray[np.int64], dtype: str) -> Floats:
    """Return the floats of these numbers."""
    kind = np.dtype(f"i{np.dtype(dtype).itemsize}")
    bits = np.where(numbers < 0, np.iinfo(kind).min - numbers, numbers).astype(kind)
    return bits.view(dtype)


def spikes_of(currents: Floats, decay: float, steps: int) -> NDArray[np.int64]:
    """Count the spikes of units under constant currents, step by step.

    Parameters
    ----------
    currents
        ``1 - decay - current / threshold``, what `synrl_core.networks.spiking` adds to the gap at each step.
    """
    gaps, spikes = currents + decay, np.zeros_like(currents)
    counts = np.zeros(currents.shape, np.int64)
    for step in range(steps):
        if step:
            gaps = gaps * decay
            gaps += currents
            gaps += spikes
        fired = gaps < 0
        spikes[...] = fired
        counts += fired
    return counts


class SpikeCounter:
    """Counts the spikes of many units under constant currents into an array of floats; buffers are its own.

    Parameters
    ----------
    shape
        Of the currents.
    """

    def __init__(self, decay: float, steps: int, shape: tuple[int, ...], dtype: DTypeLike) -> None:
        self._stairs = stairs(decay, steps, np.dtype(dtype).name)
        self._tally = SpikeTally(shape, steps)

    def count(self, currents: Floats, out: Floats) -> None:
        """Write the number of spikes of each unit; `currents` as `spikes_of` reads them."""
        for place, stair in enumerate(self._stairs):
            np.less(currents, stair, out=self._tally.fired)
            self._tally.add(is_first=place == 0)
        self._tally.read(out)
