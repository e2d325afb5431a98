"""Ablation: the gain of each changed setting in 15,000 passes, on a split that the study does not report.

``OPENBLAS_NUM_THREADS=1 python -m benchmarks.levers`` runs what has no result yet in benchmarks/results/levers.json
and writes the table in docs/results.md; name a network to run only its rows, or ``table`` to run none. The policy that
ships, split seed 10; 784-10 with three replicates as one batch, 784-32-10 with one. Inputs are centred by subtracting
each pixel's mean over the training samples, and whitened by (C + I)^(-1/2) with C their covariance, rescaled to the
total variance they had.
"""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.data import notmnist
from benchmarks.page import replace_between_marks
from synrl_core.config import TrainingConfig
from synrl_core.datasets import Dataset, split
from synrl_core.learning.factory import make_trainer
from synrl_core.learning.trainer import Trainer
from synrl_core.measuring.events import Evaluation, Step

ITERATIONS = 15_000
SPLIT_SEED = 10
RESULTS = Path(__file__).parent / "results" / "levers.json"

BASE: dict[str, Any] = {
    "policy": "bred_stochastic", "step_size": 1.5e-3, "exploration": 0.0, "initial_scale": 1e-3, "batch_size": 10_000,
}  # fmt: skip
SINGLE = BASE | {"hidden_layers": (), "replicates": 3}
HIDDEN = BASE | {
    "hidden_layers": (32,),
    "replicates": 1,
    "initial_scale": 1e-2,
    "step_size": 1.4e-3,
    "seed": SPLIT_SEED,
}
WIN_STAY = {"policy": "win_stay_lose_shift", "step_size": 2e-3, "exploration": 0.3}
#: What is changed -> how; "inputs" is what is done to the data first.
LEVERS: dict[str, dict[str, Any]] = {
    "as `stochastic_15k_splits` has it": {},
    "first weights in [-0.1, 0.1]": {"initial_scale": 0.1},
    "mini-batches of 2,500 kept for 250": {"batch_size": 2500, "batch_interval": 250},
    "mini-batches of 5,000 kept for 5,000": {"batch_size": 5000},
    "step size 7e-4": {"step_size": 7e-4},
    "step size 3e-3": {"step_size": 3e-3},
    "step size falling as a cosine": {"step_size_schedule": "cosine"},
    "step size constant": {"step_size_schedule": "constant"},
    "exploration 0.1": {"exploration": 0.1},
    "biases as fast as weights": {"bias_step_factor": 1.0},
    "win-stay lose-shift, step size 2e-3, exploration 0.3": WIN_STAY,
    "the greedy `bred`, step size 2e-3, exploration 0.3": WIN_STAY | {"policy": "bred"},
    "l_p loss, p = 2": {"loss": "l_p", "loss_exponent": 2.0},
    "inputs centred": {"inputs": "centred"},
    "inputs whitened": {"inputs": "whitened"},
}
HIDDEN_LEVERS: dict[str, dict[str, Any]] = {
    "as `stochastic_15k_splits` has it": {},
    "first weights in [-0.1, 0.1]": {"initial_scale": 0.1},
    "first weights as He draws them": {"initialisation": "he_normal"},
    "mini-batches of 5,000 kept for 5,000": {"batch_size": 5000},
    "step size 7e-4": {"step_size": 7e-4},
    "step size 2e-3": {"step_size": 2e-3},
    "step size 3e-3": {"step_size": 3e-3},
    "step size falling as a cosine": {"step_size_schedule": "cosine"},
    "exploration 0.1": {"exploration": 0.1},
    "win-stay lose-shift, step size 2e-3, exploration 0.3": WIN_STAY,
}
#: Network -> what is changed, and how.
STUDIES = {"784-10": (SINGLE, LEVERS), "784-32-10": (HIDDEN, HIDDEN_LEVERS)}


