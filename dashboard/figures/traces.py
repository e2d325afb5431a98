"""Metadata of traces, by which the page's script updates any figure.

``meta["series"]`` names the data it draws, ``meta["paint"]`` the role of each of its colours. The script
(web/charts/plot.js) finds both on the drawn figure: figures are laid out here and nowhere else.

Series
------
``{"of": "metrics", "y": column, "role": "mean" | "upper" | "lower"}``
    A curve over iterations, or an edge of the band of one standard deviation around it.
``{"of": "metrics", "role": "ends", "columns": [[column, word], ...], "format": "percent" | "number"}``
    The words at the ends of curves; ``"baseline"`` names the column at whose end the baseline's stands.
``{"of": "replicates", "y": column}``
    Each replicate's curve, when asked for.
``{"of": "baseline", "y": column, "role": "curve" | "rest"}``
    Gradient descent on the same data and network, when asked for; and its last value, carried on.
``{"of": "shares", "y": "down" | "stay" | "up"}``
    The share of all synapses that took an action, over iterations.
``{"of": "layers", "y": "down" | "stay" | "up"}``
    The same now, one bar a layer.
``{"of": "weights", "part": "weights" | "biases"}``
    The cells of one layer: a row for each unit.
"""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go

from dashboard import theme

#: Format of ticks along whole numbers. Between two of them, where somebody zooms in, 0.5 is shown and not rounded to 1.
WHOLE_TICKS = ",.12~g"
#: Length of an axis of whole numbers up to which there is a tick at each (web/charts/axis_end.js has the same).
MOST_SINGLE_TICKS = 6

Trace = dict[str, Any]
Series = dict[str, Any]


def trace(kind: str, series: Series, paint: dict[str, str], **attributes: Any) -> Trace:
    """Make a trace of a kind that draws ``series`` and colours its parts (``"line.color"``) by role (``"run"``)."""
    made: Trace = {"type": kind, **attributes, "meta": {"series": series, "paint": paint}}
    for path, role in paint.items():
        *parents, leaf = path.split(".")
        part = made
        for name in parents:
            part[name] = part = dict(part.get(name, {}))
        part[leaf] = theme.colour(role)
    return made


def figure(traces: list[Trace], layout: dict[str, Any]) -> go.Figure:
    """Put traces into a figure of the house's style. Zoom outlives new data, and the switch of light and dark."""
    return go.Figure(data=traces, layout={"template": theme.template("light"), "uirevision": "kept", **layout})


def iterations_axis(last: int) -> dict[str, Any]:
    """Axis of iterations from 0 to ``last``; curves grow into it."""
    return {
        "title": {"text": "iteration"},
        "range": [0, max(last, 1)],
        "dtick": whole_step(last),
        "tickformat": WHOLE_TICKS,
        "hoverformat": ",d",
    }


def whole_step(last: float) -> int | None:
    """Return 1, the distance of ticks from 0 to ``last``, where Plotly's own would be a half; else None."""
    return 1 if last <= MOST_SINGLE_TICKS else None
