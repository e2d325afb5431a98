"""Curves of a comparison: one for each group over its band, with the names at their ends."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from backend.comparison.schemas import ComparedCurve, ComparedGroup, Comparison
from dashboard.figures.comparison_style import AXES, METRICS, Style, around, format_value, is_share, short, styles
from dashboard.figures.curves import apart
from dashboard.figures.traces import WHOLE_TICKS, Trace, figure, trace, whole_step

#: Groups whose names stand at the ends of their curves; more have a table alone.
MOST_END_LABELS = 8
#: Groups of which a hovering mouse tells all at once.
_MOST_IN_ONE_HOVER = 8
#: Letters of a name at a curve's end.
_LONGEST_END = 22


def overlay(comparison: Comparison, *, log_x: bool = False, log_y: bool = False) -> go.Figure:
    """Draw a curve for each group, over its band, with the measured one faint where it is smoothed."""
    metric, options = comparison.options.metric, comparison.options
    drawn = list(zip(comparison.groups, styles(comparison), strict=True))
    traces = [one for group, style in drawn for one in _band(metric, group.label, group.curve, style)]
    traces += [one for group, style in drawn for one in _member_lines(group, style)]
    if options.smoothing > 0:
        traces += [_line(group, style, group.curve.mean, "measured") for group, style in drawn]
    traces += [_line(group, style, group.curve.smooth or group.curve.mean, "mean") for group, style in drawn]
    labelled = len(drawn) <= MOST_END_LABELS
    if labelled:
        traces += _end_labels(comparison, drawn, log_y=log_y)
    tick = ".0%" if is_share(metric) else None
    return figure(
        traces,
        {
            "xaxis": {
                "title": {"text": AXES[options.x]},
                "type": "log" if log_x else "linear",
                "range": _x_range(comparison, log_x=log_x),
                "tickformat": "~s" if log_x else ",.6~g" if options.x == "seconds" else WHOLE_TICKS,
                "dtick": _x_step(comparison, log_x=log_x),
                "hoverformat": ",.1f" if options.x == "seconds" else ",d",
            },
            "yaxis": {
                "title": {"text": METRICS[metric]},
                "type": "log" if log_y else "linear",
                "range": _flat_range(comparison, log_y=log_y),
                "tickformat": tick,
                "hoverformat": ".2%" if is_share(metric) else ".4f",
                "nticks": 7,
                "dtick": _log_step(_positive(comparison)) if log_y else None,
                "automargin": True,
            },
            "margin": {"l": 64, "r": _label_room(comparison) if labelled else 16, "t": 12, "b": 44},
            "hovermode": "x unified" if len(drawn) <= _MOST_IN_ONE_HOVER else "closest",
            "uirevision": f"{metric} {options.x} {log_x} {log_y}",
        },
    )


def _line(group: ComparedGroup, style: Style, y: Sequence[float | None], role: str) -> Trace:
    faint = role == "measured"
    return trace(
        "scatter",
        {"of": "comparison", "label": group.label, "role": role},
        {"line.color": f"{style.colour}/0.3" if faint else style.colour},
        mode="lines",
        name=short(group.label),
        line={"width": 1 if faint else style.width, "dash": "solid" if faint else style.dash},
        hoverinfo="skip" if faint else None,
        **_along(group.curve.x),
        y=np.array(y, dtype=np.float32),
    )


def _along(x: Sequence[float]) -> dict[str, Any]:
    """Give x by its start and step where it is even: fifty curves weigh half then."""
    values = np.array(x, dtype=np.float64)
    steps = np.diff(values)
    if len(steps) > 1 and np.allclose(steps, steps[0], rtol=1e-9, atol=0):
        return {"x0": float(values[0]), "dx": float(steps[0])}
    return {"x": values}


def _band(metric: str, label: str, curve: ComparedCurve, style: Style) -> list[Trace]:
    """Two edges within the metric's range; the upper one fills down to the lower, which comes before it."""
    if curve.deviation is None:
        return []
    mean = np.array(curve.smooth or curve.mean, dtype=np.float32)
    spread = np.nan_to_num(np.array(curve.deviation, dtype=np.float32))
    return [
        trace(
            "scatter",
            {"of": "comparison", "label": label, "role": role},
            {"fillcolor": f"{style.colour}/0.14"},
            mode="lines",
            line={"width": 0},
            fill="tonexty" if role == "upper" else "none",
            hoverinfo="skip",
            **_along(curve.x),
            y=np.clip(mean + sign * spread, 0, 1 if is_share(metric) else None),
        )
        for role, sign in (("lower", -1), ("upper", 1))
    ]


def _member_lines(group: ComparedGroup, style: Style) -> list[Trace]:
    return [
        trace(
            "scatter",
            {"of": "comparison", "label": group.label, "role": "member"},
            {"line.color": f"{style.colour}/0.55"},
            mode="lines",
            name=short(group.label),
            line={"width": 1},
            hoverinfo="skip",
            **_along(curve.x),
            y=np.array(curve.smooth or curve.mean, dtype=np.float32),
        )
        for curve in group.members
    ]


