"""Schemas of tokens."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints

from backend.kit.fields import Body
from backend.kit.identity import Role


class TokenCreate(Body):
    """Request to create a token."""

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
    role: Role | None = Field(default=None, description="viewer: a read-only token. Empty: one's own role.")


class TokenRead(BaseModel):
    """An API token without its secret text."""

    id: str
    name: str
    role: Role
    owner: str
    created_at: datetime
    used_at: datetime | None


class TokenCreated(TokenRead):
    """A new token with its text."""

    token: str = Field(description="Send it as `Authorization: Bearer ...`. It is shown this once.")
