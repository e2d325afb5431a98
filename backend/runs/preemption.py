"""Preemption rules: which runs yield their workers when all are busy. Pure functions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from backend.runs.queue import QueuedRun


class ActiveRun(NamedTuple):
    """A run in training, as far as preemption is concerned."""

    run_id: str
    owner: str
    in_sweep: bool
    seconds: float
    """Since it was given its worker."""
    makes_room: bool
    """It was told to already."""


def runs_to_preempt(
    waiting: Sequence[QueuedRun], busy: Sequence[ActiveRun], per_owner: int, turn_seconds: float
) -> list[str]:
    """Return the ids of the runs in training that are to be preempted: checkpointed and requeued.

    1. A run of a sweep yields at once to a single run. 2. Any run yields after ``turn_seconds`` to an owner with fewer
    runs in training. 3. A single run never yields to a sweep.

    Parameters
    ----------
    waiting
        In the order of their turns.
    busy
        All that train.
    per_owner
        How many runs of one owner may train at once.
    turn_seconds
        How long a turn is.
    """
    training = Counter(run.owner for run in busy if not run.makes_room)
    coming = sum(run.makes_room for run in busy)
    candidates = [run for run in busy if not run.makes_room]
    chosen: list[str] = []
    for head in waiting:
        at_limit = training[head.owner] >= per_owner
        if coming and not at_limit:
            # A worker that comes free already is for this one.
            coming -= 1
            training[head.owner] += 1
            continue
        able = [run for run in candidates if _must_yield(run, head, training, turn_seconds, at_limit=at_limit)]
        if not able:
            continue
        # The sweep's last begun first; else who has had most, and longest.
        victim = max(able, key=lambda run: (run.in_sweep, training[run.owner], run.seconds * (1 - 2 * run.in_sweep)))
        candidates.remove(victim)
        chosen.append(victim.run_id)
        training[victim.owner] -= 1
        training[head.owner] += 1
    return chosen


def _must_yield(
    run: ActiveRun, head: QueuedRun, training: Counter[str], turn_seconds: float, *, at_limit: bool
) -> bool:
    if at_limit and run.owner != head.owner:
        return False
    if run.in_sweep and not head.in_sweep:
        return True
    if head.in_sweep and not run.in_sweep:
        return False
    fairer = training[run.owner] > training[head.owner]
    return run.owner != head.owner and fairer and run.seconds >= turn_seconds
