"""Schemas of tokens."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints

from backend.kit.fields import Body
from backend.kit.identity import Role


class TokenCreate(Body):
    """A token to be made."""

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
    role: Role | None = Field(default=None, description="viewer: a token that only looks. Empty: one's own role.")


class TokenRead(BaseModel):
    """A token, without what makes it one."""

    id: str
    name: str
    role: Role
    owner: str
    created_at: datetime
    used_at: datetime | None


class TokenCreated(TokenRead):
    """A token that was just made."""

    token: str = Field(description="Send it as `Authorization: Bearer ...`. It is shown this once.")
