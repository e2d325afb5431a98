"""Schemas of bulk actions."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field, StringConstraints

from backend.kit.fields import Body, Tags
from backend.runs.schemas import RunRead

#: Runs of one request.
MOST_AT_ONCE = 1000


class Problem(BaseModel):
    """Reason of a refusal, as in problem+json."""

    title: str
    status: int
    detail: str


class RunsAction(Body):
    """One action on several runs."""

    action: Literal["pause", "resume", "stop", "archive", "unarchive", "tag", "untag", "delete", "restore"]
    tags: Tags = Field(default_factory=list, description="What to add (tag) or take away (untag).")
    ids: Annotated[list[Annotated[str, StringConstraints(min_length=1, max_length=64)]], Field(max_length=MOST_AT_ONCE)]


class RunActionResult(BaseModel):
    """Result of an action on one run: the changed run, or the problem; neither for a deleted run."""

    id: str
    run: RunRead | None = None
    problem: Problem | None = None


class RunsActionResults(BaseModel):
    """Results of an action, run by run, in the order of the request."""

    results: list[RunActionResult]
