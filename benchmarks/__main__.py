"""``python -m benchmarks``: ratios of the engine's speed, measured side by side in one run.

Times on a shared machine wander, so what is compared is measured in turns, and the least of many turns counts.
Prints a table and writes benchmarks/results/latest.json.
"""

from __future__ import annotations

import json
import os
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.literal import SampleMajor, literal_iteration_seconds_per_synapse
from synrl_core import datasets, policies
from synrl_core.base import BaseTrainer
from synrl_core.config import TrainingConfig
from synrl_core.data import Samples
from synrl_core.datasets import Dataset
from synrl_core.events import Step
from synrl_core.losses import Truth
from synrl_core.network import Network, with_ones
from synrl_core.synaptic import SynapticTrainer
from synrl_core.training import make_trainer

RESULTS = Path(__file__).parent / "results" / "latest.json"
BATCH = 5000


def pictures(samples: int = BATCH) -> Samples:
    """Random pictures of 784 pixels in 10 classes: speed doesn't depend on what they show."""
    rng = np.random.default_rng(0)
    return Samples(with_ones(rng.random((samples, 784), np.float32)), Truth(rng.integers(0, 10, samples)))


def trainer_on(samples: Samples, hidden: tuple[int, ...], replicates: int = 1, **chosen: Any) -> SynapticTrainer:
    """Make a trainer whose mini-batch is all of these samples."""
    config = TrainingConfig(hidden_layers=hidden, replicates=replicates, batch_size=len(samples), **chosen)
    classes = int(samples.truth.labels.max()) + 1
    network = Network((samples.inputs.shape[0] - 1, *hidden, classes), config.activation, replicates)
    return SynapticTrainer(config, network, samples, samples, policies.get("win_stay_lose_shift"))


def products(trainer: BaseTrainer, samples: Samples) -> Callable[[], None]:
    """Make the bare float32 products of an iteration: the same shapes, nothing else."""
    layers = trainer.network.layer_views(trainer.flat_weights)
    inputs = [samples.inputs] + [
        np.ones((trainer.network.replicates, layer.shape[2], len(samples)), np.float32) for layer in layers[1:]
    ]
    first = np.empty((layers[0].shape[0] * layers[0].shape[1], len(samples)), np.float32)
    outputs = [np.empty((*layer.shape[:2], len(samples)), np.float32) for layer in layers[1:]]

    def run() -> None:
        np.matmul(layers[0].reshape(-1, layers[0].shape[2]), inputs[0], out=first)
        for layer, given, out in zip(layers[1:], inputs[1:], outputs, strict=True):
            np.matmul(layer, given, out=out)

    return run


def least_seconds(*tasks: Callable[[], object], seconds: float = 8.0) -> list[float]:
    """Least time of each task, measured in turns."""
    for task in tasks:
        task()
    once = max(time_of(task) for task in tasks)
    inner = max(1, int(0.005 / once))
    least, end = [np.inf] * len(tasks), time.perf_counter() + seconds
    while time.perf_counter() < end:
        for index, task in enumerate(tasks):
            start = time.perf_counter()
            for _ in range(inner):
                task()
            least[index] = min(least[index], (time.perf_counter() - start) / inner)
    return least


def time_of(task: Callable[[], object]) -> float:
    """Seconds of one call."""
    start = time.perf_counter()
    task()
    return time.perf_counter() - start


def over_the_product() -> list[dict[str, Any]]:
    """Iteration against bare product, at the paper's sizes."""
    samples, rows = pictures(), []
    for name, hidden in (("784-10", ()), ("784-32-10", (32,))):
        trainer = trainer_on(samples, hidden)
        iteration, bare = least_seconds(trainer.step, products(trainer, samples))
        rows.append(row(f"iteration / product, {name}, batch {BATCH}", iteration / bare, "<= 1.25"))
        rows.append(row(f"iteration, {name}, batch {BATCH}, ms", 1e3 * iteration))
    return rows


def replicates() -> list[dict[str, Any]]:
    """Replicate-iterations per second of 8 replicates over those of one."""
    samples = pictures()
    one, eight = trainer_on(samples, ()), trainer_on(samples, (), replicates=8)
    times = least_seconds(one.step, eight.step, products(one, samples), products(eight, samples), seconds=12)
    return [
        row("replicate-iterations/s, R = 8 over R = 1, 784-10", 8 * times[0] / times[1], ">= 4"),
        row("the same for the bare products: what the machine allows", 8 * times[2] / times[3]),
    ]


