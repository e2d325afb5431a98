"""Define data sets and split them into training and validation samples."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, NamedTuple, Protocol

import numpy as np
from numpy.typing import DTypeLike, NDArray

from synrl_core.datasets.stratified import stratified_split

#: Larger values could leave float32 while they are scaled.
LARGEST = 1e30
_BLOCK_VALUES = 2**20

#: What kind of thing a sample is: something to look at, a point of a plane, steps in time, a row of measurements.
Group = Literal["pictures", "boundaries", "sequences", "tables"]


def group_of(sample_shape: Sequence[int]) -> Group:
    """Return the group of data that were brought, by the shape of a sample."""
    return {2: "pictures", 3: "sequences"}.get(len(sample_shape), "tables")  # type: ignore[return-value]


@dataclass(frozen=True)
class DatasetInfo:
    """Metadata of a data set: title, description, source, licence."""

    name: str
    title: str
    description: str
    licence: str
    source: str
    citation: str = ""
    group: Group = "tables"


class DatasetSize(NamedTuple):
    """Size of a data set, known without loading it."""

    samples: int
    inputs: int
    classes: int
    targets: int | None = None
    """Wanted outputs of a regression, None where there are only classes."""
    sample_shape: tuple[int, ...] = ()
    """Shape of a sample, as `Dataset.sample_shape`; empty: (inputs,)."""


@dataclass(frozen=True, eq=False)
class Dataset:
    """A data set in memory: features, labels, class names.

    Attributes
    ----------
    info
        Name, description, licence and source.
    features
        (samples, inputs) float32, scaled; C-contiguous and read-only. Where `standardise` is set: as the file has
        them, float32, or float64 where float32 would lose differences within a column.
    labels
        (samples,) int64 in 0..classes-1.
    class_names
        One word a class.
    sample_shape
        (height, width) when a sample is a picture, (steps, height, width) when it is a sequence, each step of which is
        a picture or a single row of inputs, else (inputs,).
    targets
        (samples, outputs) float32 for regression, else None.
    feature_names
        One word an input when the inputs have names, else empty.
    standardise
        Whether each column is brought to mean 0 and deviation 1 by the statistics of the samples that train:
        `inputs` does it. The statistics differ from split to split; the data set and its hash do not.

    Raises
    ------
    ValueError
        When the arrays don't fit each other or the class names.
    """

    info: DatasetInfo
    features: NDArray[Any]
    labels: NDArray[np.int64]
    class_names: tuple[str, ...]
    sample_shape: tuple[int, ...]
    targets: NDArray[np.float32] | None = None
    feature_names: tuple[str, ...] = field(default=())
    standardise: bool = False

    def __post_init__(self) -> None:
        for name in ("features", "labels", "targets"):
            array = getattr(self, name)
            if array is not None:
                array = np.ascontiguousarray(array)
                array.flags.writeable = False
                object.__setattr__(self, name, array)
        samples, inputs = self.features.shape
        if self.labels.shape != (samples,) or (self.targets is not None and len(self.targets) != samples):
            raise ValueError(
                f"data set '{self.name}': {samples} rows of features, {len(self.labels)} labels"
                + (f", {len(self.targets)} targets" if self.targets is not None else "")
                + "; each sample needs one of each."
            )
        if samples and not 0 <= self.labels.min() <= self.labels.max() < self.classes:
            raise ValueError(
                f"data set '{self.name}': labels run from {self.labels.min()} to {self.labels.max()}; "
                f"{self.classes} class names allow 0 to {self.classes - 1}."
            )
        if math.prod(self.sample_shape) != inputs:
            raise ValueError(
                f"data set '{self.name}': {inputs} inputs don't fill samples of shape {self.sample_shape}."
            )

    @property
    def name(self) -> str:
        """Name of the data set in a configuration."""
        return self.info.name

    @property
    def is_pictures(self) -> bool:
        """Whether a sample has rows and columns."""
        return len(self.sample_shape) == 2

    @property
    def is_sequences(self) -> bool:
        """Whether a sample has steps in time."""
        return len(self.sample_shape) == 3

    @property
    def classes(self) -> int:
        """Number of classes."""
        return len(self.class_names)

    @cached_property
    def content_hash(self) -> str:
        """SHA-256 over all but `info`: the same content has the same hash anywhere, whatever it is called."""
        hasher = ContentHasher(self.features.shape, self.features.dtype, standardise=self.standardise)
        hasher.update(self.features)
        return hasher.hexdigest(self)

    def inputs(self, parts: Split) -> Inputs:
        """Return the samples as inputs of a network that trains on `parts.train`."""
        return Inputs(self, parts)


class Inputs:
    """Features as network inputs under one split: columns standardised by the training part.

    Where the data set asks for it, each column is brought to mean 0 and deviation 1 by the statistics of the samples
    that train, in float64 before it is rounded; of sequences, an input is one column at all steps. A column that never
    changes among those becomes 0 everywhere, as nothing can be learned of it. Samples held back have no part in the
    statistics.

    Attributes
    ----------
    dataset
        Whose samples these are.
    """

    def __init__(self, dataset: Dataset, parts: Split) -> None:
        self.dataset = dataset
        self._columns: ColumnStatistics | None = None
        self._width = dataset.features.shape[1]
        if dataset.standardise and dataset.is_sequences:  # one statistic for all steps of an input
            self._width //= dataset.sample_shape[0]
            self._columns = ColumnStatistics(dataset.features[parts.train].reshape(-1, self._width))
        elif dataset.standardise:
            self._columns = ColumnStatistics(dataset.features, parts.train)

    def of(self, indices: NDArray[np.int64]) -> NDArray[np.float32]:
        """Copy some samples: (len(indices), inputs) float32."""
        features = self.dataset.features
        if self._columns is None:
            return np.asarray(features[indices], dtype=np.float32)
        seen = np.empty((len(indices), features.shape[1]), dtype=np.float32)
        for rows in blocks(*seen.shape):
            block = features[indices[rows]]
            seen[rows] = self._columns.apply(block.reshape(-1, self._width)).reshape(block.shape)
        return seen


class ColumnStatistics:
    """Mean and deviation of each column over some rows, in float64.

    Values are taken relative to the first of these rows, so that columns of large numbers with small differences (Unix
    time, coordinates) keep all their digits, and a column that never changes has a deviation of exactly 0.

    Attributes
    ----------
    constant
        (inputs,) bool, the columns that never change among the rows.
    """

    def __init__(self, values: NDArray[Any], rows: NDArray[np.int64] | None = None) -> None:
        count, inputs = len(values) if rows is None else len(rows), values.shape[1]

        def chosen(some: slice) -> NDArray[Any]:
            return values[some] if rows is None else values[rows[some]]

        self._first = np.asarray(chosen(slice(0, 1)), dtype=np.float64)[0] if count else np.zeros(inputs)
        total, squares = np.zeros(inputs), np.zeros(inputs)
        for some in blocks(count, inputs):
            total += (chosen(some) - self._first).sum(axis=0)
        self._mean = total / max(count, 1)
        for some in blocks(count, inputs):
            moved = chosen(some) - self._first
            squares += np.square(moved - self._mean).sum(axis=0)
        deviation = np.sqrt(squares / max(count, 1))
        self.constant: NDArray[np.bool_] = deviation == 0
        # What is divided by infinity is 0: also a value that only samples held back have.
        self._deviation = np.where(self.constant, np.inf, deviation)

    def apply(self, values: NDArray[Any]) -> NDArray[np.float32]:
        """Standardise (rows, inputs) values: mean 0 and deviation 1."""
        moved = values - self._first
        moved -= self._mean
        moved /= self._deviation
        return np.clip(moved, -LARGEST, LARGEST, out=moved).astype(np.float32)


class ContentHasher:
    """SHA-256 of a data set, fed block by block so that its features need not all be in memory.

    Parameters
    ----------
    shape
        (samples, inputs) of all features.
    dtype
        float32, or float64 where a data set to be standardised needs it.
    standardise
        Whether columns are still to be standardised: the same numbers mean something else then. Data sets that are
        not keep the hash that they had before there were others.
    """

    def __init__(self, shape: tuple[int, ...], dtype: DTypeLike = np.float32, *, standardise: bool = False) -> None:
        word = "values of columns to standardise" if standardise else "features"
        self._digest = hashlib.sha256(f"{word} {np.dtype(dtype).name} {shape}".encode())

    def update(self, features: NDArray[Any]) -> None:
        """Add the next rows of the features, (rows, inputs) of the declared type and C-contiguous."""
        self._digest.update(_bytes_of(features))

    def hexdigest(self, rest: _Described) -> str:
        """Add the labels, the targets and the names, and return the hash as 64 hexadecimal digits."""
        for word, array in (("labels", rest.labels), ("targets", rest.targets)):
            self._digest.update(f"{word} {None if array is None else array.shape}".encode())
            if array is not None:
                self._digest.update(_bytes_of(array))
        names = [rest.class_names, rest.sample_shape, rest.feature_names]
        self._digest.update(json.dumps(names, ensure_ascii=True).encode())
        return self._digest.hexdigest()


class _Described(Protocol):
    """Fields of a data set beside its features."""

    @property
    def labels(self) -> NDArray[np.int64]: ...
    @property
    def targets(self) -> NDArray[np.float32] | None: ...
    @property
    def class_names(self) -> tuple[str, ...]: ...
    @property
    def sample_shape(self) -> tuple[int, ...]: ...
    @property
    def feature_names(self) -> tuple[str, ...]: ...


def blocks(rows: int, columns: int) -> Iterator[slice]:
    """Cut rows into runs of about a million values, so that no copy of a whole table is needed."""
    step = max(1, _BLOCK_VALUES // max(1, columns))
    for start in range(0, rows, step):
        yield slice(start, min(rows, start + step))


def _bytes_of(array: NDArray[Any]) -> memoryview:
    """View an array's bytes, little-endian, without a copy where the machine is little-endian."""
    little = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))
    return little.reshape(-1).view(np.uint8).data


@dataclass(frozen=True)
class Split:
    """Indices of the samples that train and of those held back, both ascending, int64."""

    train: NDArray[np.int64]
    validation: NDArray[np.int64]


def split(dataset: Dataset, validation_fraction: float, seed: int) -> Split:
    """Hold back a stratified share of the samples.

    The same data set, share and seed give the same split on any machine.

    Raises
    ------
    ValueError
        When a class has too few samples to give one to each side.
    """
    try:
        train, validation = stratified_split(dataset.labels, validation_fraction, seed)
    except ValueError as error:
        smallest = int(np.bincount(dataset.labels, minlength=dataset.classes).min())
        raise ValueError(
            f"data set '{dataset.name}' can't be split: {len(dataset.labels)} samples in {dataset.classes} classes, "
            f"{smallest} in the smallest, validation_fraction {validation_fraction}. Each class needs a sample on "
            f"either side; choose another share or more samples. ({error})"
        ) from error
    return Split(train=train, validation=validation)
