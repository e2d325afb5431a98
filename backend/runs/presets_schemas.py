"""Schemas of a preset."""

from __future__ import annotations

from pydantic import BaseModel, Field

from synrl_core.config import TrainingConfig


class Preset(BaseModel):
    """A run that is ready to start."""

    id: str
    title: str
    description: str
    seconds: float | None = Field(
        default=None, description="About how long it takes here, as POST /plans estimates it from runs that ended."
    )
    config: TrainingConfig
