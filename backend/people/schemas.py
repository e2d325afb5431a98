"""Schemas of people and join links."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from backend.kit.fields import Body
from backend.kit.identity import Role


class Me(BaseModel):
    """Who asks, and what she may do."""

    name: str
    role: Role
    signed_in: bool = Field(description="False where only this computer can reach the server: nobody signs in.")
    limits: dict[str, int] | None = Field(description="What a student's runs may take; null for the teacher.")


class PersonRead(BaseModel):
    """Somebody who joined."""

    id: str
    name: str
    role: Role
    runs: int
    created_at: datetime
    seen_at: datetime
    removed_at: datetime | None = Field(description="When she was sent out; null: she is in.")


class PersonalCode(BaseModel):
    """A personal code; shown this once."""

    name: str
    code: str


class GuessingRead(BaseModel):
    """An address from which many wrong passwords and codes came in the last ten minutes."""

    model_config = ConfigDict(from_attributes=True)

    address: str
    failures: int
    seconds_ago: float = Field(description="Since the last one.")


class JoinLinkCreate(Body):
    """A way in for a class."""

    role: Literal[Role.STUDENT, Role.VIEWER] = Role.STUDENT
    hours: Annotated[float, Field(gt=0, le=24 * 366)] = Field(default=8, description="The link closes by itself then.")


class JoinLinkRead(BaseModel):
    """A way in for a class: who opens /join/<code> and gives a name is in."""

    model_config = ConfigDict(from_attributes=True)

    code: str
    role: Role
    created_at: datetime
    expires_at: datetime
