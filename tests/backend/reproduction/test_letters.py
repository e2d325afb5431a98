"""Letters: notMNIST by its hash or shape, and what is told of other pictures."""

from __future__ import annotations

import pytest

from backend.datasets import service as datasets
from backend.datasets.schemas import DatasetClass, DatasetRead
from backend.datasets.uploads import read_paths
from backend.kit.errors import InvalidError
from backend.reproduction import letters
from backend.reproduction.letters import KNOWN_HASHES, Kind
from synrl_core.datasets import Choices
from tests.shared_data import NOTMNIST, needs_notmnist


def brought(
    counts: list[int], *, name: str = "mine", content_hash: str = "0" * 64, shape: tuple[int, ...] = (28, 28)
) -> DatasetRead:
    classes = [DatasetClass(name=str(place), samples=count) for place, count in enumerate(counts)]
    return DatasetRead(
        id=content_hash[:12], name=name, group="pictures", built_in=False, description="", licence=None, source="",
        citation=None, samples=sum(counts), sample_shape=list(shape), classes=classes, scaling=None, remarks=[],
        content_hash=content_hash, files=["t10k-images-idx3-ubyte.gz"], bytes=1, owner="teacher", created_at=None,
    )  # fmt: skip


SMALL = [1873, 1873, 1873, 1873, 1873, 1872, 1872, 1872, 1872, 1871]
MNIST = [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]


@pytest.mark.parametrize(
    ("dataset", "kind"),
    [
        (brought([1000] * 10, content_hash=next(iter(KNOWN_HASHES))), Kind.BY_HASH),
        (brought(SMALL), Kind.BY_SHAPE),
        (brought([1000] * 10, name="notMNIST_small"), Kind.BY_SHAPE),
        (brought([1000] * 10), Kind.OTHER),  # as many as of Fashion-MNIST
        (brought(MNIST), Kind.OTHER),
        (brought(MNIST, name="notMNIST"), Kind.OTHER),
        (brought([*SMALL[:-1], 1830]), Kind.OTHER),
        (brought([1869] * 10), Kind.OTHER),
        (brought([1870] * 10), Kind.BY_SHAPE),
        (brought([1873] * 10), Kind.BY_SHAPE),
        (brought([1874] * 10), Kind.OTHER),
    ],
)
def test_notmnist_is_told_from_other_pictures(dataset: DatasetRead, kind: Kind) -> None:
    assert letters.kind_of(dataset) is kind


def test_it_is_taken_unless_something_else_is_chosen() -> None:
    present = [*datasets.built_in(), brought(MNIST, content_hash="1" * 64), brought(SMALL)]
    assert letters.chosen(present, None).kind is Kind.BY_SHAPE
    assert letters.chosen(present, "1" * 12).is_notmnist is False
    assert letters.chosen(datasets.built_in(), None).dataset.id == "glyphs"
    assert [one.dataset.id for one in letters.usable(present)] == ["0" * 12, "1" * 12, "glyphs"]


@pytest.mark.parametrize("dataset", [brought([10] * 10, shape=(8, 8)), brought([10] * 9)])
def test_what_the_papers_networks_do_not_fit_is_refused(dataset: DatasetRead) -> None:
    with pytest.raises(InvalidError, match="is not notMNIST"):
        letters.chosen([dataset], dataset.id)


def test_pictures_that_do_not_fit_are_told_and_others_are_not() -> None:
    present = [*datasets.built_in(), brought([10] * 10), brought([10] * 9), brought([5] * 3, shape=(4,))]
    assert letters.unfit(present) == ["'mine' has samples of 28 x 28 in 9 classes"]


def test_a_data_set_that_is_gone_is_refused() -> None:
    with pytest.raises(InvalidError, match="not 'gone'"):
        letters.chosen(datasets.built_in(), "gone")


@needs_notmnist
def test_the_notmnist_files_have_a_known_hash() -> None:
    assert read_paths((NOTMNIST,), Choices()).content_hash in KNOWN_HASHES
