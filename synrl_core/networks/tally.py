"""Add up the spikes of units over steps in a byte each, a quarter of the memory that floats take."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]


class SpikeTally:
    """Spikes of units at a step, and their counts over all steps.

    Parameters
    ----------
    shape
        Of the units and their samples.
    steps
        Most spikes of a unit.

    Attributes
    ----------
    fired
        (shape) boolean: the units that fire at this step. The caller writes it, then calls `add`.
    ones
        The same memory as uint8: 1 where a unit fires.
    """

    def __init__(self, shape: tuple[int, ...], steps: int) -> None:
        self.fired: NDArray[np.bool_] = np.zeros(shape, np.bool_)
        self.ones: NDArray[np.uint8] = self.fired.view(np.uint8)
        self._counts = np.zeros(shape, np.uint8 if steps < 2**8 else np.uint16)

    def add(self, *, is_first: bool) -> None:
        """Count this step; the first one starts anew."""
        if is_first:
            np.copyto(self._counts, self.ones)
        else:
            np.add(self._counts, self.ones, out=self._counts)

    def read(self, out: Floats) -> None:
        """Write how often each unit has fired."""
        np.copyto(out, self._counts)
