"""The curve of a group of runs: mean and standard deviation of their sparklines."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from backend.runs.table.schemas import GroupCurve

#: Points of a group's curve.
POINTS = 24
Sparkline = Sequence[tuple[int, float]]


def group_curve(runs: Sequence[tuple[int, Sparkline]]) -> GroupCurve | None:
    """Return mean and deviation of the validation accuracy over a group's runs; None with fewer than two curves.

    Each run is interpolated between its own points and counts as far as it was measured, so the mean at the right may
    rest on fewer runs than that at the left.

    Parameters
    ----------
    runs
        Of each run the iterations asked for and its sparkline.
    """
    measured = [np.array(points, np.float64) for _, points in runs if len(points) > 1]
    if len(measured) < 2:
        return None
    longest = max(iterations for iterations, _ in runs)
    at = np.linspace(0, longest, POINTS)
    values = np.stack([np.interp(at, one[:, 0], one[:, 1], left=np.nan, right=np.nan) for one in measured])
    count = np.sum(~np.isnan(values), axis=0)
    kept = count > 0
    at, values, count = at[kept], values[:, kept], count[kept]
    mean = np.nansum(values, axis=0) / count
    squares = np.nansum((values - mean) ** 2, axis=0)
    deviation = np.sqrt(squares / np.maximum(count - 1, 1))
    points = [
        (int(iteration), round(float(middle), 3), round(float(spread), 3))
        for iteration, middle, spread in zip(at, mean, deviation, strict=True)
    ]
    return GroupCurve(iterations=longest, runs=len(measured), points=points)
