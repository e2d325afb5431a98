"""The laws of the generated sequences: the class is what the description says, and no single step tells it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from synrl_core import datasets
from synrl_core.datasets import Choices, Dataset, DatasetError, Split, split, store
from synrl_core.datasets.base import DatasetInfo
from synrl_core.datasets.readers import npz, table
from synrl_core.datasets.sequences import yin_yang_class
from tests.core.datasets import files

PROBLEMS = tuple(info.name for info in datasets.infos() if info.group == "sequences")


def signals(dataset: Dataset) -> np.ndarray:
    """(samples, steps, inputs)."""
    steps, height, width = dataset.sample_shape
    return dataset.features.reshape(-1, steps, height * width)


@given(name=st.sampled_from(PROBLEMS), samples=st.integers(20, 200), steps=st.integers(2, 12), seed=st.integers(0, 99))
@settings(max_examples=40, deadline=None)
def test_any_parameters_give_what_was_asked_in_even_classes(name: str, samples: int, steps: int, seed: int) -> None:
    dataset = datasets.load(name, {"samples": samples, "steps": steps, "seed": seed, "noise": 0})
    assert dataset.sample_shape[:2] == (steps, 1)
    counts = np.bincount(dataset.labels, minlength=dataset.classes)
    if name != "adding":
        assert counts.max() - counts.min() <= 1
    seen = signals(dataset)
    if name == "delayed_xor":
        np.testing.assert_array_equal(seen[:, 0, 0] != seen[:, -1, 0], dataset.labels == 1)
    elif name == "recall":
        np.testing.assert_array_equal(seen[:, 0].argmax(axis=1), dataset.labels)
    elif name == "parity":
        np.testing.assert_array_equal((seen[:, :, 0] > 0).sum(axis=1) % 2, dataset.labels)
    else:
        assert dataset.targets is not None
        sums = (seen[:, :, 0] * seen[:, :, 1]).sum(axis=1)
        np.testing.assert_allclose(sums, dataset.targets[:, 0], atol=1e-4)
        np.testing.assert_array_equal(seen[:, :, 1].sum(axis=1), 2)


@pytest.mark.parametrize("name", PROBLEMS)
def test_seed_and_noise_change_the_samples(name: str) -> None:
    hashes = {datasets.load(name, chosen).content_hash for chosen in ({"seed": 1}, {"seed": 2}, {"noise": 0.3})}
    assert len(hashes) == 3


@pytest.mark.parametrize("name", ["delayed_xor", "parity"])
def test_no_linear_classifier_finds_the_class(name: str) -> None:
    dataset = datasets.load(name)
    assert LogisticRegression().fit(dataset.features, dataset.labels).score(dataset.features, dataset.labels) < 0.65


def test_yin_yang_has_three_even_classes_placed_as_in_the_symbol() -> None:
    dataset = datasets.load("yin_yang", {"samples": 999})
    assert np.bincount(dataset.labels).tolist() == [333, 333, 333]
    points = dataset.features[:, :2].astype(float)
    np.testing.assert_allclose(dataset.features[:, 2:], 1 - points, atol=1e-4)
    assert (np.hypot(*(points - 0.5).T) <= 0.5 + 1e-4).all()
    known = np.array([[0.25, 0.5], [0.75, 0.5], [0.5, 0.9], [0.5, 0.1], [0.25, 0.7], [0.75, 0.3], [0.4, 0.45]])
    assert yin_yang_class(known).tolist() == [2, 2, 0, 1, 0, 1, 0]
    reached = LogisticRegression(max_iter=1000).fit(dataset.features, dataset.labels)
    assert 0.55 < reached.score(dataset.features, dataset.labels) < 0.75


def test_yin_and_yang_change_places_when_the_symbol_is_turned() -> None:
    points = np.random.default_rng(0).uniform(0, 1, (2000, 2))
    points = points[np.hypot(*(points - 0.5).T) <= 0.5]
    one, turned = yin_yang_class(points), yin_yang_class(1 - points)
    np.testing.assert_array_equal(np.array([1, 0, 2])[one], turned)


def test_an_input_of_sequences_is_standardised_over_all_its_steps() -> None:
    rng = np.random.default_rng(0)
    values = rng.normal([5, 100], [1, 7], (40, 6, 2)) + np.arange(6)[:, None]
    info = DatasetInfo("own", "", "", "", "")
    dataset = Dataset(
        info, values.reshape(40, 12).astype(np.float32), np.arange(40) % 2, ("a", "b"), (6, 1, 2), standardise=True
    )
    parts = split(dataset, 0.25, 0)
    seen = dataset.inputs(parts).of(parts.train).reshape(-1, 2)
    np.testing.assert_allclose(seen.mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(seen.std(axis=0), 1, atol=1e-5)
    other = dataset.inputs(Split(parts.validation, parts.train)).of(parts.train)
    assert np.abs(other.reshape(-1, 2) - seen).max() > 1e-3


# -- files ---------------------------------------------------------------------------------------------------------


def drawn(samples: int = 9, steps: int = 4, inputs: int = 3) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(1)
    return np.round(rng.normal(0, 2, (samples, steps, inputs)), 3), np.arange(samples) % 3


def as_csv(values: np.ndarray, labels: np.ndarray, names: str = "sample,step,a,b,c,class", seed: int = 0) -> bytes:
    """Write sequences as rows of steps, in any order."""
    lines = [
        ",".join(map(str, [sample, step, *row, "xyz"[labels[sample]]]))
        for sample, sequence in enumerate(values)
        for step, row in enumerate(sequence)
    ]
    return "\n".join([names, *np.random.default_rng(seed).permutation(lines)]).encode()


@pytest.mark.parametrize(("key", "choice"), [("sequences", None), ("X", "sequences")])
def test_an_npz_of_three_axes_is_read_as_sequences(key: str, choice: Any) -> None:
    values, labels = drawn()
    name = "y" if key == "X" else "labels"
    raw = npz.read(files.opened(files.npz(**{key: values, name: labels})), choices=Choices(samples=choice))
    assert raw.sample_shape == (4, 1, 3)
    assert raw.reading["samples"] == "sequences"
    np.testing.assert_allclose(raw.values.reshape(values.shape), values, atol=1e-6)
    as_pictures = npz.read(files.opened(files.npz(**{key: values, name: labels})), choices=Choices(samples="pictures"))
    assert as_pictures.sample_shape == (4, 3)
    assert as_pictures.reading["samples"] == "pictures"


@given(seed=st.integers(0, 99))
@settings(max_examples=10, deadline=None)
def test_a_csv_with_sample_and_step_columns_is_read_in_any_row_order(seed: int) -> None:
    values, labels = drawn()
    raw = table.read(files.opened(as_csv(values, labels, seed=seed)), "class")
    assert raw.sample_shape == (4, 1, 3)
    np.testing.assert_allclose(raw.values.reshape(values.shape), values, atol=1e-6)
    assert [raw.class_names[label] for label in raw.labels] == ["xyz"[label] for label in labels]
    assert raw.feature_names[:4] == ("a at 1", "b at 1", "c at 1", "a at 2")
    assert any("36 rows are the steps of 9 sequences of 4" in said for said in raw.remarks)
    loaded = raw.dataset(DatasetInfo("own", "", "", "", ""))
    assert loaded.is_sequences
    assert loaded.standardise


def test_rows_of_steps_stay_rows_where_that_is_chosen() -> None:
    raw = table.read(files.opened(as_csv(*drawn())), "class", choices=Choices(samples="rows"))
    assert raw.sample_shape == (5,)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda lines: lines[:-1], "3 steps"),
        (lambda lines: [*lines[:-1], lines[-2]], "twice|3 steps|5 steps"),
        (lambda lines: [*lines[:-1], lines[-1][:-1] + ("x" if lines[-1][-1] != "x" else "y")], "one class a sequence"),
    ],
)
def test_sequences_that_do_not_fit_together_are_refused(change: Any, told: str) -> None:
    lines = as_csv(*drawn()).decode().split("\n")
    with pytest.raises(DatasetError, match=told):
        table.read(files.opened("\n".join(change(lines)).encode()), "class")


def test_stored_sequences_come_back_as_sequences(tmp_path: Path) -> None:
    raw = table.read(files.opened(as_csv(*drawn())), "class")
    loaded = store.load(store.save(raw, tmp_path), tmp_path)
    assert loaded.sample_shape == (4, 1, 3)
    assert loaded.info.group == "sequences"
    assert loaded.content_hash == raw.content_hash