def prepared(dataset: Dataset, how: str, train: NDArray[np.int64]) -> Dataset:
    """Centre or whiten the inputs by what the training samples are like."""
    if how == "raw":
        return dataset
    features = dataset.features - dataset.features[train].mean(axis=0)
    if how == "whitened":
        values, vectors = np.linalg.eigh(np.cov(features[train].T.astype(np.float64)))
        white = features @ ((vectors / np.sqrt(np.maximum(values, 0) + 1)) @ vectors.T)
        features = white * np.sqrt(values.sum() / white[train].var(axis=0).sum())
    return replace(dataset, features=np.ascontiguousarray(features, np.float32))


def measured(settings: dict[str, Any]) -> dict[str, list[float]]:
    """Train once: accuracy and losses of each replicate at the end; without hidden layers of its mean weights too."""
    settings = dict(settings)
    how = settings.pop("inputs", "raw")
    config = TrainingConfig(
        **settings, iterations=ITERATIONS, evaluate_every=ITERATIONS, snapshot_every=10**8, split_seed=SPLIT_SEED
    )
    parts = split(notmnist(), config.validation_fraction, config.split_seed)
    trainer = make_trainer(config, prepared(notmnist(), how, parts.train), parts=parts)
    assert isinstance(trainer, Trainer)
    mean = np.zeros(trainer.flat_weights.size)
    for event in trainer.events():
        if isinstance(event, Step) and event.iteration > 0.75 * ITERATIONS:
            mean += trainer.flat_weights / (0.25 * ITERATIONS)
        elif isinstance(event, Evaluation):
            last = event
    found = {
        "validation_accuracy": last.validation_accuracy,
        "train_loss": last.train_loss,
        "validation_loss": last.validation_loss,
    }
    if how == "raw" and not config.hidden_layers:
        trainer.flat_weights[:] = mean
        averaged = trainer.predict(notmnist().features[parts.validation])
        found["averaged_accuracy"] = (averaged == notmnist().labels[parts.validation]).mean(axis=1)
    return {key: np.round(values, 4).tolist() for key, values in found.items()}


def table(results: dict[str, dict[str, dict[str, list[float]]]]) -> str:
    """Make the Markdown table of what there is."""
    lines = [
        "| network | changed | validation accuracy, mean ± deviation | of the mean weights of the last quarter "
        "| training loss | validation loss |",
        "|---|---|---|---|---|---|",
    ]
    missing = []
    for network, (_, levers) in STUDIES.items():
        for name in levers:
            found = results.get(network, {}).get(name)
            if found is None:
                missing.append(f"{network} {name}")
            else:
                lines.append(f"| {network} | {name} {_cells(found)}")
    return "\n".join(lines) + (f"\n\nNot run yet: {'; '.join(missing)}." if missing else "")


def _cells(found: dict[str, list[float]]) -> str:
    accuracies, averaged = 100 * np.array(found["validation_accuracy"]), found.get("averaged_accuracy")
    deviation = f" ± {accuracies.std(ddof=1):.2f}" if len(accuracies) > 1 else ""
    return (
        f"| {accuracies.mean():.2f} %{deviation} | {f'{100 * np.mean(averaged):.2f} %' if averaged else ''} "
        f"| {np.mean(found['train_loss']):.3f} | {np.mean(found['validation_loss']):.3f} |"
    )


def main() -> None:
    """Run what is missing, one after the other, keeping each; then write the table."""
    for network in sys.argv[1:] or STUDIES:
        base, levers = STUDIES[network] if network != "table" else ({}, {})
        for name in [name for name in levers if name not in _kept().get(network, {})]:
            found = measured(base | levers[name])
            results = _kept()  # another process may have added to it
            results.setdefault(network, {})[name] = found
            RESULTS.write_text(json.dumps(results, indent=1) + "\n")
            print(network, name, np.round(100 * np.array(found["validation_accuracy"]), 2), flush=True)
    replace_between_marks("levers", table(_kept()))


def _kept() -> dict[str, dict[str, dict[str, list[float]]]]:
    return json.loads(RESULTS.read_text()) if RESULTS.exists() else {}


if __name__ == "__main__":
    main()
