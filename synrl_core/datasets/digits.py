"""Load scikit-learn's 8x8 handwritten digits."""

from __future__ import annotations

import numpy as np

from synrl_core.datasets.base import Dataset, DatasetInfo
from synrl_core.datasets.parameters import Parameters

INFO = DatasetInfo(
    name="digits",
    title="Digits",
    description="1,797 handwritten digits, 8 x 8 pixels in 17 shades of grey.",
    licence="CC BY 4.0",
    source="E. Alpaydin, C. Kaynak: Optical Recognition of Handwritten Digits, UCI Machine Learning Repository, "
    "test part, as bundled with scikit-learn",
    citation="https://doi.org/10.24432/C50P49",
    group="pictures",
)


def load(_: Parameters) -> Dataset:
    """Load the digits with pixels scaled from 0..16 to 0..1."""
    from sklearn.datasets import load_digits  # a second to import: the web process never needs it

    pixels, labels = load_digits(return_X_y=True)
    return Dataset(
        info=INFO,
        features=(pixels / 16.0).astype(np.float32),
        labels=labels.astype(np.int64),
        class_names=tuple(str(digit) for digit in range(10)),
        sample_shape=(8, 8),
    )
