"""Letters of a reproduction: notMNIST among the stored data sets, found by hash or shape, or its substitute."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

from backend.datasets.schemas import DatasetRead
from backend.kit.errors import InvalidError

#: Shipped letters that are trained on where there is no notMNIST.
GLYPHS = "glyphs"
#: Content hashes of notMNIST small as files of it are read.
KNOWN_HASHES = {"1b7e3f72bd089fbb8b53465c97cae38e6f5e2ac96150c1c54adad0bf13622e94": "10,000 pictures, an IDX pair"}
#: Pictures of notMNIST small, two of which no program can read; the paper used 18,724.
_LEAST, _MOST = 18_700, 18_730
#: Pictures of the test files of the IDX pair; other data sets have as many.
_TEST_FILE = 10_000
#: Its classes are equally common up to this share of the largest; those of MNIST differ by a fifth.
_UNEVEN = 0.02
_SHAPE, _CLASSES = [28, 28], 10


class Kind(StrEnum):
    """Ways in which a data set of letters is known."""

    BY_HASH = "notMNIST, by its hash"
    BY_SHAPE = "notMNIST, by its shape"
    OTHER = "other pictures"


class Letters(NamedTuple):
    """A data set that a reproduction can train on."""

    dataset: DatasetRead
    kind: Kind

    @property
    def is_notmnist(self) -> bool:
        """Whether it counts as the paper's data."""
        return self.kind is not Kind.OTHER


def usable(datasets: Sequence[DatasetRead]) -> list[Letters]:
    """Return the data sets of 28 x 28 pixels and ten classes, notMNIST first, the ones that ship last."""
    found = [Letters(one, kind_of(one)) for one in datasets if _fits(one)]
    order = list(Kind)
    return sorted(found, key=lambda one: (order.index(one.kind), one.dataset.built_in))


def unfit(datasets: Sequence[DatasetRead]) -> list[str]:
    """Say which brought pictures can't be trained on, and why: 'scans' has 32 x 32 pixels in 10 classes."""
    return [
        f"'{one.name}' has samples of {_shape(one)} in {len(one.classes)} classes"
        for one in datasets
        if not one.built_in and len(one.sample_shape) > 1 and not _fits(one)
    ]


def _shape(dataset: DatasetRead) -> str:
    return " x ".join(map(str, dataset.sample_shape))


def chosen(datasets: Sequence[DatasetRead], dataset_id: str | None) -> Letters:
    """Return the letters to train on: the chosen ones, else notMNIST if it is there, else the glyphs that ship.

    Raises
    ------
    InvalidError
        When the chosen data set is not there, or the paper's networks don't fit it.
    """
    if dataset_id is None:
        candidates = usable(datasets)
        notmnist = [one for one in candidates if one.is_notmnist]
        return (notmnist or [one for one in candidates if one.dataset.id == GLYPHS])[0]
    found = next((one for one in datasets if one.id == dataset_id), None)
    if found is None:
        raise InvalidError.of("dataset", "should be the id of a data set that is here", value=dataset_id[:100])
    if not _fits(found):
        raise InvalidError.of(
            "dataset",
            f"'{found.name}' is not notMNIST: it has samples of {_shape(found)} in {len(found.classes)} classes, and "
            "the paper's networks read 28 x 28 pixels and tell 10 classes apart. Bring notMNIST on the page Data, or "
            f"leave this out to train on {GLYPHS}.",
            value=dataset_id[:100],
        )
    return Letters(found, kind_of(found))


def kind_of(dataset: DatasetRead) -> Kind:
    """Tell notMNIST from other pictures.

    A known hash is certain. Else notMNIST small has about 18,724 pictures, or 10,000 under a name that says so, in ten
    classes that are equally common.
    """
    if dataset.content_hash in KNOWN_HASHES:
        return Kind.BY_HASH
    counts = [one.samples for one in dataset.classes]
    even = bool(counts) and max(counts) - min(counts) <= _UNEVEN * max(counts)
    said = "notmnist" in re.sub(r"[^a-z]", "", " ".join([dataset.name, *dataset.files]).lower())
    sized = _LEAST <= dataset.samples <= _MOST or (dataset.samples == _TEST_FILE and said)
    return Kind.BY_SHAPE if not dataset.built_in and _fits(dataset) and even and sized else Kind.OTHER


def _fits(dataset: DatasetRead) -> bool:
    return dataset.sample_shape == _SHAPE and len(dataset.classes) == _CLASSES
