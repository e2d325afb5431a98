"""Several networks side by side on one scale: weights of a layer, or confusion matrices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from backend.inspection.judging_schemas import Confusion
from backend.inspection.weights_schemas import LayerWeights
from dashboard import theme
from dashboard.figures.comparison_style import short
from dashboard.figures.traces import figure, trace
from dashboard.figures.weights import decode, scale_ceiling
from dashboard.words import percent

#: Networks in a row, at most.
COLUMNS = 4
#: Pixels of a row: the cells, and the name above them.
ROW, NAME = 220, 36
_MOST_PICTURES = 64


class Network(NamedTuple):
    """A network to show."""

    label: str
    layer: LayerWeights | None
    """None where it has no such layer."""
    shape: tuple[int, int] | None
    """(height, width) of a picture made of a unit's inputs; None: as a matrix."""


def side_by_side(networks: Sequence[Network], columns: int = COLUMNS) -> go.Figure:
    """Draw the same layer of each network: a row for each unit, or a picture of each unit's inputs.

    ``columns`` is how many networks a row has room for.
    """
    largest = max((one.layer.scale for one in networks if one.layer), default=0.0)
    ceiling = scale_ceiling(largest)
    columns = _columns(len(networks), columns)
    rows = -(-len(networks) // columns)
    traces, layout = [], dict[str, Any]()
    annotations = []
    for place, network in enumerate(networks):
        x, y = _domains(place, columns, rows)
        number = "" if place == 0 else str(place + 1)
        cells = _cells(network)
        traces.append(
            trace(
                "heatmap",
                {"of": "side by side", "label": network.label, "role": "pictures" if network.shape else "weights"},
                {},
                z=cells,
                xaxis=f"x{number}",
                yaxis=f"y{number}",
                coloraxis="coloraxis",
                hovertemplate="%{z:.4f}<extra></extra>",
            )
        )
        hidden = {"showticklabels": False, "showgrid": False, "showline": False, "constrain": "domain"}
        layout[f"xaxis{number}"] = {"domain": x, "anchor": f"y{number}", "constraintoward": "left", **hidden}
        square = {"scaleanchor": f"x{number}"} if network.shape else {}
        layout[f"yaxis{number}"] = {
            "domain": y, "anchor": f"x{number}", "autorange": "reversed", "constraintoward": "top", **hidden, **square,
        }  # fmt: skip
        annotations.append(_name(network, x, y))
    return figure(
        traces,
        {
            **layout,
            "annotations": annotations,
            "coloraxis": {"cmin": -ceiling, "cmax": ceiling},
            "hovermode": "closest",
            "margin": {"l": 8, "r": 72, "t": 8, "b": 8},
        },
    )


def confusions(judged: Sequence[tuple[str, Confusion]], columns: int = COLUMNS) -> go.Figure:
    """Draw, for each network, the share of each true class (row) that was predicted as each class (column).

    ``columns`` is how many networks a row has room for.
    """
    columns = _columns(len(judged), columns)
    rows = -(-len(judged) // columns)
    traces, layout, annotations = [], dict[str, Any](), []
    for place, (label, found) in enumerate(judged):
        x, y = _domains(place, columns, rows)
        number = "" if place == 0 else str(place + 1)
        counts = np.array(found.counts, dtype=np.float64)
        samples = np.maximum(np.array(found.class_samples, dtype=np.float64), 1)[:, None]
        names = [short(name, 12) for name in found.class_names]
        made = trace(
            "heatmap",
            {"of": "side by side", "label": label, "role": "confusion"},
            {},
            z=(counts / samples).astype(np.float32),
            customdata=counts.astype(np.int32),
            xaxis=f"x{number}",
            yaxis=f"y{number}",
            zmin=0,
            zmax=1,
            showscale=False,
            xgap=1,
            ygap=1,
            colorscale=[[0, theme.colour("faint")], [1, theme.colour("ink")]],
            hovertemplate="true %{y}, predicted %{x}: %{customdata} (%{z:.1%} of %{y})<extra></extra>",
            x=names,
            y=names,
        )
        made["meta"]["paint"] = {"colorscale.0.1": "faint", "colorscale.1.1": "ink"}
        traces.append(made)
        shown = {
            "type": "category",
            "showgrid": False,
            "showline": False,
            "constrain": "domain",
            "tickfont": {"size": 10},
        }
        layout[f"xaxis{number}"] = {
            "domain": x, "anchor": f"y{number}", "side": "bottom", "constraintoward": "left", **shown
        }  # fmt: skip
        layout[f"yaxis{number}"] = {
            "domain": y, "anchor": f"x{number}", "autorange": "reversed", "scaleanchor": f"x{number}",
            "constraintoward": "top", **shown,
        }  # fmt: skip
        share = found.right / max(1, found.samples)
        annotations.append(_title(f"{short(label, 26)}: {percent(share)} right", x, y))
    return figure(
        traces,
        {**layout, "annotations": annotations, "hovermode": "closest", "margin": {"l": 40, "r": 16, "t": 8, "b": 32}},
    )


def describe_confusions(judged: Sequence[tuple[str, Confusion]]) -> str:
    """Describe in words how many were right, and the most frequent mistake of each."""
    return " ".join(f"{label}: {found.right} of {found.samples} right{_worst(found)}." for label, found in judged)


def _worst(found: Confusion) -> str:
    counts = np.array(found.counts)
    np.fill_diagonal(counts, 0)
    if not counts.any():
        return ""
    true, named = np.unravel_index(int(counts.argmax()), counts.shape)
    names = found.class_names
    return f", most often {names[true]} named {names[named]} ({counts[true, named]} times)"


def height(count: int, columns: int = COLUMNS) -> int:
    """Height of the figure in pixels."""
    return 16 + (ROW + NAME) * -(-max(1, count) // _columns(count, columns))


def _columns(count: int, room: int) -> int:
    return max(1, min(COLUMNS, room, count))


def _domains(place: int, columns: int, rows: int) -> tuple[list[float], list[float]]:
    column, row = place % columns, place // columns
    gap = 0.02
    width = (1 - gap * (columns - 1)) / columns
    name = NAME / (ROW + NAME) / rows
    top = 1 - row / rows - name
    return [column * (width + gap), column * (width + gap) + width], [1 - (row + 1) / rows + 0.01, top]


def _name(network: Network, x: list[float], y: list[float]) -> dict[str, Any]:
    return _title(short(network.label, 34) + ("" if network.layer else ": no such layer"), x, y)


def _title(words: str, x: list[float], y: list[float]) -> dict[str, Any]:
    return {
        # Plotly reads some HTML in words; a name is none.
        "text": words.replace("<", "&lt;"),
        "x": x[0],
        "y": y[1],
        "xref": "paper",
        "yref": "paper",
        "xanchor": "left",
        "yanchor": "bottom",
        "showarrow": False,
        "align": "left",
    }


def _cells(network: Network) -> NDArray[np.float32]:
    if network.layer is None:
        return np.zeros((1, 1), dtype=np.float32)
    weights = decode(network.layer)
    if network.shape is None:
        return weights.T
    return _mosaic(weights.T[:_MOST_PICTURES], network.shape)


def _mosaic(units: NDArray[np.float32], shape: tuple[int, int]) -> NDArray[np.float32]:
    """Put a picture for each unit, (units, inputs), beside each other with a gap; NaN is nothing."""
    across = max(1, round((len(units) * 1.4 * shape[0] / shape[1]) ** 0.5))
    down = -(-len(units) // across)
    tall, wide = shape[0] + 1, shape[1] + 1
    cells = np.full((down * tall - 1, across * wide - 1), np.nan, dtype=np.float32)
    for place, unit in enumerate(units):
        top, left = place // across * tall, place % across * wide
        cells[top : top + shape[0], left : left + shape[1]] = unit.reshape(shape)
    return cells


def describe_side_by_side(networks: Sequence[Network]) -> str:
    """Describe the sizes and largest weights in words."""
    return " ".join(
        f"{one.label}: {one.layer.rows - 1} inputs to {one.layer.columns} units, largest weight {one.layer.scale:.3f}."
        if one.layer
        else f"{one.label}: no such layer."
        for one in networks
    )
