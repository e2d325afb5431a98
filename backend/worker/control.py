"""Control of a run in training, inside the worker process: written by one thread, read by another."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Control:
    """The last requested state."""

    interrupt: bool = False
    """Write a checkpoint and end: the run was paused or stopped, or others need the worker."""
    iterations: int | None = None
    """The length of the run, if it was changed."""


_controls: dict[tuple[str, int], Control] = {}


def begin(run_id: str, attempt: int) -> Control:
    """Listen for an attempt of a run that this process is about to train."""
    return _controls.setdefault((run_id, attempt), Control())


def end(run_id: str, attempt: int) -> None:
    """Listen no longer."""
    _controls.pop((run_id, attempt), None)


def update(run_id: str, attempt: int, interrupt: bool, iterations: int) -> bool:
    """Set the requested state of an attempt; called through Dask. Return whether this process trains it."""
    control = _controls.get((run_id, attempt))
    if control is None:
        return False
    control.iterations, control.interrupt = iterations, interrupt
    return True
