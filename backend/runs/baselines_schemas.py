"""Schemas of a run's baseline."""

from __future__ import annotations

from pydantic import BaseModel, Field

from backend.runs.schemas import RunRead


class Baseline(BaseModel):
    """Baseline of a run: gradient descent on its data and network."""

    run: RunRead | None = Field(description="The run; null where there is none yet.")
    possible: bool = Field(description="Whether there can be one.")
    reason: str | None = Field(description="Why there can't be one.")
