"""The learning study on notMNIST: accuracy against forward passes and seconds, method by method, 5 seeds each.

``python -m benchmarks.learning`` runs what has no result yet in benchmarks/results/learning/ (one JSON a method and
network) and then writes docs/results.md from what is there. Name methods to run only those, e.g.
``python -m benchmarks.learning 784-10:win_stay``; ``table`` only writes the table.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.baselines import EvolutionTrainer, SpsaTrainer
from benchmarks.data import FOLDER, notmnist
from synrl_core import policies
from synrl_core.base import BaseTrainer
from synrl_core.config import TrainingConfig
from synrl_core.data import samples_of
from synrl_core.datasets import split
from synrl_core.events import Evaluation, Step
from synrl_core.network import Network
from synrl_core.policies import files
from synrl_core.policy import Policy
from synrl_core.training import make_trainer

SEEDS = 5
HERE = Path(__file__).parent
RESULTS = HERE / "results" / "learning"
RESULTS_PAGE = HERE.parent / "docs" / "results.md"
NETWORKS: dict[str, tuple[int, ...]] = {"784-10": (), "784-32-10": (32,)}
SYNAPTIC = {"step_size": 1e-3, "step_size_schedule": "linear", "exploration": 0.2, "evaluate_every": 500}
ADAPTIVE = {"policy": "blank", "adaptive": True, "learning_rate": 1e-3, "discount": 0.5, "exploration": 0.5}
GRADIENT = {"method": "gradient", "iterations": 5000, "batch_size": 10_000, "evaluate_every": 100}

#: Method -> what differs from the defaults, by network where it matters. `passes` is the budget in forward passes.
METHODS: dict[str, dict[str, dict[str, Any]]] = {
    "784-10": {
        "win_stay": SYNAPTIC | {"iterations": 40_000},
        "shipped": SYNAPTIC | {"iterations": 40_000, "policy": "bred"},
        "shipped_15k": SYNAPTIC | {"iterations": 15_000, "policy": "bred", "step_size": 2e-3},
        "shipped_15k_1e-3": SYNAPTIC | {"iterations": 15_000, "policy": "bred"},
        "shipped_15k_4e-3": SYNAPTIC | {"iterations": 15_000, "policy": "bred", "step_size": 4e-3},
        "win_stay_15k": SYNAPTIC | {"iterations": 15_000, "step_size": 2e-3},
        "gradient_paper": GRADIENT | {"initial_scale": 1.0},
        "gradient_narrow": GRADIENT | {"initial_scale": 0.1},
        "authors": SYNAPTIC | {"iterations": 40_000, "policy": "authors"},
        "adaptive": SYNAPTIC | {"iterations": 40_000} | ADAPTIVE,
        "openai_es": {"trainer": "es", "passes": 40_000, "pairs": 20, "sigma": 0.02, "rate": 0.01},
        "spsa": {"trainer": "spsa", "passes": 40_000, "a": 0.02, "c": 0.01, "stability": 1000.0},
        "random": SYNAPTIC | {"iterations": 10_000, "policy": "random"},
    },
    "784-32-10": {
        "win_stay": SYNAPTIC | {"iterations": 60_000, "evaluate_every": 1000},
        "shipped": SYNAPTIC | {"iterations": 60_000, "policy": "bred", "evaluate_every": 1000},
        "gradient_he_normal": GRADIENT | {"iterations": 500, "initialisation": "he_normal"},
        "gradient_long": GRADIENT | {"iterations": 2000, "initialisation": "he_normal"},
        "authors": SYNAPTIC | {"iterations": 60_000, "policy": "authors", "evaluate_every": 1000},
    },
}


def find_policy(name: str, history: int | None) -> Policy:
    """Look among the policies that ship and the authors' file."""
    if name == "authors":
        return files.read((FOLDER / "golden_pol2cy.jld2").read_bytes(), "authors")
    return policies.get(name, history)


