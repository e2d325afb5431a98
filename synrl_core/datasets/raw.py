"""A data set as its file has it: bytes as bytes, and how they become what the network sees."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synrl_core.datasets.base import ContentHasher, Dataset, DatasetInfo
from synrl_core.datasets.errors import DatasetError, shown
from synrl_core.datasets.limits import ReaderLimits

_BLOCK_VALUES = 2**20
#: Larger values could leave float32 while they are scaled.
_LARGEST = 1e30


@dataclass(frozen=True, eq=False)
class Scaling:
    """features = (values - offset) / divisor, in float32.

    Attributes
    ----------
    description
        The same in words, for a person.
    offset, divisor
        float32, () or (inputs,).
    """

    description: str
    offset: NDArray[np.float32]
    divisor: NDArray[np.float32]

    @classmethod
    def none(cls) -> Scaling:
        """Leave the values as they are."""
        return cls("Values are taken as they are.", _scalar(0), _scalar(1))

    @classmethod
    def of_pictures(cls, values: NDArray[Any]) -> Scaling:
        """Bring pixels to 0..1 by the brightest that their kind of picture can have: 1, 16 or 255."""
        low, high = (float(values.min()), float(values.max())) if values.size else (0.0, 1.0)
        if low < 0 or high > 255:
            description = f"Pixels from {low:g} to {high:g} are brought to 0 to 1."
            return cls(description, _scalar(low), _scalar(high - low if high > low else 1.0))
        white = 1 if high <= 1 else 16 if high <= 16 else 255
        description = "Pixels are taken as they are." if white == 1 else f"Pixels are divided by {white}, to 0 to 1."
        return cls(description, _scalar(0), _scalar(white))

    @classmethod
    def of_table(cls, values: NDArray[Any]) -> Scaling:
        """Bring each column to mean 0 and deviation 1, by the statistics of all rows; a constant column to 0."""
        total = np.zeros(values.shape[1])
        for rows in _blocks(len(values), values.shape[1]):
            total += values[rows].sum(axis=0, dtype=np.float64)
        mean = total / len(values)
        squares = np.zeros_like(mean)
        for rows in _blocks(len(values), values.shape[1]):
            squares += np.square(values[rows] - mean).sum(axis=0)
        deviation = np.sqrt(squares / len(values))
        constant = int((deviation == 0).sum())
        description = "Each column is brought to mean 0 and deviation 1, by the statistics of all rows."
        if constant:
            description += f" {constant} of {len(mean)} columns never change and become 0."
        offset, divisor = mean.astype(np.float32), deviation.astype(np.float32)
        return cls(description, offset, np.where(divisor > 0, divisor, np.float32(1)))

    def apply(self, values: NDArray[Any]) -> NDArray[np.float32]:
        """Scale some rows: (rows, inputs) of any number type -> float32."""
        scaled = values.astype(np.float32)
        scaled -= self.offset
        scaled /= self.divisor
        return scaled


@dataclass(frozen=True, eq=False)
class RawDataset:
    """What a reader found.

    Attributes
    ----------
    values
        (samples, inputs), uint8 where the file has bytes, else float32; not scaled.
    labels
        (samples,) int64 in 0..classes-1.
    class_names, sample_shape, feature_names, targets
        As in `Dataset`.
    scaling
        What will be done to the values.
    remarks
        What the reader had to decide or leave out, one sentence each.
    """

    values: NDArray[np.uint8] | NDArray[np.float32]
    labels: NDArray[np.int64]
    class_names: tuple[str, ...]
    sample_shape: tuple[int, ...]
    scaling: Scaling
    feature_names: tuple[str, ...] = ()
    targets: NDArray[np.float32] | None = None
    remarks: tuple[str, ...] = field(default=())

    @classmethod
    def of(cls, dataset: Dataset) -> RawDataset:
        """Take a data set as it is, so that it can be stored or shown like one from a file."""
        return cls(
            values=dataset.features,
            labels=dataset.labels,
            class_names=dataset.class_names,
            sample_shape=dataset.sample_shape,
            scaling=Scaling.none(),
            feature_names=dataset.feature_names,
            targets=dataset.targets,
        )

    @cached_property
    def content_hash(self) -> str:
        """The `Dataset.content_hash` that `dataset` would have, found without holding all features."""
        hasher = ContentHasher(self.values.shape)
        for block in self._features():
            hasher.update(block)
        return hasher.hexdigest(self)

    def dataset(self, info: DatasetInfo) -> Dataset:
        """Scale the values and make the data set that trains."""
        features = np.empty(self.values.shape, dtype=np.float32)
        start = 0
        for block in self._features():
            features[start : start + len(block)] = block
            start += len(block)
        return Dataset(
            info=info,
            features=features,
            labels=self.labels,
            class_names=self.class_names,
            sample_shape=self.sample_shape,
            targets=self.targets,
            feature_names=self.feature_names,
        )

    def with_class_names(self, class_names: Sequence[str]) -> RawDataset:
        """Name the classes anew, in their order: notMNIST's files say 0 to 9 and mean A to J.

        Raises
        ------
        ValueError
            When there is not one distinct name a class.
        """
        if len(class_names) != len(self.class_names) or len(set(class_names)) != len(class_names):
            raise ValueError(
                f"{len(self.class_names)} classes need as many different names, {len(class_names)} were given "
                f"({', '.join(shown(name) for name in class_names[:10])})."
            )
        return replace(self, class_names=tuple(class_names))

    def _features(self) -> Iterator[NDArray[np.float32]]:
        for rows in _blocks(*self.values.shape):
            yield self.scaling.apply(self.values[rows])


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
) -> RawDataset:
    """Check what a reader found, and put it together.

    Parameters
    ----------
    values
        (samples, inputs), any number type.
    labels
        (samples,) integers or strings, as the file has them.
    sample_shape
        (height, width) of pictures, else (inputs,).
    words
        When labels are places in this list.
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
    encoded, class_names = encode_labels(file, labels, limits, words)
    if values.dtype != np.uint8:
        values = finite_float32(file, values)
    if len(sample_shape) == 1 and looks_like_pictures(values):
        side = math.isqrt(inputs)
        sample_shape = (side, side)
        remarks = (*remarks, f"{inputs} whole numbers a sample are taken as {side} x {side} pixels.")
        values = values.astype(np.uint8)
    pictures = len(sample_shape) == 2
    return RawDataset(
        values=np.ascontiguousarray(values),
        labels=encoded,
        class_names=class_names,
        sample_shape=sample_shape,
        scaling=Scaling.of_pictures(values) if pictures else Scaling.of_table(values),
        feature_names=() if pictures else feature_names,
        remarks=tuple(remarks),
    )


