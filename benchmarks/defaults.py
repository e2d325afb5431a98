"""Which defaults train `digits` well and soon: the measurement behind docs/decisions/engine-defaults.md.

``OPENBLAS_NUM_THREADS=1 python -m benchmarks.defaults`` runs the defaults under SEEDS seeds and times each;
``python -m benchmarks.defaults search`` goes through the grid of candidates (20 minutes).
"""

from __future__ import annotations

import itertools
import sys
import time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synrl_core import datasets
from synrl_core.config import TrainingConfig
from synrl_core.events import Evaluation
from synrl_core.training import make_trainer

SEEDS = 12
GRID: dict[str, list[Any]] = {
    "hidden_layers": [(32,), (16,), ()],
    "iterations": [20_000],
    "step_size_schedule": ["linear", "cosine"],
    "exploration": [0.2, 0.1],
    "step_size": [4e-3, 6e-3, 8e-3],
}


def final_accuracies(config: TrainingConfig) -> NDArray[np.float64]:
    """Validation accuracy of each replicate at the end of a run."""
    trainer = make_trainer(config, datasets.load(config.dataset))
    return [event for event in trainer.events() if isinstance(event, Evaluation)][-1].validation_accuracy


def search() -> None:
    """Print a row for each candidate of the grid: SEEDS replicates trained as one batch."""
    for values in itertools.product(*GRID.values()):
        chosen = dict(zip(GRID, values, strict=True))
        config = TrainingConfig(**chosen, replicates=SEEDS)
        found = final_accuracies(config.model_copy(update={"evaluate_every": config.iterations}))
        print(f"mean {found.mean():.4f}  least {found.min():.4f}  {chosen}", flush=True)


def verify() -> None:
    """Print a row for each of SEEDS runs of the defaults as they are, one at a time, with its time."""
    datasets.load("digits")
    found, seconds = [], []
    for seed in range(SEEDS):
        start = time.perf_counter()
        found.append(float(final_accuracies(TrainingConfig(seed=seed))[0]))
        seconds.append(time.perf_counter() - start)
        print(f"seed {seed}: {found[-1]:.4f} in {seconds[-1]:.1f} s", flush=True)
    print(f"mean {np.mean(found):.4f}  least {min(found):.4f}  median {np.median(seconds):.1f} s")


if __name__ == "__main__":
    search() if "search" in sys.argv[1:] else verify()
