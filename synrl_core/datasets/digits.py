"""Load the 8x8 handwritten digits that scikit-learn bundles."""

from __future__ import annotations

import numpy as np

from synrl_core.datasets import bundled
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
    table = bundled.read("digits")
    return Dataset(
        info=INFO,
        features=(table.values / 16.0).astype(np.float32),
        labels=table.labels,
        class_names=table.class_names,
        sample_shape=(8, 8),
    )
