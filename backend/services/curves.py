"""What was measured of a run, as curves of at most so many points."""

from __future__ import annotations

import math
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session
from tsdownsample import MinMaxDownsampler

from backend import columns
from backend.columns import Columns
from backend.db import runs as repository
from backend.schemas import Actions, Column, LayerActions, Metrics

#: Columns whose extremes survive the downsampling.
_KEPT_EXTREMES = ("train_loss", "train_accuracy", "validation_loss", "validation_accuracy")


def points(session: Session, run_id: str) -> Columns:
    """Return all points of a run at full resolution."""
    return columns.concatenate([columns.decode(chunk) for chunk in repository.chunks(session, run_id)])


def metrics(measured: Columns, max_points: int, replicates: Literal["mean", "all"] = "mean") -> Metrics:
    """Turn points into curves; minimum and maximum of each loss and accuracy are among them.

    Parameters
    ----------
    measured
        As `points` returns them.
    max_points
        At most so many are returned; at least 8.
    replicates
        ``all`` returns the values of each replicate beside the mean.
    """
    if not columns.points(measured):
        return Metrics(
            iteration=[], forward_passes=[], seconds=[], values={n: [] for n in columns.METRICS}, deviation=None
        )
    kept = _kept(measured, max_points)
    values = {name: measured[name][kept].astype(np.float64) for name in columns.METRICS}
    several = values["train_loss"].shape[1] > 1
    return Metrics(
        iteration=measured["iteration"][kept].tolist(),
        forward_passes=measured["forward_passes"][kept].tolist(),
        seconds=[round(second, 3) for second in measured["seconds"][kept].tolist()],
        values={name: _column(value.mean(axis=1)) for name, value in values.items()},
        deviation={name: _column(value.std(axis=1, ddof=1)) for name, value in values.items()} if several else None,
        replicates={name: [_column(one) for one in value.T] for name, value in values.items()}
        if replicates == "all"
        else None,
    )


def actions(measured: Columns, max_points: int) -> Actions:
    """Turn points into action counts over time; neighbours are added up where there are too many."""
    count = columns.points(measured)
    if not count or not measured["actions"].shape[1]:
        return Actions(iteration=[], layers=[])
    starts = np.unique(np.linspace(0, count, num=min(count, max_points), endpoint=False).astype(np.int64))
    summed = np.add.reduceat(measured["actions"], starts, axis=0)
    ends = np.append(starts[1:], count) - 1
    return Actions(
        iteration=measured["iteration"][ends].tolist(),
        layers=[
            LayerActions(
                down=summed[:, layer, 0].tolist(), stay=summed[:, layer, 1].tolist(), up=summed[:, layer, 2].tolist()
            )
            for layer in range(summed.shape[1])
        ],
    )


def _kept(measured: Columns, max_points: int) -> NDArray[np.int64]:
    count = columns.points(measured)
    if count <= max_points:
        return np.arange(count)
    # An even share for each column, and the two ends; every index is one point of all columns.
    share = max(2, (max_points - 2) // len(_KEPT_EXTREMES) // 2 * 2)
    chosen: list[NDArray[Any]] = [np.array([0, count - 1])]
    for name in _KEPT_EXTREMES:
        mean = np.nan_to_num(measured[name].mean(axis=1))
        chosen.append(MinMaxDownsampler().downsample(np.ascontiguousarray(mean), n_out=share).astype(np.int64))
    return np.unique(np.concatenate(chosen))


def _column(values: NDArray[np.float64]) -> Column:
    # Six digits: what float32 holds. NaN and infinity are no JSON.
    return [float(f"{value:.6g}") if math.isfinite(value) else None for value in values.tolist()]
