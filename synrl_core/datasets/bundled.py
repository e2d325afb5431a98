"""Read the tables that ship in ``bundled.npz``, which scripts/bundled_tables.py writes from scikit-learn's.

scikit-learn is not imported for them: that would take a worker 1.3 s of the processor and 115 MB.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

FILE = Path(__file__).with_name("bundled.npz")


class Table(NamedTuple):
    """A table as it was published."""

    values: NDArray[Any]
    """(samples, columns), uint8 for digits, else float64."""
    labels: NDArray[np.int64]
    """(samples,), counting classes from 0."""
    class_names: tuple[str, ...]
    column_names: tuple[str, ...]


def read(name: str) -> Table:
    """Read one of ``digits``, ``iris``, ``wine`` and ``breast_cancer``.

    Raises
    ------
    KeyError
        When no table has that name.
    """
    with np.load(FILE, allow_pickle=False) as arrays:
        return Table(
            arrays[f"{name}_table"],
            arrays[f"{name}_labels"].astype(np.int64),
            tuple(map(str, arrays[f"{name}_classes"])),
            tuple(map(str, arrays[f"{name}_columns"])),
        )
