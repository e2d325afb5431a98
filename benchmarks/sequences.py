"""``python -m benchmarks.sequences speed | learning``: measure recurrent and spiking networks.

``speed``: an iteration against its bare products plus one pass over the units' states for each step, in turns.
``learning``: each task with several seeds, every seed with its own split; synaptic learning by the default policy and
by win-stay lose-shift against gradients (backpropagation through time, surrogate), a random policy and OpenAI-ES.
Each seed is kept as soon as it ends: a command that was broken off goes on where it was.
Results go into benchmarks/results/sequences.json and docs/results.md.
"""

from __future__ import annotations

import argparse
import json
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from benchmarks.__main__ import as_markdown, clock, least_seconds, printed, row
from benchmarks.baselines import EvolutionTrainer
from synrl_core import datasets
from synrl_core.checks import data_shape, network_of
from synrl_core.config import TrainingConfig
from synrl_core.learning.data import samples_of
from synrl_core.learning.factory import make_trainer
from synrl_core.learning.trainer import Trainer
from synrl_core.measuring.events import Evaluation
from synrl_core.networks.spiking import SpikingNetwork
from synrl_core.networks.temporal import TemporalNetwork, multiply

RESULTS = Path(__file__).parent / "results" / "sequences.json"
PAGE = Path(__file__).parents[1] / "docs" / "results.md"
ENDLESS: dict[str, Any] = {
    "iterations": 10**8,
    "batch_interval": 10**8,
    "evaluate_every": 10**7,
    "snapshot_every": 10**8,
}

#: What the issue names, with the settings of a run.
SPEED: dict[str, dict[str, Any]] = {
    "64-32-10 direct, T = 8, spiking": {"dataset": "digits", "architecture": "spiking"},
    "64-32-10 direct, T = 8, Elman tanh": {"dataset": "digits", "architecture": "recurrent", "activation": "tanh"},
    "28 rows of 28, 64 units, batch 2000, Elman tanh": {
        "dataset": "glyphs", "architecture": "recurrent", "activation": "tanh", "encoding": "rows",
        "hidden_layers": (64,), "batch_size": 2000,
    },
    "28 rows of 28, 64 units, batch 2000, spiking": {
        "dataset": "glyphs", "architecture": "spiking", "encoding": "rows", "hidden_layers": (64,), "batch_size": 2000,
    },
    "28 rows of 28, 64 units, batch 2000, recurrent spiking": {
        "dataset": "glyphs", "architecture": "spiking", "encoding": "rows", "hidden_layers": (64,), "batch_size": 2000,
        "recurrent_weights": True,
    },
    "yin-yang 4-30-3, T = 12, spiking": {
        "dataset": "yin_yang", "architecture": "spiking", "hidden_layers": (30,), "steps": 12,
    },
}  # fmt: skip

_TANH: dict[str, Any] = {"architecture": "recurrent", "activation": "tanh", "initialisation": "he_normal"}
_TEN = {"dataset_parameters": {"steps": 10}}
_WIDE: dict[str, Any] = {"architecture": "spiking", "initialisation": "normal"}

