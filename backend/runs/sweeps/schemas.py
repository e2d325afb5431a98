"""Schemas of sweeps."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, Field, model_validator

from backend.kit.fields import DEFAULT_OWNER, Body, Name, Owner, Tags
from backend.kit.status import RunStatus
from synrl_core.config import TrainingConfig


class SweepCreate(Body):
    """Runs to be queued together: `config` with every combination of `grid`, or a list of configurations."""

    name: Name | None = Field(default=None, description="How people call it. Empty: made from what varies.")
    owner: Owner = Field(default=DEFAULT_OWNER, description="Whose runs they are.")
    tags: Tags = Field(default_factory=list, description="Words to find the runs by.")
    config: TrainingConfig = Field(
        default_factory=TrainingConfig, description="What all runs share; left-out settings take their defaults."
    )
    grid: dict[str, Annotated[list[Any], Field(min_length=1, max_length=10_000)]] | None = Field(
        default=None,
        min_length=1,
        max_length=32,
        description="Values of each setting that varies; a run is queued for every combination.",
    )
    configs: Annotated[list[dict[str, Any]], Field(min_length=1, max_length=10_000)] | None = Field(
        default=None, description="Instead of a grid: what each run changes on `config`."
    )

    @model_validator(mode="after")
    def _one_of_two(self) -> SweepCreate:
        if (self.grid is None) == (self.configs is None):
            raise ValueError("give either grid, the values of each setting, or configs, a list; not both and not none")
        return self


class SweepRead(BaseModel):
    """Representation of a sweep with its progress."""

    id: str
    name: str
    owner: str
    created_at: datetime
    runs: int = Field(description="How many it has; those in the trash are not counted.")
    copies: int = Field(
        description="Runs of the same configuration, seed, data and version as another one of the sweep: no samples."
    )
    by_status: dict[RunStatus, int] = Field(description="How many of them are in which status.")
    run_ids: list[str] = Field(description="In the order of the combinations.")
    spec: dict[str, Any] = Field(description="What was asked for.")


class SweepPage(BaseModel):
    """One page of a list of sweeps."""

    items: list[SweepRead]
    total: int
    limit: int
    offset: int
