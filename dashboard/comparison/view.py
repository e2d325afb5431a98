"""View of a comparison: figures, table rows and words, as the page's script shows them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

# pydantic reads these for the scripts' types, and before Python 3.12 takes only this one.
from typing_extensions import TypedDict

from backend.comparison.schemas import Comparison
from backend.inspection.judging_schemas import Confusion
from dashboard import ids
from dashboard.comparison.address import CompareState
from dashboard.comparison.tables import ComparedGroupRow, ComparedRunRow, group_rows, result_title, run_rows
from dashboard.figures import comparison_curves, comparison_rows, parallel, side_by_side
from dashboard.words import plural

_CURVES_HEIGHT, _PARALLEL_HEIGHT = 420, 340


class PlotlyFigure(TypedDict):
    """A figure without its template: the script knows whether it is light or dark, large or not."""

    data: list[dict[str, Any]]
    layout: dict[str, Any]
    height: int
    """Pixels, for type of the usual size."""
    least: int
    """Pixels: in a narrower window the figure is scrolled."""
    alternative: str
    """Text alternative."""


class SettingChoice(TypedDict):
    """A setting that runs can be grouped by."""

    name: str
    title: str


class ComparisonView(TypedDict):
    """Everything that the page shows of a comparison, but for networks and mistakes."""

    problem: str
    """What of the address could not be followed."""
    headline: str
    figures: dict[str, PlotlyFigure | None]
    """By the names of their panels; null: there is nothing to draw."""
    settings: list[SettingChoice]
    """Settings in which the runs differ."""
    grouped_by: list[str]
    groups: list[ComparedGroupRow]
    is_pinned: bool
    """Whether a group is the baseline."""
    runs: list[ComparedRunRow]
    result_title: str
    live: list[str]
    """Ids of the runs that may still change."""
    missing: list[str]
    """Ids of runs that are not there."""


class NetworksView(TypedDict):
    """One layer of several networks, side by side."""

    figure: PlotlyFigure | None
    """Null where no network is stored."""
    layers: int
    layer: int


class ConfusionsView(TypedDict):
    """Confusion matrices of several networks."""

    figure: PlotlyFigure | None
    problem: str
    """Why none could be judged."""


def comparison_view(compared: Comparison, state: CompareState, problem: str = "") -> ComparisonView:
    """Return the view of a comparison in a state of the page."""
    rows = comparison_rows.rows_height(compared)
    curves = comparison_curves.overlay(compared, log_x=state["log_x"], log_y=state["log_y"])
    drawn = {
        ids.COMPARE_CURVES: plain(curves, _CURVES_HEIGHT, comparison_curves.describe_overlay(compared)),
        ids.COMPARE_DISTRIBUTION: plain(
            comparison_rows.distribution(compared), rows, comparison_rows.describe_distribution(compared)
        ),
        ids.COMPARE_DIFFERENCES: plain(
            comparison_rows.differences(compared), rows, comparison_rows.describe_differences(compared)
        ),
        ids.COMPARE_PARALLEL: plain(
            parallel.lines(compared),
            _PARALLEL_HEIGHT,
            parallel.describe_parallel(compared),
            least=parallel.least_width(compared),
        ),
    }
    return {
        "problem": problem,
        "headline": headline(compared),
        "figures": drawn,
        "settings": [{"name": one.name, "title": one.title} for one in compared.settings],
        "grouped_by": compared.grouped_by,
        "groups": group_rows(compared),
        "is_pinned": any(group.is_baseline for group in compared.groups),
        "runs": run_rows(compared),
        "result_title": result_title(compared),
        "live": [run.id for run in compared.runs if not run.status.is_final],
        "missing": compared.missing,
    }


def headline(compared: Comparison) -> str:
    """Return how many runs and groups there are, in words."""
    groups = len(compared.groups)
    if groups == len(compared.runs):
        return plural(groups, "run")
    return f"{plural(len(compared.runs), 'run')} in {plural(groups, 'group')}"


def networks_view(networks: Sequence[side_by_side.Network], *, layers: int, layer: int, columns: int) -> NetworksView:
    """Return one layer of networks, ``columns`` of them in a row."""
    if not networks:
        return {"figure": None, "layers": 0, "layer": layer}
    height = side_by_side.height(len(networks), columns)
    figure = plain(side_by_side.side_by_side(networks, columns), height, side_by_side.describe_side_by_side(networks))
    return {"figure": figure, "layers": layers, "layer": layer}


def confusions_view(
    judged: Sequence[tuple[str, Confusion]], problems: Sequence[str], *, columns: int
) -> ConfusionsView:
    """Return confusion matrices, ``columns`` of them in a row, or why there are none."""
    if not judged:
        return {"figure": None, "problem": " ".join(dict.fromkeys(problems)) or "There is nothing to judge."}
    height = side_by_side.height(len(judged), columns)
    figure = plain(side_by_side.confusions(judged, columns), height, side_by_side.describe_confusions(judged))
    return {"figure": figure, "problem": ""}


def plain(figure: go.Figure | None, height: int, alternative: str, *, least: int = 0) -> PlotlyFigure | None:
    """Return a figure as the script of a page takes it (web/charts/figure_view.js)."""
    if figure is None:
        return None
    made = figure.to_dict()
    made["layout"].pop("template", None)
    return {
        "data": made["data"],
        "layout": made["layout"],
        "height": height,
        "least": least,
        "alternative": alternative,
    }
