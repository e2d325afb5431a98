"""Parallel coordinates: an axis for each setting and the result, a line for each run.

Made of scatter lines: Plotly's own parallel coordinates need WebGL, which the content security policy forbids.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import plotly.graph_objects as go

from backend.comparison.schemas import Comparison
from dashboard import words
from dashboard.figures.comparison_style import METRICS, format_value, short, styles
from dashboard.figures.traces import Trace, figure, trace
from synrl_core.measuring import metrics

#: Pixels of an upright axis with its words.
_AXIS_WIDTH = 92


class _Axis(NamedTuple):
    """An axis: the value of each run on it, and its ticks."""

    title: str
    places: list[float]
    """0 (bottom) to 1 (top), of each run; below 0 where the setting has no meaning."""
    ticks: list[tuple[float, str]]


#: Where a line runs past a setting that has no meaning for its run.
_BELOW = -0.12
_MOST_TICKS = 6


def least_width(comparison: Comparison) -> int:
    """Least width of `lines` in pixels: its axes must not run into each other."""
    return _AXIS_WIDTH * (len(comparison.settings) + 1)


def lines(comparison: Comparison) -> go.Figure | None:
    """Draw a line a run across its settings to its result; None where nothing differs."""
    if len(comparison.runs) < 2 or not comparison.settings:
        return None
    metric = comparison.options.metric
    results = _axis(METRICS[metric], [run.mean for run in comparison.runs], partial(format_value, metric))
    axes = [_axis(setting.title, setting.values) for setting in comparison.settings] + [results]
    style_of = {group.key: style for group, style in zip(comparison.groups, styles(comparison), strict=True)}
    traces = [
        trace(
            "scatter",
            {"of": "comparison", "label": run.name, "role": "run"},
            {"line.color": f"{style_of[run.group].colour}/0.75"},
            mode="lines",
            x=list(range(len(axes))),
            y=[axis.places[place] for axis in axes],
            line={"width": 1.6, "dash": style_of[run.group].dash, "shape": "spline", "smoothing": 0.4},
            name=short(run.name),
            hovertemplate=f"{format_value(metric, run.mean)}<extra>%{{fullData.name}}</extra>",
        )
        for place, run in enumerate(comparison.runs)
    ]
    longest = 20 if len(axes) <= 3 else 16  # letters: fewer axes stand further apart
    traces += [_ticks(place, axis, longest) for place, axis in enumerate(axes)]
    return figure(
        traces,
        {
            "xaxis": {
                "tickvals": list(range(len(axes))),
                "ticktext": [axis.title for axis in axes],
                "side": "top",
                "showgrid": True,
                "showline": False,
                "range": [-0.4, len(axes) - 0.55],
                "fixedrange": True,
            },
            "yaxis": {"visible": False, "range": [_BELOW - 0.06, 1.06], "fixedrange": True},
            "hovermode": "closest",
            "margin": {"l": 16, "r": 40, "t": 40, "b": 8},
        },
    )


def _ticks(place: int, axis: _Axis, longest: int) -> Trace:
    gap = 2 * "\N{NO-BREAK SPACE}"
    return trace(
        "scatter",
        {"of": "comparison", "role": "ticks"},
        {"textfont.color": "ink", "marker.color": "muted"},
        mode="markers+text",
        x=[place] * len(axis.ticks),
        y=[height for height, _ in axis.ticks],
        # Beside the axis, not on it; those of the first axis on its free side.
        text=[f"{gap}{short(word, longest)}{gap}" for _, word in axis.ticks],
        textposition="middle right" if place else "middle left",
        marker={"size": 4},
        cliponaxis=False,
        hoverinfo="skip",
    )


def _axis(title: str, values: Sequence[Any], say: Callable[[Any], str] = words.setting) -> _Axis:
    known = [value for value in values if value is not None]
    numbers = all(isinstance(value, int | float) and not isinstance(value, bool) for value in known)
    heights = _number_heights(known) if numbers and known else _word_heights(known)
    places = [_BELOW if value is None else heights[_key(value)] for value in values]
    ticks = _chosen_ticks(heights, known, say)
    if len(known) < len(values):
        ticks.append((_BELOW, "–"))
    return _Axis(title, places, ticks)


def _number_heights(known: Sequence[float]) -> dict[str, float]:
    """Place numbers by value, or by their logarithm where they span a decade."""
    low, high = min(known), max(known)
    logarithmic = low > 0 and high / low >= 10
    scaled = [math.log(value) if logarithmic else float(value) for value in known]
    bottom, span = min(scaled), (max(scaled) - min(scaled)) or 1.0
    middle = 0.5 if low == high else 0.0
    return {_key(value): middle + (one - bottom) / span for value, one in zip(known, scaled, strict=True)}


def _word_heights(known: Sequence[Any]) -> dict[str, float]:
    distinct = list(dict.fromkeys(map(_key, sorted(known, key=_order))))
    return {key: 0.5 if len(distinct) == 1 else place / (len(distinct) - 1) for place, key in enumerate(distinct)}


def _order(value: Any) -> Any:
    """Layers by their units, whatever else by the alphabet; values of one setting are of one kind."""
    return tuple(value) if isinstance(value, list | tuple) else words.setting(value)


def _chosen_ticks(
    heights: dict[str, float], known: Sequence[Any], say: Callable[[Any], str]
) -> list[tuple[float, str]]:
    named = {_key(value): say(value) for value in known}
    ticks = sorted((height, named[key]) for key, height in heights.items())
    if len(ticks) <= _MOST_TICKS:
        return _thinned(ticks)
    chosen = np.unique(np.linspace(0, len(ticks) - 1, _MOST_TICKS).astype(int))
    return _thinned([ticks[place] for place in chosen])


def _thinned(ticks: list[tuple[float, str]]) -> list[tuple[float, str]]:
    """Leave out ticks that would be written over each other."""
    kept: list[tuple[float, str]] = []
    for height, word in ticks:
        if not kept or height - kept[-1][0] >= 0.055:
            kept.append((height, word))
    return kept


def _key(value: Any) -> str:
    return repr(value)


def describe_parallel(comparison: Comparison) -> str:
    """Describe the settings of the best run in words."""
    known = [(run.mean, place) for place, run in enumerate(comparison.runs) if run.mean is not None]
    if not known:
        return "Nothing was measured yet."
    choose = min if metrics.get(comparison.options.metric).better == "lower" else max
    value, place = choose(known)
    settings = ", ".join(
        f"{setting.title} {words.setting(setting.values[place])}"
        for setting in comparison.settings
        if setting.values[place] is not None
    )
    best = comparison.runs[place].name
    return f"Best of {len(known)} runs: {best}, {format_value(comparison.options.metric, value)}, with {settings}."
