"""Write synrl_core/datasets/bundled.npz: digits, iris, wine and breast cancer, as scikit-learn bundles them.

Run by hand: ``python -m scripts.bundled_tables``. A worker reads them in a hundredth of a second;
importing scikit-learn for them would take it 1.3 s of the processor and 115 MB.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn import datasets

from synrl_core.datasets import bundled


def main() -> None:
    """Write the file."""
    arrays: dict[str, NDArray[Any]] = {}
    for name in ("digits", "iris", "wine", "breast_cancer"):
        bunch = getattr(datasets, f"load_{name}")()
        table = bunch.data.astype(np.uint8) if name == "digits" else bunch.data.astype(np.float64)
        arrays |= {
            f"{name}_table": table,
            f"{name}_labels": bunch.target.astype(np.uint8),
            f"{name}_classes": np.array([str(one) for one in bunch.target_names]),
            f"{name}_columns": np.array([str(one) for one in bunch.feature_names]),
        }
    np.savez_compressed(bundled.FILE, allow_pickle=False, **arrays)
    print(f"{bundled.FILE}: {bundled.FILE.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
