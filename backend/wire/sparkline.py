"""Sparkline of a run: its validation accuracy in a few points, stored in its row."""

from __future__ import annotations

import math
from collections.abc import Iterable

#: About so many points a run; twice as many at most, when it was extended.
POINTS = 24

Point = tuple[int, float]
"""Iteration, mean validation accuracy over the replicates in 0..1."""


def extended(held: Iterable[Point] | None, new: Iterable[Point], iterations: int) -> list[Point]:
    """Return a sparkline with those of the new points that it has room for; what is not a number is left out.

    Parameters
    ----------
    held
        What it holds so far, by iteration. Points at or before its last one are passed over.
    new
        By iteration.
    iterations
        How many the run is to have: the points spread over them.
    """
    kept = [(int(iteration), float(value)) for iteration, value in held or ()]
    spacing = max(1.0, iterations / POINTS)
    for iteration, value in new:
        far_enough = not kept or iteration - kept[-1][0] >= spacing
        if far_enough and math.isfinite(value):
            kept.append((int(iteration), round(float(value), 3)))
    while len(kept) > 2 * POINTS:
        kept = kept[::2]
    return kept


def before(held: Iterable[Point] | None, iteration: int) -> list[Point] | None:
    """Return the points before an iteration, at which the run begins again; None if there is none."""
    return [(at, value) for at, value in held or () if at < iteration] or None
