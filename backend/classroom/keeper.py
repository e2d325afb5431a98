"""Keeper of rooms: commits each change to the database, then to memory, then notifies the subscribers.

Answers that come at once are committed together: a class that answers in the same second waits for one commit, not
for thirty. Each is acknowledged after its commit.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from backend.classroom import queries
from backend.classroom import room as rooms
from backend.classroom.activities.base import Activity, State
from backend.classroom.room import Head, Pending, Room
from backend.classroom.roster import Answer, Seat
from backend.db.class_tables import ClassActivity, ClassAnswer
from backend.db.store import Store
from backend.kit.errors import ConflictError
from backend.kit.identity import SYSTEM, acting

log = logging.getLogger(__name__)

Value = TypeVar("Value")


@dataclass
class _Waiting:
    """An answer that waits for its commit."""

    activity_id: str
    slot: str
    seat: Seat
    value: int
    stored: asyncio.Future[datetime]


class Keeper:
    """Commits changes of rooms. Used on the event loop only.

    Parameters
    ----------
    store
        The database.
    turns
        The lock under which requests write, so that none waits inside the database.
    """

    def __init__(self, store: Store, turns: asyncio.Lock) -> None:
        self._store, self._turns = store, turns
        self._waiting: dict[Room, list[_Waiting]] = {}
        self._writers: dict[Room, asyncio.Task[None]] = {}

    async def write(self, work: Callable[[Session], Value]) -> Value:
        """Do work in a session that is committed at its end, in a thread."""

        def committed() -> Value:
            with acting(SYSTEM), self._store.write() as session:
                return work(session)

        async with self._turns:
            return await asyncio.to_thread(committed)

    async def read(self, work: Callable[[Session], Value]) -> Value:
        """Do work in a session that reads, in a thread."""

        def in_thread() -> Value:
            with acting(SYSTEM), self._store.read() as session:
                return work(session)

        return await asyncio.to_thread(in_thread)

    # -- states

    async def lead_on(self, room: Room, activity: Activity[Any, Any], state: State) -> None:
        """Commit the next state of an activity. The room's lock is held, and no answer waits (`settled`)."""
        written = state.model_dump(mode="json")
        try:
            await self.write(lambda session: queries.change(session, ClassActivity, activity.id, {"state": written}))
        except BaseException:
            # The engine may be a step ahead of what is stored; the next use brings it back.
            log.warning("the state of activity %s was not stored", activity.id)
            raise
        activity.state = state
        _head(room, activity).phase = state.phase
        room.led_at = datetime.now(UTC)
        room.changed.set()

    async def settled(self, room: Room) -> None:
        """Wait until the answers that were accepted are committed. The room's lock is held, so that none is added."""
        while room in self._writers:
            await asyncio.gather(self._writers[room], return_exceptions=True)

    # -- answers

    async def answer(self, room: Room, activity_id: str, slot: str, seat: Seat, value: int) -> datetime:
        """Store an answer once and return when it was given.

        Raises
        ------
        ConflictError
            When this is not what is open, another answer was given already, or the class is paused.
        InvalidError
            When the value is out of range.
        """
        while room.lock.locked():
            # The state is leading on: the answer is judged by the new one.
            async with room.lock:
                pass
        activity = room.activity
        if activity is None or activity.id != activity_id:
            raise ConflictError("This activity has ended. Answers that came in before are kept.")
        before, pending = activity.answers.get(slot, {}).get(seat.id), room.pending.get((slot, seat.id))
        given = before.value if before is not None else None if pending is None else pending.value
        if given is not None and given != value:
            raise ConflictError(f"You have answered this: {activity.in_words(slot, given)}. An answer stays.")
        if before is not None:
            return before.at
        if pending is not None:  # sent twice at once: the second waits for the first one's commit
            return await asyncio.shield(pending.stored)
        if room.facts.paused:
            raise ConflictError("Your teacher has paused the class. Answer when it goes on.")
        activity.check(seat, slot, value)
        return await self._stored(room, [(slot, seat, value)])

    async def answer_for(self, room: Room, given: list[tuple[str, Seat, int]]) -> None:
        """Store the answers of simulated students, one commit for all."""
        if given and room.activity is not None:
            await self._stored(room, given)

    async def _stored(self, room: Room, given: list[tuple[str, Seat, int]]) -> datetime:
        assert room.activity is not None  # noqa: S101  looked at by the callers
        loop = asyncio.get_running_loop()
        waiting = [_Waiting(room.activity.id, slot, seat, value, loop.create_future()) for slot, seat, value in given]
        for one in waiting:
            room.pending[one.slot, one.seat.id] = Pending(one.value, one.stored)
        self._waiting.setdefault(room, []).extend(waiting)
        if room not in self._writers:
            self._writers[room] = asyncio.create_task(self._write_answers(room), name="class answers")
        # The commit goes on if who answered goes away.
        return (await asyncio.shield(asyncio.gather(*(one.stored for one in waiting))))[0]

    async def _write_answers(self, room: Room) -> None:
        try:
            while batch := self._waiting.pop(room, []):
                await self._write_batch(room, batch)
        finally:
            del self._writers[room]

    async def _write_batch(self, room: Room, batch: list[_Waiting]) -> None:
        now = datetime.now(UTC)

        def add(session: Session) -> None:
            for one in batch:
                queries.add(
                    session,
                    ClassAnswer(
                        activity_id=one.activity_id, slot=one.slot, seat_id=one.seat.id, value=one.value, at=now
                    ),
                )

        try:
            await self.write(add)
        except Exception as error:
            for one in batch:
                if not one.stored.cancelled():
                    one.stored.set_exception(error)
            return
        finally:
            for one in batch:
                room.pending.pop((one.slot, one.seat.id), None)
        for one in batch:
            self._remember(room, one, now)
            if not one.stored.cancelled():
                one.stored.set_result(now)
        _wake(room)

    def _remember(self, room: Room, one: _Waiting, now: datetime) -> None:
        activity = room.activity
        if activity is None or activity.id != one.activity_id:
            return
        activity.answers.setdefault(one.slot, {})[one.seat.id] = Answer(one.value, now)
        _head(room, activity).answers += 1

    # -- rooms

    async def load(self, session_id: str) -> Room | None:
        """Read an open session into memory; None if there is none."""

        def find(session: Session) -> Room | None:
            row = queries.find(session, session_id)
            return None if row is None or row.closed_at is not None else rooms.load(session, row)

        room = await self.read(find)
        if room is not None and room.activity is not None:
            await asyncio.to_thread(room.activity.prepare)
        return room


def _head(room: Room, activity: Activity[Any, Any]) -> Head:
    return next(head for head in room.heads if head.id == activity.id)


def _wake(room: Room) -> None:
    """Have the room go on at once where all have answered, or a training was asked for."""
    activity = room.activity
    if activity is None:
        return
    asked = activity.asked(room.situation())
    if activity.jobs() or (asked and all(activity.has_answered(seat) for seat in asked)):
        room.changed.set()
