"""Rules of the verdicts on made-up tables: both sides of every border, and intervals against scipy."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from backend.reproduction import rules
from backend.reproduction.rules import Judgement, Outcome

HOLDS, FAILS, DIFFERS, OPEN = Outcome.HOLDS, Outcome.DOES_NOT_HOLD, Outcome.DIFFERS, Outcome.NOT_ENOUGH
#: Half width of the interval of four values at ``mean`` ± 1, in units of that 1 (Student's t, three degrees).
HALF = float(stats.t.ppf(0.975, 3)) * math.sqrt(4 / 3) / 2
TINY = 1e-6


def around(mean: float, width: float) -> dict[int, float]:
    """Four trials with this mean whose interval has this half width."""
    return {trial: mean + sign * width / HALF for trial, sign in enumerate((-1, 1, -1, 1))}


def bounds(found: Judgement) -> tuple[float, float]:
    assert found.low is not None
    assert found.high is not None
    return found.low, found.high


def test_the_interval_of_a_mean_is_scipys() -> None:
    values = np.random.default_rng(0).normal(0.88, 0.005, 7)
    expected = stats.t.interval(0.95, 6, values.mean(), stats.sem(values))
    assert bounds(rules.mean_of(values.tolist())) == pytest.approx(expected, abs=1e-12)


def test_the_interval_of_a_difference_is_scipys_paired_one() -> None:
    rng = np.random.default_rng(1)
    ours, theirs = rng.normal(0.88, 0.01, 6), rng.normal(0.86, 0.01, 6)
    expected = stats.ttest_rel(ours, theirs).confidence_interval(0.95)
    found = rules.paired(dict(enumerate(ours)), dict(enumerate(theirs)) | {9: 0.1})
    assert bounds(found) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_made_up_trials_have_the_interval_that_these_tests_say() -> None:
    assert bounds(rules.mean_of(list(around(0.5, 0.02).values()))) == pytest.approx((0.48, 0.52), abs=1e-12)


@pytest.mark.parametrize(
    ("mean", "width", "expected"),
    [
        (0.8778 + 0.001 + TINY, 0.001, HOLDS),
        (0.8778 + 0.001 - TINY, 0.001, OPEN),
        (0.8778 - 0.001 + TINY, 0.001, OPEN),
        (0.8778 - 0.001 - TINY, 0.001, FAILS),
        (0.95, 0.001, HOLDS),
        (0.10, 0.001, FAILS),
    ],
)
def test_a_figure_is_reached_half_a_point_below_it(mean: float, width: float, expected: Outcome) -> None:
    assert rules.reaches(around(mean, width), 0.8828).outcome is expected


def test_two_trials_are_not_enough_and_three_are() -> None:
    assert rules.reaches({0: 0.9, 1: 0.9}, 0.88).outcome is OPEN
    assert "2 of at least 3 trials" in rules.reaches({0: 0.9, 1: 0.9}, 0.88).why
    assert rules.reaches({0: 0.9, 1: 0.9, 2: 0.9}, 0.88).outcome is HOLDS
    assert rules.reaches({}, 0.88) == Judgement(OPEN, 0)


FIGURE, SPREAD = 0.0186, 0.0047


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (TINY, FIGURE, HOLDS),
        (-TINY, FIGURE, OPEN),
        (0.005, FIGURE - SPREAD + TINY, HOLDS),
        (0.005, FIGURE - SPREAD - TINY, DIFFERS),
        (FIGURE + SPREAD - TINY, 0.05, HOLDS),
        (FIGURE + SPREAD + TINY, 0.05, DIFFERS),
        (-0.005, FIGURE - SPREAD + TINY, OPEN),
        (-0.005, FIGURE - SPREAD - TINY, FAILS),
        (-0.02, -TINY, FAILS),
        (-0.02, TINY, FAILS),
    ],
)
@pytest.mark.parametrize("sign", [1, -1])
def test_a_difference_is_judged_by_side_and_size(low: float, high: float, expected: Outcome, sign: int) -> None:
    ours = around(0.8 + sign * (low + high) / 2, (high - low) / 2)
    found = rules.differs_by(ours, dict.fromkeys(range(4), 0.8), sign * FIGURE, SPREAD)
    assert found.outcome is expected


def test_differences_count_common_trials_only() -> None:
    ours, theirs = {0: 0.9, 1: 0.91, 2: 0.92, 7: 0.1}, {0: 0.88, 1: 0.89, 5: 0.2}
    found = rules.differs_by(ours, theirs, FIGURE, SPREAD)
    assert (found.outcome, found.samples) == (OPEN, 2)
    assert found.mean == pytest.approx(0.02)


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (TINY, 0.01, HOLDS),
        (-TINY, 0.01, OPEN),
        (-0.01, 0.005 + TINY, OPEN),
        (-0.01, 0.005 - TINY, FAILS),
        (-0.01, -TINY, FAILS),
    ],
)
def test_better_is_an_interval_above_zero(low: float, high: float, expected: Outcome) -> None:
    ours = around(0.7 + (low + high) / 2, (high - low) / 2)
    assert rules.is_better(ours, dict.fromkeys(range(4), 0.7)).outcome is expected


@pytest.mark.parametrize(
    ("share", "width", "expected"),
    [
        (0.5 + 0.1 + TINY, 0.1, HOLDS),
        (0.5 + 0.1 - TINY, 0.1, OPEN),
        (0.5 - 0.1 + TINY, 0.1, OPEN),
        (0.5 - 0.1 - TINY, 0.1, FAILS),
    ],
)
def test_a_network_trains_where_it_goes_half_the_way(share: float, width: float, expected: Outcome) -> None:
    chance, goal = 0.1, 0.9
    ours = {trial: chance + (goal - chance) * one for trial, one in around(share, width).items()}
    found = rules.trains(ours, dict.fromkeys(range(4), goal), chance)
    assert found.outcome is expected
    assert found.mean == pytest.approx(share)


@pytest.mark.parametrize(("goal", "expected"), [(0.6 + TINY, HOLDS), (0.6 - TINY, DIFFERS)])
def test_a_reference_no_better_than_a_guess_is_no_measure(goal: float, expected: Outcome) -> None:
    trials = dict.fromkeys(range(3), 0.6)
    assert rules.trains(trials, dict.fromkeys(range(3), goal), chance=0.5).outcome is expected


def test_without_gradient_descent_the_way_goes_to_one() -> None:
    assert rules.trains(dict.fromkeys(range(3), 0.56), None, chance=0.1).outcome is HOLDS
    assert rules.trains(dict.fromkeys(range(3), 0.54), None, chance=0.1).outcome is FAILS


def test_one_case_that_fails_refutes_a_claim_about_all() -> None:
    good, bad, unlike, unknown = (Judgement(one, 3) for one in (HOLDS, FAILS, DIFFERS, OPEN))
    assert rules.all_of({"a": good, "b": good}).outcome is HOLDS
    assert rules.all_of({"a": good, "b": unknown}).outcome is OPEN
    assert rules.all_of({"a": bad, "b": unknown}) == Judgement(FAILS, 3, why="not for a")
    assert rules.all_of({"a": good, "b": unlike}).outcome is DIFFERS
    assert rules.all_of({}).outcome is OPEN


@pytest.mark.parametrize(
    ("mean", "expected"), [(0.8642 + 0.012 - TINY, False), (0.8642 + 0.012 + TINY, True), (0.8642 - 0.013, True)]
)
def test_a_baseline_a_point_away_is_another_baseline(mean: float, expected: bool) -> None:
    assert rules.is_other_baseline(around(mean, 0.002), 0.8642) is expected


def test_nothing_is_said_of_a_baseline_of_two_trials() -> None:
    assert not rules.is_other_baseline({0: 0.2, 1: 0.2}, 0.8642)
