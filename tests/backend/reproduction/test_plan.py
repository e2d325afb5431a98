"""Plan of a reproduction: configurations that can be trained, paired by trial."""

from __future__ import annotations

from typing import get_args

import pytest

from backend.kit.settings import Settings
from backend.reproduction.arms import ARMS
from backend.reproduction.plan import MOST_TRIALS, Plan
from backend.reproduction.scales import SCALES, ScaleName
from synrl_core.config import TrainingConfig

SCALE_NAMES: tuple[ScaleName, ...] = get_args(ScaleName)


def plan(scale: ScaleName = "quick", trials: int = 3, most_iterations: int | None = None) -> Plan:
    return Plan(SCALES[scale], trials, "glyphs", "win_stay_lose_shift", most_iterations=most_iterations)


def config_of(made: Plan, key: str, trial: int = 0) -> TrainingConfig:
    return next(
        TrainingConfig.model_validate(settings)
        for arm, number, settings in made.entries()
        if (arm.key, number) == (key, trial)
    )


@pytest.mark.parametrize("scale", SCALE_NAMES)
def test_every_run_of_every_scale_has_a_valid_configuration(scale: ScaleName) -> None:
    made = [TrainingConfig.model_validate(settings) for _, _, settings in plan(scale).entries()]
    assert len(made) == 3 * len(ARMS)


def test_all_arms_with_the_most_trials_fit_into_one_sweep() -> None:
    assert len(ARMS) * MOST_TRIALS <= Settings.model_fields["max_sweep_runs"].default
    assert max(scale.trials for scale in SCALES.values()) <= MOST_TRIALS


def test_a_trial_holds_back_the_same_samples_in_every_arm() -> None:
    seeds = {(trial, one["split_seed"], one["seed"]) for _, trial, one in plan().entries()}
    assert seeds == {(trial, trial, trial) for trial in range(3)}


def test_a_baseline_has_the_network_and_the_data_of_its_arm() -> None:
    for arm in ARMS.values():
        if arm.baseline is None:
            continue
        baseline = ARMS[arm.baseline]
        same = ("dataset", "hidden_layers", "validation_fraction", "dataset_parameters")
        assert baseline.is_gradient
        assert not arm.is_gradient
        assert [arm.settings.get(name) for name in same] == [baseline.settings.get(name) for name in same]
        assert arm.chance == baseline.chance


def test_the_papers_scale_runs_what_the_paper_ran() -> None:
    made = plan("paper", 10)
    plain, hidden = config_of(made, "784-10 static", 9), config_of(made, "784-32-10 static")
    assert (plain.iterations, plain.step_size, plain.exploration, plain.batch_size) == (500_000, 1e-4, 0.1, 5000)
    assert (plain.batch_interval, plain.give_up_after, plain.give_up_below) == (5000, 25_000, 0.2)
    assert (plain.hidden_layers, plain.step_size_schedule, plain.adaptive) == ((), "constant", False)
    assert (hidden.step_size_schedule, hidden.step_size_switch_at) == ("switch", 100_000)
    assert hidden.step_size * hidden.step_size_final_share == pytest.approx(5e-5)
    descent = config_of(made, "784-10 gradient-paper")
    assert (descent.iterations, descent.gradient_learning_rate, descent.initial_scale) == (5000, 0.1, 1.0)


def test_static_and_adaptive_differ_in_learning_alone() -> None:
    for network in ("784-10", "784-32-10"):
        static, adaptive = (config_of(plan(), f"{network} {one}").model_dump() for one in ("static", "adaptive"))
        assert {name for name in static if static[name] != adaptive[name]} == {"adaptive"}


def test_a_rehearsal_shortens_every_run_and_lengthens_none() -> None:
    assert {one["iterations"] for _, _, one in plan(most_iterations=20).entries()} == {20}
    whole = [one["iterations"] for _, _, one in plan().entries()]
    assert [one["iterations"] for _, _, one in plan(most_iterations=10**6).entries()] == whole


def test_later_trials_alone_are_those_of_the_whole_plan() -> None:
    made = plan()
    later = [(arm.key, one) for arm, _, one in made.entries([2])]
    assert later == [(arm.key, one) for arm, trial, one in made.entries() if trial == 2]
