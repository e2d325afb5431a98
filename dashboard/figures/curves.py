"""Figures of accuracy and loss over iterations, empty: web/charts/drawing.js fills them from the feed."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go

from dashboard.figures.traces import Trace, figure, iterations_axis, trace

#: Room on the right for the words at the ends of the curves.
_END_MARGIN = 118


def accuracy(*, iterations: int, replicates: int = 1) -> go.Figure:
    """Return the frame for training and validation accuracy, with a band over replicates where there are several."""
    yaxis = {"range": [0, 1], "tickformat": ".0%", "hoverformat": ".1%", "nticks": 6}
    return _curves("accuracy", "percent", iterations, replicates, yaxis)


def loss(*, iterations: int, replicates: int = 1) -> go.Figure:
    """Return the frame for training and validation loss; see `accuracy`."""
    yaxis = {"rangemode": "tozero", "hoverformat": ".4~g", "nticks": 6, "automargin": True}
    return _curves("loss", "number", iterations, replicates, yaxis)


def apart(values: list[float], gap: float, top: float = float("inf")) -> list[float]:
    """Return where labels of ascending values stand: beside them, but ``gap`` apart, off the axis and below ``top``."""
    placed: list[float] = []
    for value in values:
        placed.append(max(value, placed[-1] + gap if placed else gap / 2))
    limit = top
    for index in reversed(range(len(placed))):
        placed[index] = min(placed[index], limit)
        limit = placed[index] - gap
    return placed


def _curves(what: str, style: str, iterations: int, replicates: int, yaxis: dict[str, Any]) -> go.Figure:
    train, validation = f"train_{what}", f"validation_{what}"
    # The upper edge of the band fills down to the lower, which comes before it.
    band = [_edge(validation, role) for role in ("lower", "upper")] if replicates > 1 else []
    single = [_replicates(validation)] if replicates > 1 else []
    lines = [_line(train, "train", width=1.4, role="run/0.55"), _line(validation, "validation")]
    labels = _empty(
        {
            "of": "metrics",
            "role": "ends",
            "columns": [[validation, "validation"], [train, "train"]],
            "baseline": validation,
            "format": style,
        },
        {"textfont.color": "ink"},
        mode="text",
        hoverinfo="skip",
        textposition="middle right",
        cliponaxis=False,
        text=[],
    )
    return figure(
        [*band, *single, *_baseline(validation), *lines, labels],
        {"xaxis": iterations_axis(iterations), "yaxis": yaxis, "margin": {"l": 52, "r": _END_MARGIN, "t": 18, "b": 44}},
    )


def _empty(series: dict[str, Any], paint: dict[str, str], **attributes: Any) -> Trace:
    return trace("scatter", series, paint, x=[], y=[], **attributes)


def _line(column: str, name: str, *, width: float = 2.2, role: str = "run") -> Trace:
    series = {"of": "metrics", "y": column, "role": "mean"}
    return _empty(series, {"line.color": role}, mode="lines", name=name, line={"width": width})


def _edge(column: str, role: str) -> Trace:
    """One edge of the band of one standard deviation."""
    return _empty(
        {"of": "metrics", "y": column, "role": role},
        {"fillcolor": "run/0.16"},
        mode="lines",
        line={"width": 0},
        fill="tonexty" if role == "upper" else "none",
        hoverinfo="skip",
    )


def _replicates(column: str) -> Trace:
    """Each replicate as a thin line, all in one trace: a gap parts one from the next."""
    series = {"of": "replicates", "y": column}
    return _empty(series, {"line.color": "run/0.4"}, mode="lines", line={"width": 0.8}, hoverinfo="skip")


def _baseline(column: str) -> list[Trace]:
    """The baseline, and a dotted line at its last value from where it ended to the end of the axis."""
    paint, common = {"line.color": "ink"}, {"mode": "lines", "connectgaps": False}
    curve = {"of": "baseline", "y": column, "role": "curve"}
    rest = {"of": "baseline", "y": column, "role": "rest"}
    return [
        _empty(curve, paint, name="gradient descent", line={"width": 1.6}, **common),
        _empty(rest, paint, hoverinfo="skip", line={"width": 1.2, "dash": "dot"}, **common),
    ]