def small_networks() -> list[dict[str, Any]]:
    """Microseconds an iteration takes beyond its products."""
    rng = np.random.default_rng(0)
    points = Samples(with_ones(rng.random((200, 2), np.float32)), Truth(rng.integers(0, 2, 200)))
    digits = datasets.load("digits")
    training = datasets.split(digits, 0.25, 0).train
    pixels = Samples(with_ones(digits.features[training]), Truth(digits.labels[training]))
    rows = []
    for name, samples, hidden in (("2-8-2 on 200 points", points, (8,)), ("64-10 on digits", pixels, ())):
        trainer = trainer_on(samples, hidden)
        iteration, bare = least_seconds(trainer.step, products(trainer, samples))
        rows.append(row(f"beyond the products, {name}, us", 1e6 * (iteration - bare), "<= 120"))
    return rows


def share_of_measuring() -> list[dict[str, Any]]:
    """Share of a default run that goes into evaluations and events, and the memory it takes."""
    digits = datasets.load("digits")
    trainer = make_trainer(TrainingConfig(iterations=2000), digits)
    stepping, measuring, last = 0.0, 0.0, time.perf_counter()
    for event in trainer.events():
        now = time.perf_counter()
        if isinstance(event, Step):
            stepping += now - last
        else:
            measuring += now - last
        last = time.perf_counter()
    rows = [
        row("evaluations and snapshots, share of a default run, %", 100 * measuring / (measuring + stepping), "<= 5"),
        row("iterations per second of a default run on digits", 2000 / (measuring + stepping)),
    ]
    return rows + memory(digits)


def memory(digits: Dataset) -> list[dict[str, Any]]:
    """Peak memory beyond data and weights, and whether it grows with the iterations."""
    peaks = []
    for iterations in (200, 2000):
        trainer = make_trainer(TrainingConfig(iterations=iterations), digits)
        for _ in trainer.events():
            break
        tracemalloc.start()
        for _ in trainer.events():
            pass
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    return [
        row("allocated while training for 2,000 iterations, KiB", peaks[1] / 1024),
        row("the same over 200 iterations: it does not grow", peaks[1] / peaks[0], "<= 1.2"),
    ]


def against_plain_programs() -> list[dict[str, Any]]:
    """Speed against a plain sample-major NumPy program and a literal loop over synapses."""
    samples = pictures()
    engine = trainer_on(samples, ())
    features = np.ascontiguousarray(samples.inputs[1:].T)
    plain = SampleMajor(features, samples.truth.labels, policies.get("win_stay_lose_shift"))
    fast, slow = least_seconds(engine.step, plain.step, seconds=15)
    literal = literal_iteration_seconds_per_synapse(features, 10) * engine.network.synapses
    return [
        row("times faster than plain sample-major NumPy, 784-10", slow / fast),
        row("times faster than a literal loop over synapses, 784-10", literal / fast),
    ]


def row(name: str, value: float, target: str | None = None) -> dict[str, Any]:
    """Make one line of the table; `target` is "<= x" or ">= x"."""
    holds = None
    if target is not None:
        sign, limit = target.split()
        holds = bool(value <= float(limit) if sign == "<=" else value >= float(limit))
    return {"name": name, "value": round(float(value), 3), "target": target, "holds": holds}


def main() -> None:
    """Measure everything, print it, write it down."""
    threads = os.environ.get("OPENBLAS_NUM_THREADS", "default")
    print(f"BLAS threads: {threads}; least of many turns, all ratios from this one run\n")
    rows = []
    for measure in (over_the_product, replicates, small_networks, share_of_measuring, against_plain_programs):
        for found in measure():
            rows.append(found)
            verdict = {None: "", True: "holds", False: "MISSED"}[found["holds"]]
            print(f"{found['name']:62} {found['value']:10.3f}  {found['target'] or '':8} {verdict}", flush=True)
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps(rows, indent=1) + "\n")
    print(f"\nwritten to {RESULTS}")


if __name__ == "__main__":
    main()
