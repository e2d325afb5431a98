"""Arrange a run's samples for its network, and draw mini-batches."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import DTypeLike, NDArray

from synrl_core.datasets import Inputs
from synrl_core.networks.blocks import Floats, Network
from synrl_core.networks.losses import Truth


@dataclass(frozen=True)
class Samples:
    """Samples with their target outputs.

    Attributes
    ----------
    inputs
        (.., samples), as `Network.arrange` lays them out: samples on the last axis.
    truth
        Classes or wanted outputs.
    """

    inputs: Floats
    truth: Truth

    def __len__(self) -> int:
        return int(self.inputs.shape[-1])

    def part(self, start: int, stop: int) -> Samples:
        """Return consecutive samples; the inputs are a view."""
        return Samples(self.inputs[..., start:stop], self.truth.select(np.arange(start, stop)))


def samples_of(inputs: Inputs, indices: NDArray[np.int64], network: Network, dtype: DTypeLike = np.float32) -> Samples:
    """Copy some samples, scaled as under their split, into the layout that a network reads."""
    dataset = inputs.dataset
    values = None if dataset.targets is None else dataset.targets[indices].T.astype(dtype)
    return Samples(network.arrange(inputs.of(indices), dtype), Truth(dataset.labels[indices], values))


class Batches:
    """Mini-batches drawn without replacement from the training samples, all in one buffer.

    Attributes
    ----------
    current
        The mini-batch. All samples, and never redrawn, if there are no more than a batch holds.
    indices
        (batch,) which samples it holds, ascending.
    """

    def __init__(self, samples: Samples, size: int, rng: np.random.Generator) -> None:
        self._samples = samples
        self._rng = rng
        self.redraws = size < len(samples)
        self.indices = np.arange(len(samples))
        self.current = samples
        if self.redraws:
            self._inputs: Floats = np.empty((*samples.inputs.shape[:-1], size), samples.inputs.dtype)
            self.draw()

    def draw(self) -> None:
        """Draw the next mini-batch; the one before is overwritten."""
        size = self._inputs.shape[-1]
        self.restore(np.sort(self._rng.choice(len(self._samples), size, replace=False, shuffle=False)))

    def restore(self, indices: NDArray[np.int64]) -> None:
        """Fill the buffer with these samples."""
        self.indices = indices
        if self.redraws:
            np.take(self._samples.inputs, indices, axis=-1, out=self._inputs, mode="clip")
            self.current = Samples(self._inputs, self._samples.truth.select(indices))