#: Tasks with their settings, and the target that was set for the default policy.
TASKS: dict[str, tuple[dict[str, Any], float | None]] = {
    "delayed xor, 10 steps, Elman 8 tanh": (
        {"dataset": "delayed_xor", "hidden_layers": (8,), "step_size": 1e-2, "iterations": 8000, **_TANH, **_TEN}, 0.99,
    ),
    "recall, 10 steps, Elman 16 tanh": (
        {"dataset": "recall", "hidden_layers": (16,), "step_size": 6e-3, "iterations": 16_000, **_TANH, **_TEN}, 0.99,
    ),
    "parity, 10 steps, best of 16 Elman 8 tanh": (
        {"dataset": "parity", "hidden_layers": (8,), "step_size": 1.2e-2, "iterations": 30_000, "replicates": 16,
         "batch_size": 250, "batch_interval": 20, **_TANH, **_TEN}, 0.99,
    ),
    "adding, 10 steps, Elman 16 tanh": (
        {"dataset": "adding", "hidden_layers": (16,), "step_size": 8e-3, "iterations": 8000, **_TANH, **_TEN}, None,
    ),
    "digits by rows, Elman 32 tanh": (
        {"dataset": "digits", "encoding": "rows", "architecture": "recurrent", "activation": "tanh",
         "step_size": 2e-3, "iterations": 30_000}, 0.96,
    ),
    "digits by rows, Elman 48 sign": (
        {"dataset": "digits", "encoding": "rows", "architecture": "recurrent", "activation": "sign",
         "initialisation": "he_normal", "recurrent_scale": 0.1, "hidden_layers": (48,), "step_size": 1e-2,
         "iterations": 8000}, 0.85,
    ),
    "digits by rows, Elman 48 sign from the identity": (
        {"dataset": "digits", "encoding": "rows", "architecture": "recurrent", "activation": "sign",
         "initialisation": "he_normal", "recurrent_initialisation": "identity", "recurrent_scale": 3.0,
         "hidden_layers": (48,), "step_size": 1e-2, "iterations": 8000}, 0.85,
    ),
    "digits at once, 48 sign, feedforward": (
        {"dataset": "digits", "activation": "sign", "architecture": "feedforward", "initialisation": "he_normal",
         "hidden_layers": (48,), "step_size": 1e-2, "iterations": 8000}, None,
    ),
    "digits direct, T = 16, LIF 64": (
        {"dataset": "digits", "architecture": "spiking", "initialisation": "he_normal", "hidden_layers": (64,),
         "steps": 16, "step_size": 1e-2, "iterations": 8000}, 0.95,
    ),
    "digits latency, T = 8, LIF 64": (
        {"dataset": "digits", "architecture": "spiking", "initialisation": "he_normal", "encoding": "latency",
         "hidden_layers": (64,), "step_size": 6e-3, "iterations": 5000}, None,
    ),
    "digits by rows, recurrent LIF 48": (
        {"dataset": "digits", "encoding": "rows", "recurrent_weights": True, "hidden_layers": (48,),
         "initial_scale": 1.0, "recurrent_scale": 0.1, "membrane_decay": 0.95, "step_size": 1e-2,
         "iterations": 30_000, **_WIDE}, 0.85,
    ),
    "yin-yang direct, T = 12, LIF 30": (
        {"dataset": "yin_yang", "hidden_layers": (30,), "steps": 12, "initial_scale": 3.0,
         "step_size": 1e-2, "iterations": 8000, **_WIDE}, 0.92,
    ),
}  # fmt: skip

#: Most iterations of gradient descent, which stands still long before, and of the random policy, which learns nothing.
MOST, FEW = 8000, 2000
#: Seeds of a row, unless the table says that it has fewer.
SEEDS = 5
#: Iterations between two evaluations of gradient descent.
EVERY = 50
GRADIENT = "gradient (Adam 0.01)"
_SURROGATES = {"spiking": "fast_sigmoid", "recurrent": "straight_through", "feedforward": "straight_through"}


def bare(trainer: Trainer) -> Callable[[], None]:
    """Make the products of an iteration and one pass over the units' states for each step, nothing else.

    A pass reads one array and writes one: hidden states of Elman units; of spiking units, the membranes and the spikes.
    """
    network, inputs = trainer.network, trainer.batch_inputs
    assert isinstance(network, TemporalNetwork)
    layers = network.layer_views(trainer.flat_weights)
    weights, samples = network.cut(layers), inputs.shape[-1]
    sums = [np.empty((network.replicates, layer.shape[1], samples), np.float32) for layer in layers]
    membranes = [np.ones_like(each) for each in sums[:-1]] if isinstance(network, SpikingNetwork) else None
    units = [np.ones((network.replicates, layer.shape[1] + 1, samples), np.float32) for layer in layers[:-1]]

    def run() -> None:
        for step in range(network.encoding.steps):
            below = inputs[step % len(inputs)]
            for place, (from_below, from_own) in enumerate(weights):
                if place or not step or not network.encoding.is_constant:
                    multiply(from_below, below, sums[place])
                if step and network.is_recurrent:
                    np.matmul(from_own, units[place][:, 1:], out=sums[place])
                state = sums[place]
                if membranes is not None:
                    state = np.multiply(sums[place], 0.9, out=membranes[place])
                np.multiply(state, 0.9, out=units[place][:, 1:])
                below = units[place]
        np.matmul(layers[-1], units[-1], out=sums[-1])

    return run


def speed() -> list[dict[str, Any]]:
    """Iteration against `bare`."""
    rows = []
    for name, settings in SPEED.items():
        config = TrainingConfig.model_validate(settings | ENDLESS | {"initialisation": "he_normal"})
        trainer = make_trainer(config, datasets.load(config.dataset))
        trainer.step()
        iteration, least = least_seconds(trainer.step, bare(trainer), seconds=6)
        rows.append(row(f"iteration / (products + a pass a step), {name}", iteration / least, "<= 1.5"))
        rows.append(row(f"iteration, {name}, us", 1e6 * iteration))
        if (both := stairs_and_steps(trainer)) is not None:
            rows.append(row(f"forward pass by steps / by stairs, {name}", both[1] / both[0]))
    return rows


