"""Schemas of races: policies that train the same networks on the same tasks."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, StrictInt, model_validator

from backend.kit.fields import DEFAULT_OWNER, Body, Name, Owner, Tags
from backend.kit.status import RunStatus
from synrl_core.config import TrainingConfig

#: Policies, tasks and seeds of one race.
MOST_POLICIES, MOST_TASKS, MOST_SEEDS, MOST_STEP_SIZES = 20, 10, 50, 5
#: Settings that the race itself varies.
VARIED = frozenset({"policy", "seed", "step_size", "iterations", "method", "adaptive"})

StepSize = Annotated[float, Field(gt=0, le=1)]


class RaceTask(Body):
    """A task of a race: the settings that make it, such as data set and layers."""

    name: Name | None = Field(default=None, description="How people call it. Empty: made from the settings.")
    config: dict[str, Any] = Field(
        default_factory=dict, description="Settings that differ from the race's `config`, as in a run's `config`."
    )

    @model_validator(mode="after")
    def _varies_nothing_of_the_race(self) -> RaceTask:
        if taken := sorted(VARIED & self.config.keys()):
            raise ValueError(f"a task can't set {', '.join(taken)}: the race itself varies or fixes that")
        return self


class RaceCreate(Body):
    """A race: every policy trains the same networks on every task, at equal forward passes."""

    name: Name | None = Field(default=None, description="How people call it. Empty: made from the policies.")
    owner: Owner = Field(default=DEFAULT_OWNER, description="Whose runs they are.")
    tags: Tags = Field(default_factory=list, description="Words to find the runs by.")
    policies: Annotated[list[Name], Field(min_length=1, max_length=MOST_POLICIES)] = Field(
        description="Names of policies that ship or are in the library."
    )
    tasks: Annotated[list[RaceTask], Field(min_length=1, max_length=MOST_TASKS)]
    seeds: Annotated[list[Annotated[StrictInt, Field(ge=0, le=2**32 - 1)]], Field(min_length=1, max_length=MOST_SEEDS)]
    step_sizes: Annotated[list[StepSize], Field(min_length=1, max_length=MOST_STEP_SIZES)] = Field(
        default=[0.004], description="Each policy is judged on each task at the best of these."
    )
    config: TrainingConfig = Field(
        default_factory=TrainingConfig, description="What all runs share; its iterations are the same for all."
    )

    @model_validator(mode="after")
    def _has_no_entry_twice(self) -> RaceCreate:
        for field in ("policies", "seeds", "step_sizes"):
            values = getattr(self, field)
            if len(set(values)) != len(values):
                raise ValueError(f"{field} has an entry twice; each once is enough")
        return self


class RaceCell(BaseModel):
    """Result of one policy on one task, at its best step size."""

    policy: str
    task: int = Field(description="Index of the task.")
    samples: int = Field(description="Runs at that step size that have succeeded.")
    mean: float | None = Field(description="Mean of their last validation accuracy, 0..1; null before the first.")
    deviation: float | None = Field(description="Standard deviation (n - 1).")
    low: float | None = Field(description="95 % confidence interval of the mean (Student's t); null if none is known.")
    high: float | None
    step_size: float | None = Field(description="The best of the race's, by the mean.")
    complete: bool = Field(description="Whether all runs of this policy on this task have ended.")
    bred_here: bool = Field(
        description="Whether the policy was learned or bred on this task's data set; the other cells show transfer."
    )
    run_ids: list[str] = Field(description="Runs at that step size; before the first has ended, all.")


class RaceRank(BaseModel):
    """Place of a policy over all tasks that every policy has results of."""

    policy: str
    mean: float = Field(description="Mean accuracy over the tasks, each with equal weight.")
    mean_low: float | None = Field(
        description="95 % confidence interval of the mean, from the seeds' means over the tasks (Student's t); null if "
        "none is known."
    )
    mean_high: float | None
    behind: float = Field(description="How far behind the first, 0..1.")
    low: float | None = Field(description="95 % confidence interval of that, paired by task and seed; null if none.")
    high: float | None
    distinguishable: bool = Field(description="Whether the interval leaves out 0. The first is compared with nobody.")


class RaceTransfer(BaseModel):
    """What a policy does on the tasks that it was bred on, and on others."""

    policy: str
    trained_on: list[str] = Field(description="Data sets that its lineage names.")
    own: float | None = Field(description="Mean accuracy over the tasks of these, 0..1; null: none has a result.")
    others: float | None = Field(description="Mean accuracy over the other tasks.")


class RaceRead(BaseModel):
    """A race with its matrix of results, policies by tasks."""

    id: str = Field(description="Also of its sweep, which pauses, resumes, stops and deletes it.")
    name: str
    owner: str
    created_at: datetime
    policies: list[str]
    tasks: list[str] = Field(description="Names of the tasks.")
    seeds: list[int]
    step_sizes: list[float]
    forward_passes: int = Field(description="Iterations of each run; each is a forward pass of a batch or two.")
    state: Literal["running", "complete", "stopped"]
    by_status: dict[RunStatus, int]
    cells: list[RaceCell] = Field(description="Policy by policy, task by task.")
    ranking: list[RaceRank] = Field(description="The best first; empty before every policy has a result on a task.")
    transfer: list[RaceTransfer] = Field(description="Of the policies that were bred on the data set of a task.")


class RaceSummary(BaseModel):
    """A race in a list."""

    id: str
    name: str
    owner: str
    created_at: datetime
    policies: list[str]
    tasks: list[str]
    by_status: dict[RunStatus, int]


class PolicyRace(BaseModel):
    """A race that a policy took part in, and its place."""

    race_id: str
    name: str
    owner: str
    created_at: datetime
    tasks: list[str]
    policies: int = Field(description="How many raced.")
    state: Literal["running", "complete", "stopped"]
    is_there: bool = Field(description="Whether its runs are still there; the result is kept without them.")
    place: int | None = Field(description="From 1 on; null as long as there is no ranking.")
    mean: float | None = Field(description="Mean accuracy over the tasks, 0..1.")
    low: float | None = Field(description="95 % confidence interval of the mean; null if none is known.")
    high: float | None
    behind: float | None = Field(description="How far behind the first, 0..1.")
    distinguishable: bool = Field(description="Whether chance is an unlikely reason for that distance.")
