"""Order of the queue, the same for the claim and for the position that is shown."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

from backend.db.store import RUNS_PER_OWNER, cached
from backend.runs import queue_queries as repository


class QueuedRun(NamedTuple):
    """A queued run with the fields that decide its position."""

    run_id: str
    owner: str
    in_sweep: bool


class QueueStanding(NamedTuple):
    """Fairness state of an owner: runs in training, and when last served."""

    running: int
    served_at: datetime | None
    """When a run of the owner was last given to a worker; None: never."""


def order(waiting: Iterable[QueuedRun], standings: Mapping[str, QueueStanding], per_owner: int) -> list[QueuedRun]:
    """Return waiting runs in the order in which they get free workers.

    Next is the run whose owner is below the limit; then one that was not asked for in a sweep; then the one whose
    owner has fewest running, and was served longest ago; then the oldest. Each place that is given counts as running
    when the next one is: so that owners take turns, as they do when workers come free one by one.

    Parameters
    ----------
    waiting
        Oldest first.
    standings
        Of each owner; one that is not named has nothing running and was never served.
    per_owner
        How many runs of one owner may run at once.
    """
    queues: dict[tuple[str, bool], deque[tuple[int, QueuedRun]]] = {}
    for age, run in enumerate(waiting):
        queues.setdefault((run.owner, run.in_sweep), deque()).append((age, run))
    given = {owner: standings[owner].running if owner in standings else 0 for owner, _ in queues}
    served = _ranks({owner: standings[owner].served_at if owner in standings else None for owner in given})

    def turn(owner: str, in_sweep: bool) -> tuple[bool, bool, int, int, int, str]:
        age = queues[owner, in_sweep][0][0]
        return given[owner] >= per_owner, in_sweep, given[owner], served[owner], age, owner

    # An owner's turn moves when another run of the same owner is given a place: old entries are looked at again.
    turns = [turn(*key) for key in queues]
    heapq.heapify(turns)
    ordered: list[QueuedRun] = []
    while turns:
        first = heapq.heappop(turns)
        key = first[-1], first[1]
        now = turn(*key)
        if now != first:
            heapq.heappush(turns, now)
            continue
        ordered.append(queues[key].popleft()[1])
        given[key[0]] += 1
        served[key[0]] = len(served) + len(ordered)
        if queues[key]:
            heapq.heappush(turns, turn(*key))
    return ordered


def _ranks(served_at: Mapping[str, datetime | None]) -> dict[str, int]:
    """Number owners by when they were served: those who never were alike, and first."""
    times = sorted({time for time in served_at.values() if time is not None})
    rank = {time: place for place, time in enumerate(times, start=1)}
    return {owner: 0 if time is None else rank[time] for owner, time in served_at.items()}


def queued_in_order(session: Session) -> list[QueuedRun]:
    """Return all queued runs in the order of their turns."""
    waiting = [QueuedRun(*row) for row in repository.queued(session)]
    if not waiting:
        return []
    standings = {owner: QueueStanding(running, served) for owner, running, served in repository.standings(session)}
    return order(waiting, standings, session.info[RUNS_PER_OWNER])


def positions(session: Session) -> dict[str, int]:
    """Return the position of each queued run: 1 is next. It does not depend on the person."""

    def count() -> dict[str, int]:
        return {turn.run_id: place for place, turn in enumerate(queued_in_order(session), start=1)}

    return cached(session, "places in the queue", count)