def stairs_and_steps(trainer: Trainer) -> list[float] | None:
    """Seconds of a forward pass that counts spikes at once, and of one that goes step by step; None: it can't."""
    network, inputs = trainer.network, trainer.batch_inputs
    layers = network.layer_views(trainer.flat_weights)
    at_once, by_steps = network.workspace(inputs.shape[-1]), network.workspace(inputs.shape[-1])
    if getattr(at_once, "counter", None) is None:
        return None
    by_steps.counter = None
    return least_seconds(
        lambda: network.forward(layers, inputs, at_once), lambda: network.forward(layers, inputs, by_steps), seconds=3
    )


# -- learning ------------------------------------------------------------------------------------------------------


class Result(NamedTuple):
    """Validation accuracy of a run, of the network with the least training loss where several train side by side."""

    last: float
    """At the end."""
    on_the_way: list[float]
    """At each evaluation before, as far as there are any."""


def methods(settings: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each way of training with its settings, at equal forward passes; some need fewer.

    Gradient descent takes a backward pass to each forward pass.
    """
    yield "default policy", {}
    yield "win-stay lose-shift", {"policy": "win_stay_lose_shift"}
    yield "random policy", {"policy": "random", "iterations": min(settings["iterations"], FEW)}
    surrogate = {"surrogate": _SURROGATES[settings["architecture"]], "evaluate_every": EVERY}
    passes = {"iterations": min(settings["iterations"], MOST)}
    yield GRADIENT, passes | {"method": "gradient", "optimizer": "adam", "gradient_learning_rate": 1e-2} | surrogate


def config_of(settings: dict[str, Any], seed: int) -> TrainingConfig:
    """Return the configuration of a run with a seed, and with a split of its own."""
    common = {"seed": seed, "split_seed": seed, "evaluate_every": 10**7, "snapshot_every": 10**8}
    return TrainingConfig.model_validate(common | settings)


def trained(settings: dict[str, Any], seed: int) -> Result:
    """Train by the engine's own methods."""
    config = config_of(settings, seed)
    return result(make_trainer(config, datasets.load(config.dataset, config.dataset_parameters)))


def evolved(settings: dict[str, Any], seed: int) -> Result:
    """Train by OpenAI-ES with as many forward passes."""
    config = config_of(settings, seed)
    data = datasets.load(config.dataset, config.dataset_parameters)
    parts = datasets.split(data, config.validation_fraction, seed)
    network = network_of(config, data_shape(data))
    train, validation = (samples_of(data.inputs(parts), part, network) for part in (parts.train, parts.validation))
    passes, pairs = config.iterations, 8
    config = config.model_copy(update={"iterations": passes // (2 * pairs)})
    return result(
        EvolutionTrainer(config, network, train, validation, sigma=0.05, pairs=pairs, rate=0.03, passes=passes)
    )


def result(trainer: Trainer) -> Result:
    """Train to the end. The network is chosen by its loss on the training samples: validation has no say in it."""
    found = [event for event in trainer.events() if isinstance(event, Evaluation)]
    best = int(np.argmin(found[-1].train_loss))
    accuracies = [float(event.validation_accuracy[best]) for event in found]
    return Result(accuracies[-1], accuracies[1:])


def learning(only: str, method: str, seeds: int) -> Iterator[dict[str, Any]]:
    """Train tasks by methods with every seed, and yield what is known of each as soon as a seed ends.

    A row with fewer seeds that was measured with the same settings goes on where it ended.
    """
    for name in [name for name, _ in methods({"architecture": "spiking", "iterations": 1})] + ["OpenAI-ES"]:
        for task, (settings, target) in TASKS.items():
            if only not in task or method not in name:
                continue
            changes = dict(methods(settings)).get(name)
            wanted: dict[str, Any] = {
                "task": task,
                "method": name,
                "target": target,
                "settings": settings | (changes or {}),
            }
            new: dict[str, Any] = wanted | {"accuracies": [], "curve": [], "seconds": 0.0}
            found = _begun(wanted, seeds) or new
            for seed in range(len(found["accuracies"]), seeds):
                began = clock()
                one = evolved(settings, seed) if changes is None else trained(settings | changes, seed)
                found = with_seed(found, one, clock() - began)
                yield found
            values = 100 * np.array(found["accuracies"])
            print(f"{task:42} {name:22} {values.mean():6.2f} +- {values.std(ddof=seeds > 1):5.2f} %", flush=True)


def _begun(wanted: dict[str, Any], seeds: int) -> dict[str, Any] | None:
    """Return the stored row of a task and method with these settings, where some of the seeds are missing."""
    wanted = json.loads(json.dumps(wanted))
    for kept in stored().get("learning", []):
        if {key: kept.get(key) for key in wanted} == wanted and len(kept["accuracies"]) < seeds:
            return kept
    return None


def with_seed(found: dict[str, Any], one: Result, seconds: float) -> dict[str, Any]:
    """Add a seed to a row: its accuracy, the mean of the curves of a gradient, the mean of the seconds."""
    known = len(found["accuracies"])
    curve = np.array(one.on_the_way if found["method"] == GRADIENT else [])
    if known:
        curve = (known * np.array(found["curve"]) + curve) / (known + 1)
    return found | {
        "accuracies": [*found["accuracies"], round(one.last, 4)],
        "curve": [round(float(each), 5) for each in curve],
        "seconds": round((known * found["seconds"] + seconds) / (known + 1), 1),
    }


def learned_table(rows: list[dict[str, Any]]) -> str:
    """Write mean and deviation of each task and method as a table, and how long the gradient was behind."""
    names = ["default policy", "win-stay lose-shift", "random policy", "OpenAI-ES", GRADIENT]
    heads = ["task", "passes", "target", *names, f"{GRADIENT}: best", "there after"]
    lines = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    for task, (settings, target) in TASKS.items():
        mine = {one["method"]: one for one in rows if one["task"] == task}
        cells = []
        for name in names:
            values = 100 * np.array(mine[name]["accuracies"]) if name in mine else np.zeros(0)
            told = f"{values.mean():.1f} ± {values.std(ddof=1):.1f}" if len(values) > 1 else ""
            cells.append(told + (f" ({len(values)} seeds)" if told and len(values) != SEEDS else ""))
        curve = np.array(mine.get(GRADIENT, {}).get("curve", []))
        cells += [f"{100 * curve.max():.1f}" if len(curve) else "", _there_after(curve, mine.get("default policy"))]
        lines.append(
            f"| {task} | {settings['iterations']:,} | {f'{target:.0%}' if target else ''} | {' | '.join(cells)} |"
        )
    return "\n".join(lines) + "\n"


def _there_after(curve: NDArray[np.float64], synaptic: dict[str, Any] | None) -> str:
    """Write the number of the gradient's passes, forward and backward, to what synapses have at their end."""
    if synaptic is None or not len(curve):
        return ""
    there = np.flatnonzero(curve >= np.mean(synaptic["accuracies"]))
    return f"{EVERY * (there[0] + 1):,}" if len(there) else "never"


def write(kind: str, rows: list[dict[str, Any]], table: str) -> None:
    """Keep the rows, and put their table between the marks of docs/results.md."""
    written = json.dumps(stored() | {kind: rows}, indent=1)
    RESULTS.write_text(re.sub(r"\[([-\d.,\s]+)\]", lambda found: f"[{' '.join(found[1].split())}]", written) + "\n")
    begin, end = f"<!-- sequences {kind}: begin -->", f"<!-- sequences {kind}: end -->"
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(begin)
    PAGE.write_text(f"{before}{begin}\n\n{table}\n{end}{rest.partition(end)[2]}", encoding="utf-8")


def stored() -> dict[str, list[dict[str, Any]]]:
    """Read what was measured before."""
    return json.loads(RESULTS.read_text()) if RESULTS.exists() else {}


def main() -> None:
    """Read the command line, measure, write it down."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("what", choices=["speed", "learning"])
    parser.add_argument("--only", default="", help="of learning: tasks whose name holds this")
    parser.add_argument("--method", default="", help="of learning: methods whose name holds this")
    parser.add_argument("--seeds", type=int, default=SEEDS)
    chosen = parser.parse_args()
    began = time.perf_counter()
    with threadpool_limits(1):
        if chosen.what == "speed":
            rows = printed(speed())
            write("speed", rows, as_markdown(rows))
        else:
            for found in learning(chosen.only, chosen.method, chosen.seeds):
                same = (found["task"], found["method"])
                before = [one for one in stored().get("learning", []) if one["task"] in TASKS]
                rows = [one for one in before if (one["task"], one["method"]) != same] + [found]
                write("learning", rows, learned_table(rows))
    print(f"{time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    main()
