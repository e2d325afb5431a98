"""Coarser levels of a full chunk, by which long curves are read as fast as short ones.

A level keeps real points, not averages: of every block of so many points those at which the mean over replicates of a
metric is least or greatest, and of the whole chunk those of each replicate and of the band (mean ± deviation). So the
extremes of any range of whole chunks are found in a level as they would be in all points. Actions are summed by block.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.wire.columns import METRICS, Columns, points

#: Points of a full chunk. Only full chunks have levels; it is a multiple of every block.
CHUNK_POINTS = 4096


class Level(StrEnum):
    """Level of detail of a chunk's copy."""

    FINE = "fine"
    COARSE = "coarse"
    ACTIONS = "actions"


#: Points of a block.
BLOCKS = {Level.FINE: 64, Level.COARSE: 1024, Level.ACTIONS: 64}
#: What a level holds of a point.
ROW = ("iteration", "forward_passes", "seconds", *METRICS)


def build(chunk: Columns) -> dict[Level, Columns]:
    """Make the levels of a full chunk.

    Parameters
    ----------
    chunk
        `CHUNK_POINTS` points as `backend.wire.messages.Progress.points` describes them.
    """
    if points(chunk) != CHUNK_POINTS:
        raise ValueError(f"a chunk of {points(chunk)} points has no levels; {CHUNK_POINTS} make a full one")
    means, others = means_of(chunk), np.concatenate([band_of(chunk), replicates_of(chunk)], axis=1)
    once = np.concatenate([[0, CHUNK_POINTS - 1], extremes(others, CHUNK_POINTS)])
    made: dict[Level, Columns] = {}
    for level in (Level.FINE, Level.COARSE):
        rows = np.unique(np.concatenate([once, extremes(means, BLOCKS[level])]))
        made[level] = {name: chunk[name][rows] for name in ROW}
    block = BLOCKS[Level.ACTIONS]
    made[Level.ACTIONS] = {
        "iteration": chunk["iteration"][block - 1 :: block],
        "actions": chunk["actions"].reshape(-1, block, *chunk["actions"].shape[1:]).sum(axis=1),
    }
    return made


def extremes(series: NDArray[np.float64], block: int) -> NDArray[np.int64]:
    """Return the rows at which each series is least and greatest in each block, in order; no number counts as none.

    Parameters
    ----------
    series
        (points, series); points are a multiple of ``block``.
    """
    blocks = series.reshape(len(series) // block, block, series.shape[1])
    starts = np.arange(len(blocks))[:, None] * block
    unknown = np.isnan(blocks)
    least = np.where(unknown, np.inf, blocks).argmin(axis=1) + starts
    greatest = np.where(unknown, -np.inf, blocks).argmax(axis=1) + starts
    return np.unique(np.concatenate([least, greatest], axis=None))


def means_of(chunk: Columns) -> NDArray[np.float64]:
    """Return the mean over replicates of each metric, (points, metrics)."""
    return _stacked([chunk[name].mean(axis=1, dtype=np.float64) for name in METRICS])


def band_of(chunk: Columns) -> NDArray[np.float64]:
    """Return mean - deviation and mean + deviation of each metric, (points, 2 * metrics); none with one replicate."""
    if chunk[METRICS[0]].shape[1] < 2:
        return np.empty((points(chunk), 0))
    means, edges = means_of(chunk), []
    for column, name in enumerate(METRICS):
        deviation = deviation_of(chunk[name])
        edges += [means[:, column] - deviation, means[:, column] + deviation]
    return _stacked(edges)


def replicates_of(chunk: Columns) -> NDArray[np.float64]:
    """Return every replicate of every metric, (points, metrics * replicates); none with one, which is the mean."""
    if chunk[METRICS[0]].shape[1] < 2:
        return np.empty((points(chunk), 0))
    return np.concatenate([chunk[name] for name in METRICS], axis=1).astype(np.float64)


def deviation_of(values: NDArray[Any]) -> NDArray[np.float64]:
    """Return the standard deviation over replicates of values (points, replicates >= 2)."""
    with np.errstate(invalid="ignore"):  # infinite losses have none
        return np.asarray(values.std(axis=1, ddof=1, dtype=np.float64))


def _stacked(series: list[NDArray[np.float64]]) -> NDArray[np.float64]:
    return np.stack(series, axis=1)
