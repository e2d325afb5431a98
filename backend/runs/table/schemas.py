"""Schemas of the table of runs and of its filters."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from backend.kit.status import RunStatus


class RunRow(BaseModel):
    """Row of the table for one run."""

    model_config = ConfigDict(from_attributes=True)

    kind: Literal["run"] = "run"
    depth: int = Field(default=0, description="1 under a group.")
    copy_of: str | None = Field(
        default=None, description="Under a group: the run that is counted for this one, which computed the same."
    )
    id: str
    name: str
    status: RunStatus
    requested: Literal["pause", "stop"] | None
    queue_position: int | None
    allowed_actions: list[str]
    iteration: int
    iterations: int
    iterations_per_second: float | None
    training_seconds: float
    validation_accuracy: float | None
    best_validation_accuracy: float | None
    best_iteration: int | None
    curve: list[tuple[int, float]] = Field(description="Iteration, validation accuracy in 0..1, in a few points.")
    dataset_name: str
    config: dict[str, Any] = Field(description="The settings that tell one network and one method from another.")
    owner: str
    tags: list[str]
    archived: bool
    sweep_id: str | None
    created_at: datetime
    error: str | None


class GroupCurve(BaseModel):
    """Mean and standard deviation of the validation accuracy of a group's runs."""

    iterations: int = Field(description="Of its longest run.")
    runs: int = Field(description="How many runs it rests on, the first 50 of the group at most.")
    points: list[tuple[int, float, float]] = Field(description="Iteration, mean in 0..1, deviation.")


class GroupRow(BaseModel):
    """Row of the table for a group: runs that differ only in their seed, or one sweep."""

    kind: Literal["group"] = "group"
    id: str = Field(description="``group:`` and the key.")
    key: str = Field(description="The group key of its runs, or the sweep's id; empty: runs of no sweep.")
    name: str
    differs: dict[str, Any] = Field(description="Settings of its runs that are not the defaults, by title.")
    runs: int
    copies: int = Field(
        description="Runs of the same configuration, seed, data and version as another one of the group: left out of "
        "means and deviations."
    )
    run_ids: list[str] = Field(description="At most 50; GET /runs/ids has them all.")
    by_status: dict[RunStatus, int]
    iteration: int = Field(description="Of all its runs together.")
    iterations: int = Field(description="Of all its runs together.")
    training_seconds: float = Field(description="Of all its runs together.")
    validation_accuracy: float | None = Field(description="Last measured, mean over its runs without copies.")
    validation_accuracy_deviation: float | None = Field(
        description="Standard deviation over its runs without copies, if there are several."
    )
    best_validation_accuracy: float | None = Field(description="Mean over its runs without copies of the best of each.")
    best_validation_accuracy_deviation: float | None
    curve: GroupCurve | None = Field(description="Null with fewer than two runs that were measured, and of no sweep.")
    dataset_name: str | None = Field(description="Null where its runs have several.")
    config: dict[str, Any] | None = Field(description="As of a run; null for sweeps.")
    owner: str | None = Field(description="Null where its runs have several.")
    created_at: datetime = Field(description="Of its newest run.")


class RunTable(BaseModel):
    """A window of the table of runs."""

    rows: list[Annotated[RunRow | GroupRow, Field(discriminator="kind")]]
    total: int = Field(description="Rows of the whole table.")
    runs: int = Field(description="Runs that are chosen by the filters.")
    stored: int = Field(description="Runs outside the trash, whatever the filters.")


class Named(BaseModel):
    """Option of a filter: id and display name."""

    id: str
    name: str


class RunFacets(BaseModel):
    """Facets: the distinct values of runs that filters can offer."""

    owners: list[str]
    datasets: list[Named]
    tags: list[str]
    sweeps: list[Named] = Field(description="Newest first, at most 200.")
