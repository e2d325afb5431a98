"""Figure of curves as SVG, drawn once for the page and the report: their style sheets give it its colours.

Curve n has the class ``arm-n``; curves are told apart by dashes too.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from typing import NamedTuple

#: Size of the drawing, and of the room around its axes, in units of the view box.
_WIDTH, _HEIGHT = 720, 320
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 12, 14, 44
_LEGEND_LINE = 20
_DASHES = ("", "7 4", "2 3", "", "7 4", "2 3")


class Curve(NamedTuple):
    """A mean over trials, with its deviation where there are several."""

    title: str
    x: Sequence[float]
    mean: Sequence[float | None]
    deviation: Sequence[float | None] | None


class _Axes(NamedTuple):
    """Logarithmic from the least positive to the largest x; accuracies from 0 to 1."""

    low: float
    high: float

    def x(self, value: float) -> float:
        span = math.log(self.high / self.low) or 1.0
        share = math.log(max(value, self.low) / self.low) / span
        return _LEFT + share * (_WIDTH - _LEFT - _RIGHT)

    def y(self, value: float) -> float:
        return _TOP + (1 - min(max(value, 0.0), 1.0)) * (_HEIGHT - _TOP - _BOTTOM)


def draw(title: str, curves: Sequence[Curve], paper: float | None = None) -> str:
    """Draw curves with their bands over a logarithmic axis of forward passes.

    Parameters
    ----------
    paper
        The paper's accuracy, as a line across.
    """
    passes = [value for curve in curves for value in curve.x if value > 0]
    axes = _Axes(min(passes, default=1.0), max(max(passes, default=10.0), 2 * min(passes, default=1.0)))
    height = _HEIGHT + _LEGEND_LINE * len(curves)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img" class="paper-figure" '
        f'aria-label="{escape(title)}">',
        *_grid(axes),
        *(_band(axes, place, curve) for place, curve in enumerate(curves)),
        *(_line(axes, place, curve) for place, curve in enumerate(curves)),
    ]
    if paper is not None:
        at = axes.y(paper)
        parts.append(f'<line class="figure-paper" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{at:.1f}" y2="{at:.1f}"/>')
        parts.append(f'<text class="figure-words" x="{_LEFT + 6}" y="{at - 5:.1f}">paper {100 * paper:.2f} %</text>')
    parts += [_legend(place, curve) for place, curve in enumerate(curves)]
    return "".join([*parts, "</svg>"])


def _grid(axes: _Axes) -> list[str]:
    parts = []
    for share in (0, 0.2, 0.4, 0.6, 0.8, 1.0):
        at = axes.y(share)
        parts.append(f'<line class="figure-grid" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{at:.1f}" y2="{at:.1f}"/>')
        parts.append(_words(_LEFT - 8, at + 4, f"{100 * share:.0f} %", "end"))
    first, last = math.ceil(math.log10(axes.low)), math.floor(math.log10(axes.high))
    for power in range(first, last + 1):
        at = axes.x(10.0**power)
        parts.append(f'<line class="figure-grid" x1="{at:.1f}" x2="{at:.1f}" y1="{_TOP}" y2="{_HEIGHT - _BOTTOM}"/>')
        parts.append(_words(at, _HEIGHT - _BOTTOM + 17, f"{10**power:,}", "middle"))
    parts.append(_words((_LEFT + _WIDTH - _RIGHT) / 2, _HEIGHT - 8, "forward passes (logarithmic)", "middle"))
    return parts


def _band(axes: _Axes, place: int, curve: Curve) -> str:
    if curve.deviation is None:
        return ""
    known = [
        (axes.x(x), axes.y(mean - off), axes.y(mean + off))
        for x, mean, off in zip(curve.x, curve.mean, curve.deviation, strict=True)
        if x > 0 and mean is not None and off is not None
    ]
    edge = [(x, low) for x, low, _ in known] + [(x, high) for x, _, high in reversed(known)]
    return f'<polygon class="figure-band arm-{place}" points="{_points(edge)}"/>' if known else ""


def _line(axes: _Axes, place: int, curve: Curve) -> str:
    known = [
        (axes.x(x), axes.y(mean)) for x, mean in zip(curve.x, curve.mean, strict=True) if x > 0 and mean is not None
    ]
    return f'<polyline class="figure-line arm-{place}"{_dash(place)} points="{_points(known)}"/>'


def _legend(place: int, curve: Curve) -> str:
    at = _HEIGHT + _LEGEND_LINE * place + 8
    line = f'<line class="figure-line arm-{place}"{_dash(place)} x1="{_LEFT}" x2="{_LEFT + 36}" y1="{at}" y2="{at}"/>'
    return line + _words(_LEFT + 46, at + 4, curve.title, "start")


def _dash(place: int) -> str:
    dashes = _DASHES[place % len(_DASHES)]
    return f' stroke-dasharray="{dashes}"' if dashes else ""


def _points(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)


def _words(x: float, y: float, words: str, anchor: str) -> str:
    return f'<text class="figure-words" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'
