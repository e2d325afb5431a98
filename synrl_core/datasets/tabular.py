"""Load the tables that scikit-learn bundles: iris, wine and breast cancer.

Features are the measurements themselves; columns are standardised by the samples that train (`Dataset.inputs`), as
those of files that people bring. `before` gives a table as earlier versions did: standardised by the statistics of all
rows, those held back included. Runs that began on it go on with it, to the bit.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

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
    """Load the irises: (150, 4) in cm, three classes of 50."""
    return _measured(IRIS)


def wine(_: Parameters) -> Dataset:
    """Load the wines: (178, 13), classes of 59, 71 and 48."""
    return _measured(WINE)


def breast_cancer(_: Parameters) -> Dataset:
    """Load the tumours: (569, 30), 212 malignant and 357 benign."""
    return _measured(BREAST_CANCER)


def before(name: str) -> Dataset | None:
    """Load a table standardised by the statistics of all rows; None for a data set that is no table of these."""
    info = {one.name: one for one in (IRIS, WINE, BREAST_CANCER)}.get(name)
    if info is None:
        return None
    values = bundled.read(info.name).values
    return _dataset(info, ((values - values.mean(axis=0)) / values.std(axis=0)).astype(np.float32))


def _measured(info: DatasetInfo) -> Dataset:
    return _dataset(info, bundled.read(info.name).values.astype(np.float32), standardise=True)


def _dataset(info: DatasetInfo, features: NDArray[np.float32], *, standardise: bool = False) -> Dataset:
    table = bundled.read(info.name)
    return Dataset(
        info=info,
        features=features,
        labels=table.labels,
        class_names=tuple(name.replace("class_", "grower ") for name in table.class_names),
        sample_shape=(features.shape[1],),
        feature_names=table.column_names,
        standardise=standardise,
    )
