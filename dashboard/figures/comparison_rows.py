"""Figures of a comparison with one row a group: its samples, and its difference to the baseline."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from backend.comparison.schemas import ComparedGroup, Comparison
from dashboard import words
from dashboard.figures.comparison_style import (
    METHODS,
    METRICS,
    around,
    format_difference,
    format_value,
    is_share,
    short,
    styles,
)
from dashboard.figures.traces import Trace, figure, trace

#: Height of a row of a figure with one row a group, with few and with many, and of what stands around, in pixels.
ROW, NARROW_ROW, ROWS_FRAME = 32, 18, 64
_MANY_ROWS = 16


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
        layout["xaxis"]["range"] = list(around(all_known[0], all_known[0]))
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
