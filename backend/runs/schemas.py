"""Schemas of a run: requests to create and to change one, and its representation."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool

from backend.kit.fields import DEFAULT_OWNER, Body, Name, Notes, Owner, Tags
from backend.kit.status import RunStatus
from synrl_core.config import TrainingConfig

#: Iterations that a run may have, its extensions included.
MAX_ITERATIONS = 100_000_000


class RunCreate(Body):
    """A run to be queued."""

    name: Name | None = Field(default=None, description="How people call it. Empty: made from the configuration.")
    owner: Owner = Field(default=DEFAULT_OWNER, description="Whose run it is: owners take turns in the queue.")
    tags: Tags = Field(default_factory=list, description="Words to find it by.")
    notes: Notes = Field(default="", description="What people want to remember of it.")
    config: TrainingConfig = Field(default_factory=TrainingConfig, description="Left-out settings take their defaults.")


class RunUpdate(Body):
    """Changes to a run. Fields left out or null stay."""

    name: Name | None = None
    notes: Notes | None = None
    tags: Tags | None = None
    archived: StrictBool | None = Field(default=None, description="Archived runs are kept and not listed.")


class RunExtend(Body):
    """Request to extend a run."""

    iterations: int = Field(
        ge=1,
        le=MAX_ITERATIONS,
        description="How many more: than were done, of a run that has ended; than were asked for, of any other.",
    )
    from_iterations: int | None = Field(
        default=None,
        ge=1,
        le=MAX_ITERATIONS,
        description="The run's `iterations` when this was asked for. Given, the request may be repeated: "
        "it is carried out once.",
    )


class RunClone(Body):
    """Request to clone a run."""

    name: Name | None = Field(default=None, description="Empty: made from the configuration.")
    owner: Owner | None = Field(default=None, description="Empty: the owner of the other.")
    changes: dict[str, Any] = Field(
        default_factory=dict, description="Settings that differ from the other run's, as in `config` of a new run."
    )


class RunRead(BaseModel):
    """Representation of a run. Times are UTC."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    name: str
    status: RunStatus
    owner: str = DEFAULT_OWNER
    sweep_id: str | None = Field(default=None, description="The sweep it was asked for with.")
    parent_id: str | None = Field(default=None, description="The run that it was cloned from.")
    group_key: str = Field(default="", description="Shared by runs that differ only in their seed.")
    tags: list[str] = Field(default_factory=list)
    notes: str = ""
    archived: bool = False
    requested: Literal["pause", "stop"] | None = Field(
        default=None, description="What was asked of it and it has not followed yet."
    )
    rewinds: int = Field(default=0, description="How often it was set back to iteration 0.")
    queue_position: int | None = Field(default=None, description="1 is next; null if it is not queued.")
    allowed_actions: list[str] = Field(default_factory=list, description="What who asks can do with it now.")
    config: TrainingConfig
    dataset_name: str = Field(description="What people called the data set when the run was asked for.")
    sample_shape: list[int] = Field(description="Rows and columns where a sample is a picture, else its length.")
    iteration: int = Field(description="Iterations done.")
    iterations: int = Field(description="Iterations asked for.")
    iterations_per_second: float | None = Field(description="Speed when last heard of; null before the first news.")
    forward_passes: int = Field(description="Batch losses computed so far.")
    training_seconds: float = Field(description="Seconds spent training and measuring, waiting not counted.")
    train_accuracy: float | None = Field(description="Last measured, mean over replicates, 0..1.")
    validation_accuracy: float | None = Field(description="Last measured, mean over replicates, 0..1.")
    best_validation_accuracy: float | None = Field(description="Best so far, mean over replicates, 0..1.")
    best_iteration: int | None = Field(description="Where the best was measured.")
    sparkline: list[tuple[int, float]] | None = Field(
        default=None, exclude=True, description="Validation accuracy in a few points; lists of runs show it."
    )
    created_at: datetime
    started_at: datetime | None = Field(description="When it was first given to a worker.")
    finished_at: datetime | None
    error: str | None = Field(
        description="What happened and what to do: for failed runs, and for those that the server had to pause."
    )
    dataset_hash: str | None = Field(description="SHA-256 of the data the worker trained on.")
    provenance: dict[str, Any] | None = Field(description="Versions and machine, as the worker reported them.")


class RunPage(BaseModel):
    """One page of a list of runs."""

    items: list[RunRead]
    total: int
    limit: int
    offset: int
