"""Schemas of a preset."""

from __future__ import annotations

from pydantic import BaseModel, Field

from synrl_core.config import TrainingConfig


class Preset(BaseModel):
    """A run that is ready to start."""

    id: str
    title: str
    description: str
    seconds: int = Field(description="About how long it takes on one core of a laptop.")
    config: TrainingConfig
