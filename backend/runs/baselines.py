"""Baseline of a run: find or start gradient descent on the same data and network."""

from __future__ import annotations

from sqlalchemy.orm import Session

from backend.kit.errors import ConflictError
from backend.kit.status import RunStatus
from backend.runs import queries as repository
from backend.runs import service as runs
from backend.runs.baselines_schemas import Baseline
from backend.runs.schemas import RunCreate, RunRead
from synrl_core.config import NON_DIFFERENTIABLE, TrainingConfig

#: What two runs have in common whose curves can be compared: data, split, network, loss.
_SAME = (
    "dataset",
    "dataset_parameters",
    "validation_fraction",
    "split_seed",
    "architecture",
    "hidden_layers",
    "activation",
    "encoding",
    "steps",
    "membrane_decay",
    "threshold",
    "recurrent_weights",
    "loss",
    "loss_exponent",
)
#: The paper's baseline runs for 5,000 iterations at most (section 2.4).
ITERATIONS = 5000
#: Measured points of a baseline.
_POINTS = 200
#: The better of two runs is the one that stands further left here.
_PREFERENCE = (RunStatus.SUCCEEDED, RunStatus.RUNNING, RunStatus.QUEUED, RunStatus.PAUSED, RunStatus.STOPPED)


def get(session: Session, run_id: str) -> Baseline:
    """Return the baseline of a run, if there is one."""
    run = runs.get(session, run_id)
    reason = _impossible(run.config)
    return Baseline(run=None if reason else _find(session, run), possible=reason is None, reason=reason)


def make(session: Session, run_id: str) -> Baseline:
    """Return the baseline of a run, which is started where there is none.

    Raises
    ------
    ConflictError
        When gradient descent can't train this network, or the run is gradient descent itself.
    """
    run = runs.get(session, run_id)
    reason = _impossible(run.config)
    if reason is not None:
        raise ConflictError(reason)
    found = _find(session, run) or runs.create(
        session, RunCreate(name=f"Gradient descent for {run.name}"[:200], config=baseline_config(run.config))
    )
    return Baseline(run=found, possible=True, reason=None)


def baseline_config(config: TrainingConfig) -> TrainingConfig:
    """Return the same data, network, seed and replicates under the paper's gradient descent."""
    iterations = min(config.iterations, ITERATIONS)
    return TrainingConfig.model_validate(
        config.model_dump()
        | {
            "method": "gradient",
            "iterations": iterations,
            "schedule_iterations": None,
            "evaluate_every": max(1, iterations // _POINTS),
            "snapshot_every": max(1, iterations // 10),
            "target_accuracy": None,
            "give_up_after": None,
            "surrogate": "fast_sigmoid" if config.architecture == "spiking" else config.surrogate,
        }
    )


def _find(session: Session, run: RunRead) -> RunRead | None:
    """Return the best run of gradient descent with the same data and network, the newest of equals."""
    same = [
        runs.read(other)
        for other in repository.by_method(session, method="gradient", dataset=run.config.dataset)
        if other.id != run.id and other.status in _PREFERENCE
    ]
    fitting = [other for other in same if _alike(other.config, run.config)]
    return min(fitting, key=lambda other: _PREFERENCE.index(other.status), default=None)


def _alike(one: TrainingConfig, other: TrainingConfig) -> bool:
    return all(getattr(one, name) == getattr(other, name) for name in _SAME)


def _impossible(config: TrainingConfig) -> str | None:
    if config.method == "gradient":
        return "This run is gradient descent itself."
    if config.architecture != "spiking" and config.hidden_layers and config.activation in NON_DIFFERENTIABLE:
        return (
            f"Gradient descent can't train {config.activation} units: their derivative is 0 wherever they have one. "
            "That is what synaptic learning does without."
        )
    return None
