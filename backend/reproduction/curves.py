"""Curves of a reproduction: mean validation accuracy of each arm over forward passes, with its deviation."""

from __future__ import annotations

from sqlalchemy.orm import Session

from backend.comparison import service as comparison
from backend.comparison.schemas import MOST_RUNS, ComparedCurve, ComparisonOptions
from backend.reproduction import figure, reading, stored
from backend.reproduction.arms import LETTERS
from backend.reproduction.claims import ACCURACY
from backend.reproduction.figure import Curve
from backend.reproduction.schemas import FigureRead
from backend.reproduction.words import PART_TITLES

_POINTS = 80
#: One group of all runs that are asked for: they share their method.
_OPTIONS = ComparisonOptions(x="forward_passes", group_by=["method"], max_points=_POINTS)


def figures(session: Session, reproduction_id: str) -> list[FigureRead]:
    """Draw the curves of the letters, one figure a network; a network without a point yet has none.

    Raises
    ------
    NotFoundError
        When there is no reproduction of this id.
    """
    results = reading.results_of(session, stored.find(session, reproduction_id))
    drawn = []
    for part in LETTERS:
        arms = [arm for arm in results.arms() if arm.part == part]
        curves = [
            Curve(arm.title, found.x, found.mean, found.deviation)
            for arm in arms
            if (found := _mean_curve(session, list(arm.run_ids.values()))) is not None
        ]
        if curves:
            title = f"{PART_TITLES[part]}: validation accuracy over forward passes"
            svg = figure.draw(title, curves, paper=ACCURACY[str(part)])
            drawn.append(FigureRead(part=part, title=title, svg=svg))
    return drawn


def _mean_curve(session: Session, run_ids: list[str]) -> ComparedCurve | None:
    groups = comparison.compare(session, run_ids[:MOST_RUNS], _OPTIONS).groups
    return groups[0].curve if groups and groups[0].curve.x else None
