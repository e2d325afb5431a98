"""Experiments on the paper's claims: static beats adaptive; six activations, five shapes, all tasks train.

``OPENBLAS_NUM_THREADS=1 python -m benchmarks.claims`` runs what has no result yet in benchmarks/results/claims/ (all:
some minutes) and writes the tables in docs/results.md. Words choose: ``claims digits`` runs what has *digits* in its
name, so that several processes can share the work; ``claims table`` only writes the tables.

Every row is SEEDS replicates on one split: own weights and exploration, the same data. *Before* is the untrained
network, *gradient* the same network under full-batch Adam for as many forward passes, where it has a gradient.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.page import replace_between_marks
from synrl_core import datasets
from synrl_core.config import NON_DIFFERENTIABLE, TrainingConfig
from synrl_core.learning.factory import make_trainer
from synrl_core.learning.synaptic import SynapticTrainer
from synrl_core.measuring.events import Evaluation
from synrl_core.policies.policy import Policy

SEEDS = 5
ITERATIONS = 4_000
RESULTS = Path(__file__).parent / "results" / "claims"
COMMON: dict[str, Any] = {
    "iterations": ITERATIONS,
    "evaluate_every": ITERATIONS,
    "snapshot_every": 10**8,
    "batch_size": 10**6,
    "replicates": SEEDS,
    "step_size": 1e-2,
    "hidden_layers": (16,),
    "policy": "win_stay_lose_shift",
    "exploration": 0.2,
}
#: The policy that a run has by default.
DEFAULT: dict[str, Any] = {"policy": "bred_stochastic", "exploration": 0.0}
GRADIENT: dict[str, Any] = {"method": "gradient", "optimizer": "adam", "gradient_learning_rate": 0.01}

#: What is the same but for one thing -> that thing's names, and what each changes.
TRAINS: dict[str, dict[str, dict[str, Any]]] = {
    "activations, circles": {
        name: {"dataset": "circles", "activation": name}
        for name in ("relu", "tanh", "sigmoid", "identity", "step", "sign")
    },
    "activations, digits": {
        name: {"dataset": "digits", "activation": name}
        for name in ("relu", "tanh", "sigmoid", "identity", "step", "sign")
    },
    "shapes, digits": {
        "-".join(map(str, (64, *hidden, 10))): {"dataset": "digits", "hidden_layers": hidden}
        for hidden in ((), (8,), (64,), (16, 16), (16, 16, 16))
    },
    "tasks": {
        "teacher, as a regression": {"dataset": "teacher", "loss": "squared_error"},
        "teacher": {"dataset": "teacher"},
        "xor": {"dataset": "xor"},
        "circles": {"dataset": "circles"},
        "moons": {"dataset": "moons"},
        "spirals": {"dataset": "spirals"},
        "gaussians": {"dataset": "gaussians"},
        "digits": {"dataset": "digits"},
    },
}
STATIC_TASKS: dict[str, dict[str, Any]] = {
    name: {"dataset": name} for name in ("circles", "moons", "xor", "digits")
}  # none of them is the task that the tables are learned on
STATIC = "static and adaptive"
LEARN: dict[str, Any] = {"adaptive": True, "learning_rate": 1e-3, "discount": 0.5}


def scores(trainer: SynapticTrainer | Any) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Train to the end: score of each replicate before and after, accuracy or, of a regression, R squared."""
    evaluations = [event for event in trainer.events() if isinstance(event, Evaluation)]
    regression = trainer.config.loss == "squared_error"
    first, last = (
        1 - one.validation_loss if regression else one.validation_accuracy
        for one in evaluations[:: len(evaluations) - 1]
    )
    return first, last


