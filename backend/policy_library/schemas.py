"""Schemas of the policy library: requests to store and to change a policy, and its representation."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, StrictBool, model_validator

from backend.kit.fields import Body, Name, Notes, Tags

#: Values of the largest table, of a history of 3.
_MOST_VALUES = 3**7


class Origin(StrEnum):
    """How a policy came about."""

    SHIPPED = "shipped"
    IMPORTED = "imported"
    LEARNED = "learned"
    """The table of an adaptive run."""
    BRED = "bred"
    DERIVED = "derived"
    """Crossed, mutated or frozen."""
    EDITED = "edited"
    CLASS = "class"
    """Made by a class from what its students did."""


class PolicyCreate(Body):
    """A policy to be stored."""

    name: Name = Field(description="How configurations name it. One that is taken gets a number: 'mine 2'.")
    title: Annotated[str, Field(max_length=200)] = Field(default="", description="A few words for lists.")
    description: Annotated[str, Field(max_length=2000)] = Field(default="", description="What it does.")
    q: list[float] = Field(
        max_length=_MOST_VALUES,
        description="The table in C order, 3^(2h+1) values of a history h of 1, 2 or 3: "
        "q[a_t, a_(t-h), .., a_(t-1), R_(t-h), .., R_(t-1)] with the codes 0, 1, 2 for -1, 0, +1.",
    )
    temperature: float = Field(default=0.0, ge=0, description="0: the best action always. Above: softmax(q / t).")
    exploration: float = Field(default=0.0, ge=0, le=1, description="Least probability of a random action.")
    parent: Annotated[str, Field(max_length=200)] | None = Field(
        default=None, description="Id of the policy that it was made from, or the name of one that ships."
    )
    notes: Notes = Field(default="", description="What people want to remember of it.")
    tags: Tags = Field(default_factory=list, description="Words to find it by.")


class PolicyUpdate(Body):
    """Fields of a policy that people may change. What is left out, or null, stays; its table never changes."""

    name: Name | None = None
    notes: Notes | None = None
    tags: Tags | None = None
    archived: StrictBool | None = Field(default=None, description="Archived policies are kept and not offered.")


class DerivedPolicy(Body):
    """A request to make a policy of one or two others. The same request makes the same table."""

    how: Literal["cross", "mutate", "freeze"] = Field(
        description="cross: in each state as one or the other of two parents. mutate: another likeliest action in some "
        "states. freeze: always the best action of the symmetric table."
    )
    parents: Annotated[list[Annotated[str, Field(max_length=200)]], Field(min_length=1, max_length=2)] = Field(
        description="Ids of policies of the library, or names of those that ship; two to be crossed, else one."
    )
    name: Name | None = Field(default=None, description="Empty: made from the parents' names.")
    seed: int = Field(default=0, ge=0, le=2**32 - 1, description="Of what is drawn in crossing and mutating.")
    share: float = Field(default=0.5, ge=0, le=1, description="Crossing: probability that a state is of the second.")
    changes: int = Field(default=2, ge=1, description="Mutating: states that change; mirror images follow.")
    symmetric: StrictBool = Field(default=True, description="Freezing: whether the table is made symmetric first.")
    notes: Notes = Field(default="", description="What people want to remember of it.")
    tags: Tags = Field(default_factory=list, description="Words to find it by.")

    @model_validator(mode="after")
    def _has_its_parents(self) -> DerivedPolicy:
        needed = 2 if self.how == "cross" else 1
        if len(self.parents) != needed:
            raise ValueError(f"to {self.how} takes {needed} of parents; {len(self.parents)} were given")
        return self


class LearnedPolicy(Body):
    """A request to store the table of a run."""

    name: Name | None = Field(default=None, description="Empty: made from the run's name.")
    iteration: int | None = Field(default=None, ge=0, description="Of a stored snapshot. Empty: the last one.")
    replicate: int = Field(default=0, ge=0, description="Which network's table, from 0 on.")
    frozen: StrictBool = Field(
        default=False, description="Whether the best action of the symmetric table is taken always, as breeding does."
    )
    notes: Notes = Field(default="", description="What people want to remember of it.")
    tags: Tags = Field(default_factory=list, description="Words to find it by.")


class PolicyParent(BaseModel):
    """The policy that another was made from."""

    id: str
    name: str | None = Field(description="null: it was deleted.")


class PolicyAncestor(BaseModel):
    """A policy that the lineage of another names."""

    name: str
    id: str | None = Field(description="null: it is not in this library, or no longer.")


class LibraryPolicy(BaseModel):
    """A policy as lists show it. Times are UTC."""

    id: str = Field(description="Of one that ships: its name.")
    name: str
    title: str
    description: str
    origin: Origin
    history: int = Field(description="Past actions and rewards that it reads, 1 to 3.")
    temperature: float
    exploration: float
    owner: str | None = Field(description="null: it ships.")
    parent: PolicyParent | None
    run_id: str | None = Field(description="The run that it was learned in; it may be gone.")
    notes: str
    tags: list[str]
    archived: bool
    created_at: datetime | None = Field(description="null: it ships.")
    content_hash: str = Field(description="SHA-256 of table, temperature and exploration.")
    runs: int = Field(description="Runs that use it, those in the trash included; 0 of one that ships.")
    editable: bool = Field(description="Whether the person who asks may rename, archive or delete it.")


class PolicyRun(BaseModel):
    """A run that uses a policy."""

    id: str
    name: str


class LibraryPolicyDetail(LibraryPolicy):
    """A policy with its table."""

    q: list[float] = Field(description="The table in C order; see `q` of a new policy.")
    probabilities: list[float] = Field(description="How likely each action is, shaped as `q`, exploration included.")
    mirror_symmetric: bool = Field(description="Whether it acts upward as it acts downward.")
    sentences: list[str] = Field(description="What it does after each history of rewards.")
    lineage: dict[str, Any] = Field(description="How it was made: configuration, seeds, scores, versions.")
    parents: list[PolicyAncestor] = Field(description="What it was made from: two of a crossed one.")
    trained_on: list[str] = Field(description="Data sets that it or its parents learned or were raced on.")
    used_by: list[PolicyRun] = Field(description="The newest runs that use it and that the person may see.")
