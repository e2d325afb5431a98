"""Leading of a session: begin activities, carry out the teacher's actions, store the class's table."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from backend.classroom import pooled_runs, queries
from backend.classroom import room as rooms
from backend.classroom.activities import beginning
from backend.classroom.activities.base import END, Activity
from backend.classroom.activities.schemas import ActivityCreate, TableCreate
from backend.classroom.activities.synapse import BeASynapse
from backend.classroom.activities.table import ClassTable
from backend.classroom.open_rooms import OpenRooms
from backend.classroom.room import Head, Room
from backend.classroom.schemas import ActivityAction, TeacherView
from backend.db.class_tables import ClassActivity
from backend.kit.errors import ConflictError
from backend.policy_library import making
from backend.policy_library.service import Stored
from backend.runs.sweeps.schemas import SweepRead


class Leading:
    """Activities of the rooms, as the teacher leads them."""

    def __init__(self, rooms: OpenRooms) -> None:
        self._rooms = rooms

    async def begin(self, session_id: str, body: ActivityCreate) -> TeacherView:
        """Begin an activity; the current one ends.

        Raises
        ------
        InvalidError
            When its scene or lesson can't be used.
        """
        room = self._rooms.get(session_id)
        async with room.lock:
            await self._rooms.keeper.settled(room)
            past = await self._past(session_id) if isinstance(body, TableCreate) else []
            number = len(room.heads) + 1
            situation = room.situation()
            # In a thread: it may load data.
            made = await asyncio.to_thread(beginning.begin, body, number, situation, past)
            await self._replace(room, made)
            if room.facts.paused:
                await self._rooms.keeper.lead_on(room, made, made.paused(datetime.now(UTC)))
        return self._rooms.teacher_view(room)

    async def _replace(self, room: Room, made: Activity[Any, Any]) -> None:
        """Commit a new activity and the end of the one before."""
        now, before = datetime.now(UTC), room.activity
        row = ClassActivity(
            id=made.id, session_id=room.facts.id, number=made.number, kind=made.kind, title=made.title,
            settings=made.settings.model_dump(mode="json"), state=made.state.model_dump(mode="json"),
            created_at=now, ended_at=None,
        )  # fmt: skip

        def commit(session: Session) -> Head:
            if before is not None:
                queries.change(session, ClassActivity, before.id, {"ended_at": now})
            queries.add(session, row)
            return rooms.head(row, 0)

        head = await self._rooms.keeper.write(commit)
        self._mark_ended(room, now)
        room.heads.append(head)
        room.activity, room.led_at = made, now
        room.thinking.clear()
        room.changed.set()

    def _mark_ended(self, room: Room, now: datetime) -> None:
        for head in room.heads:
            head.ended_at = head.ended_at or now

    async def act(self, session_id: str, activity_id: str, body: ActivityAction) -> TeacherView:
        """Carry out a press of the teacher's.

        Raises
        ------
        ConflictError
            When the action is not possible now, or the activity is not the current one.
        """
        room = self._rooms.get(session_id)
        async with room.lock:
            await self._rooms.keeper.settled(room)
            activity = room.activity
            if activity is None or activity.id != activity_id:
                raise ConflictError("This activity has ended; only the current one can be led on.")
            if body.phase is not None and body.phase != activity.state.phase:
                return self._rooms.teacher_view(room)  # pressed twice: the first press did it
            if body.action == END:
                now = datetime.now(UTC)
                await self._rooms.keeper.write(
                    lambda session: queries.change(session, ClassActivity, activity_id, {"ended_at": now})
                )
                self._mark_ended(room, now)
                room.activity = None
                room.changed.set()
            else:
                state = activity.act(body.action, body.value, room.situation())
                await self._rooms.keeper.lead_on(room, activity, state)
        return self._rooms.teacher_view(room)

    async def _past(self, session_id: str) -> list[BeASynapse]:
        """Read every Be a synapse of a session, with its answers."""

        def read(session: Session) -> list[BeASynapse]:
            found = (rooms.load_activity(session, row) for row in queries.activities(session, session_id))
            return [one for one in found if isinstance(one, BeASynapse)]

        return await self._rooms.keeper.read(read)

    async def keep_policy(self, session_id: str, activity_id: str, name: str, owner: str) -> TeacherView:
        """Keep the class's table in the policy library.

        Raises
        ------
        ConflictError
            When the activity is not the current one, or counts no moves.
        """
        room = self._rooms.get(session_id)
        async with room.lock:
            activity = room.activity
            if not isinstance(activity, ClassTable) or activity.id != activity_id:
                raise ConflictError("Only the class's own table can be kept, while it is the current activity.")
            counts, students = activity.table(), len(activity.state.cells)

            def store(session: Session) -> Stored:
                about = {"students": students, "dataset": activity.state.scene.get("dataset", "circles")}
                return making.add_class_policy(session, name, counts, session_id, owner, about=about)

            stored = await self._rooms.keeper.write(store)
            state = activity.kept(stored.policy.id, stored.policy.name)
            await self._rooms.keeper.lead_on(room, activity, state)
        return self._rooms.teacher_view(room)

    async def queue_runs(self, session_id: str, activity_id: str, owner: str, max_runs: int) -> SweepRead:
        """Queue a pooled experiment as ordinary runs; see `pooled_runs.queue`."""
        return await self._rooms.keeper.write(
            lambda session: pooled_runs.queue(session, session_id, activity_id, owner, max_runs)
        )
