"""Figures of actions, empty: shares of down, stay and up, over time and by layer; web/charts/drawing.js fills them."""

from __future__ import annotations

import plotly.graph_objects as go

from dashboard.figures.traces import figure, iterations_axis, trace

ACTIONS = ("down", "stay", "up")


def shares_over_time(*, iterations: int) -> go.Figure:
    """Return the frame for the share of all synapses that went down, stayed and went up, stacked to 100 %."""
    traces = [
        trace(
            "scatter",
            {"of": "shares", "y": action},
            {"fillcolor": f"{action}/0.85", "line.color": action},
            name=action,
            mode="lines",
            line={"width": 0},
            stackgroup="shares",
            x=[],
            y=[],
        )
        for action in ACTIONS
    ]
    return figure(
        traces,
        {
            "xaxis": iterations_axis(iterations),
            "yaxis": {"range": [0, 1], "tickformat": ".0%", "hoverformat": ".1%", "nticks": 5},
        },
    )


def now_by_layer(*, layers: list[str]) -> go.Figure:
    """Return the frame for the newest shares, one bar a layer."""
    traces = [
        trace(
            "bar",
            {"of": "layers", "y": action},
            {"marker.color": action, "textfont.color": "canvas" if action != "stay" else "ink"},
            name=action,
            orientation="h",
            x=[0] * len(layers),
            y=layers,
            texttemplate="%{x:.0%}",
            textposition="inside",
            insidetextanchor="middle",
            hovertemplate="%{y}: %{x:.1%}",
        )
        for action in ACTIONS
    ]
    return figure(
        traces,
        {
            "barmode": "stack",
            "bargap": 0.28,
            "xaxis": {"range": [0, 1], "visible": False, "fixedrange": True},
            "yaxis": {
                "autorange": "reversed",
                "automargin": True,
                "ticksuffix": "\N{NO-BREAK SPACE}",
                "showgrid": False,
                "fixedrange": True,
            },
            "hovermode": "closest",
            "uniformtext": {"mode": "hide", "minsize": 10},
            "margin": {"l": 8, "r": 16, "t": 4, "b": 4},
        },
    )
