"""Class sessions of one server: their sessions, seats and activities, started and ended with the server.

The database holds all that lasts; rooms (`backend.classroom.room`) hold it in memory while a session is open. What is
acknowledged was committed before.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from typing import Final

from backend.classroom import queries
from backend.classroom.activities.vote import Vote
from backend.classroom.cookies import SeatCookies
from backend.classroom.keeper import Keeper
from backend.classroom.leading import Leading
from backend.classroom.open_rooms import OpenRooms
from backend.classroom.seating import Seating
from backend.classroom.sessions import Sessions
from backend.classroom.trainings import Trainings
from backend.db.store import Store
from backend.kit import secrets
from backend.kit.settings import Settings
from backend.playground.service import Playground

log = logging.getLogger(__name__)

#: Seconds between two looks for sessions that nobody closed.
_LOOK: Final = 60.0


class Classroom:
    """Class sessions. Used on the event loop only.

    Parameters
    ----------
    turns
        The lock under which requests write.
    """

    def __init__(self, store: Store, settings: Settings, playground: Playground, turns: asyncio.Lock) -> None:
        given = settings.secret.get_secret_value() if settings.secret else None
        self.cookies = SeatCookies(secrets.signing_key(settings.data_dir, given), settings.root_path)
        self._keeper = Keeper(store, turns)
        self._trainings = Trainings(playground, self._keeper)
        self.rooms = OpenRooms(self._keeper, self._trainings, self.cookies, settings.class_names_hours)
        self._session_hours = settings.class_session_hours
        self._closing: asyncio.Task[None] | None = None
        self.sessions, self.seating, self.leading = Sessions(self.rooms), Seating(self.rooms), Leading(self.rooms)

    async def start(self) -> None:
        """Open the rooms of the sessions that were open when the server ended."""
        for session_id in await self._keeper.read(queries.open_ids):
            room = await self._keeper.load(session_id)
            if room is not None:
                self.rooms.add(room)
        self._closing = asyncio.create_task(self._close_overdue(), name="close class sessions")

    async def close(self) -> None:
        """End all feeds and trainings. Sessions stay open, for the next start."""
        if self._closing is not None:
            self._closing.cancel()
            await asyncio.gather(self._closing, return_exceptions=True)
        await self._trainings.close()
        await self.rooms.close()

    def hides_answers_of(self, lesson_id: str, cookie: str | None) -> bool:
        """Whether a Cookie header names a seat whose class votes on a question of this lesson before the reveal."""
        found = self.rooms.identify(cookie)
        activity = None if found is None else found[0].activity
        return isinstance(activity, Vote) and activity.settings.lesson_id == lesson_id and not activity.is_revealed

    async def _close_overdue(self) -> None:
        """Close sessions that were left open."""
        while True:
            for session_id in self.rooms.older_than(timedelta(hours=self._session_hours)):
                try:
                    await self.sessions.end(session_id)
                except Exception:
                    log.exception("class session %s could not be closed; retry later", session_id)
            await asyncio.sleep(_LOOK)