def trained(settings: dict[str, Any]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Scores before and after the training that the settings ask for."""
    config = TrainingConfig(**(COMMON | settings))
    return scores(make_trainer(config, datasets.load(config.dataset)))


def learned_tables() -> list[Policy]:
    """Learn a table in each replicate on the teacher problem, as the paper does, and freeze it."""
    config = TrainingConfig(**(COMMON | LEARN | {"dataset": "teacher", "policy": "blank", "exploration": 0.5}))
    trainer = make_trainer(config, datasets.load("teacher"))
    list(trainer.events())
    tables = trainer.q_table()
    if tables is None:
        raise TypeError("an adaptive run has a table of each replicate")
    return [Policy(f"learned {r}", q) for r, q in enumerate(tables)]


def under_tables(settings: dict[str, Any], tables: list[Policy]) -> NDArray[np.float64]:
    """Scores of replicates that each act by a table of their own."""
    config = TrainingConfig(**(COMMON | settings | {"history": tables[0].history}))
    trainer = make_trainer(config, datasets.load(config.dataset))
    assert isinstance(trainer, SynapticTrainer)
    trainer.give_tables(tables)
    return scores(trainer)[1]


def static_and_adaptive(settings: dict[str, Any]) -> dict[str, list[float]]:
    """Scores of every way to have a policy on a task."""
    blank = settings | LEARN | {"policy": "blank"}
    ways = {
        "frozen, learned on teacher": under_tables(settings, learned_tables()),
        "adaptive from blank": trained(blank)[1],
        "adaptive from blank, exploration 0.5": trained(blank | {"exploration": 0.5})[1],
        "bred stochastic, static": trained(settings | DEFAULT)[1],
        "bred stochastic, adaptive": trained(settings | LEARN | DEFAULT)[1],
        "bred, static": trained(settings | {"policy": "bred"})[1],
        "bred, adaptive": trained(settings | LEARN | {"policy": "bred"})[1],
        "win-stay lose-shift, static": trained(settings)[1],
        "win-stay lose-shift, adaptive": trained(settings | LEARN)[1],
        "random": trained(settings | {"policy": "random"})[1],
    }
    return {way: score.tolist() for way, score in ways.items()}


def before_and_after(settings: dict[str, Any]) -> dict[str, list[float]]:
    """Scores before and after training, and under the gradient where there is one."""
    before, after = trained(settings | DEFAULT)
    row = {"before": before.tolist(), "after": after.tolist()}
    if settings.get("activation") not in NON_DIFFERENTIABLE:
        row["gradient"] = trained(settings | GRADIENT)[1].tolist()
    return row


def experiments() -> Iterator[tuple[str, str, Callable[[], dict[str, list[float]]]]]:
    """Every experiment: its group, its name, and how to run it."""
    for group, cases in TRAINS.items():
        for name, settings in cases.items():
            yield group, name, partial(before_and_after, settings)
    for task, settings in STATIC_TASKS.items():
        yield STATIC, task, partial(static_and_adaptive, settings)


def path_of(group: str, name: str) -> Path:
    """Where an experiment's scores lie."""
    return RESULTS / f"{group} {name}.json".replace(", ", "_").replace(" ", "_")


def known() -> dict[str, dict[str, dict[str, list[float]]]]:
    """Read the scores that there are: group -> name -> what -> replicates."""
    found: dict[str, dict[str, dict[str, list[float]]]] = {}
    for group, name, _ in experiments():
        if path_of(group, name).exists():
            found.setdefault(group, {})[name] = json.loads(path_of(group, name).read_text())
    return found


def _percent(values: list[float]) -> str:
    return f"{100 * np.mean(values):.1f} ± {100 * np.std(values, ddof=1):.1f}"


def tables() -> str:
    """Make the Markdown tables of the scores there are: percent, mean ± deviation over the replicates."""
    lines, results = [], known()
    static = results.pop(STATIC, {})
    for group, cases in results.items():
        lines += [f"\n| {group} | before | after | gradient, as many passes |", "|---|---|---|---|"]
        for name, row in cases.items():
            gradient = _percent(row["gradient"]) if "gradient" in row else "has none"
            lines.append(f"| {name} | {_percent(row['before'])} | {_percent(row['after'])} | {gradient} |")
    if static:
        lines += [f"\n| way to have a policy | {' | '.join(static)} |", "|---" * (1 + len(static)) + "|"]
        for way in next(iter(static.values())):
            lines.append(f"| {way} | {' | '.join(_percent(scores[way]) for scores in static.values())} |")
    missing = [f"{group}: {name}" for group, name, _ in experiments() if not path_of(group, name).exists()]
    return "\n".join(lines) + (f"\n\nNot run yet: {'; '.join(missing)}." if missing else "")


def main() -> None:
    """Run what is chosen and missing, keep each, then write the tables."""
    words = sys.argv[1:]
    RESULTS.mkdir(parents=True, exist_ok=True)
    for group, name, run in experiments() if words != ["table"] else ():
        if all(word in f"{group} {name}" for word in words) and not path_of(group, name).exists():
            found = run()
            path_of(group, name).write_text(json.dumps(found) + "\n")
            print(group, name, {key: round(float(np.mean(value)), 4) for key, value in found.items()}, flush=True)
    replace_between_marks("claims", tables())


if __name__ == "__main__":
    main()
