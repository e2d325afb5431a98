"""Schemas of reproductions: the request, the table, and the verdicts."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field, StrictInt, model_validator

from backend.kit.fields import DEFAULT_OWNER, Body, Name, Owner, Tags
from backend.kit.status import RunStatus
from backend.reproduction.arms import PARTS, Part
from backend.reproduction.plan import MOST_TRIALS
from backend.reproduction.rules import Outcome
from backend.reproduction.scales import ScaleName
from backend.reproduction.tables import Source


class ReproductionCreate(Body):
    """A reproduction: the paper's experiments at a scale."""

    scale: ScaleName = Field(default="quick", description="Minutes, half an hour, or as long as the paper's: days.")
    trials: Annotated[StrictInt, Field(ge=1, le=MOST_TRIALS)] | None = Field(
        default=None, description="Runs of each arm, each with a split of its own. Empty: 3, 5 or 10 by the scale."
    )
    dataset: Annotated[str, Field(min_length=1, max_length=200)] | None = Field(
        default=None, description="Id of the letters. Empty: notMNIST if it is here, else glyphs."
    )
    table: Source | None = Field(
        default=None,
        description="Whose table acts as the paper's did: the authors', or one learned on a simulated boundary. "
        "Empty: the authors' if it is in the library.",
    )
    parts: Annotated[list[Part], Field(min_length=1)] = Field(
        default_factory=lambda: list(PARTS), description="Parts of the table to run."
    )
    most_iterations: Annotated[StrictInt, Field(ge=1, le=100_000_000)] | None = Field(
        default=None, description="Limit on the iterations of every run, for a rehearsal. Empty: those of the scale."
    )
    again: Literal["continue", "new"] = Field(
        default="continue",
        description="Where the same was asked for before: go on with it, or begin another from the start.",
    )
    name: Name | None = Field(default=None, description="How people call it. Empty: made from the scale.")
    owner: Owner = Field(default=DEFAULT_OWNER, description="Whose runs they are.")
    tags: Tags = Field(default_factory=list, description="Words to find the runs by.")

    @model_validator(mode="after")
    def _has_no_part_twice(self) -> ReproductionCreate:
        if len(set(self.parts)) != len(self.parts):
            raise ValueError("parts has an entry twice; each once is enough")
        return self


class LettersRead(BaseModel):
    """Letters that a reproduction can train on."""

    id: str
    name: str
    samples: int
    content_hash: str | None = Field(description="Null for those that ship.")
    kind: str = Field(description="Whether they are notMNIST, and by what that is known.")
    is_notmnist: bool


class ScaleRead(BaseModel):
    """A scale with its cost on this server."""

    name: ScaleName
    title: str
    trials: int
    runs: int
    seconds: float = Field(description="Until all runs are done, with as many at once as there are workers.")


class Preparation(BaseModel):
    """Data and table that a reproduction would use, and its cost."""

    letters: LettersRead = Field(description="What is trained on unless something else is chosen.")
    choices: list[LettersRead] = Field(description="Data sets that the paper's networks fit.")
    authors_table: str | None = Field(description="Name of the authors' table in the library; null: nobody brought it.")
    remarks: list[str] = Field(description="What it does instead where something is missing.")
    scales: list[ScaleRead]
    workers: int


class ArmDifference(BaseModel):
    """Difference to gradient descent, paired by split."""

    mean: float
    low: float | None = Field(description="95 % confidence interval; null where there are too few trials for one.")
    high: float | None
    samples: int


class ArmRead(BaseModel):
    """A row of the table. Accuracies are shares, 0..1."""

    key: str
    part: Part
    title: str
    paper: float | None = Field(description="The paper's figure; null where it gives none.")
    iterations: int = Field(description="Of each run; full-batch steps of gradient descent.")
    step_size: float | None = Field(description="Of the synapses; null for gradient descent.")
    trials: int = Field(description="Runs that are planned.")
    samples: int = Field(description="Of them with a result.")
    failed: int = Field(description="Runs that failed; among the letters they are left out, as in the paper.")
    mean: float | None
    deviation: float | None = Field(description="Standard deviation (n - 1).")
    low: float | None = Field(description="95 % confidence interval of the mean (Student's t).")
    high: float | None
    baseline: str | None = Field(description="Key of the gradient descent that it is compared with.")
    difference: ArmDifference | None
    seconds: float | None = Field(description="Training time of a run, the mean.")
    forward_passes: float | None = Field(description="Batch losses of a run, the mean.")
    values: dict[int, float] = Field(description="Accuracy by trial.")
    failures: dict[int, str] = Field(description="Why a run failed, by trial.")
    run_ids: dict[int, str] = Field(description="Runs by trial, those in the trash left out.")


class VerdictRead(BaseModel):
    """Verdict on a claim of the paper."""

    key: str
    title: str
    figure: str = Field(description="What the paper says.")
    rule: str = Field(description="How it is judged.")
    outcome: Outcome
    why: str
    samples: int = Field(description="Trials that it rests on.")
    mean: float | None = Field(description="What is judged: an accuracy, or a difference of accuracies.")
    low: float | None
    high: float | None
    parts: list[Part] = Field(description="Parts of the table that it needs.")


class ReproductionSummary(BaseModel):
    """A reproduction in a list."""

    id: str = Field(description="Also of its sweep, which pauses, resumes, stops and deletes it.")
    name: str
    owner: str
    created_at: datetime
    scale: ScaleName
    trials: int
    by_status: dict[RunStatus, int]


class TableRead(BaseModel):
    """The table under which the synapses act as the paper's did."""

    name: str
    source: Source
    content_hash: str | None = Field(default=None, description="Of the table; null where no run names it.")


class ReproductionRead(ReproductionSummary):
    """A reproduction with its table and the verdicts."""

    parts: list[Part]
    most_iterations: int | None
    state: Literal["running", "paused", "incomplete", "complete"]
    runs: int
    done: int = Field(description="Runs that have ended for good: with a result, or failed.")
    seconds_left: float | None = Field(description="Estimate; null when nothing runs.")
    letters: LettersRead
    table: TableRead
    circumstances: list[str] = Field(description="What of the experiment is not as in the paper.")
    arms: list[ArmRead]
    verdicts: list[VerdictRead]


class FigureRead(BaseModel):
    """Curves of a network's arms."""

    part: Part
    title: str
    svg: str = Field(description="Drawing; its lines have the classes arm-0, arm-1, ... in the order of the table.")
