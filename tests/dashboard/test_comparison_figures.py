"""Figures and tables of a comparison: what is drawn is what was compared."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest
from numpy.typing import NDArray
from plotly.io.json import to_json_plotly

from backend.comparison import service as comparison
from backend.comparison.schemas import Comparison, ComparisonOptions
from backend.db.store import Store
from backend.inspection.judging_schemas import Confusion
from backend.inspection.weights_schemas import LayerWeights, WeightBlock
from dashboard import theme
from dashboard.comparison import address, tables, view
from dashboard.figures import comparison_curves, comparison_rows, parallel, side_by_side
from tests.backend.measured import add_run
from tests.dashboard.conftest import Pages


def compared(store: Store, ids: list[str], **options: Any) -> Comparison:
    with store.read() as session:
        return comparison.compare(session, ids, ComparisonOptions(**options))


def rising(to: float) -> Any:
    def curve(share: NDArray[np.float64]) -> NDArray[np.float64]:
        return 0.1 + (to - 0.1) * share

    return curve


@pytest.fixture
def ids(pages: Pages) -> list[str]:
    """Two policies under three seeds each."""
    return [
        add_run(
            pages.store,
            rising(to + 0.01 * seed + more * seed**2),
            policy=policy,
            seed=seed,
            name=f"<b>{policy}</b> {seed}",
        )
        for policy, to, more in (("bred", 0.9, 0), ("random", 0.6, 2e-6))
        for seed in range(3)
    ]


def drawn(figure: go.Figure, role: str) -> list[Any]:
    return [one for one in figure.data if one.meta["series"].get("role") == role]


def x_of(one: Any) -> list[float]:
    return list(one.x) if one.x is not None else [one.x0 + i * one.dx for i in range(len(one.y))]


def test_each_group_has_a_line_over_its_band(pages: Pages, ids: list[str]) -> None:
    figure = comparison_curves.overlay(compared(pages.store, ids))
    first, second = drawn(figure, "mean")
    assert [first.name, second.name] == ["bred", "random"]
    assert x_of(first)[-1] == 20_000
    assert first.y[-1] == pytest.approx(0.91)
    lower, upper = drawn(figure, "lower")[0], drawn(figure, "upper")[0]
    assert (upper.y - lower.y)[-1] == pytest.approx(0.02, rel=1e-3)
    assert first.line.color != second.line.color
    assert {one.text[1].strip() for one in drawn(figure, "end")} == {"bred", "random"}


def test_bands_end_where_shares_do(pages: Pages, ids: list[str]) -> None:
    comparison = compared(pages.store, ids)
    for group in comparison.groups:
        group.curve.deviation = [0.9] * len(group.curve.x)
    figure = comparison_curves.overlay(comparison)
    edges = [value for role in ("lower", "upper") for one in drawn(figure, role) for value in one.y]
    assert (min(edges), max(edges)) == (0, 1)


def test_axes_are_readable_before_anything_is_measured(pages: Pages, ids: list[str]) -> None:
    comparison = compared(pages.store, ids)
    for group in comparison.groups:
        group.curve = group.curve.model_copy(update={"x": [], "mean": [], "deviation": None})
    layout = comparison_curves.overlay(comparison).layout
    assert (layout.xaxis.range, layout.yaxis.range) == ((0, 1), (0, 1))


def test_a_pinned_baseline_is_black_whatever_its_place(pages: Pages, ids: list[str]) -> None:
    figure = comparison_curves.overlay(compared(pages.store, ids, baseline=ids[4]))
    first, second = drawn(figure, "mean")
    assert second.meta["paint"] == {"line.color": "baseline"}
    assert second.line.color == theme.PALETTES["light"].baseline == "#000000"
    assert theme.PALETTES["dark"].baseline == "#ffffff"
    assert first.meta["paint"] == {"line.color": "series_1"}


def test_what_was_measured_stays_behind_what_is_smoothed(pages: Pages, ids: list[str]) -> None:
    smooth = comparison_curves.overlay(compared(pages.store, ids, smoothing=0.9))
    assert len(drawn(smooth, "measured")) == len(drawn(smooth, "mean")) == 2
    assert drawn(smooth, "measured")[0].meta["paint"]["line.color"].endswith("/0.3")
    assert drawn(comparison_curves.overlay(compared(pages.store, ids)), "measured") == []


def test_members_are_drawn_when_asked_for(pages: Pages, ids: list[str]) -> None:
    figure = comparison_curves.overlay(compared(pages.store, ids, members=[ids[1]]))
    assert [one.y[-1] for one in drawn(figure, "member")] == pytest.approx([0.9, 0.91, 0.92])


def test_logarithmic_axes_keep_what_is_drawn(pages: Pages, ids: list[str]) -> None:
    figure = comparison_curves.overlay(compared(pages.store, ids), log_x=True, log_y=True)
    assert (figure.layout.xaxis.type, figure.layout.yaxis.type) == ("log", "log")
    assert figure.layout.xaxis.range == pytest.approx((2, np.log10(20_000)))
    ends = {one.text[1].strip(): one.y[0] for one in drawn(figure, "end")}
    assert ends["bred"] == pytest.approx(0.91, rel=1e-6)


def test_names_of_curves_that_end_together_stand_apart_from_their_dots(pages: Pages) -> None:
    alike = [add_run(pages.store, rising(0.9), step_size=size) for size in (0.001, 0.002, 0.003)]
    figure = comparison_curves.overlay(compared(pages.store, alike))
    ends = drawn(figure, "end")
    assert [one.y[0] for one in ends] == pytest.approx([0.9] * 3)
    assert min(np.diff(sorted(one.y[1] for one in ends))) > 0.02


def test_a_run_that_learned_nothing_lies_amid_an_axis_that_can_be_read(pages: Pages) -> None:
    flat = compared(pages.store, [add_run(pages.store, lambda share: 0.1 + 0 * share)])
    figure = comparison_curves.overlay(flat)
    for low, high in (figure.layout.yaxis.range, comparison_rows.distribution(flat).layout.xaxis.range):
        assert (low, high) == (pytest.approx(0.05), pytest.approx(0.15))
    assert drawn(figure, "end")[0].y[0] == pytest.approx(drawn(figure, "mean")[0].y[-1])


def test_fifty_groups_differ_in_colour_or_dash_and_have_no_room_for_names(pages: Pages) -> None:
    many = [add_run(pages.store, rising(0.9), step_size=(n + 1) / 1000, iterations=500) for n in range(50)]
    found = compared(pages.store, many)
    figure = comparison_curves.overlay(found)
    assert len({(one.line.color, one.line.dash) for one in drawn(figure, "mean")}) == 50
    assert drawn(figure, "end") == []
    assert figure.layout.hovermode == "closest"
    with pages.store.read() as session:
        state, _ = address.read_address(session, {})
    assert len(to_json_plotly(view.comparison_view(found, state))) < 200_000


def test_each_sample_is_a_dot_in_the_row_of_its_group(pages: Pages, ids: list[str]) -> None:
    found = compared(pages.store, ids)
    figure = comparison_rows.distribution(found)
    for row, dots in enumerate(drawn(figure, "samples")):
        assert list(dots.x) == pytest.approx(found.groups[row].values)
        assert np.abs(np.array(dots.y) - row).max() < 0.4
    means = drawn(figure, "mean")
    assert [one.x[0] for one in means] == pytest.approx([0.91, 0.61], abs=1e-5)
    assert means[0].error_x.array[0] == pytest.approx(0.01)
    assert list(figure.layout.yaxis.ticktext) == ["bred", "random"]


def test_differences_are_drawn_in_percentage_points_with_their_interval(pages: Pages, ids: list[str]) -> None:
    assert comparison_rows.differences(compared(pages.store, ids)) is None
    other = [add_run(pages.store, rising(0.7 + 0.02 * n), policy="blank", adaptive=True, seed=7 + n) for n in range(3)]
    found = compared(pages.store, [*ids, *other], baseline=ids[0])
    figure = comparison_rows.differences(found)
    assert figure is not None
    pinned, paired, welch = drawn(figure, "difference")
    assert (pinned.x[0], paired.x[0], welch.x[0]) == pytest.approx((0, -30, -19), abs=1e-3)
    difference = found.groups[2].difference
    assert difference is not None
    assert difference.high is not None
    assert welch.error_x.array[0] == pytest.approx(100 * (difference.high - difference.mean))
    assert "paired by seed" in comparison_rows.describe_differences(found)
    assert "Welch" in comparison_rows.describe_differences(found)


def test_a_line_a_run_crosses_each_setting_and_ends_at_its_result(pages: Pages, ids: list[str]) -> None:
    gradient = add_run(pages.store, rising(0.95), method="gradient", name="gradient")
    found = compared(pages.store, [*ids, gradient])
    figure = parallel.lines(found)
    assert figure is not None
    lines = drawn(figure, "run")
    assert len(lines) == 7
    titles = list(figure.layout.xaxis.ticktext)
    assert titles[-1] == "validation accuracy"
    best, worst = lines[6], lines[3]
    assert (best.y[-1], worst.y[-1]) == (1.0, 0.0)
    # A gradient run has no policy: its line runs below that axis.
    assert best.y[titles.index("Policy")] < 0
    assert parallel.lines(compared(pages.store, ids[:1])) is None


def test_settings_that_span_a_decade_lie_on_a_logarithmic_axis(pages: Pages) -> None:
    runs = [add_run(pages.store, rising(0.9), step_size=step) for step in (0.001, 0.01, 0.1)]
    figure = parallel.lines(compared(pages.store, runs))
    assert figure is not None
    assert [one.y[0] for one in drawn(figure, "run")] == pytest.approx([0, 0.5, 1])


def test_layers_sort_by_units_and_every_setting_has_an_order(pages: Pages) -> None:
    noise = {"noise": 0.1}
    runs = [add_run(pages.store, rising(0.9), dataset="moons", hidden_layers=(units,)) for units in (32, 8, 16)]
    runs.append(add_run(pages.store, rising(0.9), dataset="moons", hidden_layers=(8,), dataset_parameters=noise))
    found = compared(pages.store, runs)
    figure = parallel.lines(found)
    assert figure is not None
    place = [setting.title for setting in found.settings].index("Hidden layers")
    assert [one.y[place] for one in drawn(figure, "run")] == [1, 0, 0.5, 0]


def test_figures_say_their_numbers_in_words(pages: Pages, ids: list[str]) -> None:
    found = compared(pages.store, ids, baseline=ids[0])
    assert "bred: 91.0 % at iteration 20,000" in comparison_curves.describe_overlay(found)
    assert (
        "random: mean 61.0 %, deviation 1.0 %, from 60.0 % to 62.0 %, 3 replicates."
        in comparison_rows.describe_distribution(found)
    )
    assert "−30.00 percentage points" in comparison_rows.describe_differences(found)
    assert "92.0 %" in parallel.describe_parallel(found)


# -- the tables


def test_a_row_of_a_group_has_the_style_of_its_curve_and_its_numbers(pages: Pages, ids: list[str]) -> None:
    plain, pinned = (tables.group_rows(compared(pages.store, ids, baseline=b)) for b in (None, ids[3]))
    bred, random = plain
    assert [row["label"] for row in plain] == ["bred", "random"]
    assert bred["runs"] == ids[:3]
    assert (bred["mean"], bred["deviation"], bred["members"]) == ("91.0 %", "1.00", "3 runs")
    assert bred["style"] != random["style"]
    assert [row["difference"] for row in plain] == [None, None]
    found = pinned[0]["difference"]
    assert found is not None
    assert (found["mean"], found["method"]) == ("+30.00", "paired by seed")
    assert found["interval"].startswith("[+")
    assert pinned[1]["is_baseline"]
    assert pinned[1]["style"]["colour"] == "baseline"


def test_samples_that_are_equal_have_no_deviation_of_zero(pages: Pages, ids: list[str]) -> None:
    found = compared(pages.store, ids)
    equal = [group.model_copy(update={"deviation": 0.0}) for group in found.groups]
    row = tables.group_rows(found.model_copy(update={"groups": equal}))[0]
    assert (row["deviation"], row["samples"]) == ("", "3 replicates, all equal")


def test_runs_have_a_cell_for_each_setting_that_differs(pages: Pages, ids: list[str]) -> None:
    found = compared(pages.store, ids)
    rows = tables.run_rows(found)
    assert [setting.title for setting in found.settings] == ["Seed", "Policy"]
    assert tables.result_title(found) == "Final validation accuracy"
    assert [row["id"] for row in rows] == ids
    assert rows[5]["name"] == "<b>random</b> 2"
    assert rows[5]["settings"] == ["2", "random"]
    assert (rows[5]["result"], rows[5]["iterations"]) == ("62.0 %", "20,000")


# -- the page


def test_the_address_is_the_whole_state(pages: Pages, ids: list[str]) -> None:
    query = {
        "runs": ",".join(ids), "metric": "train_loss", "x": "seconds", "smoothing": "0.5", "group": "policy,seed",
        "baseline": ids[0], "members": "all", "log_x": "yes", "statistic": "best",
    }  # fmt: skip
    with pages.store.read() as session:
        state, problem = address.read_address(session, query)
    assert problem == ""
    options = address.options_of(state)
    assert options.model_dump(exclude={"max_points"}) == {
        "metric": "train_loss", "x": "seconds", "smoothing": 0.5, "group_by": ["policy", "seed"], "statistic": "best",
        "baseline": ids[0], "members": ["all"], "log_x": True,
    }  # fmt: skip


def test_what_an_address_may_not_hold_becomes_the_default(pages: Pages, ids: list[str]) -> None:
    query = {"runs": ids[0], "metric": "<script>", "x": "years", "smoothing": "much", "group": "none"}
    with pages.store.read() as session:
        state, _ = address.read_address(session, query)
    assert (state["metric"], state["x"], state["smoothing"]) == ("validation_accuracy", "iteration", 0)
    assert address.options_of(state).group_by == []


def test_a_sweep_stands_for_its_runs_and_a_lost_one_is_reported(pages: Pages) -> None:
    with pages.store.read() as session:
        state, problem = address.read_address(session, {"sweep": "nothing"})
    assert state["runs"] == []
    assert "There is no sweep" in problem


def test_more_than_fifty_runs_are_cut_and_reported(pages: Pages) -> None:
    with pages.store.read() as session:
        state, problem = address.read_address(session, {"runs": ",".join(f"r{n}" for n in range(60))})
    assert len(state["runs"]) == 50
    assert problem == "60 runs are asked for; the first 50 are shown."


def test_the_page_fetches_the_view_of_its_own_address(pages: Pages, ids: list[str]) -> None:
    query = f"runs={','.join(ids)}&log_x=yes"
    assert ids[0] in pages.open(f"/compare?{query}")
    answer = pages.client.get(f"/compare/view?{query}", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    seen = answer.json()
    assert seen["headline"] == "6 runs in 2 groups"
    assert seen["grouped_by"] == ["policy"]
    assert set(seen["figures"]) == {"compare-curves", "compare-distribution", "compare-differences", "compare-parallel"}
    assert seen["figures"]["compare-curves"]["layout"]["xaxis"]["type"] == "log"
    assert "template" not in seen["figures"]["compare-curves"]["layout"]
    gone = pages.client.get(f"/compare/view?runs={ids[0]},gone").json()
    assert (gone["missing"], len(gone["runs"])) == (["gone"], 1)


def test_networks_that_are_not_stored_are_left_out(pages: Pages, ids: list[str]) -> None:
    query = "&".join(f"run={run}&label=a" for run in ids[:2])
    assert pages.client.get(f"/compare/networks?{query}").json() == {"figure": None, "layers": 0, "layer": 0}
    judged = pages.client.get(f"/compare/confusions?{query}").json()
    assert judged["figure"] is None
    assert judged["problem"]


def test_more_networks_than_are_shown_are_refused(pages: Pages) -> None:
    query = "&".join(f"run=r{n}&label=a" for n in range(9))
    assert pages.client.get(f"/compare/networks?{query}").status_code == 422
    assert pages.client.get("/compare/networks?run=a&label=a&columns=0").status_code == 422


# -- weights


def coded(cells: NDArray[np.float64]) -> LayerWeights:
    import base64

    scale = float(np.abs(cells).max())
    data = base64.b64encode(np.round(cells / scale * 127).astype(np.int8).tobytes()).decode()
    rows, columns = cells.shape
    blocks = [
        WeightBlock(source="ones", kind="bias", rows=1),
        WeightBlock(source="inputs", kind="forward", rows=rows - 1),
    ]
    return LayerWeights(rows=rows, columns=columns, scale=scale, data=data, blocks=blocks)


def test_networks_stand_side_by_side_on_one_scale() -> None:
    small, large = coded(np.full((5, 3), 0.2)), coded(np.full((5, 3), -0.9))
    networks = [
        side_by_side.Network("one", small, (2, 2)),
        side_by_side.Network("two", large, None),
        side_by_side.Network("three", None, None),
    ]
    figure = side_by_side.side_by_side(networks)
    assert (figure.layout.coloraxis.cmin, figure.layout.coloraxis.cmax) == (-1, 1)
    pictures, matrix, nothing = figure.data
    assert np.nansum(np.array(pictures.z, dtype=float)) == pytest.approx(3 * 4 * 0.2, rel=0.01)
    assert np.array(matrix.z).shape == (3, 4)
    assert np.array(nothing.z).shape == (1, 1)
    assert "three: no such layer" in figure.layout.annotations[2].text
    narrow = side_by_side.side_by_side(networks, columns=1)
    assert {tuple(narrow.layout[axis].domain) for axis in ("xaxis", "xaxis2")} == {(0, 1)}
    assert side_by_side.height(2, columns=1) > 1.9 * side_by_side.height(2)
    assert "two: 4 inputs to 3 units, largest weight 0.900." in side_by_side.describe_side_by_side(networks)


def test_confusions_are_shares_of_the_true_class() -> None:
    found = Confusion(
        iteration=5, replicate=0, samples=12, right=9, classes=[0, 1], class_names=["A", "<b>"], class_samples=[4, 8],
        counts=[[3, 1], [2, 6]], all_classes=2,
    )  # fmt: skip
    figure = side_by_side.confusions([("one", found), ("two", found)])
    assert np.array(figure.data[0].z, dtype=float) == pytest.approx(np.array([[0.75, 0.25], [0.25, 0.75]]))
    assert figure.data[1].xaxis == "x2"
    assert figure.data[0].meta["paint"] == {"colorscale.0.1": "faint", "colorscale.1.1": "ink"}
    assert "one: 9 of 12 right, most often <b> named A (2 times)." in side_by_side.describe_confusions([("one", found)])
