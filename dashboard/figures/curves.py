"""Figures of accuracy and loss over iterations."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from backend.runs.curves.schemas import Column, Metrics
from dashboard import words
from dashboard.figures.traces import Trace, figure, iterations_axis, trace

#: Room on the right for the words at the ends of the curves.
_END_MARGIN = 118


def accuracy(
    metrics: Metrics | None, *, iterations: int, replicates: int = 1, baseline: Metrics | None = None
) -> go.Figure:
    """Draw training and validation accuracy, with the band over replicates where there are several.

    Parameters
    ----------
    metrics
        Of the run; each replicate is drawn where it holds them.
    baseline
        Of gradient descent on the same data and network: black, and dotted on from its end.
    """
    yaxis = {"range": [0, 1], "tickformat": ".0%", "hoverformat": ".1%", "nticks": 6}
    return _curves("accuracy", "percent", metrics, iterations, replicates, yaxis, baseline)


def loss(
    metrics: Metrics | None, *, iterations: int, replicates: int = 1, baseline: Metrics | None = None
) -> go.Figure:
    """Draw training and validation loss; see `accuracy`."""
    yaxis = {"rangemode": "tozero", "hoverformat": ".4~g", "nticks": 6, "automargin": True}
    return _curves("loss", "number", metrics, iterations, replicates, yaxis, baseline)


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
    what: str,
    style: str,
    metrics: Metrics | None,
    iterations: int,
    replicates: int,
    yaxis: dict[str, Any],
    baseline: Metrics | None,
) -> go.Figure:
    train, validation = f"train_{what}", f"validation_{what}"
    band = [_edge(metrics, validation, role) for role in ("lower", "upper")] if replicates > 1 else []
    single = [_replicates(metrics, validation)] if replicates > 1 else []
    lines = [_line(metrics, train, "train", width=1.4, role="run/0.55"), _line(metrics, validation, "validation")]
    labels = trace(
        "scatter",
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
        **_ends(metrics, validation, train, style, baseline),
    )
    return figure(
        [*band, *single, *_baseline(baseline, validation, iterations), *lines, labels],
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


def _replicates(metrics: Metrics | None, column: str) -> Trace:
    """Each replicate as a thin line, all in one trace: a gap parts one from the next."""
    singles = metrics.replicates[column] if metrics is not None and metrics.replicates is not None else []
    gap: Column = [None]
    iterations = [float(i) for i in metrics.iteration] if metrics is not None else []
    return trace(
        "scatter",
        {"of": "replicates", "y": column},
        {"line.color": "run/0.4"},
        mode="lines",
        line={"width": 0.8},
        hoverinfo="skip",
        x=np.array([x for _ in singles for x in [*iterations, np.nan]]),
        y=_array([y for single in singles for y in single + gap]),
    )


def _baseline(baseline: Metrics | None, column: str, iterations: int) -> list[Trace]:
    """Draw the baseline, and a dotted line at its last value from where it ended to the end of the axis."""
    x, y = _iterations(baseline), _array(baseline.values[column]) if baseline else np.array([])
    rest = len(x) > 0 and x[-1] < iterations
    common: dict[str, Any] = {"mode": "lines", "connectgaps": False}
    return [
        trace(
            "scatter",
            {"of": "baseline", "y": column, "role": "curve"},
            {"line.color": "ink"},
            name="gradient descent",
            line={"width": 1.6},
            x=x,
            y=y,
            **common,
        ),
        trace(
            "scatter",
            {"of": "baseline", "y": column, "role": "rest"},
            {"line.color": "ink"},
            hoverinfo="skip",
            line={"width": 1.2, "dash": "dot"},
            x=[x[-1], iterations] if rest else [],
            y=[y[-1], y[-1]] if rest else [],
            **common,
        ),
    ]


def _ends(metrics: Metrics | None, validation: str, train: str, style: str, baseline: Metrics | None) -> dict[str, Any]:
    if metrics is None or not metrics.iteration:
        return {"x": [], "y": [], "text": []}
    last = [("validation", metrics.values[validation][-1]), ("train", metrics.values[train][-1])]
    if baseline is not None and baseline.iteration:
        last.append(("gradient", baseline.values[validation][-1]))
    ends = sorted((value, word) for word, value in last if value is not None)
    # A label is about 16 px high; the script, which knows the figure's size, places them exactly.
    gap, top = (0.056, 1.0) if style == "percent" else (0.1 * _largest(metrics, validation, train), float("inf"))
    return {
        "x": [metrics.iteration[-1]] * len(ends),
        "y": apart([value for value, _ in ends], gap, top),
        "text": [
            f"\N{NO-BREAK SPACE}{word} {words.percent(value) if style == 'percent' else words.number(value)}"
            for value, word in ends
        ],
    }


def _largest(metrics: Metrics, *columns: str) -> float:
    return max((value for column in columns for value in metrics.values[column] if value is not None), default=0.0)


def _iterations(metrics: Metrics | None) -> NDArray[np.float64]:
    return np.array(metrics.iteration if metrics else [], dtype=np.float64)


def _array(column: Column) -> NDArray[np.float32]:
    return np.array(column, dtype=np.float32)
