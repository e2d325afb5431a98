"""Encodings turn samples into sequences, one vector of inputs for each step of a recurrent or spiking network.

A sample is a sequence already, or a vector that is shown for some steps: as a constant current, by the time of one
spike, by random spikes, or, where it is a picture, row by row. Everything that reads sequences gets them as
(steps, inputs + 1, samples), with a row of ones on top of each step, which makes the bias one more weight.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from math import prod
from typing import Literal

import numpy as np
from numpy.typing import DTypeLike, NDArray

from synrl_core.config import Encoding, TrainingConfig


@dataclass(frozen=True)
class SequenceEncoding:
    """How samples of one shape become sequences.

    Attributes
    ----------
    kind
        ``sequence``: each sample is one already. ``direct``: the sample is a current that stays the same at every step.
        ``latency``: each input fires once, at step round((1 - x) (steps - 1)), a zero never. ``rate``: each input fires
        at each step with probability x. ``rows``: row t of a picture is the input at step t.
    steps
        T, the length of the sequences.
    inputs
        Numbers that one step has.
    seed
        Start of the draws of ``rate``.
    """

    kind: Encoding | Literal["sequence"]
    steps: int
    inputs: int
    seed: int = 0

    @property
    def is_constant(self) -> bool:
        """Whether all steps have the same inputs, so that one is kept for all."""
        return self.kind == "direct"

    @property
    def stored_steps(self) -> int:
        """Steps that an arranged sample holds."""
        return 1 if self.is_constant else self.steps

    def arrange(self, features: NDArray[np.floating], dtype: DTypeLike = np.float32) -> NDArray[np.floating]:
        """Turn samples into sequences.

        Parameters
        ----------
        features
            (samples, inputs of the sample), or (samples, steps, inputs).

        Returns
        -------
        (stored_steps, inputs + 1, samples), C-contiguous, row 0 of each step ones.
        """
        samples = len(features)
        arranged: NDArray[np.floating] = np.empty((self.stored_steps, self.inputs + 1, samples), dtype)
        arranged[:, 0] = 1
        steps = arranged[:, 1:]
        flat = features.reshape(samples, -1)
        if self.kind == "latency":
            _latency(flat, steps)
        elif self.kind == "rate":
            _rate(flat, steps, self.seed)
        else:
            steps[...] = flat.reshape(samples, self.stored_steps, self.inputs).transpose(1, 2, 0)
        return arranged


def encoding_of(config: TrainingConfig, shape: tuple[int, ...]) -> SequenceEncoding:
    """Return how a configuration reads samples of a shape.

    Samples that don't fit are refused by `synrl_core.checks.check_config`; here, a vector read by rows is one row.

    Parameters
    ----------
    shape
        (inputs,), (height, width) of a picture, or (steps, height, width) of a sequence.
    """
    if len(shape) == 3:
        return SequenceEncoding("sequence", shape[0], prod(shape[1:]))
    if config.encoding == "rows":
        return SequenceEncoding("rows", *((1, *shape)[-2:]))
    return SequenceEncoding(config.encoding, config.steps, prod(shape), config.split_seed)


def _latency(values: NDArray[np.floating], steps: NDArray[np.floating]) -> None:
    """Let each input above 0 fire once, large values early, into (steps, inputs, samples)."""
    seen = np.minimum(values.T, 1).astype(np.float64)
    times = np.rint((1 - seen) * (len(steps) - 1))
    times[seen <= 0] = -1
    for step, now in enumerate(steps):
        np.equal(times, step, out=now)


#: Constants of SplitMix64 (Steele, Lea, Flood 2014).
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIXERS = ((np.uint64(30), np.uint64(0xBF58476D1CE4E5B9)), (np.uint64(27), np.uint64(0x94D049BB133111EB)))
_LAST_SHIFT = np.uint64(31)


def _rate(values: NDArray[np.floating], steps: NDArray[np.floating], seed: int) -> None:
    """Let each input fire at each step with probability x, into (steps, inputs, samples).

    The draws depend on the seed and on the values of the sample alone. So a sample has the same spikes wherever it is
    read, and two losses can be compared.
    """
    inputs = values.shape[1]
    rows = np.ascontiguousarray(values, "<f4")
    own: NDArray[np.uint64] = np.array([zlib.crc32(row, seed & 0xFFFFFFFF) for row in rows], np.uint64)
    own = _mixed((own << np.uint64(32)) + np.uint64(seed & 0xFFFFFFFF))
    for step, now in enumerate(steps):
        counter = np.arange(step * inputs + 1, (step + 1) * inputs + 1, dtype=np.uint64)
        places: NDArray[np.uint64] = counter[:, None] * _GOLDEN
        np.less((_mixed(own + places) >> np.uint64(11)) * 2.0**-53, rows.T, out=now)


def _mixed(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Mix the bits of 64-bit numbers: the output function of SplitMix64."""
    for shift, factor in _MIXERS:
        numbers = (numbers ^ (numbers >> shift)) * factor
    return numbers ^ (numbers >> _LAST_SHIFT)
