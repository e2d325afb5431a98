"""Compute step size and exploration as functions of the count of completed iterations."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

from synrl_core.config import Schedule, TrainingConfig
from synrl_core.policies.policy import Policy, first_exploration

ScheduleFunction = Callable[[int], float]


def schedule(kind: Schedule, initial: float, final_share: float, length: int, switch_at: int) -> ScheduleFunction:
    """Make the function iteration -> value.

    Parameters
    ----------
    kind
        ``constant``; ``linear`` and ``cosine`` fall from `initial` to ``initial * final_share`` over `length`
        iterations and stay there; ``switch`` jumps to it at iteration `switch_at` (the paper's 32-unit runs).

    Examples
    --------
    >>> linear = schedule("linear", 1.0, 0.5, length=10, switch_at=1)
    >>> linear(0), linear(5), linear(10), linear(99)
    (1.0, 0.75, 0.5, 0.5)
    """
    if kind == "constant":
        return lambda _: initial

    def share(iteration: int) -> float:
        if kind == "switch":
            return final_share if iteration >= switch_at else 1.0
        done = min(iteration / length, 1.0)
        left = 1.0 - done if kind == "linear" else 0.5 * (1.0 + math.cos(math.pi * done))
        return final_share + (1.0 - final_share) * left

    return lambda iteration: initial * share(iteration)


def step_size(config: TrainingConfig) -> ScheduleFunction:
    """How far an action moves a weight at each iteration."""
    return schedule(
        config.step_size_schedule,
        config.step_size,
        config.step_size_final_share,
        config.schedule_iterations or config.iterations,
        config.step_size_switch_at,
    )


def exploration(config: TrainingConfig, policies: Iterable[Policy]) -> ScheduleFunction:
    """Probability of a random action at each iteration; a schedule that rises stays at 1 at most."""
    unclipped = schedule(
        config.exploration_schedule,
        first_exploration(config.exploration, policies),
        config.exploration_final_share,
        config.schedule_iterations or config.iterations,
        config.exploration_switch_at,
    )
    return lambda iteration: min(unclipped(iteration), 1.0)
