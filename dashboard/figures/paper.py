"""Figure of a reproduction: the curves of one network's arms, and the paper's accuracy as a line across."""

from __future__ import annotations

import plotly.graph_objects as go

from backend.comparison.schemas import Comparison
from dashboard.figures import comparison_curves
from dashboard.figures.traces import trace

#: Pixels, for type of the usual size.
HEIGHT = 380


def curves(compared: Comparison, paper: float) -> go.Figure:
    """Draw the mean of each arm over forward passes, with its band.

    Parameters
    ----------
    paper
        The paper's accuracy, 0..1.
    """
    drawn = comparison_curves.overlay(compared, log_x=True)
    deviations = {group.label: group.curve.deviation for group in compared.groups}
    for one in drawn.data:
        series = one.meta["series"]
        deviation = deviations[series["label"]] if series["role"] == "mean" else None
        if deviation is not None:
            # Of points, as the table has it.
            one.customdata = [None if value is None else f" ± {100 * value:.2f}" for value in deviation]
            one.hovertemplate = "%{y:.2%}%{customdata}<extra>%{fullData.name}</extra>"
    passes = [x for group in compared.groups for x in group.curve.x if x > 0]
    if passes:  # at first there are only points before any pass, which a logarithm lacks
        drawn.add_trace(_across(min(passes), max(passes), paper))
    return drawn


def _across(first: float, last: float, paper: float) -> dict[str, object]:
    return trace(
        "scatter",
        {"of": "comparison", "label": "the paper", "role": "reference"},
        {"line.color": "muted", "textfont.color": "muted"},
        mode="lines+text",
        # Words at the very edge of the axis would be cut off.
        x=[first, first * (last / first) ** 0.01, last],
        y=[paper] * 3,
        text=["", f"paper {100 * paper:.2f} %", ""],
        textposition="top right",
        line={"width": 1.5, "dash": "dot"},
        hoverinfo="skip",
    )


def describe(compared: Comparison, paper: float) -> str:
    """Describe the curves in words."""
    return f"{comparison_curves.describe_overlay(compared)} The paper: {100 * paper:.2f} %."
