"""Schemas of the live feed."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from backend.inspection.weights_schemas import PolicyRead, Weights
from backend.runs.curves.schemas import Actions, Metrics
from backend.runs.schemas import RunRead
from backend.runs.table.schemas import RunRow


class RunProgress(BaseModel):
    """Fields of a run that change continuously during training, as in `RunRead`."""

    model_config = ConfigDict(from_attributes=True)

    iteration: int
    iterations_per_second: float | None
    forward_passes: int
    training_seconds: float
    train_accuracy: float | None
    validation_accuracy: float | None
    best_validation_accuracy: float | None
    best_iteration: int | None


class Frame(BaseModel):
    """Frame of the live feed of a run. With ``reset`` it replaces the subscriber's state, else it adds to it.

    A viewer leaves out points whose iteration it already has: a frame may overlap the one before.
    """

    reset: bool = False
    run: RunRead | None = Field(default=None, description="When more of it changed than its progress.")
    progress: RunProgress | None = None
    metrics: Metrics | None = None
    actions: Actions | None = None
    weights: Weights | None = None
    policy: PolicyRead | None = None
    measured_at: float | None = Field(default=None, description="Unix time at which the newest point was measured.")
    deleted: bool | None = Field(default=None, description="The run is gone; nothing follows.")


class RunsFrame(BaseModel):
    """Frame of the live feed of the list of runs: new or changed runs, ids of deleted ones."""

    runs: list[RunRow]
    removed: list[str]
    queue: list[str] | None = Field(default=None, description="Ids of the queued runs in the order of their turns.")
