"""``python -m benchmarks``: ratios of the engine's speed, measured side by side in one run.

Times on a shared machine wander, so what is compared is measured in turns, in seconds of this thread on a processor,
and the least of many turns counts. One BLAS thread, as a worker of the server trains with, unless OPENBLAS_NUM_THREADS
says otherwise (then seconds are those of the wall): two threads that wait for each other on a busy machine measure the
machine. Prints a table, writes benchmarks/results/latest.json and
the same table into docs/results.md.
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
from threadpoolctl import threadpool_info, threadpool_limits

from benchmarks import small_networks as small
from benchmarks.literal import SampleMajor, literal_iteration_seconds_per_synapse
from synrl_core import datasets, policies
from synrl_core.checks import data_shape, network_of
from synrl_core.config import TrainingConfig
from synrl_core.datasets import Dataset, DatasetInfo, split
from synrl_core.learning.data import Samples, samples_of
from synrl_core.learning.factory import make_trainer
from synrl_core.learning.synaptic import SynapticTrainer
from synrl_core.learning.trainer import Trainer
from synrl_core.measuring.events import Event, Step
from synrl_core.networks.feedforward import FeedforwardNetwork, with_ones
from synrl_core.networks.losses import Truth

RESULTS = Path(__file__).parent / "results" / "latest.json"
PAGE = Path(__file__).parents[1] / "docs" / "results.md"
BEGIN, END = "<!-- speed: begin -->", "<!-- speed: end -->"
BATCH = 5000
THREADS = int(os.environ.get("OPENBLAS_NUM_THREADS", "1"))
clock = time.thread_time if THREADS == 1 else time.perf_counter


def pictures(samples: int = BATCH) -> Samples:
    """Random pictures of 784 pixels in 10 classes: speed doesn't depend on what they show."""
    rng = np.random.default_rng(0)
    return Samples(with_ones(rng.random((samples, 784), np.float32)), Truth(rng.integers(0, 10, samples)))


def trainer_on(samples: Samples, hidden: tuple[int, ...], replicates: int = 1, **chosen: Any) -> SynapticTrainer:
    """Make a trainer whose mini-batch is all of these samples."""
    config = TrainingConfig(hidden_layers=hidden, replicates=replicates, batch_size=len(samples), **chosen)
    classes = int(samples.truth.labels.max()) + 1
    network = FeedforwardNetwork((samples.inputs.shape[0] - 1, *hidden, classes), config.activation, replicates)
    return SynapticTrainer(config, network, samples, samples, policies.get("win_stay_lose_shift"))


def products(trainer: Trainer, samples: Samples) -> Callable[[], None]:
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
            start = clock()
            for _ in range(inner):
                task()
            least[index] = min(least[index], (clock() - start) / inner)
    return least


