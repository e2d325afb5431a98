"""Single flight: concurrent calls with one key share one execution."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

Result = TypeVar("Result")


class SingleFlight(Generic[Result]):
    """Shares one execution among concurrent calls with the same key. Used on the event loop only.

    A call during an execution gets the next one: no caller gets a result that was begun before the call.
    """

    def __init__(self) -> None:
        self._under_way: dict[Hashable, asyncio.Task[Result]] = {}
        self._next: dict[Hashable, asyncio.Task[Result]] = {}

    async def get(self, key: Hashable, work: Callable[[], Awaitable[Result]]) -> Result:
        """Return what ``work`` returns, begun at or after this call, by this caller or by another of the same key."""
        task = self._next.get(key)
        if task is None:
            task = self._next[key] = asyncio.create_task(self._do(key, work))
        # One who goes away leaves the work to the others.
        return await asyncio.shield(task)

    async def _do(self, key: Hashable, work: Callable[[], Awaitable[Result]]) -> Result:
        before = self._under_way.get(key)
        if before is not None:
            await asyncio.wait([before])
        mine = self._under_way[key] = self._next.pop(key)
        try:
            return await work()
        finally:
            if self._under_way.get(key) is mine:
                del self._under_way[key]
