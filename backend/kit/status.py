"""Status of a run, shared by tables, queries, services and schemas."""

from __future__ import annotations

from enum import StrEnum


class RunStatus(StrEnum):
    """Status of a run in its life from the queue to its end."""

    QUEUED = "queued"
    RUNNING = "running"
    PAUSED = "paused"
    SUCCEEDED = "succeeded"
    STOPPED = "stopped"
    FAILED = "failed"

    @property
    def is_final(self) -> bool:
        """Whether nothing more will happen to the run by itself."""
        return self in (RunStatus.SUCCEEDED, RunStatus.STOPPED, RunStatus.FAILED)
