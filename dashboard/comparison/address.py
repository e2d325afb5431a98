"""Address of the page of the comparison: its query holds what is compared and how."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError
from sqlalchemy.orm import Session

# pydantic reads it for the scripts' types, and before Python 3.12 takes only this one.
from typing_extensions import TypedDict

from backend.comparison.schemas import MOST_RUNS, ComparisonOptions, Statistic, XName
from backend.kit.errors import NotFoundError
from backend.kit.late import LateModule
from backend.kit.text import comma_separated
from synrl_core.measuring.metrics import MetricName

if TYPE_CHECKING:
    from backend.runs.sweeps import service as sweeps
else:
    sweeps = LateModule("backend.runs.sweeps.service")


class CompareState(TypedDict):
    """State of the page, as its address holds it."""

    runs: list[str]
    sweep: str | None
    """The sweep that the runs are of, if the address names it in their place."""
    metric: MetricName
    x: XName
    statistic: Statistic
    smoothing: float
    group: str | None
    """Settings that runs are grouped by, separated by commas; "none": not at all; null: all but the seed."""
    baseline: str | None
    members: str | None
    """Runs whose groups' members are drawn, separated by commas."""
    log_x: bool
    log_y: bool


def read_address(session: Session, query: Mapping[str, str]) -> tuple[CompareState, str]:
    """Parse the query of an address: the state, and a text about what was ignored in it.

    A value that is not allowed is left out, as an address may be old or mistyped.
    """
    runs, problem = comma_separated(query.get("runs", "")), ""
    sweep = query.get("sweep") or None
    if sweep:
        try:
            runs = sweeps.get(session, sweep).run_ids
        except NotFoundError as error:
            sweep, problem = None, error.detail
    if len(runs) > MOST_RUNS:
        problem = f"{len(runs)} runs are asked for; the first {MOST_RUNS} are shown."
        runs = runs[:MOST_RUNS]
    options = _options(query)
    state: CompareState = {
        "runs": runs,
        "sweep": sweep,
        "metric": options.metric,
        "x": options.x,
        "statistic": options.statistic,
        "smoothing": options.smoothing,
        "group": query.get("group"),
        "baseline": query.get("baseline"),
        "members": query.get("members"),
        "log_x": options.log_x,
        "log_y": query.get("log_y") == "yes",
    }
    return state, problem


def options_of(state: CompareState) -> ComparisonOptions:
    """Return the options of a comparison in a state."""
    group = state["group"]
    return ComparisonOptions(
        metric=state["metric"],
        x=state["x"],
        statistic=state["statistic"],
        smoothing=state["smoothing"],
        group_by=None if group is None else [] if group == "none" else comma_separated(group),
        baseline=state["baseline"],
        members=comma_separated(state["members"] or ""),
        log_x=state["log_x"],
    )


def _options(query: Mapping[str, str]) -> ComparisonOptions:
    """Parse the options in a query; values that are not allowed become the defaults."""
    options: dict[str, Any] = {"log_x": query.get("log_x") == "yes"}
    for name in ("metric", "x", "statistic", "smoothing"):
        if name in query:
            try:
                options[name] = getattr(ComparisonOptions.model_validate({name: query[name]}), name)
            except ValidationError:
                continue
    return ComparisonOptions(**options)
