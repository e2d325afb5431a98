"""Styles, labels and formatted numbers that the figures of a comparison share."""

from __future__ import annotations

from typing import NamedTuple, get_args

from backend.comparison.schemas import Comparison
from dashboard import theme, words
from synrl_core.measuring import metrics
from synrl_core.measuring.metrics import MetricName

#: Title of each metric, in the order in which people choose.
METRICS: dict[str, str] = {name: metrics.get(name).title for name in get_args(MetricName)}
AXES = {"iteration": "iteration", "forward_passes": "forward passes", "seconds": "seconds of training"}
_LONGEST_LABEL = 30
#: Methods of an interval, in words.
METHODS = {
    "paired": "paired by seed",
    "welch": "seeds don't match, Welch's interval",
    "equal": "no interval: the replicates do not deviate",
    "none": "too few samples for an interval: one on a side",
}


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


def around(low: float, high: float) -> tuple[float, float]:
    """Widen an interval that is a point but for rounding: Plotly would magnify its last digits to a whole axis."""
    if high - low > 1e-6 * max(abs(low), abs(high)):
        return low, high
    room = max(0.1 * abs(low), 0.05)
    return low - room, high + room
