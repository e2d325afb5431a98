"""Schemas of a run's curves and action counts."""

from __future__ import annotations

from pydantic import BaseModel, Field

Column = list[float | None]


class Metrics(BaseModel):
    """Curves, column by column; all columns have one length. Null stands for not a number."""

    iteration: list[int]
    forward_passes: list[int]
    seconds: list[float]
    values: dict[str, Column] = Field(description="Mean over replicates of each metric column.")
    deviation: dict[str, Column] | None = Field(description="Standard deviation over replicates; null with one.")
    replicates: dict[str, list[Column]] | None = Field(default=None, description="Each replicate, when asked for.")


class LayerActions(BaseModel):
    """Action counts of one layer, each entry since the previous one."""

    down: list[int]
    stay: list[int]
    up: list[int]


class Actions(BaseModel):
    """Action counts over time, summed over replicates."""

    iteration: list[int]
    layers: list[LayerActions]
