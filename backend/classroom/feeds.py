"""Feeds of a room: an open WebSocket each. Every text holds the whole view, so that only the newest one waits."""

from __future__ import annotations

import asyncio
from enum import StrEnum


class Side(StrEnum):
    """Side of a class session that a feed serves: the teacher, the board or a seat."""

    TEACHER = "teacher"
    BOARD = "board"
    SEAT = "seat"


class Feed:
    """Feed of one open page.

    Parameters
    ----------
    side
        Whose view it sends.
    seat_id
        Of a student's page.
    """

    def __init__(self, side: Side, seat_id: str | None = None) -> None:
        self.side, self.seat_id = side, seat_id
        self._newest: str | None = None
        self._waiting = asyncio.Event()
        self.ended = False

    def offer(self, text: str) -> None:
        """Have a text sent next, in place of one that still waits."""
        self._newest = text
        self._waiting.set()

    def end(self) -> None:
        """Send the waiting view, then end the feed."""
        self.ended = True
        self._waiting.set()

    async def next(self) -> str | None:
        """Wait for a text; None: the room has closed, or the seat was left."""
        while self._newest is None:
            if self.ended:
                return None
            self._waiting.clear()
            await self._waiting.wait()
        text, self._newest = self._newest, None
        return text