def looks_like_pictures(values: NDArray[Any]) -> bool:
    """Whether rows are square pictures of bytes: at least 8 x 8 whole numbers from 0 to 255."""
    inputs = values.shape[1]
    if inputs < 64 or math.isqrt(inputs) ** 2 != inputs:
        return False
    return values.dtype == np.uint8 or all(
        bool(((block >= 0) & (block <= 255) & (block == np.floor(block))).all())
        for block in (values[rows] for rows in _blocks(*values.shape))
    )


def encode_labels(
    file: str, labels: NDArray[Any], limits: ReaderLimits, words: tuple[str, ...] | None = None
) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Number the classes from 0 in their order: numbers by value, words by alphabet.

    Returns
    -------
    labels
        (samples,) int64.
    class_names
        What each class is called in the file.
    """
    if words is not None:
        labels, words = _sorted_words(labels, words)
    count = _count_distinct(labels)
    if count > limits.classes:
        raise DatasetError(
            file, "labels", f"{count:,} different labels", f"at most {limits.classes:,}",
            "Choose the column that holds the class; a number that is measured is no class.",
        )  # fmt: skip
    found = np.unique(labels)
    names = tuple(str(name) if words is None else words[int(name)] for name in found)
    if len(found) < 2:
        raise DatasetError(
            file, "labels", f"all {len(labels)} samples are of one class ({', '.join(map(shown, names))})",
            "two classes or more", "Add samples of another class, or choose another label column.",
        )  # fmt: skip
    for name in names:
        check_name(file, "labels", "class name", name, limits)
    numbered = np.searchsorted(found, labels).astype(np.int64)
    counts = np.bincount(numbered)
    if counts.min() < 2:
        lonely = names[int(counts.argmin())]
        raise DatasetError(
            file, "labels", f"class {shown(lonely)} has one sample", "two or more of each class, one for either side "
            "of the split", "Add samples of that class or remove it.",
        )  # fmt: skip
    return numbered, names


def _count_distinct(labels: NDArray[Any]) -> int:
    """Count different labels in the memory of one copy: `np.unique` would take another one for millions of classes."""
    ordered = np.sort(labels)
    return int(np.count_nonzero(ordered[1:] != ordered[:-1])) + 1 if len(ordered) else 0


def _sorted_words(labels: NDArray[np.int64], words: tuple[str, ...]) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Sort by value where all are whole numbers, as '9' before '10', else by alphabet."""
    numbers = all(word.removeprefix("-").isdecimal() for word in words)
    order = sorted(range(len(words)), key=lambda place: (int(words[place]) if numbers else 0, words[place]))
    return np.argsort(order)[labels], tuple(words[place] for place in order)


def check_name(file: str, place: str, what: str, name: str, limits: ReaderLimits) -> None:
    """Refuse a name that can't be shown on one line. Quotes and emoji are fine."""
    if not name.strip() or len(name) > limits.name_length or not name.isprintable():
        raise DatasetError(
            file, place, f"{what} {shown(name)} of {len(name):,} characters",
            f"1 to {limits.name_length} printable characters on one line", f"Rename the {what.split()[0]}.",
        )  # fmt: skip


def finite_float32(file: str, values: NDArray[Any]) -> NDArray[np.float32]:
    """Convert to float32, and refuse what is not a number or too large for one."""
    converted = np.empty(values.shape, dtype=np.float32)
    for rows in _blocks(*values.shape):
        with np.errstate(over="ignore", invalid="ignore"):
            converted[rows] = values[rows]
            usable = np.abs(converted[rows]) <= _LARGEST
        if not usable.all():
            row, column = (int(index) for index in np.argwhere(~usable)[0])
            raise DatasetError(
                file, f"sample {rows.start + row + 1:,}, value {column + 1:,}",
                f"{values[rows.start + row, column]}", f"a number, in size at most {_LARGEST:g}",
                "Fill in or leave out samples with missing values; bring very large ones to another unit.",
            )  # fmt: skip
    return converted


def _scalar(value: float) -> NDArray[np.float32]:
    return np.array(value, dtype=np.float32)


def _blocks(rows: int, columns: int) -> Iterator[slice]:
    """Cut rows into runs of about a million values."""
    step = max(1, _BLOCK_VALUES // max(1, columns))
    for start in range(0, rows, step):
        yield slice(start, min(rows, start + step))
