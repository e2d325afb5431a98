"""Load the notMNIST pictures of the paper from the developer's disk; their licence forbids shipping."""

from __future__ import annotations

import gzip
import os
from functools import cache
from pathlib import Path

import numpy as np

from synrl_core.datasets import Dataset, DatasetInfo

FOLDER = Path(os.environ.get("SYNRL_TEST_DATA", Path(__file__).parents[2] / "shared" / "data"))
INFO = DatasetInfo(
    name="notmnist",
    title="notMNIST small",
    description="10,000 of the 18,724 pictures of the letters A to J in many typefaces, 28 x 28 pixels.",
    licence="not stated",
    source="Y. Bulatov, 2011",
)


@cache
def notmnist() -> Dataset:
    """Read notMNIST small from the idx files in FOLDER/notmnist, pixels scaled from 0..255 to 0..1."""
    pixels = _idx("t10k-images-idx3-ubyte.gz", 16).reshape(-1, 28 * 28)
    labels = _idx("t10k-labels-idx1-ubyte.gz", 8)
    return Dataset(
        info=INFO,
        features=pixels.astype(np.float32) / np.float32(255),
        labels=labels.astype(np.int64),
        class_names=tuple("ABCDEFGHIJ"),
        sample_shape=(28, 28),
    )


def _idx(name: str, header: int) -> np.ndarray[tuple[int], np.dtype[np.uint8]]:
    path = FOLDER / "notmnist" / name
    if not path.exists():
        raise SystemExit(f"notMNIST is not at {path}; set SYNRL_TEST_DATA to the folder that holds notmnist/.")
    return np.frombuffer(gzip.decompress(path.read_bytes()), np.uint8)[header:]
