"""Schemas of a comparison of runs."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

from backend.kit.status import RunStatus
from backend.runs.curves.schemas import Column
from synrl_core.measuring.metrics import MetricName

XName = Literal["iteration", "forward_passes", "seconds"]
Statistic = Literal["final", "best"]

#: As many runs as are compared at once.
MOST_RUNS = 50


class ComparisonOptions(BaseModel):
    """Options of a comparison. Pages keep them in their URL."""

    metric: MetricName = Field(default="validation_accuracy", description="What is compared.")
    x: XName = Field(default="iteration", description="What the curves run over.")
    statistic: Statistic = Field(
        default="final", description="One number of a curve: its last value, or its best (which flatters noisy curves)."
    )
    smoothing: float = Field(
        default=0.0, ge=0, le=0.999, description="Weight of the past in an exponential mean over the evaluations."
    )
    group_by: list[str] | None = Field(
        default=None,
        description="Runs with the same values of these settings form a group. Null: all that differ but the seed; "
        "empty: each run by itself.",
    )
    baseline: str | None = Field(default=None, description="A run: its group is what the others are compared with.")
    members: list[str] = Field(
        default_factory=list, description="Runs whose groups' members get curves of their own; `all`: every group's."
    )
    max_points: int = Field(default=400, ge=8, le=10_000, description="Points of a curve.")
    log_x: bool = Field(default=False, description="Lay the points of groups evenly on a logarithmic axis.")


class ComparedSetting(BaseModel):
    """A setting whose value differs between the runs."""

    name: str
    title: str
    symbol: str | None
    values: list[Any] = Field(description="In the order of the runs; null where it has no meaning for a run.")


class ComparedRun(BaseModel):
    """A run in a comparison."""

    id: str
    name: str
    status: RunStatus
    group: str = Field(description="Key of its group.")
    seed: int
    replicates: int
    iteration: int
    forward_passes: int
    seconds: float
    values: Column = Field(description="The number compared, of each replicate.")
    mean: float | None
    copy_of: str | None = Field(
        default=None,
        description="A run of its group with the same configuration, seed, data and engine, so the same numbers: the "
        "two are one sample.",
    )


class ComparedCurve(BaseModel):
    """A curve over x."""

    run: str | None = Field(description="The run whose it is; null: a mean over samples.")
    x: list[float]
    mean: Column = Field(description="As measured.")
    smooth: Column | None = Field(description="Smoothed before any point was left out; null without smoothing.")
    deviation: Column | None = Field(description="Standard deviation over samples; null with one.")
    samples: int = Field(description="Replicates of all runs of the group.")


class Difference(BaseModel):
    """Difference between a group's mean and the baseline's, with its confidence interval."""

    mean: float
    low: float | None = Field(description="95 % confidence interval; null where there are too few samples for one.")
    high: float | None
    method: Literal["paired", "welch", "equal", "none"] = Field(
        description="Student's t on differences of samples with the same seed; Welch's t where seeds don't match; "
        "equal where the samples do not deviate, which gives no interval; none with fewer than two samples on a side."
    )
    samples: int = Field(description="Of the group.")
    baseline_samples: int


class ComparedGroup(BaseModel):
    """Runs that share the values of some settings; each replicate of each run is one sample."""

    key: str
    label: str
    settings: dict[str, Any]
    runs: list[str]
    values: Column = Field(description="The number compared, of each sample.")
    samples: int = Field(description="Samples that have a number; copies of a run are counted once.")
    copies: int = Field(description="Runs that repeat another of the group and are not counted.")
    mean: float | None
    deviation: float | None = Field(description="Standard deviation (n - 1); null with fewer than two samples.")
    lowest: float | None
    highest: float | None
    is_baseline: bool
    difference: Difference | None = Field(description="To the baseline; null without one, and for itself.")
    curve: ComparedCurve
    members: list[ComparedCurve] = Field(description="A curve for each run, where that was asked for.")


class Comparison(BaseModel):
    """The result of a comparison."""

    options: ComparisonOptions
    runs: list[ComparedRun]
    missing: list[str] = Field(description="Runs that are not there, or not any more.")
    settings: list[ComparedSetting] = Field(description="Only those in which the runs differ.")
    grouped_by: list[str]
    groups: list[ComparedGroup]
