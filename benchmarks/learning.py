"""The learning study on notMNIST: accuracy against forward passes and seconds, method by method, 5 seeds each.

``python -m benchmarks.learning`` runs what has no result yet in benchmarks/results/learning/ (one JSON a method and
network) and then writes docs/results.md from what is there. Name methods to run only those, e.g.
``python -m benchmarks.learning 784-10:win_stay``; ``table`` only writes the table. SEEDS replicates are trained as
one batch; ``784-10:win_stay@3`` runs the seed 3 alone, and five such runs make a result too, so that several
processes can share the work.
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
from benchmarks.page import replace_between_marks
from synrl_core import policies
from synrl_core.config import TrainingConfig
from synrl_core.datasets import split
from synrl_core.learning.data import samples_of
from synrl_core.learning.factory import make_trainer
from synrl_core.learning.trainer import Trainer
from synrl_core.measuring.events import Evaluation, Step
from synrl_core.networks.feedforward import FeedforwardNetwork
from synrl_core.policies import files
from synrl_core.policies.policy import Policy

SEEDS = 5
HERE = Path(__file__).parent
RESULTS = HERE / "results" / "learning"
NETWORKS: dict[str, tuple[int, ...]] = {"784-10": (), "784-32-10": (32,)}
#: All training samples at once and hardly any weight to unlearn; the step size falls linearly to 3 % of itself.
WHOLE = {"initial_scale": 1e-3, "batch_size": 10_000, "evaluate_every": 500}
SYNAPTIC = WHOLE | {"policy": "win_stay_lose_shift", "step_size": 1e-3, "exploration": 0.3}
#: A stochastic policy says itself how much it explores.
STOCHASTIC = WHOLE | {"policy": "bred_stochastic", "exploration": 0.0}
#: The settings before that: mini-batches of 5,000 kept for 5,000 iterations, first weights in [-0.1, 0.1].
BEFORE = {"policy": "win_stay_lose_shift", "step_size": 1e-3, "exploration": 0.2, "evaluate_every": 500}
ADAPTIVE = {"policy": "blank", "adaptive": True, "learning_rate": 1e-3, "discount": 0.5, "exploration": 0.5}
GRADIENT = {"method": "gradient", "iterations": 5000, "batch_size": 10_000, "evaluate_every": 100}
EVOLUTION = {"trainer": "es", "pairs": 5, "sigma": 0.02, "rate": 0.01}
SPSA = {"trainer": "spsa", "passes": 15_000, "a": 0.1, "c": 0.01, "stability": 500.0}
LONG, SHORT, HIDDEN = 40_000, 15_000, 60_000
#: With a hidden layer: first weights in [-0.01, 0.01].
DEEP = {"initial_scale": 0.01, "evaluate_every": 1000}

#: Method -> what differs from the defaults, by network. Evolution and SPSA have a budget of `passes`. With `splits`
#: each seed holds other samples back: one split flatters or slights all methods alike, by half a point here.
METHODS: dict[str, dict[str, dict[str, Any]]] = {
    "784-10": {
        "stochastic_splits": STOCHASTIC | {"iterations": LONG, "step_size": 7e-4, "splits": True},
        "stochastic_15k_splits": STOCHASTIC | {"iterations": SHORT, "step_size": 1.5e-3, "splits": True},
        "bred": SYNAPTIC | {"iterations": LONG, "policy": "bred"},
        "bred_15k": SYNAPTIC | {"iterations": SHORT, "policy": "bred", "step_size": 2e-3},
        "win_stay": SYNAPTIC | {"iterations": LONG},
        "win_stay_15k": SYNAPTIC | {"iterations": SHORT, "step_size": 2e-3},
        "win_stay_splits": SYNAPTIC | {"iterations": LONG, "splits": True},
        "win_stay_15k_splits": SYNAPTIC | {"iterations": SHORT, "step_size": 2e-3, "splits": True},
        "gradient_splits": GRADIENT | {"initial_scale": 0.1, "splits": True},
        "win_stay_before": BEFORE | {"iterations": LONG},
        "history_2_before": BEFORE | {"iterations": LONG, "policy": "history_2"},
        "authors": SYNAPTIC | {"iterations": SHORT, "policy": "authors", "step_size": 2e-3},
        "adaptive": SYNAPTIC | {"iterations": SHORT, "step_size": 2e-3} | ADAPTIVE,
        "random": SYNAPTIC | {"iterations": SHORT, "policy": "random", "step_size": 2e-3},
        "openai_es_15k_splits": EVOLUTION | {"passes": SHORT, "splits": True},
        "openai_es": EVOLUTION | {"passes": LONG},
        "openai_es_15k": EVOLUTION | {"passes": SHORT},
        "spsa": SPSA,
        "gradient_paper": GRADIENT | {"initial_scale": 1.0},
        "gradient_narrow": GRADIENT | {"initial_scale": 0.1},
    },
    "784-32-10": {
        "stochastic_splits": STOCHASTIC | DEEP | {"iterations": HIDDEN, "step_size": 7e-4, "splits": True},
        "win_stay_splits": SYNAPTIC | DEEP | {"iterations": HIDDEN, "splits": True},
        "gradient_splits": GRADIENT | {"iterations": 500, "initialisation": "he_normal", "splits": True},
        "stochastic_15k_splits": STOCHASTIC | DEEP | {"iterations": SHORT, "step_size": 1.4e-3, "splits": True},
        "stochastic_15k_quick_splits": STOCHASTIC | DEEP | {"iterations": SHORT, "step_size": 2e-3, "splits": True},
        "authors": SYNAPTIC | DEEP | {"iterations": SHORT, "policy": "authors", "step_size": 2e-3},
        "adaptive": SYNAPTIC | DEEP | {"iterations": SHORT, "step_size": 2e-3} | ADAPTIVE,
        "random": SYNAPTIC | DEEP | {"iterations": SHORT, "policy": "random", "step_size": 2e-3},
        "openai_es_15k_splits": EVOLUTION | {"passes": SHORT, "initial_scale": 0.01, "splits": True},
        "spsa": SPSA | {"initial_scale": 0.01},
        "gradient_paper": GRADIENT | {"iterations": 500, "initialisation": "normal", "initial_scale": 1.0},
        "gradient_narrow": GRADIENT | {"iterations": 500, "initialisation": "normal", "initial_scale": 0.1},
        "gradient_he_normal": GRADIENT | {"iterations": 500, "initialisation": "he_normal"},
    },
}


def find_policy(name: str, history: int | None) -> Policy:
    """Look among the policies that ship, the one that shipped before, and the authors' file."""
    if name == "authors":
        return files.read((FOLDER / "golden_pol2cy.jld2").read_bytes(), "authors")
    if name == "history_2":
        return files.from_json((HERE / "history_2.json").read_text(encoding="utf-8"))
    return policies.get(name, history)


