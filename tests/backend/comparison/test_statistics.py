"""Differences, intervals and smooth curves against scipy, known values and their laws."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from backend.comparison import statistics
from backend.comparison.statistics import Sample

numbers = st.floats(-100, 100).map(lambda value: round(value, 3))
weights = st.floats(0.01, 0.999)


def samples(values: list[float], first: int = 0) -> list[Sample]:
    return [Sample(first + place, value) for place, value in enumerate(values)]


@given(st.lists(st.tuples(numbers, numbers), min_size=2, max_size=20))
def test_with_the_same_seeds_the_interval_is_that_of_the_paired_t_test(pairs: list[tuple[float, float]]) -> None:
    a, b = [list(side) for side in zip(*pairs, strict=True)]
    found = statistics.difference(samples(a), samples(b))
    assert found is not None
    if len({round(x - y, 9) for x, y in pairs}) == 1:
        assert (found.method, found.low, found.high) == ("equal", None, None)
        return
    assert found.method == "paired"
    wanted = stats.ttest_rel(a, b).confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((wanted.low, wanted.high), rel=1e-6, abs=1e-9)


@given(st.lists(numbers, min_size=2, max_size=12), st.lists(numbers, min_size=2, max_size=12))
def test_with_other_seeds_the_interval_is_welchs(a: list[float], b: list[float]) -> None:
    found = statistics.difference(samples(a), samples(b, first=100))
    assert found is not None
    assert (found.samples, found.baseline_samples) == (len(a), len(b))
    if np.var(a) + np.var(b) < 1e-12:
        assert (found.method, found.low, found.high) == ("equal", None, None)
        return
    assert found.method == "welch"
    wanted = stats.ttest_ind(a, b, equal_var=False).confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((wanted.low, wanted.high), rel=1e-6, abs=1e-9)


def test_known_values() -> None:
    """Student's sleep data, 1908: the interval that R's t.test prints."""
    drug_1 = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
    drug_2 = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]
    paired = statistics.difference(samples(drug_1), samples(drug_2))
    welch = statistics.difference(samples(drug_1), samples(drug_2, first=50))
    assert paired is not None
    assert welch is not None
    assert (paired.mean, paired.low, paired.high) == pytest.approx((-1.58, -2.4598858, -0.7001142), abs=1e-6)
    assert (welch.mean, welch.low, welch.high) == pytest.approx((-1.58, -3.3654832, 0.2054832), abs=1e-6)


def test_seeds_that_match_in_part_only_or_come_twice_are_not_paired() -> None:
    a, b = samples([1.0, 2.0, 3.0]), samples([1.0, 2.0, 4.0])
    for other in (samples([1.0, 2.0, 4.0], first=1), samples([1.0, 2.0]), [*b, Sample(0, 2.0)]):
        found = statistics.difference(a, other)
        assert found is not None
        assert found.method == "welch"


def test_one_sample_gives_a_difference_and_no_interval() -> None:
    found = statistics.difference(samples([3.0]), samples([1.0, 2.0]))
    assert found is not None
    assert (found.mean, found.low, found.high, found.method) == (1.5, None, None, "none")
    assert statistics.difference([], samples([1.0])) is None


@given(st.lists(numbers, min_size=2, max_size=8), st.lists(numbers, min_size=2, max_size=8))
def test_turned_round_a_difference_turns_its_sign(a: list[float], b: list[float]) -> None:
    there = statistics.difference(samples(a), samples(b, first=100))
    back = statistics.difference(samples(b, first=100), samples(a))
    assert there is not None
    assert back is not None
    if there.low is None or back.high is None:
        assert there.method == back.method == "equal"
        return
    assert (there.mean, there.low) == pytest.approx((-back.mean, -back.high), abs=1e-9)


def recursive(values: list[float], weight: float) -> list[float]:
    """The mean as TensorBoard and others define it, one value after the other."""
    smoothed, total, norm = [], 0.0, 0.0
    for value in values:
        if np.isfinite(value):
            total, norm = weight * total + value, weight * norm + 1
        else:
            total, norm = weight * total, weight * norm
        smoothed.append(total / norm if np.isfinite(value) else np.nan)
    return smoothed


@given(st.lists(numbers | st.just(float("nan")), min_size=1, max_size=300), weights)
def test_smoothing_is_the_exponential_mean(values: list[float], weight: float) -> None:
    found = statistics.smooth(np.array(values)[:, None], weight)[:, 0]
    np.testing.assert_allclose(found, recursive(values, weight), atol=0.05)


@given(st.lists(numbers, min_size=1, max_size=200), weights)
def test_a_smooth_curve_stays_within_the_extremes_and_starts_at_the_curve(values: list[float], weight: float) -> None:
    found = statistics.smooth(np.array(values)[:, None], weight)[:, 0]
    assert found[0] == pytest.approx(values[0])
    assert found.min() >= min(values) - 1e-9
    assert found.max() <= max(values) + 1e-9


@pytest.mark.parametrize("points", [10, 50_000])
def test_constant_curves_stay_as_they_are(points: int) -> None:
    constant = np.full((points, 2), 0.7)
    np.testing.assert_allclose(statistics.smooth(constant, 0.99), constant, rtol=1e-9)


def test_no_smoothing_changes_nothing() -> None:
    values: NDArray[np.float64] = np.random.default_rng(0).random((50, 3))
    assert statistics.smooth(values, 0.0) is values


def test_means_and_deviations_pass_over_what_is_no_number() -> None:
    values = np.array([[1.0, 3.0, np.nan], [np.nan, np.nan, np.nan], [2.0, np.nan, np.nan]])
    np.testing.assert_allclose(statistics.mean(values), [2.0, np.nan, 2.0])
    np.testing.assert_allclose(statistics.deviation(values), [np.sqrt(2), np.nan, np.nan])
