"""Checkpoints that earlier versions wrote go on as they would have gone on then.

``stored/<name>-0037.npz`` are states of runs at iteration 37 of 80, as the version of commit 650ede0 wrote them;
``stored/<name>-0080.npz`` the states at the end of the same runs, never interrupted. They stand for what people have on
their disks and are never written again.
"""

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from synrl_core import datasets
from synrl_core.datasets import Dataset
from synrl_core.errors import CheckpointError
from synrl_core.learning import checkpoint
from synrl_core.learning.factory import make_trainer, resume_trainer
from synrl_core.networks.blocks import from_json, layers_of, to_json

STORED = Path(__file__).parent / "stored"
NAMES = ("static", "stochastic", "adaptive", "sequential", "sgd", "adam")


@pytest.fixture(scope="module")
def points() -> Dataset:
    return datasets.load("teacher")


def read(name: str, iteration: int) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    return checkpoint.unpack((STORED / f"{name}-{iteration:04d}.npz").read_bytes())


def without_blocks(meta: dict[str, Any]) -> dict[str, Any]:
    """What the earlier version wrote too."""
    return {key: value for key, value in meta.items() if key != "blocks"}


@pytest.mark.parametrize("name", NAMES)
def test_a_stored_checkpoint_ends_as_its_uninterrupted_run(points: Dataset, name: str) -> None:
    (_, stored), (expected_meta, expected) = read(name, 37), read(name, 80)
    trainer = resume_trainer((STORED / f"{name}-0037.npz").read_bytes(), points)
    assert trainer.iteration == 37
    list(trainer.events())
    meta, arrays = checkpoint.unpack(trainer.state_bytes())
    assert arrays.keys() == expected.keys()
    if same_rounding(points, name, stored):
        assert without_blocks(meta) == expected_meta
        for key, array in expected.items():
            np.testing.assert_array_equal(arrays[key], array, err_msg=key)
    for key, array in expected.items():
        assert arrays[key].dtype == array.dtype
        np.testing.assert_allclose(arrays[key], array, rtol=1e-4, atol=1e-6, err_msg=key)


def same_rounding(points: Dataset, name: str, stored: dict[str, NDArray[Any]]) -> bool:
    """Whether this processor and its linear algebra round as those did that wrote the file."""
    meta, _ = read(name, 37)
    trainer = make_trainer(resume_trainer((STORED / f"{name}-0037.npz").read_bytes(), points).config, points)
    for _ in itertools.takewhile(lambda _: trainer.iteration < meta["iteration"], trainer.events()):
        pass
    _, arrays = checkpoint.unpack(trainer.state_bytes())
    return all(np.array_equal(arrays[key], array, equal_nan=True) for key, array in stored.items())


@pytest.mark.parametrize("name", NAMES)
def test_a_stored_checkpoint_cut_once_more_ends_with_the_same_bytes(points: Dataset, name: str) -> None:
    state = (STORED / f"{name}-0037.npz").read_bytes()
    whole, part = resume_trainer(state, points), resume_trainer(state, points)
    list(whole.events())
    list(itertools.islice(part.events(), 20))
    then = resume_trainer(part.state_bytes(), points)
    list(then.events())
    assert then.state_bytes() == whole.state_bytes()


def test_a_checkpoint_says_which_blocks_its_weights_are(points: Dataset) -> None:
    trainer = resume_trainer((STORED / "static-0037.npz").read_bytes(), points)
    meta, _ = checkpoint.unpack(trainer.state_bytes())
    blocks = from_json(meta["blocks"])
    assert [layer.shape for layer in layers_of(blocks)] == [array.shape[1:] for array in trainer.weights()]
    assert meta["blocks"] == to_json(blocks)


def test_a_checkpoint_of_other_blocks_is_refused(points: Dataset) -> None:
    meta, arrays = checkpoint.unpack(resume_trainer((STORED / "static-0037.npz").read_bytes(), points).state_bytes())
    del meta["version"]
    meta["blocks"][1]["kind"] = "recurrent"
    with pytest.raises(CheckpointError, match=r"holds a network of the layers hidden_1.bias \(1, 4\)"):
        resume_trainer(checkpoint.pack(meta, arrays), points)
