"""Curves of a run or of a window of it, downsampled to a maximum number of points."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session
from tsdownsample import MinMaxDownsampler

from backend.runs import queries as repository
from backend.runs.curves.schemas import Actions, Column, LayerActions, Metrics
from backend.runs.queries import ChunkEntry
from backend.wire import columns, levels
from backend.wire.columns import Columns
from backend.wire.levels import BLOCKS, Level

#: Least points that a curve may be asked for: its two ends and the extremes of each metric.
MIN_POINTS = 2 + 2 * len(columns.METRICS)

Replicates = Literal["mean", "all"]


class Window(NamedTuple):
    """Range of iterations, ends included; None: unbounded."""

    first: int | None = None
    last: int | None = None

    def of(self, points: Columns) -> Columns:
        """Return the points inside the window."""
        if not points or self == (None, None):
            return points
        inside = np.ones(columns.points(points), dtype=bool)
        if self.first is not None:
            inside &= points["iteration"] >= self.first
        if self.last is not None:
            inside &= points["iteration"] <= self.last
        return points if inside.all() else {name: array[inside] for name, array in points.items()}


EVERYTHING = Window()


def points(session: Session, run_id: str, window: Window = EVERYTHING) -> Columns:
    """Return all points of a window at full resolution."""
    return columns.concatenate([window.of(part) for part in _read(session, run_id, window, None)])


def next_points(session: Session, run_id: str, window: Window) -> Columns:
    """Return the first points of a window at full resolution: those that lie in one chunk."""
    for chunk in repository.chunk_index(session, run_id, *window):
        return window.of(columns.decode(repository.chunk_data(session, run_id, chunk.first_iteration)))
    return {}


def read_metrics(
    session: Session, run_id: str, max_points: int, replicates: Replicates = "mean", window: Window = EVERYTHING
) -> Metrics:
    """Return the curves of a window; of a long one no more is read than is needed for so many points."""
    choice = _Choice(max_points // (2 * len(columns.METRICS)), (Level.COARSE, Level.FINE))
    parts = [window.of(part) for part in _read(session, run_id, window, choice)]
    return metrics(columns.concatenate([{n: p[n] for n in levels.ROW} for p in parts]), max_points, replicates)


def read_actions(session: Session, run_id: str, max_points: int, window: Window = EVERYTHING) -> Actions:
    """Return the action counts of a window; those between two points of it belong to the later one."""
    choice = _Choice(max_points, (Level.ACTIONS,))
    parts = [window.of(part) for part in _read(session, run_id, window, choice)]
    return actions(columns.concatenate([{n: p[n] for n in ("iteration", "actions")} for p in parts]), max_points)


def metrics(measured: Columns, max_points: int, replicates: Replicates = "mean") -> Metrics:
    """Turn points into curves.

    Minimum and maximum of the mean of each metric are among them; those of the band, and of each replicate where
    replicates are asked for, too if `max_points` has room: a quarter of it holds all of them.

    Parameters
    ----------
    measured
        As `points` returns them; only the columns `levels.ROW` are looked at.
    max_points
        At most so many are returned; at least `MIN_POINTS`.
    replicates
        ``all`` returns the values of each replicate beside the mean.
    """
    if not columns.points(measured):
        return Metrics(
            iteration=[], forward_passes=[], seconds=[], values={n: [] for n in columns.METRICS}, deviation=None
        )
    kept = _kept(measured, max_points, replicates)
    values = {name: measured[name][kept].astype(np.float64) for name in columns.METRICS}
    several = values["train_loss"].shape[1] > 1
    return Metrics(
        iteration=measured["iteration"][kept].tolist(),
        forward_passes=measured["forward_passes"][kept].tolist(),
        seconds=np.round(measured["seconds"][kept].astype(np.float64), 3).tolist(),
        values={name: _column(value.mean(axis=1)) for name, value in values.items()},
        deviation={name: _column(levels.deviation_of(value)) for name, value in values.items()} if several else None,
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


class _Choice(NamedTuple):
    """Levels to read from, coarsest first, and the number of blocks that makes a level fine enough."""

    blocks: int
    levels: Sequence[Level]

    def level(self, points: int) -> Level | None:
        return next((level for level in self.levels if points >= self.blocks * BLOCKS[level]), None)


def _read(session: Session, run_id: str, window: Window, choice: _Choice | None) -> list[Columns]:
    """Read the chunks of a window in order; those wholly inside from a coarser level where that is fine enough."""
    index = repository.chunk_index(session, run_id, *window)
    inside = [chunk for chunk in index if _holds(window, chunk)]
    level = choice.level(sum(chunk.points for chunk in inside)) if choice is not None else None
    if level is None or not inside:
        if not index:
            return []
        stored = repository.chunks(session, run_id, index[0].first_iteration, index[-1].first_iteration)
        return [columns.decode(data) for data in stored]
    coarser = repository.levels(session, run_id, level, inside[0].first_iteration, inside[-1].first_iteration)
    return [
        columns.decode(
            coarser.get(chunk.first_iteration) or repository.chunk_data(session, run_id, chunk.first_iteration)
        )
        for chunk in index
    ]


def _holds(window: Window, chunk: ChunkEntry) -> bool:
    return (window.first is None or window.first <= chunk.first_iteration) and (
        window.last is None or chunk.last_iteration <= window.last
    )


def _kept(measured: Columns, max_points: int, replicates: Replicates) -> NDArray[np.int64]:
    count = columns.points(measured)
    if count <= max_points:
        return np.arange(count)
    means = levels.means_of(measured)
    chosen = np.unique(np.concatenate([[0, count - 1], levels.extremes(means, count)]))
    for more in (levels.band_of(measured), levels.replicates_of(measured) if replicates == "all" else None):
        if more is not None and len(chosen) + 2 * more.shape[1] <= max_points:
            chosen = np.union1d(chosen, levels.extremes(more, count))
    # An even share of what is left for each metric; every index is one point of all columns.
    share = (max_points - len(chosen)) // means.shape[1] // 2 * 2
    if share >= 4:
        iterations = np.ascontiguousarray(measured["iteration"])
        downsampler = MinMaxDownsampler()
        spread = [downsampler.downsample(iterations, np.ascontiguousarray(one), n_out=share) for one in means.T]
        chosen = np.union1d(chosen, np.concatenate(spread).astype(np.int64))
    return chosen


def _column(values: NDArray[Any]) -> Column:
    """Round to six digits, the precision of float32; NaN and infinity become null, as JSON has neither."""
    size = np.abs(values)
    # Zero has no logarithm; beyond 1e22 powers of ten are no longer exact.
    usual = (size > 1e-15) & (size < 1e22)
    digits = 5 - np.floor(np.log10(size, out=np.zeros_like(size), where=usual))
    power = 10.0 ** np.abs(digits)
    # Divided, not multiplied, by a power of ten: only so the shortest decimal comes out.
    rounded = np.where(digits >= 0, np.round(values * power) / power, np.round(values / power) * power)
    column: Column = rounded.tolist()
    for index in np.flatnonzero(~usual & (values != 0)).tolist():
        column[index] = float(f"{values[index]:.6g}") if np.isfinite(values[index]) else None
    return column
