"""Sessions: open, list, change, close, delete and export them."""

from __future__ import annotations

import secrets as random
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from backend.classroom import codes, exports, queries, views
from backend.classroom import room as rooms
from backend.classroom.open_rooms import OpenRooms
from backend.classroom.room import Room
from backend.classroom.schemas import SessionCreate, SessionRead, SessionUpdate, TeacherView
from backend.db.class_tables import ClassActivity, ClassSession
from backend.kit.errors import NotFoundError
from backend.kit.text import one_line
from backend.people import invitations


class Sessions:
    """Sessions of one server, as the teacher handles them."""

    def __init__(self, rooms: OpenRooms) -> None:
        self._rooms = rooms

    async def create(self, body: SessionCreate, owner: str) -> SessionRead:
        """Open a session with a code of its own."""

        def add(session: Session) -> Room:
            code = codes.new_code()
            while queries.is_code_in_use(session, code):
                code = codes.new_code()
            row = ClassSession(
                id=random.token_hex(6), code=code, title=one_line(body.title, 200), owner=owner,
                created_at=datetime.now(UTC), closed_at=None, names_removed_at=None, paused=False, pace="together",
                joining_open=True, shows_count=body.shows_count, gathering=0, showing=[],
            )  # fmt: skip
            queries.add(session, row)
            return rooms.load(session, row)

        room = await self._rooms.keeper.write(add)
        self._rooms.add(room)
        return views.session(room.facts, 0, 0, 0, self._rooms.names_hours)

    async def listing(self) -> list[SessionRead]:
        """Return all sessions, the newest first."""

        def read(session: Session) -> list[SessionRead]:
            seats, activities = queries.seat_counts(session), queries.activity_counts(session)
            return [
                views.session(
                    rooms.facts(row), *seats.get(row.id, (0, 0)), activities.get(row.id, 0), self._rooms.names_hours
                )
                for row in queries.listing(session)
            ]

        return await self._rooms.keeper.read(read)

    async def update(self, session_id: str, body: SessionUpdate) -> TeacherView:
        """Change title, pace, pause, admission or visible count of a session."""
        room = self._rooms.get(session_id)
        values = body.model_dump(exclude_none=True)
        async with room.lock:
            await self._rooms.keeper.settled(room)
            activity = room.activity
            state = None
            if activity is not None and values.get("paused", room.facts.paused) != room.facts.paused:
                now = datetime.now(UTC)
                state = activity.paused(now) if values["paused"] else activity.resumed(now)
            await self._set(room, **values)
            if activity is not None and state is not None:
                await self._rooms.keeper.lead_on(room, activity, state)
        return self._rooms.teacher_view(room)

    async def gather(self, session_id: str) -> TeacherView:
        """Bring all here: pages go to the class's place, and stay at the teacher's pace."""
        room = self._rooms.get(session_id)
        async with room.lock:
            await self._set(room, gathering=room.facts.gathering + 1, pace="together")
        return self._rooms.teacher_view(room)

    async def show(self, session_id: str, seat_ids: list[str]) -> TeacherView:
        """Put the scenes of these seats on the board, without names."""
        room = self._rooms.get(session_id)
        for seat_id in seat_ids:
            room.seat(seat_id)
        await self._set(room, showing=list(dict.fromkeys(seat_ids)))
        return self._rooms.teacher_view(room)

    async def _set(self, room: Room, **values: Any) -> None:
        if not values:
            return
        await self._rooms.keeper.write(lambda session: queries.change(session, ClassSession, room.facts.id, values))
        for name, value in values.items():
            setattr(room.facts, name, value)
        room.changed.set()

    async def end(self, session_id: str) -> SessionRead:
        """Close a session: its code opens nothing any more, its seats end."""
        room = self._rooms.get(session_id)
        async with room.lock:
            await self._rooms.keeper.settled(room)
            now = datetime.now(UTC)
            activity = room.activity

            def close(session: Session) -> None:
                queries.change(session, ClassSession, room.facts.id, {"closed_at": now, "code": None})
                if activity is not None:
                    queries.change(session, ClassActivity, activity.id, {"ended_at": now})

            await self._rooms.keeper.write(close)
            room.facts.closed_at, room.facts.code = now, None
        await self._rooms.drop(room)
        sitting = room.sitting()
        simulated = sum(seat.simulated for seat in sitting)
        return views.session(
            room.facts, len(sitting) - simulated, simulated, len(room.heads), self._rooms.names_hours
        )  # fmt: skip

    async def delete(self, session_id: str) -> None:
        """Delete a session, open or closed, with all answers."""

        def remove(session: Session) -> None:
            row = queries.find(session, session_id)
            if row is None:
                raise NotFoundError("There is no class session with this id.")
            queries.remove_session(session, row)

        await self._rooms.keeper.write(remove)
        room = self._rooms.find(session_id)
        if room is not None:
            room.facts.closed_at = datetime.now(UTC)
            await self._rooms.drop(room)

    async def export(self, session_id: str, activity_id: str | None, format_: str) -> tuple[str, bytes]:
        """Return a session's answers and results as a file: its name, its bytes. See `exports`."""
        return await self._rooms.keeper.read(
            lambda session: exports.export(session, session_id, activity_id, format_, self._rooms.names_hours)
        )

    def qr_code(self, session_id: str, address: str) -> bytes:
        """Return the QR code of an address that leads to a session, as SVG.

        Raises
        ------
        InvalidError
            When the address does not lead to it.
        """
        return invitations.qr_code(str(self._rooms.get(session_id).facts.code), address)
