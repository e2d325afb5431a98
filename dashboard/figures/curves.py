"""Accuracy and loss over iterations."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from backend.schemas import Column, Metrics
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


def end_labels(values: dict[str, float], spread: float, text: str) -> list[tuple[str, str]]:
    """Word and position of the label at each curve's end: the higher one stands above where they are close.

    Returns
    -------
    list of (text, textposition), one for each entry of ``values``.
    """
    highest = max(values.values())
    close = highest - min(values.values()) < spread
    return [
        (f"{word} {text % value}", ("top" if value == highest else "bottom") + " right" if close else "middle right")
        for word, value in values.items()
    ]


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
        cliponaxis=False,
        **_ends(metrics, validation, train, style),
    )
    return figure(
        [*band, *lines, labels],
        {"xaxis": iterations_axis(iterations), "yaxis": yaxis, "margin": {"l": 52, "r": _END_MARGIN, "t": 12, "b": 44}},
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
    last = {word: metrics.values[column][-1] for word, column in (("validation", validation), ("train", train))}
    known = {word: value for word, value in last.items() if value is not None}
    if not known:
        return {"x": [], "y": [], "text": []}
    percent = style == "percent"
    shown = {word: 100 * value for word, value in known.items()} if percent else known
    spread = 6.0 if percent else 0.06 * max(_largest(metrics, validation, train), 1e-9)
    labels = end_labels(shown, spread, "%.1f %%" if percent else "%.3f")
    return {
        "x": [metrics.iteration[-1]] * len(known),
        "y": list(known.values()),
        "text": [text for text, _ in labels],
        "textposition": [position for _, position in labels],
    }


def _largest(metrics: Metrics, *columns: str) -> float:
    return max((value for column in columns for value in metrics.values[column] if value is not None), default=0.0)


def _iterations(metrics: Metrics | None) -> NDArray[np.float64]:
    return np.array(metrics.iteration if metrics else [], dtype=np.float64)


def _array(column: Column) -> NDArray[np.float32]:
    return np.array(column, dtype=np.float32)
