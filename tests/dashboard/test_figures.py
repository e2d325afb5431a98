"""Frames of figures: styles, axes, and which series each trace draws."""

from __future__ import annotations

import base64
from itertools import pairwise
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from backend.inspection.weights_schemas import LayerWeights, WeightBlock
from dashboard import theme
from dashboard.figures import actions, curves, weights


def coded(cells: Any) -> LayerWeights:
    array = np.asarray(cells, dtype=np.float32)
    scale = float(np.abs(array).max())
    codes = np.round(array / scale * 127).astype(np.int8)
    data = base64.b64encode(codes.tobytes()).decode()
    rows, columns = array.shape
    blocks = [
        WeightBlock(source="ones", kind="bias", rows=1),
        WeightBlock(source="inputs", kind="forward", rows=rows - 1),
    ]
    return LayerWeights(rows=rows, columns=columns, scale=scale, data=data, blocks=blocks)


def named(figure: go.Figure, **series: str) -> Any:
    """The one trace that draws a series."""
    (found,) = (trace for trace in figure.data if series.items() <= trace.meta["series"].items())
    return found


def test_training_is_drawn_paler_and_thinner_than_validation() -> None:
    figure = curves.accuracy(iterations=20_000)
    train = named(figure, y="train_accuracy", role="mean")
    validation = named(figure, y="validation_accuracy", role="mean")
    assert train.line.width < validation.line.width
    assert train.line.color.startswith("rgba")
    assert tuple(figure.layout.yaxis.range) == (0, 1)
    assert tuple(figure.layout.xaxis.range) == (0, 20_000)


def test_one_replicate_has_no_band_and_several_have_one() -> None:
    one = curves.accuracy(iterations=1)
    assert not [trace for trace in one.data if trace.meta["series"].get("role") in ("upper", "lower")]
    figure = curves.accuracy(iterations=1, replicates=8)
    upper = named(figure, y="validation_accuracy", role="upper")
    lower = named(figure, y="validation_accuracy", role="lower")
    assert upper.fill == "tonexty"
    assert figure.data.index(upper) == figure.data.index(lower) + 1
    assert named(figure, of="replicates").line.width < 1


def test_gradient_descent_is_black_and_dotted_beyond_its_end() -> None:
    figure = curves.loss(iterations=1000)
    drawn, rest = (named(figure, of="baseline", role=role) for role in ("curve", "rest"))
    assert drawn.line.color == rest.line.color == theme.PALETTES["light"].ink
    assert rest.line.dash == "dot"


@pytest.mark.parametrize(
    ("values", "top", "expected"),
    [
        ([0.2, 0.8], 1.0, [0.2, 0.8]),
        ([0.5, 0.52], 1.0, [0.5, 0.6]),
        ([0.97, 0.98], 1.0, [0.9, 1.0]),
        ([0.0, 0.0], 1.0, [0.05, 0.15]),
        ([], 1.0, []),
    ],
)
def test_labels_make_room_for_each_other(values: list[float], top: float, expected: list[float]) -> None:
    placed = curves.apart(values, 0.1, top)
    assert all(later - earlier >= 0.1 - 1e-9 for earlier, later in pairwise(placed))
    assert placed == pytest.approx(expected)
    assert all(place <= top for place in placed)


def test_frames_are_empty_and_say_what_each_trace_draws() -> None:
    for figure in (
        curves.accuracy(iterations=10),
        curves.loss(iterations=10, replicates=3),
        actions.shares_over_time(iterations=10),
        actions.now_by_layer(layers=["input → output"]),
        weights.heatmap(),
    ):
        assert figure.data
        assert all(trace.meta["series"]["of"] for trace in figure.data)
        assert not any(list(trace.y or []) for trace in figure.data if trace.meta["series"]["of"] != "layers")


def test_weights_are_decoded_without_their_biases() -> None:
    cells = weights.decode(coded([[1.27, -0.5], [0.1, 0.2], [0.3, 0.4], [0.5, 0.6]]))
    assert cells == pytest.approx(np.array([[0.1, 0.2], [0.3, 0.4], [0.5, 0.6]]), abs=0.006)


def test_the_ends_of_a_scale_are_round_numbers() -> None:
    assert [weights.scale_ceiling(x) for x in (0.0, 0.11, 0.9, 1.0, 1.01, 2.4, 99)] == pytest.approx(
        [1, 0.15, 1, 1, 1.5, 3, 100]
    )
