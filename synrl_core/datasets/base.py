"""What a data set is, and how it is split."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

#: What kind of thing a sample is: something to look at, a point of a plane, a row of measurements.
Group = Literal["pictures", "boundaries", "tables"]


@dataclass(frozen=True)
class DatasetInfo:
    """What a person wants to know of a data set before using it."""

    name: str
    title: str
    description: str
    licence: str
    source: str
    citation: str = ""
    group: Group = "tables"


class DatasetSize(NamedTuple):
    """As much of a data set as can be known without loading it."""

    samples: int
    inputs: int
    classes: int
    targets: int | None = None
    """Wanted outputs of a regression, None where there are only classes."""


@dataclass(frozen=True, eq=False)
class Dataset:
    """Samples with their classes, in memory, as the network sees them.

    Attributes
    ----------
    info
        Name, description, licence and source.
    features
        (samples, inputs) float32, scaled; C-contiguous and read-only.
    labels
        (samples,) int64 in 0..classes-1.
    class_names
        One word a class.
    sample_shape
        (height, width) when a sample is a picture, else (inputs,).
    targets
        (samples, outputs) float32 for regression, else None.
    feature_names
        One word an input when the inputs have names, else empty.

    Raises
    ------
    ValueError
        When the arrays don't fit each other or the class names.
    """

    info: DatasetInfo
    features: NDArray[np.float32]
    labels: NDArray[np.int64]
    class_names: tuple[str, ...]
    sample_shape: tuple[int, ...]
    targets: NDArray[np.float32] | None = None
    feature_names: tuple[str, ...] = field(default=())

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
        """Name under which a configuration asks for it."""
        return self.info.name

    @property
    def is_pictures(self) -> bool:
        """Whether a sample has rows and columns."""
        return len(self.sample_shape) == 2

    @property
    def classes(self) -> int:
        """Number of classes."""
        return len(self.class_names)

    @cached_property
    def content_hash(self) -> str:
        """SHA-256 over all but `info`: the same content has the same hash anywhere, whatever it is called."""
        hasher = ContentHasher(self.features.shape)
        hasher.update(self.features)
        return hasher.hexdigest(self)


class ContentHasher:
    """SHA-256 of a data set whose features may come block by block, so that they need not all be in memory.

    Parameters
    ----------
    shape
        (samples, inputs) of all features.
    """

    def __init__(self, shape: tuple[int, ...]) -> None:
        self._digest = hashlib.sha256(f"features float32 {shape}".encode())

    def update(self, features: NDArray[np.float32]) -> None:
        """Add the next rows of the features, (rows, inputs) float32 and C-contiguous."""
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
    """What a data set has beside its features."""

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
    from sklearn.model_selection import train_test_split  # a second to import: the web process never needs it

    indices = np.arange(len(dataset.labels))
    try:
        train, validation = train_test_split(
            indices, test_size=validation_fraction, random_state=seed, stratify=dataset.labels
        )
    except ValueError as error:
        smallest = int(np.bincount(dataset.labels, minlength=dataset.classes).min())
        raise ValueError(
            f"data set '{dataset.name}' can't be split: {len(indices)} samples in {dataset.classes} classes, "
            f"{smallest} in the smallest, validation_fraction {validation_fraction}. Each class needs a sample on "
            f"either side; choose another share or more samples. ({error})"
        ) from error
    return Split(train=np.sort(train), validation=np.sort(validation))
