"""Curves of a reproduction: mean validation accuracy of each arm over forward passes, with its deviation."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy.orm import Session

from backend.comparison import service as comparison
from backend.comparison.schemas import MOST_RUNS, ComparedGroup, Comparison, ComparisonOptions
from backend.reproduction import figure, reading, stored
from backend.reproduction.arms import LETTERS, Part
from backend.reproduction.claims import ACCURACY
from backend.reproduction.figure import Curve
from backend.reproduction.schemas import ArmRead, FigureRead
from backend.reproduction.words import PART_TITLES

_POINTS = 80
#: One group of all runs that are asked for: they share their method.
_OPTIONS = ComparisonOptions(x="forward_passes", group_by=["method"], max_points=_POINTS, log_x=True)
#: Names that are short enough for the end of a curve, by the second word of an arm's key.
_SHORT = {
    "static": "paper's, static",
    "adaptive": "paper's, adaptive",
    "best": "project's best",
    "gradient-paper": "gradient, paper's",
    "gradient-own": "gradient, ±0.1",
    "gradient-wide": "gradient, deviation 1",
}


def figures(session: Session, reproduction_id: str) -> list[FigureRead]:
    """Draw the curves of the letters, one figure a network; a network without a point yet has none.

    Raises
    ------
    NotFoundError
        When there is no reproduction of this id.
    """
    drawn = []
    for part, arms in _letters(session, reproduction_id):
        curves = [
            Curve(arm.title, found.curve.x, found.curve.mean, found.curve.deviation)
            for arm in arms
            if (found := _group(session, arm)) is not None
        ]
        if curves:
            title = f"{PART_TITLES[part]}: validation accuracy over forward passes"
            svg = figure.draw(title, curves, paper=ACCURACY[str(part)])
            drawn.append(FigureRead(part=part, title=title, svg=svg))
    return drawn


def compared(session: Session, reproduction_id: str) -> dict[Part, Comparison]:
    """Return the same curves as comparisons: their groups are the arms, under short names.

    Gradient descent from the paper's first weights is the baseline.

    Raises
    ------
    NotFoundError
        When there is no reproduction of this id.
    """
    found: dict[Part, Comparison] = {}
    for part, arms in _letters(session, reproduction_id):
        groups = []
        for arm in arms:
            group = _group(session, arm)
            if group is not None:
                _, _, kind = arm.key.partition(" ")
                named = {"key": arm.key, "label": _SHORT.get(kind, kind), "is_baseline": kind == "gradient-paper"}
                groups.append(group.model_copy(update=named))
        if groups:
            found[part] = Comparison(options=_OPTIONS, runs=[], missing=[], settings=[], grouped_by=[], groups=groups)
    return found


def _letters(session: Session, reproduction_id: str) -> Iterator[tuple[Part, list[ArmRead]]]:
    """Yield the arms of each network on the letters."""
    results = reading.results_of(session, stored.find(session, reproduction_id))
    arms = results.arms()
    for part in LETTERS:
        yield part, [arm for arm in arms if arm.part == part]


def _group(session: Session, arm: ArmRead) -> ComparedGroup | None:
    """Return the mean over the runs of an arm; None before one of them has a point."""
    groups = comparison.compare(session, list(arm.run_ids.values())[:MOST_RUNS], _OPTIONS).groups
    return groups[0] if groups and groups[0].curve.x else None
