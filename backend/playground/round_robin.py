"""Round-robin scheduling: processes are given to people in rotation, whatever the number of their requests."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from backend.kit.errors import TooManyError

#: Requests of one person that may wait at once: a class of open tabs, not a script.
MAX_WAITING = 32


class RoundRobinSlots:
    """A number of slots, given to people in rotation. Used on the event loop only.

    Parameters
    ----------
    places
        How many may work at once.
    """

    def __init__(self, places: int) -> None:
        self._free = places
        self._waiting: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()

    @asynccontextmanager
    async def slot(self, person: str) -> AsyncIterator[None]:
        """Wait for a place, hold it for the block.

        Raises
        ------
        TooManyError
            When this person has `MAX_WAITING` requests that wait already.
        """
        await self._place(person)
        try:
            yield
        finally:
            self._release()

    async def _place(self, person: str) -> None:
        if self._free and not self._waiting:
            self._free -= 1
            return
        queue = self._waiting.setdefault(person, deque())
        if len(queue) >= MAX_WAITING:
            raise TooManyError(f"{MAX_WAITING} of your requests to the playground are queued already.", 2)
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        queue.append(place)
        try:
            await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled():
                self._release()  # it came in the same moment as the end of waiting
            raise

    def _release(self) -> None:
        """Give a place to the person whose turn it is, or keep it."""
        while self._waiting:
            person, queue = self._waiting.popitem(last=False)
            place = queue.popleft()
            if queue:
                self._waiting[person] = queue  # behind everybody else
            if not place.done():
                place.set_result(None)
                return
        self._free += 1
