"""Load the tables that scikit-learn bundles: iris, wine and breast cancer.

Each column is standardised to mean 0 and deviation 1 with the statistics of the whole table, labels not looked at.
The statistics therefore know the validation rows' inputs; for columns as even as these that moves a column by a few
hundredths of its deviation, and it keeps a data set the same whatever the split.
"""

from __future__ import annotations

import numpy as np

from synrl_core.datasets import bundled
from synrl_core.datasets.base import Dataset, DatasetInfo
from synrl_core.datasets.parameters import Parameters

_BUNDLED = ", as bundled with scikit-learn"

IRIS = DatasetInfo(
    name="iris",
    title="Iris",
    description="150 flowers of three species by length and width of sepal and petal. One species stands apart.",
    licence="CC BY 4.0",
    source="R. A. Fisher: Iris, UCI Machine Learning Repository" + _BUNDLED,
    citation="https://doi.org/10.24432/C56C76",
)
WINE = DatasetInfo(
    name="wine",
    title="Wine",
    description="178 wines of three growers by 13 chemical measurements.",
    licence="CC BY 4.0",
    source="S. Aeberhard, M. Forina: Wine, UCI Machine Learning Repository" + _BUNDLED,
    citation="https://doi.org/10.24432/C5PC7J",
)
BREAST_CANCER = DatasetInfo(
    name="breast_cancer",
    title="Breast cancer",
    description="569 tumours, malignant or benign, by 30 measurements of cell nuclei under the microscope.",
    licence="CC BY 4.0",
    source="W. Wolberg, O. Mangasarian, N. Street, W. Street: Breast Cancer Wisconsin (Diagnostic), UCI Machine "
    "Learning Repository" + _BUNDLED,
    citation="https://doi.org/10.24432/C5DW2B",
)


def iris(_: Parameters) -> Dataset:
    """Load the irises: (150, 4), three classes of 50."""
    return _standardised(IRIS, bundled.read("iris"))


def wine(_: Parameters) -> Dataset:
    """Load the wines: (178, 13), classes of 59, 71 and 48."""
    table = bundled.read("wine")
    growers = tuple(name.replace("class_", "grower ") for name in table.class_names)
    return _standardised(WINE, table._replace(class_names=growers))


def breast_cancer(_: Parameters) -> Dataset:
    """Load the tumours: (569, 30), 212 malignant and 357 benign."""
    return _standardised(BREAST_CANCER, bundled.read("breast_cancer"))


def _standardised(info: DatasetInfo, table: bundled.Table) -> Dataset:
    values = table.values
    return Dataset(
        info=info,
        features=((values - values.mean(axis=0)) / values.std(axis=0)).astype(np.float32),
        labels=table.labels,
        class_names=table.class_names,
        sample_shape=(values.shape[1],),
        feature_names=table.column_names,
    )
