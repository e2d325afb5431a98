"""What a worker and the service say to each other. Plain dicts of numbers, strings and bytes: they cross machines."""

from __future__ import annotations

from typing import Any, Literal, TypedDict

#: The one Dask topic of all runs: the scheduler remembers the last events of every topic it has ever seen.
TOPIC = "synrl"


class Job(TypedDict):
    """What a worker needs to train a run."""

    run_id: str
    attempt: int
    config: dict[str, Any]
    artifacts_url: str
    dataset_hash: str | None
    """Of stored data, which lies among the artifacts; None for data sets that ship."""


class Started(TypedDict):
    """A worker has loaded the data and begins."""

    kind: Literal["started"]
    run_id: str
    attempt: int
    from_iteration: int
    """Points measured at or after it will come (again)."""
    dataset_hash: str
    provenance: dict[str, Any]


class Progress(TypedDict):
    """How far the run is, and what was measured since the message before."""

    kind: Literal["progress"]
    run_id: str
    attempt: int
    iteration: int
    iterations_per_second: float | None
    training_seconds: float
    points: bytes | None
    """`backend.columns` with iteration, forward_passes, seconds (n,), the metric columns (n, replicates) float32,
    and actions (n, layers, 3) int64, summed over replicates."""
    measured_at: float | None
    """Unix time of the newest point."""


class WeightsSeen(TypedDict):
    """The weights, and what moves them, as they are right now: for looking, not for keeping."""

    kind: Literal["weights"]
    run_id: str
    attempt: int
    iteration: int
    arrays: dict[str, tuple[str, tuple[int, ...], bytes]]
    """`backend.looks.to_message`."""


class SnapshotStored(TypedDict):
    """A snapshot lies among the artifacts."""

    kind: Literal["snapshot"]
    run_id: str
    attempt: int
    iteration: int
    path: str


class Ended(TypedDict):
    """The last message of an attempt."""

    kind: Literal["ended"]
    run_id: str
    attempt: int
    iteration: int
    status: Literal["succeeded", "stopped", "failed"]
    error: str | None


Message = Started | Progress | WeightsSeen | SnapshotStored | Ended