def trainer_of(network: str, settings: dict[str, Any], seed: int | None = None) -> Trainer:
    """Make the trainer of a method on a network: SEEDS replicates as one batch, or one seed."""
    replicates = SEEDS if seed is None else 1
    settings = dict(settings)
    kind, hidden = settings.pop("trainer", None), NETWORKS[network]
    split_seed = 0
    if settings.pop("splits", False):
        if seed is None:
            raise ValueError("methods with a split for each seed run seed by seed: name them as method@seed")
        split_seed = seed
    common = {"hidden_layers": hidden, "replicates": replicates, "seed": seed or 0, "split_seed": split_seed}
    if kind is None:
        config = TrainingConfig(**settings, **common, snapshot_every=10**8)
        return make_trainer(config, notmnist(), find_policy=find_policy)
    per_update = 2 if kind == "spsa" else 2 * settings["pairs"]
    config = TrainingConfig(
        iterations=settings["passes"] // per_update,
        evaluate_every=max(500 // per_update, 1),
        batch_size=10_000,
        initial_scale=settings.pop("initial_scale", 1e-3),
        **common,
    )
    data = notmnist()
    parts = split(data, config.validation_fraction, config.split_seed)
    shape = FeedforwardNetwork((data.features.shape[1], *hidden, data.classes), config.activation, replicates)
    made = SpsaTrainer if kind == "spsa" else EvolutionTrainer
    train, validation = (samples_of(data.inputs(parts), part, shape) for part in (parts.train, parts.validation))
    return made(config, shape, train, validation, **settings)


def curve(trainer: Trainer) -> dict[str, Any]:
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
    seeds = [f"seed_{r}" for r in range(trainer.network.replicates)]
    return {"columns": ["forward_passes", "cpu_seconds", *seeds], "points": points}


def run(wanted: Iterable[str]) -> None:
    """Run every wanted method that has no result yet."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    for network, named in (name.split(":") for name in wanted):
        method, _, seed = named.partition("@")
        path = RESULTS / f"{network}-{named}.json"
        if path.exists() or result_of(network, method) is not None:
            continue
        settings = METHODS[network][method]
        points = curve(trainer_of(network, settings, int(seed) if seed else None))
        result = {"network": network, "method": method, "settings": settings} | points
        path.write_text(json.dumps(result) + "\n")
        final = np.array(result["points"][-1][2:])
        print(f"{network} {named}: {100 * final.mean():.2f} % {np.round(100 * final, 2)}", flush=True)


def result_of(network: str, method: str) -> NDArray[np.float64] | None:
    """(points, 2 + SEEDS): passes, seconds and accuracies, from one file or from one a seed; None if there are none."""
    whole = RESULTS / f"{network}-{method}.json"
    if whole.exists():
        return np.array(json.loads(whole.read_text())["points"])
    parts = [RESULTS / f"{network}-{method}@{seed}.json" for seed in range(SEEDS)]
    if not all(part.exists() for part in parts):
        return None
    points = [np.array(json.loads(part.read_text())["points"]) for part in parts]
    seconds = np.sum([one[:, 1] for one in points], axis=0)
    return np.column_stack([points[0][:, 0], seconds, *(one[:, 2] for one in points)])


def table() -> str:
    """Make the Markdown table of all results there are, and name the methods that have none yet."""
    lines = [
        "| network | method | forward passes | validation accuracy, mean ± deviation of 5 replicates "
        "| at 15,000 passes | passes to 87 % | processor seconds of all 5 |",
        "|---|---|---|---|---|---|---|",
    ]
    missing = []
    for network, methods in METHODS.items():
        for method in methods:
            points = result_of(network, method)
            if points is None:
                missing.append(f"{network} {method}")
            else:
                lines.append(_line(network, method, points))
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


def main() -> None:
    """Run what is wanted, then write the table."""
    arguments = sys.argv[1:]
    everything = [f"{network}:{method}" for network, methods in METHODS.items() for method in methods]
    if arguments != ["table"]:
        run(arguments or everything)
    if not any("@" in name for name in arguments):  # one of several processes: the table waits for all
        replace_between_marks("learning", table())


if __name__ == "__main__":
    main()
