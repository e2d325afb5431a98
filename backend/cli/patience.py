"""Timeout of clients that do not read what they asked for: their connections are aborted."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.auto import AutoHTTPProtocol

#: Seconds for which a client may take nothing while an answer waits for it. Until then it holds its place,
#: a full buffer, and what the answer is made from.
PATIENCE = 60.0

_Protocol: Any = AutoHTTPProtocol


class PatientProtocol(_Protocol):  # type: ignore[misc]  # which of uvicorn's it is depends on what is installed
    """uvicorn's protocol; a connection whose full buffer is not emptied for `PATIENCE` is cut.

    Closing it would not do: what waits in the buffer would be waited for.
    """

    _impatience: asyncio.TimerHandle | None = None

    def pause_writing(self) -> None:
        """Begin to wait: the buffer is full."""
        super().pause_writing()
        self._impatience = self.loop.call_later(PATIENCE, self.transport.abort)

    def resume_writing(self) -> None:
        """Wait no longer: the client has taken something."""
        self._calm()
        super().resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the client."""
        self._calm()
        super().connection_lost(exc)

    def _calm(self) -> None:
        if self._impatience is not None:
            self._impatience.cancel()
            self._impatience = None
