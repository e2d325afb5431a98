"""Step size and exploration over time are what their settings say, at every iteration."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synrl_core import policies
from synrl_core.config import Schedule, TrainingConfig
from synrl_core.learning import schedules

LENGTH, SWITCH = 400, 150


@pytest.mark.parametrize("kind", ["constant", "linear", "cosine", "switch"])
@given(first=st.floats(1e-6, 1), share=st.floats(0, 10))
def test_a_schedule_goes_from_its_first_value_to_its_final_share_and_stays(
    kind: Schedule, first: float, share: float
) -> None:
    value = schedules.schedule(kind, first, share, LENGTH, SWITCH)
    over_time = np.array([value(t) for t in range(2 * LENGTH)])
    last = first if kind == "constant" else first * share
    assert over_time[0] == pytest.approx(first)
    np.testing.assert_allclose(over_time[LENGTH:], last, rtol=1e-9, atol=1e-15)
    steps = np.diff(over_time) * np.sign(last - first)
    assert (steps >= -1e-12 * max(first, last)).all()  # never back


def test_each_kind_takes_its_own_way() -> None:
    half = {kind: schedules.schedule(kind, 2.0, 0.5, LENGTH, SWITCH) for kind in ("linear", "cosine", "switch")}
    assert half["linear"](LENGTH // 4) == pytest.approx(2 - 0.25)
    assert half["cosine"](LENGTH // 4) == pytest.approx(1 + 0.5 * (1 + np.cos(np.pi / 4)))
    assert (half["switch"](SWITCH - 1), half["switch"](SWITCH)) == (2.0, 1.0)


def test_the_papers_schedule_halves_the_step_at_its_iteration() -> None:
    config = TrainingConfig(step_size=1e-4, step_size_schedule="switch", step_size_final_share=0.5, iterations=500_000)
    step = schedules.step_size(config)
    assert (step(99_999), step(100_000), step(499_999)) == (1e-4, 5e-5, 5e-5)


def test_exploration_that_rises_stays_a_probability() -> None:
    config = TrainingConfig(exploration=0.5, exploration_schedule="linear", exploration_final_share=10, iterations=10)
    assert [schedules.exploration(config, [policies.get("win_stay_lose_shift")])(t) for t in (0, 5, 10)] == [
        0.5,
        1.0,
        1.0,
    ]


def test_schedules_may_be_shorter_than_their_run() -> None:
    config = TrainingConfig(
        step_size=1.0, step_size_schedule="linear", step_size_final_share=0.1, schedule_iterations=10
    )
    assert schedules.step_size(config)(10) == schedules.step_size(config)(19_999) == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("asked", "names", "expected"),
    [
        (None, ["bred_stochastic"], 0.0),
        (None, ["win_stay_lose_shift"], 0.1),
        (None, ["bred_stochastic", "win_stay_lose_shift"], 0.1),
        (0.3, ["bred_stochastic"], 0.3),
        (0.0, ["win_stay_lose_shift"], 0.0),
    ],
)
def test_policies_that_draw_explore_only_where_it_is_asked_for(
    asked: float | None, names: list[str], expected: float
) -> None:
    config = TrainingConfig(exploration=asked)
    assert schedules.exploration(config, map(policies.get, names))(0) == expected
