"""Tables and splits without scikit-learn: what it gives, number for number, in a process that never imports it."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import datasets as theirs
from sklearn.model_selection import train_test_split

from synrl_core.datasets import bundled
from synrl_core.datasets.stratified import stratified_split
from tests.examples import examples
from tests.server import ROOT
from tests.slowness import patience


@pytest.mark.parametrize("name", ["digits", "iris", "wine", "breast_cancer"])
def test_bundled_tables_are_those_of_scikit_learn(name: str) -> None:
    table, bunch = bundled.read(name), getattr(theirs, f"load_{name}")()
    np.testing.assert_array_equal(table.values, bunch.data)
    np.testing.assert_array_equal(table.labels, bunch.target)
    assert table.class_names == tuple(map(str, bunch.target_names))
    assert table.column_names == tuple(map(str, bunch.feature_names))


@settings(max_examples=examples(200), deadline=None)
@given(
    counts=st.lists(st.integers(1, 40), min_size=1, max_size=8),
    fraction=st.floats(0.01, 0.99) | st.sampled_from([0.1, 0.2, 0.25, 0.3, 0.5]),
    seed=st.integers(0, 2**32 - 1),
)
def test_a_split_is_that_of_scikit_learn_index_for_index(counts: list[int], fraction: float, seed: int) -> None:
    labels = np.random.default_rng(seed).permutation(np.repeat(np.arange(len(counts)), counts))
    try:
        expected = train_test_split(np.arange(len(labels)), test_size=fraction, random_state=seed, stratify=labels)
    except ValueError:
        with pytest.raises(ValueError, match="class"):
            stratified_split(labels, fraction, seed)
        return
    for ours, other in zip(stratified_split(labels, fraction, seed), expected, strict=True):
        np.testing.assert_array_equal(ours, np.sort(other))


def test_a_worker_prepares_without_importing_scikit_learn() -> None:
    program = (
        "import sys; from backend.worker import task; task._import_early();"
        "print([name for name in sys.modules if name.partition('.')[0] in ('sklearn', 'scipy')])"
    )
    told = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=patience(60), check=True
    )
    assert told.stdout.strip() == "[]"