def time_of(task: Callable[[], object]) -> float:
    """Seconds of one call."""
    start = clock()
    task()
    return clock() - start


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
    """Replicate-iterations per second of 8 replicates over those of one, and what the machine allows at most.

    Eight replicates are one product of 80 rows instead of eight of 10. All that can be won is how much nearer to its
    fastest product the machine computes 80 rows than 10, so the ceilings are measured beside it.
    """
    samples = pictures()
    one, eight = trainer_on(samples, ()), trainer_on(samples, (), replicates=8)
    square = np.ones((768, 768), np.float32)
    result = np.empty_like(square)
    times = least_seconds(
        one.step, eight.step, products(one, samples), products(eight, samples),
        lambda: np.matmul(square, square, out=result), seconds=20,
    )  # fmt: skip
    seconds_at_best = 8 * one.flat_weights.size * len(samples) * times[4] / 768**3
    return [
        row("replicate-iterations/s, R = 8 over R = 1, 784-10", 8 * times[0] / times[1], ">= 4"),
        row("the same for the bare products: all that one product can gain", 8 * times[2] / times[3]),
        row("ceiling: if 8 took only the products, at the fastest rate", 8 * times[0] / seconds_at_best),
        row("product of 10 rows, share of the machine's fastest rate, %", 100 * seconds_at_best / (8 * times[2])),
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


def small_networks_of_before() -> list[dict[str, Any]]:
    """What small networks take beyond their products, over what they took at an earlier commit, equal to the bit."""
    rows = []
    for found in small.compare():
        if not found["equal"]:
            raise AssertionError(f"{found['case']}, {found['policy']}: the engines differ after 600 iterations")
        name = f"beyond the products, over {small.BASE}: {found['case']}, {found['policy']}"
        rows.append(row(name, found["ratio"], f"<= {found['target']}"))
    return rows


def share_of_measuring() -> list[dict[str, Any]]:
    """Share of a default run that goes into measuring and into events."""
    config = TrainingConfig(iterations=3000)
    digits = datasets.load(config.dataset)
    spent: dict[type[Event], list[float]] = {}
    last = clock()
    for event in make_trainer(config, digits).events():
        now = clock()
        spent.setdefault(type(event), []).append(now - last)
        last = now
    # The median: another program that takes the processor for a moment is no part of the run.
    seconds = {kind: len(each) * float(np.median(each)) for kind, each in spent.items()}
    measuring = sum(part for kind, part in seconds.items() if kind is not Step)
    endless = config.model_copy(update={"iterations": 10**8, "evaluate_every": 10**7, "snapshot_every": 10**8})
    stepping, iterating = make_trainer(endless, digits), make_trainer(endless, digits).events()
    assert isinstance(stepping, Trainer)
    step, yielded = least_seconds(stepping.step, lambda: next(iterating), seconds=5)
    return [
        row("evaluations and snapshots, share of a default run, %", 100 * measuring / sum(seconds.values()), "<= 5"),
        row("yielding an event a step, share of a default run, %", 100 * max(0, yielded - step) / yielded, "<= 5"),
        row("iterations per second of a default run on digits", config.iterations / sum(seconds.values())),
    ]


def memory() -> list[dict[str, Any]]:
    """Peak memory beyond data and weights, and whether it grows with the iterations."""
    rng = np.random.default_rng(0)
    info = DatasetInfo(name="noise", title="", description="", licence="", source="")
    pixels, labels = rng.random((10_000, 784), np.float32), rng.integers(0, 10, 10_000)
    letters = Dataset(info, pixels, labels, tuple("ABCDEFGHIJ"), (28, 28))
    rows = []
    for hidden in ((), (32,)):
        config = TrainingConfig(hidden_layers=hidden, iterations=20, evaluate_every=10)
        beyond, batch = peak_memory(config, letters)
        name = "-".join(map(str, (784, *hidden, 10)))
        rows.append(row(f"peak memory beyond data and weights, {name}, batch {BATCH}, MiB", beyond / 2**20))
        rows.append(row("of which the mini-batch itself, MiB", batch / 2**20))
    few, many = (peak_memory(TrainingConfig(iterations=n), datasets.load("digits"))[0] for n in (200, 2000))
    return [*rows, row("peak memory of 2,000 iterations over that of 200", many / few, "<= 1.02")]


def peak_memory(config: TrainingConfig, dataset: Dataset) -> tuple[int, int]:
    """Peak bytes of a run from its making to its end, beyond its samples and one copy of its weights; of its batch."""
    parts = split(dataset, config.validation_fraction, config.split_seed)
    warm = make_trainer(config.model_copy(update={"iterations": 1}), dataset, parts=parts)
    list(warm.events())  # what Python allocates once is no part of a run
    network = network_of(config, data_shape(dataset))
    sizes = [samples_of(dataset.inputs(parts), part, network).inputs.nbytes for part in (parts.train, parts.validation)]
    del warm
    tracemalloc.start()
    trainer = make_trainer(config, dataset, parts=parts)
    for _ in trainer.events():
        pass
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    weights = sum(layer.nbytes for layer in trainer.weights())
    batch = (dataset.features.shape[1] + 1) * 4 * config.batch_size if config.batch_size < len(parts.train) else 0
    return peak - sum(sizes) - weights, batch


def against_plain_programs() -> list[dict[str, Any]]:
    """Speed against a plain sample-major NumPy program and a literal loop over synapses."""
    samples = pictures()
    engine = trainer_on(samples, ())
    features = np.ascontiguousarray(samples.inputs[1:].T)
    plain = SampleMajor(features, samples.truth.labels, policies.get("win_stay_lose_shift"))
    fast, slow = least_seconds(engine.step, plain.step, seconds=15)
    each = min(literal_iteration_seconds_per_synapse(features, 10) for _ in range(20))
    literal = each * engine.network.synapses
    return [
        row("times faster than plain sample-major NumPy, 784-10", slow / fast),
        row("times faster than a literal loop over synapses (its loss left out), 784-10", literal / fast),
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
    with threadpool_limits(THREADS):
        blas: dict[str, Any] = next((one for one in threadpool_info() if one["user_api"] == "blas"), {})
        kernel = f"{blas.get('internal_api')} {blas.get('version')}, kernels for {blas.get('architecture')}"
        about = f"BLAS threads: {THREADS} ({kernel}); least of many turns, all ratios from one run"
        print(f"{about}\n")
        rows = [found for measure in MEASUREMENTS for found in printed(measure())]
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps(rows, indent=1) + "\n")
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    PAGE.write_text(f"{before}{BEGIN}\n{about}:\n\n{as_markdown(rows)}{END}{after}", encoding="utf-8")
    print(f"\nwritten to {RESULTS} and {PAGE}")


def as_markdown(rows: list[dict[str, Any]]) -> str:
    """Write the rows as a table."""
    lines = ["| what | value | target | |", "|---|---|---|---|"]
    for found in rows:
        verdict = {None: "", True: "holds", False: "**missed**"}[found["holds"]]
        lines.append(f"| {found['name']} | {found['value']:g} | {found['target'] or ''} | {verdict} |")
    return "\n".join(lines) + "\n"


def printed(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Print rows, and pass them on."""
    for found in rows:
        verdict = {None: "", True: "holds", False: "MISSED"}[found["holds"]]
        print(f"{found['name']:70} {found['value']:10.3f}  {found['target'] or '':8} {verdict}", flush=True)
    return rows


MEASUREMENTS = (
    over_the_product, replicates, small_networks, small_networks_of_before, share_of_measuring, memory,
    against_plain_programs,
)  # fmt: skip

if __name__ == "__main__":
    main()
