"""Curves and groups of trainings: means with the 95 % confidence interval of the mean (Student's t)."""

from __future__ import annotations

from collections.abc import Sequence

from backend.classroom.activities.base import Trained
from backend.classroom.activities.schemas import Curve, Group
from backend.comparison.statistics import interval_of


def mean_curve(label: str, runs: Sequence[Trained], measure: str, value: float | None = None) -> Curve:
    """Return the mean of runs that were evaluated at the same iterations, as far as the shortest goes.

    Parameters
    ----------
    measure
        ``accuracy`` or ``loss``, of the validation points.
    value
        Of the setting that was varied, where one was.
    """
    length = min((len(run.iterations) for run in runs), default=0)
    mean, low, high = [], [], []
    for point in range(length):
        values = [getattr(run, measure)[point] for run in runs]
        band = interval_of(values)
        mean.append(round(sum(values) / len(values), 5))
        low.append(None if band is None else round(band[0], 5))
        high.append(None if band is None else round(band[1], 5))
    iterations = runs[0].iterations[:length] if runs else []
    return Curve(label=label, value=value, runs=len(runs), iterations=iterations, mean=mean, low=low, high=high)


def group(x: float, values: Sequence[float]) -> Group:
    """Return the mean of the results of one value, with its band."""
    band = interval_of(values)
    return Group(
        x=x, runs=len(values), mean=sum(values) / len(values), low=None if band is None else band[0],
        high=None if band is None else band[1],
    )  # fmt: skip
