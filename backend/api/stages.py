"""Stages of a start: first the parts that the first page needs, then the rest.

A start takes a second of the processor for the first page, and twice that for the API with all its services. So the
API is imported after the first answer, or after `FIRST_ANSWER` seconds without a request, while the browser loads the
files of the page. A request that needs the API before that waits for it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from importlib import import_module
from typing import Any

from fastapi import FastAPI

from backend.db.store import Store
from backend.kit.settings import Settings

log = logging.getLogger(__name__)

#: Seconds that the second stage waits for the first answer.
FIRST_ANSWER = 0.5
#: What is answered in the first stage: the page around all pages, and files.
_FIRST_PAGE = "/"
_FILES = ("/assets/", "/_dash-component-suites/", "/_favicon.ico")


class Stages:
    """Stages of one server's start.

    Parameters
    ----------
    in_stages
        False: there is one stage; the lifespan begins when everything is there.
    """

    def __init__(self, app: FastAPI, settings: Settings, *, in_stages: bool) -> None:
        self._app, self._settings, self._in_stages = app, settings, in_stages
        self._place = len(app.router.routes)
        self.first_answer = asyncio.Event()
        """Set once a client was answered."""
        self._complete = asyncio.Event()
        self.failure: Exception | None = None
        """Why the second stage failed; the server ends then."""

    def add_routes(self) -> None:
        """Add the API's routes where they belong: before those that answer every other address."""
        self._app.router.routes[self._place : self._place] = import_module("backend.api.parts").routes()

    @property
    def is_complete(self) -> bool:
        """Whether everything is there."""
        return self._complete.is_set() and self.failure is None

    def answers(self, path: str) -> bool:
        """Return whether a path can be answered by now."""
        return not self._in_stages or self.is_complete or path == _FIRST_PAGE or path.startswith(_FILES)

    async def complete(self) -> None:
        """Wait for the last stage.

        Raises
        ------
        RuntimeError
            When it failed; the log says why.
        """
        await self._complete.wait()
        if self.failure is not None:
            raise RuntimeError("the server could not start as a whole") from self.failure

    @asynccontextmanager
    async def opened(self, store: Store) -> AsyncIterator[None]:
        """Open the API's services for the length of a block: before it, or beside it if there are stages."""
        if not self._in_stages:
            async with self._services(store):
                yield
            return
        ending = asyncio.Event()
        following = asyncio.create_task(self._follow(store, ending), name="second stage")
        try:
            yield
        finally:
            ending.set()
            await following

    async def _follow(self, store: Store, ending: asyncio.Event) -> None:
        """Have the second stage follow the first answer, and close its services when the server ends."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self.first_answer.wait(), FIRST_ANSWER)
        try:
            await asyncio.to_thread(import_module, "backend.api.parts")
            if ending.is_set():
                return
            self.add_routes()
            async with self._services(store):
                await ending.wait()
        except Exception as error:
            if self._complete.is_set():
                raise
            log.exception("the server could not start as a whole")
            self.failure = error
            self._complete.set()

    @asynccontextmanager
    async def _services(self, store: Store) -> AsyncIterator[None]:
        parts: Any = import_module("backend.api.parts")
        async with parts.services(self._app, self._settings, store):
            self._complete.set()
            yield
