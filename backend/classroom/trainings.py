"""Trainings that activities wait for: scenes trained in the playground's processes, a few at once."""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from typing import Any, Final

import numpy as np

from backend.classroom.activities.base import Activity, Job, Trained
from backend.classroom.keeper import Keeper
from backend.classroom.room import Room
from backend.kit.errors import DomainError
from backend.playground.service import MOST_ITERATIONS, Playground
from synrl_core.tape import EVALUATE_EVERY, Chunk, split_chunks, tape_id

log = logging.getLogger(__name__)

#: Trainings of all rooms that wait for the playground at once: others who play get their turn between them.
_AT_ONCE: Final = 3
#: Evaluations of a curve that are kept.
_POINTS: Final = 64


class Trainings:
    """Trains the runs that activities wait for, and stores the results. Used on the event loop only."""

    def __init__(self, playground: Playground, keeper: Keeper) -> None:
        self._playground, self._keeper = playground, keeper
        self._places = asyncio.Semaphore(_AT_ONCE)
        self._under_way: dict[tuple[str, str], asyncio.Task[None]] = {}

    def start(self, room: Room) -> None:
        """Start the runs that the room's activity waits for, unless they are in training."""
        activity = room.activity
        if activity is None:
            return
        for key, job in activity.jobs().items():
            name = activity.id, key
            if name not in self._under_way:
                task = asyncio.create_task(self._train(room, activity, key, job), name=f"class training {key}")
                self._under_way[name] = task
                task.add_done_callback(partial(self._ended, name))

    def _ended(self, name: tuple[str, str], task: asyncio.Task[None]) -> None:
        self._under_way.pop(name, None)
        if not task.cancelled() and task.exception() is not None:
            log.error("a training of a class failed; it is tried again", exc_info=task.exception())

    def forget(self, room: Room) -> None:
        """Stop the runs that a closed room waited for."""
        ids = {head.id for head in room.heads}
        for (activity_id, _), task in list(self._under_way.items()):
            if activity_id in ids:
                task.cancel()

    async def close(self) -> None:
        """Stop all of them; the next start begins them anew."""
        tasks = list(self._under_way.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _train(self, room: Room, activity: Activity[Any, Any], key: str, job: Job) -> None:
        async with self._places:
            if room.activity is not activity:
                return
            try:
                result = await self._result(job)
            except DomainError as error:
                result = Trained([], [], [], error=error.detail)
            async with room.lock:
                await self._keeper.settled(room)
                if room.activity is activity and key in activity.jobs():
                    await self._keeper.lead_on(room, activity, activity.trained(key, result))

    async def _result(self, job: Job) -> Trained:
        tape, chunks = tape_id(job.scene), []
        for start in range(0, job.iterations, MOST_ITERATIONS):
            stop = min(start + MOST_ITERATIONS, job.iterations)
            data = await self._playground.tape(tape, start, stop, job.person, job.scene)
            chunks += list(split_chunks(data))
            if not data:
                break
        return curve(chunks, job.iterations)


def curve(chunks: list[Chunk], iterations: int) -> Trained:
    """Return the evaluations of a tape, about `_POINTS` of them and the last one.

    The reason is given where the recording ended before `iterations`.
    """
    rows = np.concatenate([chunk.arrays["evaluations"] for chunk in chunks])
    at = np.concatenate([
        np.arange(-(-chunk.start // EVALUATE_EVERY) * EVALUATE_EVERY, chunk.stop, EVALUATE_EVERY) for chunk in chunks
    ])  # fmt: skip
    keep = np.unique(np.append(np.arange(0, len(rows), max(1, len(rows) // _POINTS)), len(rows) - 1))
    ended = chunks[-1].ended if chunks[-1].stop < iterations else None
    return Trained(
        at[keep].tolist(),
        [round(float(value), 5) for value in rows[keep, 3]],
        [round(float(value), 5) for value in rows[keep, 2]],
        error=ended,
    )
