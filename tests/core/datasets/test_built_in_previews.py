from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from synrl_core import datasets
from synrl_core.datasets.built_in_previews import compute_preview, shipped_preview
from tests.slowness import patience


@pytest.mark.parametrize("name", datasets.names())
def test_the_declared_size_is_the_size_of_what_loads(name: str) -> None:
    loaded = datasets.load(name)
    targets = None if loaded.targets is None else loaded.targets.shape[1]
    size = datasets.size(name)
    assert size[:4] == (*loaded.features.shape, loaded.classes, targets)
    assert (size.sample_shape or (size.inputs,)) == loaded.sample_shape


def test_the_declared_size_follows_the_parameters() -> None:
    parameters = {"samples": 60, "inputs": 5}
    loaded = datasets.load("teacher", parameters)
    assert datasets.size("teacher", parameters)[:4] == (60, 5, 2, 1)
    assert loaded.features.shape == (60, 5)
    with pytest.raises(datasets.DatasetParameterError):
        datasets.size("moons", {"samples": -1})


@pytest.mark.parametrize("name", datasets.names())
def test_a_shipped_preview_equals_the_one_of_the_loaded_data(name: str) -> None:
    seen, real = shipped_preview(name), compute_preview(name)
    assert (seen.samples, seen.sample_shape, seen.classes) == (real.samples, real.sample_shape, real.classes)
    assert (seen.scaling, seen.remarks, seen.feature_names) == (real.scaling, real.remarks, real.feature_names)
    for shown, wanted in ((seen.pictures, real.pictures), (seen.rows, real.rows)):
        assert (shown is None) == (wanted is None)
        if shown is not None and wanted is not None:
            np.testing.assert_array_equal(shown, wanted)


def test_looking_at_all_built_in_data_sets_imports_no_scikit_learn() -> None:
    program = (
        "import sys; from synrl_core import datasets; from synrl_core.datasets import built_in_previews;"
        "[(built_in_previews.shipped_preview(name), datasets.size(name)) for name in datasets.names()];"
        "assert 'sklearn' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=patience(60))
