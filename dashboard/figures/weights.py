"""Heatmap of one layer's weights, empty: web/charts/drawing.js fills it; decoding of weights."""

from __future__ import annotations

import base64

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from backend.inspection.weights_schemas import LayerWeights
from dashboard.figures.traces import figure, trace

#: Ceilings of the colour scale, times a power of ten: it rests while weights grow a little.
CEILINGS = (1.0, 1.5, 2.0, 3.0, 5.0, 7.0, 10.0)


def heatmap() -> go.Figure:
    """Return the frame for a layer: a row for each unit, a column for each input, and the biases apart on the right.

    The scales are centred on zero; web/charts/plot.js sets their ends.
    """
    weights = trace(
        "heatmap",
        {"of": "weights", "part": "weights"},
        {},
        z=[[]],
        x0=1,
        y0=1,
        coloraxis="coloraxis",
        hoverongaps=False,
        hovertemplate="input %{x} to unit %{y}: %{z:.4f}<extra></extra>",
    )
    biases = trace(
        "heatmap",
        {"of": "weights", "part": "biases"},
        {},
        z=[[]],
        x=["bias"],
        y0=1,
        xaxis="x2",
        coloraxis="coloraxis2",
        hovertemplate="bias of unit %{y}: %{z:.4f}<extra></extra>",
    )
    # "constrain": pictures of units (web/charts/plot.js) keep their proportions by smaller axes, not by longer ranges.
    ticks = {"constrain": "domain", "tickformat": "d", "showticklabels": False}
    return figure(
        [weights, biases],
        {
            "xaxis": {"title": {"text": "input"}, "domain": [0, 0.955], "showline": False, **ticks},
            "xaxis2": {"domain": [0.967, 1], "showgrid": False, "showline": False, "fixedrange": True},
            "yaxis": {"title": {"text": "unit"}, "autorange": "reversed", "showgrid": False, **ticks},
            "coloraxis": {"cmin": -1, "cmax": 1},
            # Biases move by larger steps than weights: they have a scale of their own, told under the pointer.
            "coloraxis2": {"cmin": -1, "cmax": 1, "showscale": False},
            "hovermode": "closest",
            "margin": {"l": 44, "r": 72, "t": 8, "b": 44},
        },
    )


def decode(layer: LayerWeights) -> NDArray[np.float32]:
    """Return the weights of a layer from below, (sources, units), without its biases and recurrent weights."""
    kinds = [block.kind for block in layer.blocks for _ in range(block.rows)]
    codes = np.frombuffer(base64.b64decode(layer.data), dtype=np.int8).reshape(layer.rows, layer.columns)
    forward = codes[[row for row, kind in enumerate(kinds) if kind == "forward"]]
    return forward.astype(np.float32) * np.float32(layer.scale / 127)


def scale_ceiling(largest: float) -> float:
    """Return the next round number at or above ``largest``."""
    if largest <= 0:
        return 1.0
    power = 10.0 ** np.floor(np.log10(largest))
    return float(next(step * power for step in CEILINGS if step * power >= largest * (1 - 1e-9)))
