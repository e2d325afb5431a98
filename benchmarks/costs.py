"""Measure the prices of an iteration's work, for cost estimates: `python -m benchmarks.costs`, one BLAS thread.

Processor time of short runs of many sizes, fitted by non-negative least squares on relative errors. Prints the prices
for synrl_core/measuring/costs.py, and how far a run is off by them.
"""

from __future__ import annotations

import itertools
import sys
import time

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls

from synrl_core.checks import DataShape
from synrl_core.config import TrainingConfig
from synrl_core.datasets import Dataset, DatasetInfo
from synrl_core.learning.factory import make_trainer
from synrl_core.measuring import costs

SECONDS = 0.35
_INFO = DatasetInfo(name="noise", title="Noise", description="", licence="none", source="made here", group="tables")
DATA = [(200, 2, 2), (1000, 30, 2), (1797, 64, 10), (6667, 784, 10)]
LAYERS: list[tuple[int, ...]] = [(), (32,), (64, 64), (16, 16, 16)]
REPLICATES = [1, 4]
KINDS: dict[str, dict[str, object]] = {
    "static": {},
    "adaptive": {"adaptive": True},
    "sequential": {"adaptive": True, "q_update": "sequential"},
    "gradient": {"method": "gradient"},
}


def main() -> None:
    for kind, settings in KINDS.items():
        rows, measured = [], []
        for (samples, inputs, classes), layers, replicates in itertools.product(DATA, LAYERS, REPLICATES):
            if kind == "sequential" and (inputs > 64 or replicates > 1):
                continue  # minutes an iteration
            config = TrainingConfig.model_validate(
                {"hidden_layers": layers, "replicates": replicates, "iterations": 10**7, "evaluate_every": 10**7}
                | settings
            )
            rows.append(costs.work(config, DataShape(samples, inputs, classes)))
            measured.append(seconds_an_iteration(config, noise(samples, inputs, classes)))
            print(
                kind, samples, inputs, layers, replicates, f"{measured[-1] * 1e3:.3f} ms", file=sys.stderr, flush=True
            )
        price, errors = fit(rows, np.array(measured))
        print(f'    "{kind}": {price},')
        print(f"    # off by a factor of {np.exp(np.median(errors)):.2f} (median), {np.exp(errors.max()):.2f} (worst)")


def noise(samples: int, inputs: int, classes: int) -> Dataset:
    rng = np.random.default_rng(0)
    return Dataset(
        info=_INFO,
        features=rng.random((samples, inputs), dtype=np.float32),
        labels=np.arange(samples, dtype=np.int64) % classes,
        class_names=tuple(map(str, range(classes))),
        sample_shape=(inputs,),
    )


def seconds_an_iteration(config: TrainingConfig, data: Dataset) -> float:
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
    main()
