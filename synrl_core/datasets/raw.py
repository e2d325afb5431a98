"""A data set in its file's own number type, with the scaling that turns it into network inputs."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synrl_core.datasets import labels as classes
from synrl_core.datasets.base import LARGEST, ContentHasher, Dataset, DatasetInfo, blocks
from synrl_core.datasets.choices import Choices
from synrl_core.datasets.errors import DatasetError, quoted
from synrl_core.datasets.limits import ReaderLimits
from synrl_core.datasets.scaling import Scaling

#: float32 keeps a column if it moves no value by more than this share of the column's deviation.
_ROUNDING = 1e-6
#: Bytes that never reach this leave most of their range unused.
_DARK = 64


@dataclass(frozen=True, eq=False)
class RawDataset:
    """Values, labels and metadata that a reader read from a file.

    Attributes
    ----------
    values
        (samples, inputs), uint8 where the file has bytes, else float32, or float64 where float32 would lose
        differences within a column; not scaled.
    labels
        (samples,) int64 in 0..classes-1.
    class_names, sample_shape, feature_names, targets
        As in `Dataset`.
    scaling
        What will be done to the values.
    remarks
        What the reader had to decide or leave out, one sentence each.
    reading
        Which of the `Choices` the reader made, by name, as JSON's own types.
    """

    values: NDArray[np.uint8] | NDArray[np.float32] | NDArray[np.float64]
    labels: NDArray[np.int64]
    class_names: tuple[str, ...]
    sample_shape: tuple[int, ...]
    scaling: Scaling
    feature_names: tuple[str, ...] = ()
    targets: NDArray[np.float32] | None = None
    remarks: tuple[str, ...] = field(default=())
    reading: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, dataset: Dataset) -> RawDataset:
        """Take a data set as it is, so that it can be stored or shown like one from a file."""
        return cls(
            values=dataset.features,
            labels=dataset.labels,
            class_names=dataset.class_names,
            sample_shape=dataset.sample_shape,
            scaling=replace(Scaling.none(), standardise=dataset.standardise),
            feature_names=dataset.feature_names,
            targets=dataset.targets,
        )

    @cached_property
    def content_hash(self) -> str:
        """The `Dataset.content_hash` that `dataset` would have, found without holding all features."""
        hasher = ContentHasher(self.values.shape, self._dtype, standardise=self.scaling.standardise)
        for block in self._features():
            hasher.update(block)
        return hasher.hexdigest(self)

    @property
    def _dtype(self) -> np.dtype[Any]:
        """The type of the features: float64 only where columns are still to be standardised and need it."""
        wide = self.scaling.standardise and self.values.dtype == np.float64
        return np.dtype(np.float64 if wide else np.float32)

    def dataset(self, info: DatasetInfo) -> Dataset:
        """Scale the values, but for columns that are standardised later, and make the data set that trains."""
        return Dataset(
            info=info,
            features=self._all_features(),
            labels=self.labels,
            class_names=self.class_names,
            sample_shape=self.sample_shape,
            targets=self.targets,
            feature_names=self.feature_names,
            standardise=self.scaling.standardise,
        )

    def with_class_names(self, class_names: Sequence[str]) -> RawDataset:
        """Rename the classes, in their order: notMNIST's files say 0 to 9 and mean A to J.

        Raises
        ------
        ValueError
            When there is not one distinct name a class.
        """
        if len(class_names) != len(self.class_names) or len(set(class_names)) != len(class_names):
            raise ValueError(
                f"{len(self.class_names)} classes need as many different names, {len(class_names)} were given "
                f"({', '.join(quoted(name) for name in class_names[:10])})."
            )
        return replace(self, class_names=tuple(class_names))

    def _all_features(self) -> NDArray[Any]:
        if self.scaling.standardise:
            return self.values.astype(self._dtype, copy=False)
        features = np.empty(self.values.shape, dtype=np.float32)
        start = 0
        for block in self._features():
            features[start : start + len(block)] = block
            start += len(block)
        return features

    def _features(self) -> Iterator[NDArray[Any]]:
        for rows in blocks(*self.values.shape):
            values = self.values[rows]
            yield values.astype(self._dtype) if self.scaling.standardise else self.scaling.apply(values)


def assemble(
    file: str,
    values: NDArray[Any],
    labels: NDArray[Any],
    sample_shape: tuple[int, ...],
    limits: ReaderLimits,
    *,
    words: tuple[str, ...] | None = None,
    feature_names: tuple[str, ...] = (),
    remarks: Sequence[str] = (),
    choices: Choices | None = None,
    reading: Mapping[str, Any] | None = None,
    may_be_pictures: bool = True,
    remedy: str = "Add samples of another class.",
) -> RawDataset:
    """Check the arrays that a reader found, and make a data set of them.

    Parameters
    ----------
    values
        (samples, inputs), any number type.
    labels
        (samples,) integers or strings, as the file has them.
    sample_shape
        (height, width) of pictures, (steps, 1, inputs) of sequences, else (inputs,).
    words
        When labels are places in this list.
    choices
        How it shall be read.
    reading
        What the reader decided already.
    may_be_pictures
        Whether rows of whole numbers that could be square pictures are taken for pictures.
    remedy
        What to do when there is one class only.
    """
    samples, inputs = values.shape
    if not samples or not inputs:
        raise DatasetError(
            file, "contents", f"{samples} samples of {inputs} values", "at least two samples",
            "Check that the file was written to its end.",
        )  # fmt: skip
    if samples > limits.samples or inputs > limits.inputs:
        raise DatasetError(
            file, "contents", f"{samples:,} samples of {inputs:,} values",
            f"at most {limits.samples:,} samples of {limits.inputs:,} values",
            "Bring fewer or smaller samples, or raise the limit in the settings.",
        )  # fmt: skip
    choices = choices or Choices()
    encoded = classes.encode(file, labels, limits, words, missing=choices.missing or "refuse", remedy=remedy)
    notes, made = [*remarks, *encoded.remarks], dict(reading or {})
    kept = encoded.labels >= 0
    if not kept.all():
        values = values[kept]
    is_byte = values.dtype == np.uint8
    values = _compact(file, values, pictures=len(sample_shape) == 2)
    if len(sample_shape) == 1 and are_square_pictures(values):
        side = math.isqrt(inputs)
        made["samples"] = choices.samples or ("pictures" if may_be_pictures else "rows")
        if made["samples"] == "pictures":
            sample_shape = (side, side)
            notes.append(f"{inputs} whole numbers a sample are taken as {side} x {side} pixels.")
            values = values.astype(np.uint8, copy=False)
        elif made["samples"] == "sequences":
            sample_shape = (side, 1, side)
            notes.append(f"{inputs} whole numbers a sample are taken as {side} steps of {side} inputs.")
        elif choices.samples is None:
            notes.append(f"{inputs} whole numbers a sample are taken as columns; they could be {side} x {side} pixels.")
    pictures = len(sample_shape) == 2
    if pictures:
        values, sample_shape = _turned(values, sample_shape, choices)
        made |= {"orientation": choices.orientation or "as_stored", "pixel_range": choices.pixel_range or "type"}
        notes = [*_blank(file, values, encoded), *notes]
        scaling = Scaling.of_pictures(values, sample_shape, is_byte=is_byte, own_range=choices.pixel_range == "own")
        if is_byte and scaling.divisor == 255 and (brightest := int(values.max())) < _DARK:
            notes.append(f"The brightest pixel is {brightest} of 255 that a byte can hold: these pictures are dark.")
    else:
        scaling = Scaling.of_table(values)
        if samples > 1 and "columns never change" in scaling.description and not _changes(values):
            notes.append("All samples are alike: there is nothing to tell apart.")
    return RawDataset(
        values=np.ascontiguousarray(values),
        labels=encoded.labels[kept],
        class_names=encoded.names,
        sample_shape=sample_shape,
        scaling=scaling,
        feature_names=() if pictures else feature_names,
        remarks=tuple(notes),
        reading=made,
    )


def are_square_pictures(values: NDArray[Any]) -> bool:
    """Whether rows are square pictures of bytes: at least 8 x 8 whole numbers from 0 to 255."""
    inputs = values.shape[1]
    return inputs >= 64 and math.isqrt(inputs) ** 2 == inputs and _are_bytes(values)


def keep_digits(values: NDArray[Any]) -> NDArray[np.float32] | NDArray[np.float64]:
    """Return (rows, inputs) values as float32 where that keeps each column's differences, else as float64.

    Unix time in seconds has ten digits and float32 seven: a column of it would become one number.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        narrow = values.astype(np.float32)
        if values.dtype.kind == "f" and values.dtype.itemsize <= 4:
            return narrow
        wide = values.astype(np.float64)
        moved = np.abs(narrow - wide).max(axis=0, initial=0)
        if not moved.any():
            return narrow
        lost = moved > _ROUNDING * (wide - wide[0]).std(axis=0)
    return wide if lost.any() else narrow


