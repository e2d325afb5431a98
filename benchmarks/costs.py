"""Measure the prices of an iteration's work, for cost estimates: `python -m benchmarks.costs [kind ...]`.

One BLAS thread, as a worker trains with. Processor time of short runs of many sizes, fitted by non-negative least
squares on relative errors. Prints the prices for synrl_core/measuring/costs.py, and how far a run is off by them.
"""

from __future__ import annotations

import itertools
import sys
import time
from collections.abc import Iterator
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls
from threadpoolctl import threadpool_limits

from synrl_core.checks import data_shape
from synrl_core.config import TrainingConfig
from synrl_core.datasets import Dataset, DatasetInfo
from synrl_core.learning.factory import make_trainer
from synrl_core.measuring import costs

SECONDS = 0.35
_INFO = DatasetInfo(name="noise", title="Noise", description="", licence="none", source="made here", group="tables")
#: Samples, shape of one, classes.
DATA = [(200, (2,), 2), (1000, (30,), 2), (1797, (64,), 10), (6667, (784,), 10)]
#: For networks that read in steps: sequences, pictures read row by row, and vectors shown for 8 steps.
IN_STEPS = [(1000, (20, 1, 2), 2), (1797, (8, 8), 10), (6667, (28, 28), 10), (1797, (64,), 10)]
LAYERS: list[tuple[int, ...]] = [(), (32,), (64, 64), (16, 16, 16)]
REPLICATES = [1, 4]
WAYS: dict[str, dict[str, Any]] = {
    "static": {},
    "adaptive": {"adaptive": True},
    "sequential": {"adaptive": True, "q_update": "sequential"},
    "gradient": {"method": "gradient"},
}
KINDS: dict[str, dict[str, Any]] = WAYS | {
    f"{architecture} {way}": settings | {"architecture": architecture, "surrogate": "fast_sigmoid"}
    for architecture in ("recurrent", "spiking")
    for way, settings in WAYS.items()
}


def main(*kinds: str) -> None:
    """Measure, fit and print."""
    for kind in kinds or KINDS:
        rows, measured = [], []
        for config, data in cases(KINDS[kind]):
            assert costs.kind(config) == kind
            rows.append(costs.work(config, data_shape(data)))
            measured.append(seconds_an_iteration(config, data))
            shown = (len(data.labels), data.sample_shape, config.hidden_layers, config.replicates)
            print(kind, *shown, f"{measured[-1] * 1e3:.3f} ms", file=sys.stderr, flush=True)
        price, errors = fit(rows, np.array(measured))
        print(f'    "{kind}": {price},')
        print(
            f"    # off by a factor of {np.exp(np.median(errors)):.2f} (median), {np.exp(errors.max()):.2f} (worst)",
            flush=True,
        )


def cases(settings: dict[str, Any]) -> Iterator[tuple[TrainingConfig, Dataset]]:
    """Yield the runs that are measured of a kind."""
    in_steps = "architecture" in settings
    for (samples, shape, classes), layers, replicates in itertools.product(
        IN_STEPS if in_steps else DATA, [one for one in LAYERS if one or not in_steps], REPLICATES
    ):
        chosen = {"hidden_layers": layers, "replicates": replicates, "iterations": 10**7, "evaluate_every": 10**7}
        if in_steps and len(shape) == 2:
            chosen["encoding"] = "rows"
        yield TrainingConfig.model_validate(chosen | settings), noise(samples, shape, classes)


def noise(samples: int, shape: tuple[int, ...], classes: int) -> Dataset:
    """Make a data set of a size; speed doesn't depend on what it holds."""
    rng = np.random.default_rng(0)
    return Dataset(
        info=_INFO,
        features=rng.random((samples, prod(shape)), dtype=np.float32),
        labels=np.arange(samples, dtype=np.int64) % classes,
        class_names=tuple(map(str, range(classes))),
        sample_shape=shape,
    )


def seconds_an_iteration(config: TrainingConfig, data: Dataset) -> float:
    """Return the processor seconds of an iteration."""
    trainer = make_trainer(config, data)
    events = trainer.events()
    while trainer.iteration < 3:
        next(events)
    begun, first = time.process_time(), trainer.iteration
    while time.process_time() - begun < SECONDS or trainer.iteration == first:
        next(events)
    return (time.process_time() - begun) / (trainer.iteration - first)


def fit(rows: list[costs.Work], measured: NDArray[np.float64]) -> tuple[costs.Prices, NDArray[np.float64]]:
    """Fit prices; the errors are |log(estimated / measured)|."""
    columns = np.array([[1.0, row.layers, row.products, row.units, row.synapses] for row in rows])
    scale = columns.max(axis=0)
    found, _ = nnls(columns / scale / measured[:, None], np.ones(len(rows)))
    price = costs.Prices(*(float(f"{value:.3g}") for value in found / scale))
    estimated = np.array([costs.seconds_of(row, price) for row in rows])
    return price, np.abs(np.log(estimated / measured))


if __name__ == "__main__":
    with threadpool_limits(1, "blas"):
        main(*sys.argv[1:])
