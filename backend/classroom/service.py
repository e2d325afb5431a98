"""Class sessions of one server: their sessions, seats and activities, started and ended with the server.

The database holds all that lasts; rooms (`backend.classroom.room`) hold it in memory while a session is open. What is
acknowledged was committed before.
"""

from __future__ import annotations

import asyncio

from backend.classroom import queries
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
        self.sessions, self.seating, self.leading = Sessions(self.rooms), Seating(self.rooms), Leading(self.rooms)

    async def start(self) -> None:
        """Open the rooms of the sessions that were open when the server ended."""
        for session_id in await self._keeper.read(queries.open_ids):
            room = await self._keeper.load(session_id)
            if room is not None:
                self.rooms.add(room)

    async def close(self) -> None:
        """End all feeds and trainings. Sessions stay open, for the next start."""
        await self._trainings.close()
        await self.rooms.close()