def trainer_of(network: str, settings: dict[str, Any]) -> BaseTrainer:
    """Make the trainer of a method on a network, SEEDS replicates."""
    settings = dict(settings)
    kind, hidden = settings.pop("trainer", None), NETWORKS[network]
    if kind is None:
        config = TrainingConfig(**settings, hidden_layers=hidden, replicates=SEEDS, snapshot_every=10**8)
        return make_trainer(config, notmnist(), find_policy=find_policy)  # type: ignore[return-value]
    per_update = 2 if kind == "spsa" else 2 * settings["pairs"]
    config = TrainingConfig(
        iterations=settings["passes"] // per_update,
        evaluate_every=max(500 // per_update, 1),
        hidden_layers=hidden,
        replicates=SEEDS,
    )
    data = notmnist()
    parts = split(data, config.validation_fraction, config.split_seed)
    shape = Network((data.features.shape[1], *hidden, data.classes), config.activation, SEEDS)
    made = SpsaTrainer if kind == "spsa" else EvolutionTrainer
    return made(config, shape, samples_of(data, parts.train), samples_of(data, parts.validation), **settings)


def curve(trainer: BaseTrainer) -> dict[str, Any]:
    """Train to the end; seconds are processor time spent in iterations, evaluations left out."""
    points, training, last = [], 0.0, time.process_time()
    for event in trainer.events():
        now = time.process_time()
        if isinstance(event, Step):
            training += now - last
        elif isinstance(event, Evaluation):
            found = event.validation_accuracy
            points.append([event.forward_passes, round(training, 3), *np.round(found, 5).tolist()])
        last = time.process_time()
    return {"columns": ["forward_passes", "cpu_seconds", *(f"seed_{r}" for r in range(SEEDS))], "points": points}


def run(wanted: Iterable[str]) -> None:
    """Run every wanted method that has no result yet."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    for network, method in (name.split(":") for name in wanted):
        path = RESULTS / f"{network}-{method}.json"
        if path.exists():
            continue
        settings = METHODS[network][method]
        result = {"network": network, "method": method, "settings": settings} | curve(trainer_of(network, settings))
        path.write_text(json.dumps(result) + "\n")
        final = np.array(result["points"][-1][2:])
        print(f"{network} {method}: {100 * final.mean():.2f} % +- {100 * final.std(ddof=1):.2f}", flush=True)


def table() -> str:
    """Make the Markdown table of all results there are, and name the methods that have none yet."""
    lines = [
        "| network | method | forward passes | validation accuracy, mean ± deviation of 5 replicates "
        "| at 15,000 passes | passes to 87 % | processor seconds, 5 replicates at once |",
        "|---|---|---|---|---|---|---|",
    ]
    missing = []
    for network, methods in METHODS.items():
        for method in methods:
            path = RESULTS / f"{network}-{method}.json"
            if path.exists():
                lines.append(_line(network, method, np.array(json.loads(path.read_text())["points"])))
            else:
                missing.append(f"{network} {method}")
    return "\n".join(lines) + f"\n\nNot run yet: {', '.join(missing) or 'nothing'}.\n"


def _line(network: str, method: str, points: NDArray[np.float64]) -> str:
    passes, means = points[:, 0], points[:, 2:].mean(axis=1)
    early = means[passes <= 15_100][-1] if passes[-1] >= 14_900 else None
    reached = passes[means >= 0.87]
    final = points[-1, 2:]
    return (
        f"| {network} | {method} | {int(passes[-1]):,} | {100 * final.mean():.2f} % ± {100 * final.std(ddof=1):.2f} "
        f"| {'' if early is None else f'{100 * early:.2f} %'} | {f'{int(reached[0]):,}' if len(reached) else 'never'} "
        f"| {points[-1, 1]:.0f} |"
    )


def write_table() -> None:
    """Put the table between the marks in docs/results.md."""
    begin, end = "<!-- learning: begin -->", "<!-- learning: end -->"
    before, _, rest = RESULTS_PAGE.read_text(encoding="utf-8").partition(begin)
    _, _, after = rest.partition(end)
    RESULTS_PAGE.write_text(f"{before}{begin}\n{table()}{end}{after}", encoding="utf-8")


def main() -> None:
    """Run what is wanted, then write the table."""
    arguments = sys.argv[1:]
    everything = [f"{network}:{method}" for network, methods in METHODS.items() for method in methods]
    if arguments != ["table"]:
        run(arguments or everything)
    write_table()


if __name__ == "__main__":
    main()
