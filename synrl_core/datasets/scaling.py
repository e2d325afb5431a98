"""Scaling of a data set's values into network inputs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synrl_core.datasets.base import blocks

_DIGITS_SHAPE, _DIGITS_WHITE = (8, 8), 16


@dataclass(frozen=True, eq=False)
class Scaling:
    """Scaling of values: (values - offset) / divisor, or standardised columns once the split is known.

    Attributes
    ----------
    description
        The same in words, for a person.
    offset, divisor
        () or (inputs,). float64: the arithmetic is done in float64 and rounded once; float32: in float32, as all of it
        was once, so that data sets stored then keep their hashes.
    standardise
        Whether columns are brought to mean 0 and deviation 1 by `Dataset.inputs`.
    """

    description: str
    offset: NDArray[np.float32] | NDArray[np.float64]
    divisor: NDArray[np.float32] | NDArray[np.float64]
    standardise: bool = False

    @classmethod
    def none(cls) -> Scaling:
        """Leave the values as they are."""
        return cls("Values are taken as they are.", _scalar(0), _scalar(1))

    @classmethod
    def of_pictures(
        cls, values: NDArray[Any], shape: tuple[int, ...] = (), *, is_byte: bool = True, own_range: bool = False
    ) -> Scaling:
        """Scale pixels to 0..1: whole numbers by their type, fractions by the brightest of the set.

        Parameters
        ----------
        values
            (samples, pixels); uint8 where all are whole numbers from 0 to 255.
        shape
            (height, width): 8 x 8 pixels up to 16 are scikit-learn's digits.
        is_byte
            Whether the file has bytes; other types of whole numbers may hold 17 shades.
        own_range
            Whether the brightest pixel of the set is white, whatever the type.
        """
        low, high = (float(values.min()), float(values.max())) if values.size else (0.0, 1.0)
        if high <= low and low >= 0:
            low, high = 0.0, max(high, 1.0)
        if low < 0:
            description = f"Pixels from {low:g} to {high:g} are brought to 0 to 1."
            return cls(description, np.array(low), np.array((high - low) or 1.0))
        white = high
        if not own_range:
            white = _white(shape, high, is_byte=is_byte) if values.dtype == np.uint8 else max(high, 1.0)
        if white == 1:
            return cls("Pixels are taken as they are.", _scalar(0), _scalar(1))
        if white in (_DIGITS_WHITE, 255):
            return cls(f"Pixels are divided by {white:g}, to 0 to 1.", _scalar(0), _scalar(white))
        return cls(f"Pixels from 0 to {white:g} are brought to 0 to 1.", np.array(0.0), np.array(float(white)))

    @classmethod
    def of_table(cls, values: NDArray[Any]) -> Scaling:
        """Standardise each column to mean 0 and deviation 1, by the statistics of the training samples."""
        changing = np.zeros(values.shape[1], dtype=np.bool_)
        for rows in blocks(*values.shape):
            changing |= (values[rows] != values[0]).any(axis=0)
        constant = int((~changing).sum())
        description = "Each column is brought to mean 0 and deviation 1, by the statistics of the samples that train."
        if constant:
            description += f" {constant} of {len(changing)} columns never change and become 0."
        return cls(description, _scalar(0), _scalar(1), standardise=True)

    def apply(self, values: NDArray[Any]) -> NDArray[np.float32]:
        """Scale some rows by offset and divisor: (rows, inputs) of any number type -> float32."""
        scaled: NDArray[Any] = values.astype(self.offset.dtype)
        np.subtract(scaled, self.offset, out=scaled)
        np.divide(scaled, self.divisor, out=scaled)
        return scaled.astype(np.float32, copy=False)


def _white(shape: tuple[int, ...], high: float, *, is_byte: bool) -> int:
    """Return the value of white among whole numbers from 0 to 255."""
    if high <= 1:
        return 1
    if high <= _DIGITS_WHITE and (not is_byte or (high == _DIGITS_WHITE and shape == _DIGITS_SHAPE)):
        return _DIGITS_WHITE
    return 255


def _scalar(value: float) -> NDArray[np.float32]:
    return np.array(value, dtype=np.float32)
