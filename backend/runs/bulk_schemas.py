"""Schemas of bulk actions."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field, StringConstraints

from backend.kit.fields import Body, Tags
from backend.runs.schemas import RunRead

#: Runs of one request.
MOST_AT_ONCE = 1000


class Problem(BaseModel):
    """Why something was refused, as in problem+json."""

    title: str
    status: int
    detail: str


class RunsAction(Body):
    """One action on several runs."""

    action: Literal["pause", "resume", "stop", "archive", "unarchive", "tag", "untag", "delete", "restore"]
    tags: Tags = Field(default_factory=list, description="What to add (tag) or take away (untag).")
    ids: Annotated[list[Annotated[str, StringConstraints(min_length=1, max_length=64)]], Field(max_length=MOST_AT_ONCE)]


class RunActionResult(BaseModel):
    """What became of an action on one run: the run as it now is, or the problem. A deleted run is neither."""

    id: str
    run: RunRead | None = None
    problem: Problem | None = None


class RunsActionResults(BaseModel):
    """What became of an action, run by run, in the order asked."""

    results: list[RunActionResult]
