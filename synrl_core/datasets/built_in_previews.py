"""Previews of the built-in data sets, computed in advance and shipped, for the page of data sets.

Those that scikit-learn brings take a second and 60 MB of imports to load. Their previews lie beside this file in
``built_in_previews.npz``, written by ``python -m synrl_core.datasets.built_in_previews``.
"""

from __future__ import annotations

import json
from functools import lru_cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import numpy as np

from synrl_core.datasets.preview import ClassCount, Preview, preview
from synrl_core.datasets.raw import RawDataset
from synrl_core.datasets.registry import load

_FROM_SCIKIT_LEARN = ("digits", "iris", "wine", "breast_cancer")


@lru_cache(maxsize=32)
def shipped_preview(name: str) -> Preview:
    """Return the stored preview of a built-in data set with default parameters.

    Raises
    ------
    UnknownDatasetError
        When there is none of this name.
    """
    return _shipped(name) if name in _FROM_SCIKIT_LEARN else compute_preview(name)


def compute_preview(name: str) -> Preview:
    """Load a data set and make its preview."""
    return preview(RawDataset.of(load(name)))


def _shipped(name: str) -> Preview:
    with as_file(files(__package__) / "built_in_previews.npz") as path, np.load(path, allow_pickle=False) as archive:
        about = json.loads(str(archive[f"{name}_about"]))
        samples = archive[f"{name}_samples"]
    is_pictures = len(about["sample_shape"]) == 2
    return Preview(
        samples=about["samples"],
        sample_shape=tuple(about["sample_shape"]),
        classes=tuple(ClassCount(*one) for one in about["classes"]),
        scaling=about["scaling"],
        remarks=tuple(about["remarks"]),
        feature_names=tuple(about["feature_names"]),
        pictures=samples if is_pictures else None,
        rows=None if is_pictures else samples,
    )


def write(path: Path) -> None:
    """Write the previews of the package."""
    arrays: dict[str, Any] = {}
    for name in _FROM_SCIKIT_LEARN:
        seen = compute_preview(name)
        about = {
            "samples": seen.samples,
            "sample_shape": seen.sample_shape,
            "classes": [(one.name, one.samples) for one in seen.classes],
            "scaling": seen.scaling,
            "remarks": seen.remarks,
            "feature_names": seen.feature_names,
        }
        arrays[f"{name}_about"] = np.array(json.dumps(about))
        arrays[f"{name}_samples"] = seen.rows if seen.pictures is None else seen.pictures
    np.savez_compressed(path, **arrays)


if __name__ == "__main__":
    write(Path(__file__).with_name("built_in_previews.npz"))
