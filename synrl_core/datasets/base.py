"""What a data set is, and how it is split."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class DatasetInfo:
    """What a person wants to know of a data set before using it."""

    name: str
    title: str
    description: str
    licence: str
    source: str
    citation: str = ""


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
        """SHA-256 over shapes, features, labels and targets: the same content has the same hash anywhere."""
        digest = hashlib.sha256()
        for array in (self.features, self.labels, self.targets):
            if array is None:
                digest.update(b"none")
            else:
                digest.update(f"{array.dtype.str}{array.shape}".encode())
                digest.update(array.tobytes())
        return digest.hexdigest()


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
