"""Schemas of a run's journal."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, Field


class LogEntry(BaseModel):
    """An entry of a run's journal."""

    at: datetime
    iteration: int = Field(description="Where the run stood.")
    kind: str = Field(description="created, started, left, lost, taken up, mended; or what was asked: pause, stop, ..")
    words: str
