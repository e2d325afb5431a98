"""Figures of a comparison: curves, one number of each run, differences from a baseline."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple, get_args

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from backend.comparison.schemas import ComparedCurve, ComparedGroup, Comparison
from dashboard import theme, words
from dashboard.figures.curves import apart
from dashboard.figures.traces import WHOLE_TICKS, Trace, figure, trace, whole_step
from synrl_core.measuring import metrics
from synrl_core.measuring.metrics import MetricName

#: Title of each metric, in the order in which people choose.
METRICS: dict[str, str] = {name: metrics.get(name).title for name in get_args(MetricName)}
AXES = {"iteration": "iteration", "forward_passes": "forward passes", "seconds": "seconds of training"}
#: Groups whose names stand at the ends of their curves; more have a table alone.
MOST_END_LABELS = 8
#: Groups of which a hovering mouse tells all at once.
_MOST_IN_ONE_HOVER = 8
_LONGEST_LABEL = 30
#: Letters of a name at a curve's end.
_LONGEST_END = 22
#: Height of a row of a figure with one row a group, with few and with many, and of what stands around, in pixels.
ROW, NARROW_ROW, ROWS_FRAME = 32, 18, 64
_MANY_ROWS = 16


class Style(NamedTuple):
    """Line style of a group."""

    colour: str
    dash: str
    width: float


def styles(comparison: Comparison) -> list[Style]:
    """Return the style of each group: the baseline is black (white in the dark), whatever its place."""
    made = []
    for place, group in enumerate(comparison.groups):
        colour, dash = theme.series(place)
        made.append(Style("baseline", "solid", 2.8) if group.is_baseline else Style(colour, dash, 2.2))
    return made


def is_share(metric: str) -> bool:
    """True if a metric is shown in percent."""
    return metrics.get(metric).is_share


def format_value(metric: str, value: float | None) -> str:
    """Return a value of a metric as people read it."""
    if value is None:
        return "–"
    return words.percent(value) if is_share(metric) else words.number(value)


def format_difference(metric: str, value: float | None) -> str:
    """Return a difference with its sign; of shares in percentage points."""
    if value is None:
        return "–"
    size = f"{100 * abs(value):.2f}" if is_share(metric) else words.number(abs(value))
    return f"{'−' if value < 0 else '+'}{size}"


def short(label: str, longest: int = _LONGEST_LABEL) -> str:
    """Cut a label in its middle, where two long ones are most alike."""
    if len(label) <= longest:
        return label
    half = (longest - 1) // 2
    return f"{label[:half]}…{label[-half:]}"


# -- curves


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
    return _around(min(values), max(values))


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


def _around(low: float, high: float) -> tuple[float, float]:
    """Widen an interval that is a point but for rounding: Plotly would magnify its last digits to a whole axis."""
    if high - low > 1e-6 * max(abs(low), abs(high)):
        return low, high
    room = max(0.1 * abs(low), 0.05)
    return low - room, high + room


def _positive(comparison: Comparison) -> list[float]:
    return [value for group in comparison.groups for value in group.curve.mean if value is not None and value > 0]


def _flat_range(comparison: Comparison, *, log_y: bool) -> list[float] | None:
    """Range of the axis where all curves are one flat line; None: Plotly finds it."""
    values = [value for group in comparison.groups for value in group.curve.mean if value is not None]
    if not values:
        return [0, 1]
    if _around(min(values), max(values)) == (min(values), max(values)):
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


# -- one number of each


def distribution(comparison: Comparison) -> go.Figure:
    """Draw each sample as a dot in its group's row, the mean as a bar with one deviation to either side."""
    metric = comparison.options.metric
    groups, drawn = comparison.groups, styles(comparison)
    traces: list[Trace] = []
    for place, (group, style) in enumerate(zip(groups, drawn, strict=True)):
        known = [value for value in group.values if value is not None]
        traces.append(
            trace(
                "scatter",
                {"of": "comparison", "label": group.label, "role": "samples"},
                {"marker.color": f"{style.colour}/0.55", "marker.line.color": style.colour},
                mode="markers",
                x=np.array(known, dtype=np.float64),
                y=place + _spread(len(known)),
                marker={"size": 8, "line": {"width": 1}},
                name=short(group.label),
                hovertemplate="%{x}<extra>%{fullData.name}</extra>",
            )
        )
        if group.mean is not None and group.samples > 1:
            traces.append(
                trace(
                    "scatter",
                    {"of": "comparison", "label": group.label, "role": "mean"},
                    {"marker.color": "ink", "marker.line.color": "ink", "error_x.color": "ink"},
                    mode="markers",
                    x=[group.mean],
                    y=[place],
                    marker={"symbol": "line-ns", "size": 18, "line": {"width": 2.5}},
                    error_x={"type": "data", "array": [group.deviation or 0.0], "thickness": 1.2, "width": 0},
                    hoverinfo="skip",
                )
            )
    what = "best " if comparison.options.statistic == "best" else "final "
    layout = _rows(comparison, f"{what}{METRICS[metric]}", ".1%" if is_share(metric) else None)
    all_known = [value for group in groups for value in group.values if value is not None]
    if len(set(all_known)) == 1:
        layout["xaxis"]["range"] = list(_around(all_known[0], all_known[0]))
    return figure(traces, layout)


