from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from backend.runs.curves import service as curves
from backend.wire.columns import METRICS, Columns


def measured(count: int, replicates: int = 1, layers: int = 2, seed: int = 0) -> Columns:
    generator = np.random.default_rng(seed)
    made: Columns = {
        "iteration": np.arange(count, dtype=np.int64) * 100,
        "forward_passes": np.arange(count, dtype=np.int64) * 100,
        "seconds": np.linspace(0, 9, count, dtype=np.float32),
        "actions": generator.integers(0, 1000, (count, layers, 3)),
    }
    for name in METRICS:
        made[name] = generator.normal(size=(count, replicates)).astype(np.float32)
    return made


@given(st.integers(1, 3000), st.integers(curves.MIN_POINTS, 500), st.integers(0, 5))
def test_curves_keep_their_extremes_and_ends_within_the_limit(count: int, max_points: int, seed: int) -> None:
    points = measured(count, seed=seed)
    shown = curves.metrics(points, max_points)
    assert len(shown.iteration) <= max_points
    assert shown.iteration == sorted(set(shown.iteration))
    assert (shown.iteration[0], shown.iteration[-1]) == (points["iteration"][0], points["iteration"][-1])
    for name in METRICS:
        values = [value for value in shown.values[name] if value is not None]
        np.testing.assert_allclose(min(values), points[name].min(), rtol=1e-5)
        np.testing.assert_allclose(max(values), points[name].max(), rtol=1e-5)


@given(st.integers(1, 3000), st.integers(8, 500))
def test_merged_action_counts_lose_no_action(count: int, max_points: int) -> None:
    points = measured(count)
    shown = curves.actions(points, max_points)
    assert len(shown.iteration) <= max_points
    for number, layer in enumerate(shown.layers):
        counted = [sum(layer.down), sum(layer.stay), sum(layer.up)]
        assert counted == points["actions"][:, number].sum(axis=0).tolist()


def test_values_that_are_no_numbers_become_null() -> None:
    points = measured(3)
    points["reward_rate"][0] = np.nan
    points["train_loss"][1] = np.inf
    shown = curves.metrics(points, 100)
    assert shown.values["reward_rate"][0] is None
    assert shown.values["train_loss"][1] is None


def test_several_replicates_are_shown_as_mean_and_deviation() -> None:
    points = measured(5, replicates=3)
    shown = curves.metrics(points, 100, replicates="all")
    np.testing.assert_allclose(shown.values["train_loss"], points["train_loss"].mean(axis=1), rtol=1e-5)  # type: ignore[arg-type]
    assert shown.deviation is not None
    np.testing.assert_allclose(shown.deviation["train_loss"], points["train_loss"].std(axis=1, ddof=1), rtol=1e-5)  # type: ignore[arg-type]
    assert shown.replicates is not None
    assert len(shown.replicates["train_loss"]) == 3


def test_a_run_without_points_has_empty_curves() -> None:
    assert curves.metrics({}, 100).iteration == []
    assert curves.actions({}, 100).layers == []
