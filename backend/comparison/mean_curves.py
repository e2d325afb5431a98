"""Mean curves of groups of runs: on a common grid, smoothed, and reduced to the points that a figure needs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from tsdownsample import MinMaxDownsampler

from backend.comparison import statistics
from backend.comparison.schemas import ComparedCurve, ComparisonOptions
from backend.runs.curves.schemas import Column
from backend.runs.schemas import RunRead

Floats = NDArray[np.float64]


class MeasuredRun(NamedTuple):
    """A run with its measured points."""

    run: RunRead
    x: Floats
    """(points,)"""
    y: Floats
    """(points, replicates)"""
    settings: dict[str, Any]


def mean_curve(members: Sequence[MeasuredRun], options: ComparisonOptions) -> ComparedCurve:
    """Return the mean over all samples of some runs, smoothed on all points before any is left out."""
    measured = [one for one in members if len(one.x)]
    run = members[0].run.id if len(members) == 1 else None
    if not measured:
        return ComparedCurve(run=run, x=[], mean=[], smooth=None, deviation=None, samples=0)
    x, raw, smoothed = _on_common_grid(measured, options)
    mean = statistics.mean(raw)
    shown = statistics.mean(smoothed)
    spread = statistics.deviation(smoothed)
    kept = _decimated(mean, shown, options)
    several = smoothed.shape[1] > 1
    return ComparedCurve(
        run=run,
        x=[float(f"{value:.7g}") for value in x[kept]],
        mean=column(mean[kept]),
        smooth=column(shown[kept]) if options.smoothing > 0 else None,
        deviation=column(spread[kept]) if several else None,
        samples=smoothed.shape[1],
    )


def _on_common_grid(measured: Sequence[MeasuredRun], options: ComparisonOptions) -> tuple[Floats, Floats, Floats]:
    """Interpolate runs at the same x: (points,), and their samples as measured and smoothed, (points, samples)."""
    smoothed = [statistics.smooth(one.y, options.smoothing) for one in measured]
    first = measured[0].x
    if all(len(one.x) == len(first) and np.array_equal(one.x, first) for one in measured):
        return first, np.concatenate([one.y for one in measured], axis=1), np.concatenate(smoothed, axis=1)
    grid = _grid([one.x for one in measured], options)
    raw = [_interpolated(grid, one.x, one.y) for one in measured]
    on_grid = [_interpolated(grid, one.x, y) for one, y in zip(measured, smoothed, strict=True)]
    joined, joined_smoothed = np.concatenate(raw, axis=1), np.concatenate(on_grid, axis=1)
    # Where most runs have ended, a mean of the rest would jump for no reason of theirs.
    most = np.isfinite(joined).sum(axis=1) * 2 >= joined.shape[1]
    return grid[most], joined[most], joined_smoothed[most]


def _grid(xs: Sequence[Floats], options: ComparisonOptions) -> Floats:
    low, high = min(float(x[0]) for x in xs), max(float(x[-1]) for x in xs)
    count = min(options.max_points, max(len(x) for x in xs))
    if options.log_x:
        positive = [x[x > 0] for x in xs]
        lows = [float(x[0]) for x in positive if len(x)]
        if lows and high > min(lows):
            return np.geomspace(min(lows), high, count)
    return np.linspace(low, high, count)


def _interpolated(grid: Floats, x: Floats, y: Floats) -> Floats:
    """Interpolate each column of y (points, samples) between its points; NaN outside of them."""
    columns = [np.interp(grid, x, column, left=np.nan, right=np.nan) for column in y.T]
    return np.stack(columns, axis=1)


def _decimated(mean: Floats, shown: Floats, options: ComparisonOptions) -> NDArray[np.int64]:
    """Choose points so that the extremes of both curves are kept."""
    count = len(mean)
    if count <= options.max_points:
        return np.arange(count)
    share = max(4, (options.max_points - 2) // 4 * 2)
    chosen = [np.array([0, count - 1])]
    for curve in (mean, shown) if options.smoothing > 0 else (mean,):
        n_out = share if options.smoothing > 0 else (options.max_points - 2) // 2 * 2
        chosen.append(MinMaxDownsampler().downsample(np.ascontiguousarray(np.nan_to_num(curve)), n_out=n_out))
    return np.unique(np.concatenate(chosen).astype(np.int64))


def column(values: Floats) -> Column:
    """Round values for an answer; see `rounded`."""
    return [rounded(value) for value in values.tolist()]


def rounded(value: float | None) -> float | None:
    """Round to six digits, the precision of float32; NaN and infinity become null, as JSON has neither."""
    return float(f"{value:.6g}") if value is not None and math.isfinite(value) else None
