"""Schemas of people and join links."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from backend.kit.fields import Body
from backend.kit.identity import Role


class Me(BaseModel):
    """The person of the request and their limits."""

    name: str
    role: Role
    signed_in: bool = Field(description="False where only this computer can reach the server: nobody signs in.")
    limits: dict[str, int] | None = Field(description="What a student's runs may take; null for the teacher.")


class BestRunRead(BaseModel):
    """The run with somebody's best validation accuracy."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    name: str
    validation_accuracy: float = Field(description="From 0 to 1.")


class PersonRead(BaseModel):
    """A person who joined the class, and what their runs come to."""

    id: str
    name: str
    role: Role
    runs: int = Field(description="Outside the trash.")
    training: int = Field(description="Runs that train now.")
    waiting: int = Field(description="Runs that wait in the queue.")
    best: BestRunRead | None = Field(description="Null until something was measured.")
    created_at: datetime
    seen_at: datetime
    removed_at: datetime | None = Field(description="When the person was removed; null: they are a member.")


class PersonalCode(BaseModel):
    """A new personal code; shown once."""

    name: str
    code: str


class GuessingRead(BaseModel):
    """An address with many wrong passwords and codes in the last ten minutes."""

    model_config = ConfigDict(from_attributes=True)

    address: str
    failures: int
    seconds_ago: float = Field(description="Since the last one.")


class JoinLinkCreate(Body):
    """Request to open a join link for a class."""

    role: Literal[Role.STUDENT, Role.VIEWER] = Role.STUDENT
    hours: Annotated[float, Field(gt=0, le=24 * 366)] = Field(default=8, description="The link closes by itself then.")


class JoinLinkRead(BaseModel):
    """A join link of a class: people open /join/<code> and give a name."""

    model_config = ConfigDict(from_attributes=True)

    code: str
    role: Role
    created_at: datetime
    expires_at: datetime