def finite(file: str, values: NDArray[Any], *, wide: bool = True) -> NDArray[np.float32] | NDArray[np.float64]:
    """Convert to float32, or float64 where a column needs it; refuse what is not a number or too large for one.

    Parameters
    ----------
    wide
        Whether float64 may be needed: not for pixels, which no scaling spreads.
    """
    converted: NDArray[Any] = np.empty(values.shape, dtype=np.float32)
    for rows in blocks(*values.shape):
        with np.errstate(over="ignore", invalid="ignore"):
            block = keep_digits(values[rows]) if wide else values[rows].astype(np.float32)
            usable = np.abs(block) <= LARGEST
        if not usable.all():
            row, column = (int(index) for index in np.argwhere(~usable)[0])
            raise DatasetError(
                file, f"sample {rows.start + row + 1:,}, value {column + 1:,}",
                f"{values[rows.start + row, column]}", f"a number, in size at most {LARGEST:g}",
                "Fill in or leave out samples with missing values; bring very large ones to another unit.",
            )  # fmt: skip
        if block.dtype == np.float64 and converted.dtype != np.float64:
            # What was converted before lost nothing: a column's deviation only grows with more rows.
            converted = converted.astype(np.float64)
        converted[rows] = block
    return converted


def _are_bytes(values: NDArray[Any]) -> bool:
    return values.dtype == np.uint8 or all(
        bool(((block >= 0) & (block <= 255) & (block == np.floor(block))).all())
        for block in (values[rows] for rows in blocks(*values.shape))
    )


