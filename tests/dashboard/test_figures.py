"""Figures are functions of data."""

from __future__ import annotations

import base64
from itertools import pairwise
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from backend.inspection.weights_schemas import LayerWeights, WeightBlock
from backend.runs.curves.schemas import Actions, LayerActions, Metrics
from dashboard import theme
from dashboard.figures import actions, curves, weights

COLUMNS = ("train_loss", "train_accuracy", "validation_loss", "validation_accuracy", "reward_rate")


def metrics(*, deviation: bool = False) -> Metrics:
    column = [0.1, 0.5, 0.9]
    return Metrics(
        iteration=[0, 100, 200],
        forward_passes=[1, 101, 201],
        seconds=[0.0, 0.1, 0.2],
        values=dict.fromkeys(COLUMNS, column) | {"reward_rate": [None, 0.5, 0.5]},
        deviation={name: [0.0, 0.1, 0.2] for name in COLUMNS} if deviation else None,
    )


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


def test_accuracy_draws_training_paler_and_thinner_than_validation() -> None:
    figure = curves.accuracy(metrics(), iterations=20_000)
    train = named(figure, y="train_accuracy", role="mean")
    validation = named(figure, y="validation_accuracy", role="mean")
    assert list(validation.x) == [0, 100, 200]
    assert validation.y == pytest.approx([0.1, 0.5, 0.9])
    assert train.line.width < validation.line.width
    assert train.line.color.startswith("rgba")
    assert tuple(figure.layout.yaxis.range) == (0, 1)


def test_one_replicate_has_no_band_and_several_have_one() -> None:
    one = curves.accuracy(metrics(), iterations=1)
    assert not [trace for trace in one.data if trace.meta["series"].get("role") in ("upper", "lower")]
    figure = curves.accuracy(metrics(deviation=True), iterations=1, replicates=8)
    upper = named(figure, y="validation_accuracy", role="upper")
    lower = named(figure, y="validation_accuracy", role="lower")
    assert upper.y == pytest.approx([0.1, 0.6, 1.1])
    assert lower.y == pytest.approx([0.1, 0.4, 0.7])
    assert upper.fill == "tonexty"
    assert figure.data.index(upper) == figure.data.index(lower) + 1


def test_the_ends_of_curves_say_their_last_values() -> None:
    ends = named(curves.accuracy(metrics(), iterations=1), role="ends")
    assert {text.strip() for text in ends.text} == {"train 90.0 %", "validation 90.0 %"}
    assert abs(ends.y[0] - ends.y[1]) > 0.05


def test_each_replicate_is_a_thin_line_with_a_gap_before_the_next() -> None:
    seen = metrics(deviation=True)
    seen.replicates = {key: [[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]] for key in COLUMNS}
    drawn = named(curves.accuracy(seen, iterations=200, replicates=2), of="replicates")
    assert list(drawn.x[:3]) == [0, 100, 200]
    assert np.isnan(drawn.x[3])
    assert np.isnan(drawn.y[3])
    assert drawn.y[4:7] == pytest.approx([0.4, 0.5, 0.6])
    assert drawn.line.width < 1
    assert len(named(curves.accuracy(metrics(deviation=True), iterations=1, replicates=2), of="replicates").x) == 0


def test_gradient_descent_is_black_and_goes_on_dotted_from_its_end() -> None:
    figure = curves.accuracy(metrics(), iterations=1000, baseline=metrics())
    drawn = named(figure, of="baseline", role="curve")
    rest = named(figure, of="baseline", role="rest")
    assert list(drawn.x) == [0, 100, 200]
    assert drawn.line.color == rest.line.color == theme.PALETTES["light"].ink
    assert list(rest.x) == [200, 1000]
    assert rest.y == pytest.approx([0.9, 0.9])
    assert rest.line.dash == "dot"
    assert any("gradient 90.0 %" in text for text in named(figure, role="ends").text)
    longer = curves.loss(metrics(), iterations=200, baseline=metrics())
    assert list(named(longer, of="baseline", role="rest").x) == []


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


def test_figures_without_data_are_empty_and_complete() -> None:
    for figure in (
        curves.accuracy(None, iterations=10),
        curves.loss(None, iterations=10, replicates=3),
        actions.shares_over_time(None, iterations=10),
        actions.now_by_layer(None, layers=["input → output"]),
        weights.heatmap(None),
    ):
        assert figure.data
        assert all(trace.meta["series"]["of"] for trace in figure.data)
        assert figure.to_json()


def test_numbers_that_are_missing_leave_a_gap() -> None:
    gaps = metrics()
    gaps.values["validation_loss"] = [None, 0.5, None]
    drawn = named(curves.loss(gaps, iterations=1), y="validation_loss", role="mean")
    assert np.isnan(drawn.y[0])
    assert drawn.y[1] == 0.5
    assert named(curves.loss(gaps, iterations=1), role="ends").text == ("\N{NO-BREAK SPACE}train 0.900",)


def test_shares_add_up_to_one_and_begin_with_the_first_action() -> None:
    counts = Actions(
        iteration=[0, 100, 200],
        layers=[
            LayerActions(down=[0, 10, 20], stay=[0, 70, 0], up=[0, 20, 80]),
            LayerActions(down=[0, 30, 0], stay=[0, 0, 0], up=[0, 70, 100]),
        ],
    )
    figure = actions.shares_over_time(counts, iterations=200)
    assert list(figure.data[0].x) == [100, 200]
    shares = {trace.name: np.array(trace.y) for trace in figure.data}
    assert sum(shares.values()) == pytest.approx([1, 1])
    assert shares["down"] == pytest.approx([0.2, 0.1])
    now = {trace.name: list(trace.x) for trace in actions.now_by_layer(counts, layers=["a", "b"]).data}
    assert now["up"] == pytest.approx([0.8, 1.0])


def test_weights_have_a_row_for_each_unit_and_their_biases_apart() -> None:
    layer = coded([[1.27, -0.5], [0.1, 0.2], [0.3, 0.4], [0.5, 0.6]])  # bias row, then three inputs of two units
    figure = weights.heatmap(layer)
    cells = np.array(named(figure, of="weights", part="weights").z)
    assert cells.shape == (2, 3)
    assert cells[0] == pytest.approx([0.1, 0.3, 0.5], abs=0.006)
    assert np.array(named(figure, of="weights", part="biases").z).ravel() == pytest.approx([1.27, -0.5], abs=0.006)


def test_the_scale_of_weights_is_centred_on_zero_and_rests() -> None:
    scale = weights.heatmap(coded([[0.7], [0.1]])).layout.coloraxis
    assert (scale.cmin, scale.cmax) == pytest.approx((-0.7, 0.7))
    assert weights.heatmap(coded([[0.7], [0.1]]), largest=1.2).layout.coloraxis.cmax == 1.5
    assert [weights.scale_ceiling(x) for x in (0.0, 0.11, 0.9, 1.0, 1.01, 2.4, 99)] == pytest.approx(
        [1, 0.15, 1, 1, 1.5, 3, 100]
    )


def test_one_input_and_one_unit_are_drawn_too() -> None:
    assert np.array(named(weights.heatmap(coded([[0.1], [0.2]])), part="weights").z).shape == (1, 1)