def _end_labels(comparison: Comparison, drawn: Sequence[tuple[ComparedGroup, Style]], *, log_y: bool) -> list[Trace]:
    """A dot at the end of each curve; the names stand right of the longest curve, apart from each other."""
    ends = []
    for group, style in drawn:
        y = group.curve.smooth or group.curve.mean
        last = next((value for value in reversed(y) if value is not None), None)
        if last is not None and (last > 0 or not log_y):
            ends.append((math.log10(last) if log_y else last, group, style))
    if not ends:
        return []
    right = max(group.curve.x[-1] for _, group, _ in ends)
    low, high = _drawn_extent(comparison, log_y=log_y)
    ends.sort(key=lambda end: end[0])
    # A label is about 17 of 360 pixels high.
    places = apart([value - low for value, _, _ in ends], 0.055 * ((high - low) or 1.0), high - low)
    return [
        trace(
            "scatter",
            {"of": "comparison", "label": group.label, "role": "end"},
            {"marker.color": style.colour, "textfont.color": "ink"},
            mode="markers+text",
            x=[group.curve.x[-1], right],
            y=[10**value if log_y else value, 10 ** (place + low) if log_y else place + low],
            text=["", f"\N{NO-BREAK SPACE}{short(group.label, _LONGEST_END)}"],
            textposition="middle right",
            marker={"size": 8, "opacity": [1, 0], "line": {"width": 0}},
            cliponaxis=False,
            hoverinfo="skip",
        )
        for place, (value, group, style) in zip(places, ends, strict=True)
    ]


def _x_range(comparison: Comparison, *, log_x: bool) -> list[float] | None:
    """From the first point to the last: Plotly's own range would leave room for the dots at the curves' ends."""
    values = [x for group in comparison.groups for x in group.curve.x if x > 0 or not log_x]
    if not values:
        return [0, 1]  # nothing is measured yet: Plotly's own axis would run from -1 to 6
    if min(values) == max(values):
        return None
    return [math.log10(min(values)), math.log10(max(values))] if log_x else [min(values), max(values)]


def _x_step(comparison: Comparison, *, log_x: bool) -> int | str | None:
    """Distance of ticks along whole numbers; None: Plotly finds it."""
    values = [x for group in comparison.groups for x in group.curve.x if x > 0]
    if log_x:
        return _log_step(values)
    return None if comparison.options.x == "seconds" else whole_step(max(values, default=0))


def _log_step(values: Sequence[float]) -> int | str | None:
    """Distance of ticks along a logarithm: 1, 2, 5 within few decades, else the decades alone."""
    if not values:
        return None
    return "D2" if max(values) < 1000 * min(values) else 1


def _extent(comparison: Comparison, *, log_y: bool) -> tuple[float, float]:
    """Lowest and highest mean, or their logarithms; around a single value some room."""
    values = [value for group in comparison.groups for value in group.curve.mean if value is not None]
    values = [math.log10(value) for value in values if value > 0] if log_y else values
    if not values:
        return 0.0, 1.0
    return around(min(values), max(values))


def _drawn_extent(comparison: Comparison, *, log_y: bool) -> tuple[float, float]:
    """Lowest and highest value with the bands, which the axis shows too."""
    low, high = _extent(comparison, log_y=log_y)
    if log_y:
        return low, high
    top = 1.0 if is_share(comparison.options.metric) else math.inf
    for group in comparison.groups:
        for mean, deviation in zip(group.curve.mean, group.curve.deviation or (), strict=False):
            if mean is not None and deviation is not None:
                low, high = min(low, max(0.0, mean - deviation)), max(high, min(top, mean + deviation))
    return low, high


def _positive(comparison: Comparison) -> list[float]:
    return [value for group in comparison.groups for value in group.curve.mean if value is not None and value > 0]


def _flat_range(comparison: Comparison, *, log_y: bool) -> list[float] | None:
    """Range of the axis where all curves are one flat line; None: Plotly finds it."""
    values = [value for group in comparison.groups for value in group.curve.mean if value is not None]
    if not values:
        return [0, 1]
    if around(min(values), max(values)) == (min(values), max(values)):
        return None
    return list(_extent(comparison, log_y=log_y))


def _label_room(comparison: Comparison) -> int:
    """Pixels for the names at the curves' ends."""
    return 30 + round(7.2 * max((len(short(group.label, _LONGEST_END)) for group in comparison.groups), default=0))


def describe_overlay(comparison: Comparison) -> str:
    """Describe the curves in words."""
    metric, x = comparison.options.metric, AXES[comparison.options.x]
    parts = [
        f"{group.label}: {format_value(metric, _last(group.curve))} at {x} {group.curve.x[-1]:,.6g}"
        for group in comparison.groups
        if group.curve.x
    ]
    what = METRICS[metric].capitalize()
    return f"{what} over {x}. " + ("; ".join(parts) + "." if parts else "Nothing was measured yet.")


def _last(curve: ComparedCurve) -> float | None:
    return next((value for value in reversed(curve.smooth or curve.mean) if value is not None), None)
