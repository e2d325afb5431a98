"""Figures of actions: shares of down, stay and up, over time and by layer."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from backend.runs.curves.schemas import Actions, LayerActions
from dashboard.figures.traces import figure, iterations_axis, trace

ACTIONS = ("down", "stay", "up")


def shares_over_time(actions: Actions | None, *, iterations: int) -> go.Figure:
    """Draw the share of all synapses that went down, stayed and went up, stacked to 100 %."""
    x, shares = np.zeros(0), np.zeros((3, 0))
    if actions and actions.iteration:
        shares = _shares(actions.layers)
        acted = ~np.isnan(shares[0])
        x, shares = np.array(actions.iteration, dtype=np.float64)[acted], shares[:, acted]
    traces = [
        trace(
            "scatter",
            {"of": "shares", "y": action},
            {"fillcolor": f"{action}/0.85", "line.color": action},
            name=action,
            mode="lines",
            line={"width": 0},
            stackgroup="shares",
            x=x,
            y=shares[code].astype(np.float32),
        )
        for code, action in enumerate(ACTIONS)
    ]
    return figure(
        traces,
        {
            "xaxis": iterations_axis(iterations),
            "yaxis": {"range": [0, 1], "tickformat": ".0%", "hoverformat": ".1%", "nticks": 5},
        },
    )


def now_by_layer(actions: Actions | None, *, layers: list[str]) -> go.Figure:
    """Draw the newest shares, one bar a layer."""
    now = np.zeros((3, len(layers)))
    if actions and actions.iteration:
        latest = [LayerActions(down=a.down[-1:], stay=a.stay[-1:], up=a.up[-1:]) for a in actions.layers]
        now = np.concatenate([_shares([layer]) for layer in latest], axis=1)
    traces = [
        trace(
            "bar",
            {"of": "layers", "y": action},
            {"marker.color": action, "textfont.color": "canvas" if action != "stay" else "ink"},
            name=action,
            orientation="h",
            x=now[code],
            y=layers,
            texttemplate="%{x:.0%}",
            textposition="inside",
            insidetextanchor="middle",
            hovertemplate="%{y}: %{x:.1%}",
        )
        for code, action in enumerate(ACTIONS)
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


def _shares(layers: list[LayerActions]) -> NDArray[np.float64]:
    """Shares (3, entries) over all layers; NaN where nothing acted, as before the first iteration."""
    counts = np.sum([[layer.down, layer.stay, layer.up] for layer in layers], axis=0, dtype=np.float64)
    total = counts.sum(axis=0)
    shares: NDArray[np.float64] = np.divide(counts, total, out=np.full_like(counts, np.nan), where=total > 0)
    return shares
