"""Preview of a data set before it is stored: size, classes, some samples, scaling."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synrl_core.datasets.raw import RawDataset

_MOST_CLASSES = 20
_MOST_INPUTS = 64


@dataclass(frozen=True)
class ClassCount:
    """A class and its number of samples."""

    name: str
    samples: int


@dataclass(frozen=True, eq=False)
class Preview:
    """Preview of a data set: size, classes, some samples, remarks.

    Attributes
    ----------
    samples, sample_shape
        How many, and (height, width), (steps, height, width) or (inputs,).
    classes
        Each with its samples.
    scaling
        What is done to the values, in words.
    remarks
        What the reader decided or left out.
    feature_names
        Names of the inputs that `rows` shows.
    pictures
        (classes, columns, height, width) uint8, 0 black and 255 white: the first samples of each of the first 20
        classes; black where a class has fewer. None for tables.
    rows
        (classes, columns, inputs) float32, unscaled, of the first 64 inputs; NaN where a class has fewer. None for
        pictures.
    """

    samples: int
    sample_shape: tuple[int, ...]
    classes: tuple[ClassCount, ...]
    scaling: str
    remarks: tuple[str, ...]
    feature_names: tuple[str, ...]
    pictures: NDArray[np.uint8] | None
    rows: NDArray[np.float32] | None


def preview(raw: RawDataset, columns: int = 8) -> Preview:
    """Preview a data set: the first `columns` samples of each class, in the order of the file."""
    counts = np.bincount(raw.labels, minlength=len(raw.class_names))
    chosen = [np.flatnonzero(raw.labels == label)[:columns] for label in range(min(len(counts), _MOST_CLASSES))]
    is_pictures = len(raw.sample_shape) == 2
    return Preview(
        samples=len(raw.labels),
        sample_shape=raw.sample_shape,
        classes=tuple(ClassCount(name, int(count)) for name, count in zip(raw.class_names, counts, strict=True)),
        scaling=raw.scaling.description,
        remarks=raw.remarks,
        feature_names=() if is_pictures else raw.feature_names[:_MOST_INPUTS],
        pictures=_pictures(raw, chosen, columns) if is_pictures else None,
        rows=None if is_pictures else _rows(raw, chosen, columns),
    )


def _pictures(raw: RawDataset, chosen: list[NDArray[np.int64]], columns: int) -> NDArray[np.uint8]:
    pictures = np.zeros((len(chosen), columns, *raw.sample_shape), dtype=np.uint8)
    for grid, indices in zip(pictures, chosen, strict=True):
        shades = np.clip(raw.scaling.apply(raw.values[indices]), 0.0, 1.0) * 255.0
        grid[: len(indices)] = np.rint(shades).astype(np.uint8).reshape(-1, *raw.sample_shape)
    return pictures


def _rows(raw: RawDataset, chosen: list[NDArray[np.int64]], columns: int) -> NDArray[np.float32]:
    inputs = min(raw.values.shape[1], _MOST_INPUTS)
    rows = np.full((len(chosen), columns, inputs), np.nan, dtype=np.float32)
    for grid, indices in zip(rows, chosen, strict=True):
        grid[: len(indices)] = raw.values[indices, :inputs]
    return rows
