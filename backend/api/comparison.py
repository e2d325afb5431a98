"""/compare: runs side by side."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from pydantic import Field

from backend.api.dependencies import PRINTABLE, ReadSession
from backend.api.routing import router_under
from backend.comparison import service as comparison
from backend.comparison.schemas import Comparison, ComparisonOptions, Statistic, XName
from backend.kit.access import requires
from backend.kit.fields import FROM_TEXT
from backend.kit.identity import Role
from backend.kit.text import comma_separated
from synrl_core.measuring.metrics import MetricName

router = router_under(tags=["comparison"])


@router.get("/compare")
@requires(Role.VIEWER)
def compare_runs(
    session: ReadSession,
    runs: Annotated[
        str,
        Query(pattern=PRINTABLE, max_length=4000, description="Ids of the runs, separated by commas: two to fifty."),
    ],
    metric: MetricName = "validation_accuracy",
    x: XName = "iteration",
    statistic: Annotated[
        Statistic, Query(description="`best` is the best of a curve, which flatters noise.")
    ] = "final",
    smoothing: Annotated[float, Query(ge=0, le=0.999)] = 0,
    group_by: Annotated[
        str | None,
        Query(max_length=2000, description="Settings, separated by commas. Left out: all but the seed; empty: none."),
    ] = None,
    baseline: Annotated[str | None, Query(max_length=64, description="A run of the group to compare with.")] = None,
    members: Annotated[
        str, Query(pattern=PRINTABLE, max_length=4000, description="Runs of groups to be told run by run, or `all`.")
    ] = "",
    max_points: Annotated[int, Field(ge=8, le=10_000), FROM_TEXT, Query()] = 400,
    log_x: bool = False,
) -> Comparison:
    """Compare runs: groups with means and deviations, differences to a baseline with 95 % intervals, curves."""
    options = ComparisonOptions(
        metric=metric,
        x=x,
        statistic=statistic,
        smoothing=smoothing,
        group_by=None if group_by is None else comma_separated(group_by),
        baseline=baseline or None,
        members=comma_separated(members),
        max_points=max_points,
        log_x=log_x,
    )
    return comparison.compare(session, comma_separated(runs), options)
