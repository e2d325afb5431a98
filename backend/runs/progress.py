"""Progress of a run: the changes that a message of its worker makes."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np

from backend.wire import sparkline
from backend.wire.columns import Columns
from backend.wire.messages import Progress, Started


class Advancing(Protocol):
    """Fields shared by a run's row and its schema."""

    iteration: Any
    iterations: Any
    iterations_per_second: Any
    forward_passes: Any
    training_seconds: Any
    train_accuracy: Any
    validation_accuracy: Any
    best_validation_accuracy: Any
    best_iteration: Any
    sparkline: Any


def advance(run: Advancing, message: Progress) -> None:
    """Move a run to the progress that a message reports."""
    run.iteration = message["iteration"]
    run.training_seconds = message["training_seconds"]
    if message["iterations_per_second"] is not None:
        run.iterations_per_second = message["iterations_per_second"]


def measure(run: Advancing, points: Columns) -> None:
    """Update the last and the best measurements by new points."""
    run.forward_passes = int(points["forward_passes"][-1])
    run.train_accuracy = float(points["train_accuracy"][-1].mean())
    validation = points["validation_accuracy"].mean(axis=1)
    run.validation_accuracy = float(validation[-1])
    best = int(np.argmax(validation))
    if run.best_validation_accuracy is None or validation[best] > run.best_validation_accuracy:
        run.best_validation_accuracy = float(validation[best])
        run.best_iteration = int(points["iteration"][best])
    new = zip(points["iteration"].tolist(), validation.tolist(), strict=True)
    run.sparkline = sparkline.extended(run.sparkline, new, run.iterations)


def begin(run: Advancing, message: Started) -> None:
    """Reset a run to the state from which its worker resumes it."""
    run.iteration, run.training_seconds = message["iteration"], message["training_seconds"]
    for name, value in message["summary"].items():
        setattr(run, name, value)
    run.sparkline = sparkline.before(run.sparkline, message["next_point"])