def differences(comparison: Comparison) -> go.Figure | None:
    """Draw each group's difference to the baseline with its interval; None without a baseline."""
    if not any(group.is_baseline for group in comparison.groups):
        return None
    metric = comparison.options.metric
    factor = 100.0 if is_share(metric) else 1.0
    traces: list[Trace] = []
    for place, (group, style) in enumerate(zip(comparison.groups, styles(comparison), strict=True)):
        found = group.difference
        if found is None and not group.is_baseline:
            continue
        mean = found.mean if found else 0.0
        half = [found.high - found.mean] if found and found.high is not None else [0.0]
        traces.append(
            trace(
                "scatter",
                {"of": "comparison", "label": group.label, "role": "difference"},
                {"marker.color": style.colour, "error_x.color": style.colour},
                mode="markers",
                x=[factor * mean],
                y=[place],
                marker={"size": 10, "symbol": "diamond" if group.is_baseline else "circle"},
                error_x={"type": "data", "array": [factor * value for value in half], "thickness": 2, "width": 5},
                name=short(group.label),
                hovertemplate="%{x:+.2f}<extra>%{fullData.name}</extra>",
            )
        )
    unit = "percentage points" if is_share(metric) else METRICS[metric]
    layout = _rows(comparison, f"difference to the baseline, {unit}", "+~g")
    layout["xaxis"] |= {"zeroline": True, "zerolinewidth": 2}
    return figure(traces, layout)


def rows_height(comparison: Comparison) -> int:
    """Height of a figure with one row a group, in pixels."""
    rows = max(1, len(comparison.groups))
    return ROWS_FRAME + rows * (ROW if rows <= _MANY_ROWS else NARROW_ROW)


def _rows(comparison: Comparison, title: str, tickformat: str | None) -> dict[str, Any]:
    labels = [short(group.label) for group in comparison.groups]
    longest = max(map(len, labels), default=0)
    return {
        "xaxis": {"title": {"text": title}, "tickformat": tickformat, "showgrid": True, "nticks": 6},
        "yaxis": {
            "tickvals": list(range(len(labels))),
            "ticktext": labels,
            "range": [len(labels) - 0.4, -0.6],
            "showgrid": False,
            "fixedrange": True,
        },
        "hovermode": "closest",
        "margin": {"l": min(240, 24 + 7 * longest), "r": 24, "t": 8, "b": 48},
    }


def _spread(count: int) -> NDArray[np.float64]:
    """Up and down within a row, so that equal values don't hide each other: the same each time."""
    offsets: NDArray[np.float64] = 0.28 * np.sin(np.arange(count) * 2.4) * (count > 1)
    return offsets


def describe_distribution(comparison: Comparison) -> str:
    """Describe the compared numbers in words."""
    metric = comparison.options.metric
    return " ".join(f"{group.label}: {_format_number(metric, group)}." for group in comparison.groups)


def _format_number(metric: str, group: ComparedGroup) -> str:
    if group.mean is None:
        return "nothing measured"
    if group.deviation is None:
        return format_value(metric, group.mean)
    return (
        f"mean {format_value(metric, group.mean)}, deviation {format_value(metric, group.deviation)}, from "
        f"{format_value(metric, group.lowest)} to {format_value(metric, group.highest)}, "
        f"{words.plural(group.samples, 'replicate')}"
    )


def describe_differences(comparison: Comparison) -> str:
    """Describe the differences to the baseline in words."""
    metric = comparison.options.metric
    unit = " percentage points" if is_share(metric) else ""
    parts = []
    for group in comparison.groups:
        found = group.difference
        if found is not None:
            low, high = format_difference(metric, found.low), format_difference(metric, found.high)
            interval = "" if found.low is None else f", 95 % interval {low} to {high}"
            parts.append(
                f"{group.label}: {format_difference(metric, found.mean)}{unit}{interval}, {METHODS[found.method]}."
            )
    return " ".join(parts) or "No baseline is pinned."


METHODS = {
    "paired": "paired by seed",
    "welch": "seeds don't match, Welch's interval",
    "equal": "no interval: the replicates do not deviate",
    "none": "too few samples for an interval: one on a side",
}