def _compact(file: str, values: NDArray[Any], *, pictures: bool) -> NDArray[Any]:
    """Convert values to the smallest type that holds them: uint8, float32, float64 for columns that need it."""
    if values.dtype == np.uint8:
        return values
    converted = finite(file, values, wide=not pictures)
    if not pictures:
        return converted
    return converted.astype(np.uint8 if _are_bytes(converted) else np.float32, copy=False)


def _turned(values: NDArray[Any], shape: tuple[int, ...], choices: Choices) -> tuple[NDArray[Any], tuple[int, ...]]:
    """Swap rows and columns of each picture where that was chosen."""
    if choices.orientation != "transposed":
        return values, shape
    turned = values.reshape(len(values), *shape).transpose(0, 2, 1)
    return np.ascontiguousarray(turned).reshape(len(values), -1), shape[::-1]


def _blank(file: str, values: NDArray[Any], encoded: classes.Classes) -> list[str]:
    """Remark on pictures of one shade all over; refuse a set of pictures that are all the same.

    Raises
    ------
    DatasetError
        When no two pictures differ.
    """
    if not _changes(values):
        shade = f", every pixel {values.flat[0]:g}" if (values[0] == values[0, 0]).all() else ""
        raise DatasetError(
            file, "pictures", f"all {len(values):,} are the same{shade}", "pictures that differ",
            "Open some of them to see what they hold, and export them anew.",
        )  # fmt: skip
    blank = np.concatenate([values[rows].min(axis=1) == values[rows].max(axis=1) for rows in blocks(*values.shape)])
    if not blank.any():
        return []
    labels = encoded.labels[encoded.labels >= 0]
    total = np.bincount(labels, minlength=len(encoded.names))
    lost = [
        name
        for name, all_, of in zip(encoded.names, total, np.bincount(labels[blank], minlength=len(total)), strict=True)
        if all_ == of
    ]
    remark = f"{int(blank.sum()):,} of {len(values):,} pictures are blank: one shade all over."
    if lost:
        remark += f" Class {', '.join(map(quoted, lost[:5]))} has no other."
    return [remark]


def _changes(values: NDArray[Any]) -> bool:
    """Return whether any two rows differ."""
    return any(bool((values[rows] != values[0]).any()) for rows in blocks(*values.shape))
