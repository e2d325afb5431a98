"""Schemas of breedings."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from pydantic import BaseModel, Field

from backend.kit.fields import DEFAULT_OWNER, Body, Name, Owner
from backend.kit.status import RunStatus
from synrl_core.breeding.breeding import BreedingConfig


class BreedingCreate(Body):
    """A breeding to be queued."""

    owner: Owner = Field(default=DEFAULT_OWNER, description="Whose it is, and whose the policies will be.")
    config: BreedingConfig = Field(description="Left-out settings take their defaults; `name` names the winner.")


class BreedingScore(BaseModel):
    """Score of the best of one generation."""

    of: str = Field(description="What it is of: races of a history, or an evolution on the bowl.")
    generation: int
    score: float = Field(
        description="A mean log of validation losses over those of win-stay lose-shift, below 0 is better; on the bowl "
        "the mean progress rate, higher is better."
    )


class BreedingRead(BaseModel):
    """A breeding with its progress. Times are UTC."""

    id: str
    name: Name
    owner: str
    status: RunStatus
    config: dict[str, Any]
    forward_passes: int = Field(description="Forward passes of the steps so far.")
    total_passes: int = Field(description="An estimate of all, or the budget.")
    curve: list[BreedingScore] = Field(description="Of the generations so far.")
    lines: list[str] = Field(description="Lines that it has reported so far.")
    policy_ids: list[str] = Field(description="Winner and finalists in the library, the best first.")
    allowed_actions: list[str] = Field(description="What the person who asks can do with it now.")
    error: str | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class Claim(NamedTuple):
    """A breeding that is to be carried out, with the results of the steps that were recorded."""

    id: str
    owner: str
    config: dict[str, Any]
    steps: list[bytes]
