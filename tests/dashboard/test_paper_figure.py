"""Figure of a reproduction: its arms as curves, their deviations under the pointer, and the paper's accuracy."""

from __future__ import annotations

import math

import pytest

from backend.comparison.schemas import ComparedCurve, ComparedGroup, Comparison, ComparisonOptions
from backend.kit.errors import NotFoundError
from dashboard.figures import paper
from tests.dashboard.conftest import Pages


def group(label: str, mean: list[float | None], deviation: list[float | None] | None, **more: bool) -> ComparedGroup:
    curve = ComparedCurve(run=None, x=[0, 10, 1000], mean=mean, smooth=None, deviation=deviation, samples=2)
    return ComparedGroup.model_validate(
        {
            "key": label, "label": label, "settings": {}, "runs": [], "values": [], "samples": 2, "copies": 0,
            "mean": None, "deviation": None, "lowest": None, "highest": None, "is_baseline": False, "difference": None,
            "curve": curve, "members": [], **more,
        }
    )  # fmt: skip


COMPARED = Comparison(
    options=ComparisonOptions(x="forward_passes", log_x=True), runs=[], missing=[], settings=[], grouped_by=[],
    groups=[
        group("paper's, static", [0.1, 0.5, 0.8], [0.0, None, 0.0123]),
        group("gradient", [0.1, 0.6, 0.9], None, is_baseline=True),
    ],
)  # fmt: skip


def test_each_arm_is_a_curve_that_tells_its_deviation() -> None:
    drawn = paper.curves(COMPARED, 0.8828)
    static, descent = (one for one in drawn.data if one.meta["series"]["role"] == "mean")
    assert list(static.customdata) == [" ± 0.00", None, " ± 1.23"]
    assert "%{customdata}" in static.hovertemplate
    assert descent.customdata is None
    assert descent.meta["paint"]["line.color"] == "baseline"
    assert (drawn.layout.xaxis.type, drawn.layout.xaxis.title.text) == ("log", "forward passes")


def test_the_papers_accuracy_stands_across_all_curves() -> None:
    across = next(one for one in paper.curves(COMPARED, 0.8828).data if one.meta["series"]["role"] == "reference")
    assert set(across.y) == {0.8828}
    assert (across.x[0], across.x[-1]) == (10, pytest.approx(1000))
    assert math.log10(across.x[0]) < math.log10(across.x[1]) < math.log10(across.x[-1])
    assert across.text[1] == "paper 88.28 %"
    assert paper.describe(COMPARED, 0.8828).endswith("The paper: 88.28 %.")


def test_before_any_pass_the_axes_are_drawn_without_the_papers_line() -> None:
    begun = COMPARED.model_copy(deep=True)
    for one in begun.groups:
        one.curve = one.curve.model_copy(update={"x": [0], "mean": [0.1], "deviation": None})
    drawn = paper.curves(begun, 0.8828)
    assert [one for one in drawn.data if one.meta["series"]["role"] == "reference"] == []
    assert drawn.layout.xaxis.range == (0, 1)


def test_of_no_reproduction_there_are_no_figures(pages: Pages) -> None:
    with pytest.raises(NotFoundError, match="no reproduction 'none'"):  # the API's handlers make it a 404
        pages.client.get("/paper/figures/none")
