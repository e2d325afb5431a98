"""Rooms that are open: the rooms of all open sessions, found by id, code and seat; and their views."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

from backend.classroom import views
from backend.classroom.conductor import Conductor, stamped, text_for_seat
from backend.classroom.cookies import SeatCookies
from backend.classroom.feeds import Feed, Side
from backend.classroom.keeper import Keeper
from backend.classroom.room import Room
from backend.classroom.roster import Seat
from backend.classroom.schemas import BoardView, StudentView, TeacherView
from backend.classroom.trainings import Trainings
from backend.kit import secrets
from backend.kit.errors import NotFoundError

NO_SESSION: Final = "There is no class session with this id, or it is closed."


class OpenRooms:
    """The rooms of one server. Used on the event loop only.

    Parameters
    ----------
    names_hours
        Hours after closing for which names are kept.
    """

    def __init__(self, keeper: Keeper, trainings: Trainings, cookies: SeatCookies, names_hours: float) -> None:
        self.keeper, self.trainings, self.cookies, self.names_hours = keeper, trainings, cookies, names_hours
        self._rooms: dict[str, Room] = {}
        self._conductors: dict[str, Conductor] = {}

    def add(self, room: Room) -> None:
        """Lead a room from now on."""
        self._rooms[room.facts.id] = room
        self._conductors[room.facts.id] = Conductor(room, self.keeper, self.names_hours, self.trainings.start)

    async def drop(self, room: Room) -> None:
        """Notify the subscribers that a room is closed, and forget it."""
        del self._rooms[room.facts.id]
        conductor = self._conductors.pop(room.facts.id)
        room.gone, room.activity = True, None
        conductor.publish()
        await conductor.close()
        self.trainings.forget(room)

    async def close(self) -> None:
        """End all feeds; the sessions stay open, for the next start."""
        for conductor in self._conductors.values():
            await conductor.close()

    # -- finding

    def get(self, session_id: str) -> Room:
        """Return the room of an open session.

        Raises
        ------
        NotFoundError
            When there is none, or it is closed.
        """
        room = self.find(session_id)
        if room is None:
            raise NotFoundError(NO_SESSION)
        return room

    def find(self, session_id: str) -> Room | None:
        """Return the room of a session; None where it is not open."""
        return self._rooms.get(session_id)

    def by_code(self, code: str) -> Room | None:
        """Return the room of a code, as `codes.tidy` gives it; None where no session has it."""
        return next((room for room in self._rooms.values() if room.facts.code == code), None)

    def older_than(self, age: timedelta) -> list[str]:
        """Return the ids of the sessions that were opened longer ago."""
        limit = datetime.now(UTC) - age
        return [room.facts.id for room in self._rooms.values() if room.facts.created_at < limit]

    def identify(self, cookie: str | None) -> tuple[Room, Seat] | None:
        """Return the seat that a Cookie header names, in a session that is open; None: there is none."""
        key = self.cookies.seat_key(cookie)
        if key is None:
            return None
        wanted = secrets.digest(key)
        for room in self._rooms.values():
            for seat in room.sitting():
                if seat.key_hash == wanted:
                    return room, seat
        return None

    # -- views

    def teacher_view(self, room: Room) -> TeacherView:
        """Return the view of the teacher's page."""
        return views.teacher(room, room.situation(), self.names_hours)

    def board_view(self, session_id: str) -> BoardView:
        """Return the board's view."""
        room = self.get(session_id)
        return views.board(room, room.situation())

    def student_view(self, room: Room, seat: Seat) -> StudentView:
        """Return the view of a student's page."""
        return views.student(room, seat, room.situation())

    def follow(self, room: Room, feed: Feed) -> Callable[[], None]:
        """Add a feed to a room, with the view as it is now; returns what takes it away again."""
        situation = room.situation()
        seat = room.seats.get(str(feed.seat_id))
        if feed.side is Side.SEAT:
            text = text_for_seat(room, str(feed.seat_id), situation)
        else:
            view = self.teacher_view(room) if feed.side is Side.TEACHER else views.board(room, situation)
            text = view.model_dump_json(exclude={"version", "now"})
        if text is not None:
            feed.offer(stamped(text, room.version, situation.now))
        room.feeds.add(feed)
        if seat is not None:
            seat.feeds += 1
        room.changed.set()

        def leave() -> None:
            room.feeds.discard(feed)
            if seat is not None:
                seat.feeds -= 1
                seat.heard_at = datetime.now(UTC)

        return leave
