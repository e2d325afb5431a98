"""What a Dataset promises of itself."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from synrl_core.datasets import Dataset, DatasetInfo, split
from synrl_core.datasets.base import ContentHasher

INFO = DatasetInfo(name="tiny", title="Tiny", description="Four points.", licence="MIT", source="here")


def tiny() -> Dataset:
    return Dataset(
        info=INFO,
        features=np.arange(8, dtype=np.float32).reshape(4, 2),
        labels=np.array([0, 1, 0, 1]),
        class_names=("A", "B"),
        sample_shape=(2,),
    )


def test_hash_ignores_what_it_is_called_and_sees_all_else() -> None:
    base = tiny()
    assert replace(base, info=replace(INFO, name="other")).content_hash == base.content_hash
    others = [
        replace(base, features=base.features + 1),
        replace(base, labels=base.labels[::-1]),
        replace(base, class_names=("A", "C")),
        replace(base, sample_shape=(1, 2)),
        replace(base, feature_names=("x", "y")),
        replace(base, targets=np.zeros((4, 1), np.float32)),
    ]
    hashes = {base.content_hash, *(other.content_hash for other in others)}
    assert len(hashes) == len(others) + 1


def test_hash_is_the_same_block_by_block() -> None:
    base = tiny()
    hasher = ContentHasher(base.features.shape)
    for row in base.features:
        hasher.update(row[None])
    assert hasher.hexdigest(base) == base.content_hash


def test_arrays_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="read-only"):
        tiny().features[0, 0] = 5


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"labels": np.array([0, 1, 0])}, "4 rows of features, 3 labels"),
        ({"labels": np.array([0, 1, 0, 2])}, "labels run from 0 to 2; 2 class names allow 0 to 1"),
        ({"labels": np.array([0, 1, 0, -1])}, "labels run from -1"),
        ({"sample_shape": (3,)}, "2 inputs don't fill samples of shape"),
        ({"targets": np.zeros((3, 1), np.float32)}, "3 targets"),
    ],
)
def test_parts_that_do_not_fit_are_refused(changes: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(tiny(), **changes)  # type: ignore[arg-type]


def test_a_class_of_one_cannot_be_split_and_the_message_says_so() -> None:
    lonely = replace(tiny(), labels=np.array([0, 0, 0, 1]))
    with pytest.raises(ValueError, match=r"'tiny' can't be split: 4 samples in 2 classes, 1 in the smallest"):
        split(lonely, 0.5, 0)
