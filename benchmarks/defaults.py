"""Measure which defaults train `digits` well and fast, for docs/decisions/engine-defaults.md.

``OPENBLAS_NUM_THREADS=1 python -m benchmarks.defaults`` runs the defaults under SEEDS seeds and times each;
``python -m benchmarks.defaults search`` goes through the grid of candidates (3 minutes);
``python -m benchmarks.defaults exploration`` compares exploration 0.1 with none under the default policy (5 minutes).
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
from synrl_core.learning.factory import make_trainer
from synrl_core.measuring.events import Evaluation

SEEDS = 12
GRID: dict[str, list[Any]] = {
    "policy": ["bred_stochastic", "win_stay_lose_shift"],
    "exploration": [0.0, 0.1, 0.2],
    "step_size": [4e-3],
}
#: How far each run is after a quarter of its iterations says how soon there is something to see.
EARLY = 4


def accuracies(config: TrainingConfig) -> list[NDArray[np.float64]]:
    """Validation accuracy of each replicate, evaluation by evaluation."""
    trainer = make_trainer(config, datasets.load(config.dataset))
    return [event.validation_accuracy for event in trainer.events() if isinstance(event, Evaluation)]


def search() -> None:
    """Print a row for each candidate of the grid: SEEDS replicates trained as one batch."""
    print("| policy | exploration | step size | after a quarter | at the end | least |\n|---|---|---|---|---|---|")
    for policy, exploration, step_size in itertools.product(*GRID.values()):
        if exploration == 0 and policy == "win_stay_lose_shift":
            continue  # nobody would ever move
        config = TrainingConfig(policy=policy, exploration=exploration, step_size=step_size, replicates=SEEDS)
        found = accuracies(config.model_copy(update={"evaluate_every": config.iterations // EARLY}))
        cells = [f"{100 * value:.1f} %" for value in (found[1].mean(), found[-1].mean(), found[-1].min())]
        print(f"| {policy} | {exploration:g} | {step_size:g} | {' | '.join(cells)} |", flush=True)


#: Networks on which the exploration of a policy that draws is measured: 64-32-10 and 2-8-2.
NETWORKS: dict[str, dict[str, Any]] = {
    "digits, 64-32-10": {},
    "moons, 2-8-2": {"dataset": "moons", "hidden_layers": (8,)},
    "circles, 2-8-2": {"dataset": "circles", "hidden_layers": (8,)},
    "xor, 2-8-2": {"dataset": "xor", "hidden_layers": (8,)},
}


def compare_exploration() -> None:
    """Print a row for each network: SEEDS replicates with exploration 0.1 and with none, under the default policy."""
    print("| network | share trained | exploration 0.1 | none | none minus 0.1, 95 % | least of 0.1, of none |")
    print("|---|---|---|---|---|---|")
    for name, different in NETWORKS.items():
        found = []
        for exploration in (0.1, 0.0):
            config = TrainingConfig(exploration=exploration, replicates=SEEDS, **different)
            found.append(accuracies(config.model_copy(update={"evaluate_every": config.iterations // EARLY})))
        for share, index in (("a quarter", 1), ("all", -1)):
            some, none = 100 * found[0][index], 100 * found[1][index]
            difference = none - some
            half = 2.201 * difference.std(ddof=1) / np.sqrt(SEEDS)  # Student's t with 11 degrees of freedom
            cells = (name, share, *(f"{one.mean():.1f} ± {one.std(ddof=1):.1f} %" for one in (some, none)))
            change = f"{difference.mean():+.1f} ± {half:.1f}"
            print(f"| {' | '.join(cells)} | {change} | {some.min():.1f}, {none.min():.1f} % |", flush=True)


def verify() -> None:
    """Print a row for each of SEEDS runs of the defaults as they are, one at a time, with its time."""
    datasets.load("digits")
    found, seconds = [], []
    for seed in range(SEEDS):
        start = time.perf_counter()
        found.append(float(accuracies(TrainingConfig(seed=seed))[-1][0]))
        seconds.append(time.perf_counter() - start)
        print(f"seed {seed}: {found[-1]:.4f} in {seconds[-1]:.1f} s", flush=True)
    print(f"mean {np.mean(found):.4f}  least {min(found):.4f}  median {np.median(seconds):.1f} s")


if __name__ == "__main__":
    wanted = {"search": search, "exploration": compare_exploration}
    wanted.get("".join(sys.argv[1:2]), verify)()
