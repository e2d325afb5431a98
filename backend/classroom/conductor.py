"""Conductor of a room: once a second it advances automatic steps, and sends changed views to the subscribers.

The texts are built once for all pages of a side; a student's page gets its own, if it changed.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from backend.classroom import views
from backend.classroom.feeds import Feed, Side
from backend.classroom.keeper import Keeper
from backend.classroom.room import Room
from backend.classroom.roster import Situation

log = logging.getLogger(__name__)

#: Seconds between two looks, and between two texts where much happens at once.
TICK: Final = 1.0
_LEAST_GAP: Final = 0.15
#: Longest that a simulated student thinks, in seconds.
_THINKS: Final = 3.0


class Conductor:
    """Leads one room until it is closed.

    Parameters
    ----------
    start_jobs
        Starts the trainings that the room's activity waits for.
    """

    def __init__(self, room: Room, keeper: Keeper, names_hours: float, start_jobs: Callable[[Room], None]) -> None:
        self._room, self._keeper = room, keeper
        self._names_hours = names_hours
        self._start_jobs = start_jobs
        self._sent: dict[Feed, str] = {}
        self._task = asyncio.create_task(self._run(), name=f"class session {room.facts.id}")

    async def close(self) -> None:
        """End, and with it all feeds."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        for feed in self._room.feeds:
            feed.end()

    async def _run(self) -> None:
        while not self._room.gone:
            try:
                await self._tick()
            except Exception:
                log.exception("class session %s: a look failed; the next one follows", self._room.facts.id)
            await self._wait()
        for feed in self._room.feeds:
            feed.end()

    async def _wait(self) -> None:
        await asyncio.sleep(_LEAST_GAP)
        with suppress(TimeoutError):
            await asyncio.wait_for(self._room.changed.wait(), self._timeout())
        self._room.changed.clear()

    def _timeout(self) -> float | None:
        """Return for how long nothing can happen by itself; None: nobody looks and no clock runs."""
        room = self._room
        due = None if room.activity is None or room.facts.paused else room.activity.next_due()
        simulates = room.activity is not None and any(seat.simulated for seat in room.sitting())
        if due is None and not room.feeds and not simulates:
            return None
        if due is None:
            return TICK
        return min(TICK, max(0.0, (due - datetime.now(UTC)).total_seconds()))

    async def _tick(self) -> None:
        room = self._room
        if room.activity is not None and not room.facts.paused:
            await self._admit()
            await self._answer_for_simulated()
            await self._lead_on()
            self._start_jobs(room)
        self.publish()

    async def _admit(self) -> None:
        room = self._room
        activity = room.activity
        if activity is None or activity.admitted(room.situation()) is None:
            return
        async with room.lock:
            state = activity.admitted(room.situation())
            if room.activity is activity and state is not None:
                await self._keeper.lead_on(room, activity, state)

    async def _lead_on(self) -> None:
        room = self._room
        activity = room.activity
        if activity is None:
            return
        due = activity.next_due()
        if not _all_answered(room) and (due is None or due > datetime.now(UTC)):
            return
        async with room.lock:
            await self._keeper.settled(room)
            if room.activity is not activity or room.facts.paused:
                return
            state = activity.due(room.situation())
            if state is not None:
                await self._keeper.lead_on(room, activity, state)

    async def _answer_for_simulated(self) -> None:
        """Have simulated students answer after a while of their own."""
        room = self._room
        activity, now = room.activity, datetime.now(UTC)
        if activity is None or room.lock.locked():
            return
        given = []
        for seat in room.sitting():
            slot = activity.slot(seat) if seat.simulated else None
            if slot is None or activity.given(slot, seat) is not None or (slot, seat.id) in room.pending:
                continue
            key = activity.id, slot, seat.id
            at = room.thinking.setdefault(key, now + timedelta(seconds=room.idle_chance.uniform(0.3, _THINKS)))
            if at <= now:
                del room.thinking[key]
                given.append((slot, seat, activity.simulated_value(seat, room.idle_chance)))
        await self._keeper.answer_for(room, given)

    # -- what is sent

    def publish(self) -> None:
        """Send the views that changed to their subscribers."""
        room = self._room
        room.version += 1
        situation = room.situation()
        shared: dict[Side, str] = {}
        for feed in [*self._sent]:
            if feed not in room.feeds:
                del self._sent[feed]
        for feed in room.feeds:
            if feed.side is Side.SEAT:
                text = text_for_seat(room, str(feed.seat_id), situation)
            elif feed.side in shared:
                text = shared[feed.side]
            else:
                text = shared[feed.side] = self._shared_text(feed.side, situation)
            if text is None:
                feed.end()
            elif self._sent.get(feed) != text:
                self._sent[feed] = text
                feed.offer(stamped(text, room.version, situation.now))

    def _shared_text(self, side: Side, situation: Situation) -> str:
        if side is Side.TEACHER:
            return _unstamped(views.teacher(self._room, situation, self._names_hours))
        return _unstamped(views.board(self._room, situation))


def text_for_seat(room: Room, seat_id: str, situation: Situation) -> str | None:
    """Return a student's view without version and time; None when the seat was left."""
    seat = room.seats.get(seat_id)
    return None if seat is None or seat.left_at is not None else _unstamped(views.student(room, seat, situation))


def _unstamped(view: Any) -> str:
    text: str = view.model_dump_json(exclude={"version", "now"})
    return text


def stamped(text: str, version: int, now: datetime) -> str:
    """Put version and time in front of a view's other fields."""
    return f'{{"version":{version},"now":{json.dumps(now.isoformat())},{text[1:]}'


def _all_answered(room: Room) -> bool:
    activity = room.activity
    if activity is None:
        return False
    asked = activity.asked(room.situation())
    return bool(asked) and all(activity.has_answered(seat) for seat in asked)
