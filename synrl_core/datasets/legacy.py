"""Legacy scaling of versions before split-based statistics: columns by all rows, pixels by the brightest.

Data sets that were stored then carry their scaling with them. What has only a checkpoint and the file, a run of
`synrl train --data`, reads the file anew and goes on from the same features, to the bit.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synrl_core.datasets.base import blocks
from synrl_core.datasets.raw import RawDataset
from synrl_core.datasets.scaling import Scaling


def with_legacy_scaling(raw: RawDataset) -> RawDataset:
    """Return a data set with the scaling that readers gave it before columns were scaled by the samples that train."""
    values: NDArray[Any] = raw.values if raw.values.dtype == np.uint8 else raw.values.astype(np.float32)
    scaling = _of_pictures(values) if len(raw.sample_shape) == 2 else _of_all_rows(values)
    return replace(raw, values=values, scaling=scaling)


def _of_pictures(values: NDArray[Any]) -> Scaling:
    low, high = float(values.min()), float(values.max())
    if low < 0 or high > 255:
        return _scaling(low, high - low if high > low else 1.0)
    return _scaling(0, 1 if high <= 1 else 16 if high <= 16 else 255)


def _scaling(offset: float, divisor: float) -> Scaling:
    return Scaling("", np.array(offset, np.float32), np.array(divisor, np.float32))


def _of_all_rows(values: NDArray[Any]) -> Scaling:
    total = np.zeros(values.shape[1])
    for rows in blocks(*values.shape):
        total += values[rows].sum(axis=0, dtype=np.float64)
    mean = total / len(values)
    squares = np.zeros_like(mean)
    for rows in blocks(*values.shape):
        squares += np.square(values[rows] - mean).sum(axis=0)
    offset, divisor = mean.astype(np.float32), np.sqrt(squares / len(values)).astype(np.float32)
    return Scaling("", offset, np.where(divisor > 0, divisor, np.float32(1)))
