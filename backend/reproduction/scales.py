"""Scales of a reproduction: trials, iterations and step sizes of the same experiments, from minutes to days."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

ScaleName = Literal["quick", "standard", "paper"]
#: Which experiments run equally long.
Length = Literal["synaptic-0", "synaptic-32", "best-0", "best-32", "gradient-0", "gradient-32", "claims", "sequences"]


@dataclass(frozen=True)
class Scale:
    """Size of a reproduction.

    Attributes
    ----------
    trials
        Runs of each arm; each holds back the samples of a split of its own.
    replicates
        Networks of each run on the small tasks; they share the products of a trial, whose result is their mean.
    iterations
        Iterations by the kind of experiment; for gradient descent, full-batch steps.
    step_sizes
        Step sizes of the synapses, by the kind of experiment.
    switch_at
        Iteration from which the step size of the paper's 784-32-10 is half; the paper: 100,000 of 500,000.
    give_up_after
        Iteration at which a run that learns nothing ends; the paper: 25,000. None: never.
    """

    name: ScaleName
    title: str
    trials: int
    replicates: int
    iterations: Mapping[Length, int]
    step_sizes: Mapping[Length, float]
    switch_at: int
    give_up_after: int | None = None


#: Iterations of the paper's synaptic runs, and their step size.
PAPER_ITERATIONS, PAPER_STEP_SIZE = 500_000, 1e-4

#: A run of fewer iterations takes longer steps, or it would end where it began. Those of this project's best are the
#: study's (docs/results.md); the others were looked over in single runs on split seed 10.
SCALES: dict[ScaleName, Scale] = {
    scale.name: scale
    for scale in (
        Scale(
            "quick", "Quick", trials=3, replicates=2, switch_at=300,
            iterations={
                "synaptic-0": 2000, "synaptic-32": 1500, "best-0": 2000, "best-32": 1500,
                "gradient-0": 400, "gradient-32": 250, "claims": 2000, "sequences": 2000,
            },
            step_sizes={
                "synaptic-0": 4e-3, "synaptic-32": 1e-3, "best-0": 3e-3, "best-32": 6e-3,
                "claims": 1e-2, "sequences": 1e-2,
            },
        ),
        Scale(
            "standard", "Standard", trials=5, replicates=4, switch_at=3_000,
            iterations={
                "synaptic-0": 15_000, "synaptic-32": 15_000, "best-0": 15_000, "best-32": 15_000,
                "gradient-0": 5_000, "gradient-32": 500, "claims": 8_000, "sequences": 8_000,
            },
            step_sizes={
                "synaptic-0": 1e-3, "synaptic-32": 1e-3, "best-0": 1.5e-3, "best-32": 2e-3,
                "claims": 1e-2, "sequences": 1e-2,
            },
        ),
        Scale(
            "paper", "Paper", trials=10, replicates=4, switch_at=100_000, give_up_after=25_000,
            iterations={
                "synaptic-0": PAPER_ITERATIONS, "synaptic-32": PAPER_ITERATIONS, "best-0": 40_000, "best-32": 60_000,
                "gradient-0": 5_000, "gradient-32": 500, "claims": 20_000, "sequences": 20_000,
            },
            step_sizes={
                "synaptic-0": PAPER_STEP_SIZE, "synaptic-32": PAPER_STEP_SIZE, "best-0": 7e-4, "best-32": 7e-4,
                "claims": 4e-3, "sequences": 6e-3,
            },
        ),
    )
}  # fmt: skip
