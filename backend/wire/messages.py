"""Messages between worker and server: plain dicts of numbers, strings and bytes."""

from __future__ import annotations

from typing import Any, Literal, TypedDict

#: The one Dask topic of all runs: the scheduler remembers the last events of every topic it has ever seen.
TOPIC = "synrl"


class Job(TypedDict):
    """Job of a worker: all it needs to train a run."""

    run_id: str
    attempt: int
    config: dict[str, Any]
    artifacts_url: str
    dataset_hash: str | None
    """Of stored data, which lies among the artifacts; None for data sets that ship."""
    checkpoints: list[str]
    """Paths of the run's checkpoints among the artifacts, newest first."""
    checkpoint_seconds: float
    """Seconds of work between two checkpoints."""
    policies: dict[str, str]
    """`backend.wire.policies.pack`: tables of the named policies that don't ship with the program."""


class Alive(TypedDict):
    """Heartbeat: the worker process of an attempt is alive."""

    kind: Literal["alive"]
    run_id: str
    attempt: int
    worker: str
    """Its address in the cluster."""


class Started(TypedDict):
    """Start message: data loaded, the run begins or resumes."""

    kind: Literal["started"]
    run_id: str
    attempt: int
    iteration: int
    """Where the run stands now."""
    next_point: int
    """Points and snapshots measured at or after it will come (again)."""
    training_seconds: float
    summary: dict[str, Any]
    """`backend.wire.checkpoints.Summary`."""
    dataset_hash: str
    provenance: dict[str, Any]
    lost_checkpoints: int
    """How many checkpoints the run had whose files are gone: it begins anew because of that. 0: none."""


class Progress(TypedDict):
    """Progress message: iteration, and the points measured since the previous one."""

    kind: Literal["progress"]
    run_id: str
    attempt: int
    iteration: int
    iterations_per_second: float | None
    training_seconds: float
    points: bytes | None
    """`backend.wire.columns` with iteration, forward_passes, seconds (n,), the metric columns (n, replicates) float32,
    and actions (n, layers, 3) int64, summed over replicates."""
    measured_at: float | None
    """Unix time of the newest point."""


class LiveWeights(TypedDict):
    """Live snapshot: current weights and policy state, for display only."""

    kind: Literal["weights"]
    run_id: str
    attempt: int
    iteration: int
    arrays: dict[str, tuple[str, tuple[int, ...], bytes]]
    """`backend.wire.snapshots.to_message`."""


class SnapshotStored(TypedDict):
    """A snapshot was written to the artifacts."""

    kind: Literal["snapshot"]
    run_id: str
    attempt: int
    iteration: int
    path: str
    bytes: int


class CheckpointStored(TypedDict):
    """A checkpoint was written to the artifacts and synced to disk."""

    kind: Literal["checkpoint"]
    run_id: str
    attempt: int
    iteration: int
    path: str
    bytes: int


class Ended(TypedDict):
    """The last message of an attempt."""

    kind: Literal["ended"]
    run_id: str
    attempt: int
    iteration: int | None
    """None: the attempt ended before training, and the run stands where it stood."""
    outcome: Literal["completed", "target_reached", "failed", "interrupted", "held"]
    """``interrupted``: by request; the database says how the run goes on. ``held``: its files can't be written."""
    length: int
    """Iterations that it was to do, as far as it knew."""
    error: str | None


Message = Alive | Started | Progress | LiveWeights | SnapshotStored | CheckpointStored | Ended
