"""Accuracy and loss over iterations."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from backend.schemas import Column, Metrics
from dashboard import words
from dashboard.figures.traces import Trace, figure, iterations_axis, trace

#: Room on the right for the words at the ends of the curves.
_END_MARGIN = 118


def accuracy(metrics: Metrics | None, *, iterations: int, replicates: int = 1) -> go.Figure:
    """Draw training and validation accuracy, with the band over replicates where there are several."""
    yaxis = {"range": [0, 1], "tickformat": ".0%", "hoverformat": ".1%", "nticks": 6}
    return _curves("accuracy", "percent", metrics, iterations, replicates, yaxis)


def loss(metrics: Metrics | None, *, iterations: int, replicates: int = 1) -> go.Figure:
    """Draw training and validation loss, with the band over replicates where there are several."""
    yaxis = {"rangemode": "tozero", "hoverformat": ".3f", "nticks": 6}
    return _curves("loss", "number", metrics, iterations, replicates, yaxis)


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


def _curves(
    what: str, style: str, metrics: Metrics | None, iterations: int, replicates: int, yaxis: dict[str, Any]
) -> go.Figure:
    train, validation = f"train_{what}", f"validation_{what}"
    band = [_edge(metrics, validation, role) for role in ("lower", "upper")] if replicates > 1 else []
    lines = [_line(metrics, train, "train", width=1.4, role="run/0.55"), _line(metrics, validation, "validation")]
    labels = trace(
        "scatter",
        {"of": "metrics", "role": "ends", "columns": [[validation, "validation"], [train, "train"]], "format": style},
        {"textfont.color": "ink"},
        mode="text",
        textfont={"size": 13},
        hoverinfo="skip",
        textposition="middle right",
        cliponaxis=False,
        **_ends(metrics, validation, train, style),
    )
    return figure(
        [*band, *lines, labels],
        {"xaxis": iterations_axis(iterations), "yaxis": yaxis, "margin": {"l": 52, "r": _END_MARGIN, "t": 18, "b": 44}},
    )


def _line(metrics: Metrics | None, column: str, name: str, *, width: float = 2.2, role: str = "run") -> Trace:
    return trace(
        "scatter",
        {"of": "metrics", "y": column, "role": "mean"},
        {"line.color": role},
        mode="lines",
        name=name,
        line={"width": width},
        x=_iterations(metrics),
        y=_array(metrics.values[column]) if metrics else np.array([]),
    )


def _edge(metrics: Metrics | None, column: str, role: str) -> Trace:
    """One edge of the band: the upper one fills down to the lower, which comes before it."""
    y = np.array([])
    if metrics is not None and metrics.deviation is not None:
        sign = 1 if role == "upper" else -1
        y = _array(metrics.values[column]) + sign * _array(metrics.deviation[column])
    return trace(
        "scatter",
        {"of": "metrics", "y": column, "role": role},
        {"fillcolor": "run/0.16"},
        mode="lines",
        line={"width": 0},
        fill="tonexty" if role == "upper" else "none",
        hoverinfo="skip",
        x=_iterations(metrics),
        y=y,
    )


def _ends(metrics: Metrics | None, validation: str, train: str, style: str) -> dict[str, Any]:
    if metrics is None or not metrics.iteration:
        return {"x": [], "y": [], "text": []}
    last = (("validation", metrics.values[validation][-1]), ("train", metrics.values[train][-1]))
    ends = sorted((value, word) for word, value in last if value is not None)
    # A label is about 16 px high; the script, which knows the figure's size, places them exactly.
    gap, top = (0.056, 1.0) if style == "percent" else (0.1 * _largest(metrics, validation, train), float("inf"))
    return {
        "x": [metrics.iteration[-1]] * len(ends),
        "y": apart([value for value, _ in ends], gap, top),
        "text": [
            f"\N{NO-BREAK SPACE}{word} {words.percent(value) if style == 'percent' else f'{value:.3f}'}"
            for value, word in ends
        ],
    }


def _largest(metrics: Metrics, *columns: str) -> float:
    return max((value for column in columns for value in metrics.values[column] if value is not None), default=0.0)


def _iterations(metrics: Metrics | None) -> NDArray[np.float64]:
    return np.array(metrics.iteration if metrics else [], dtype=np.float64)


def _array(column: Column) -> NDArray[np.float32]:
    return np.array(column, dtype=np.float32)
