"""Write timeout: aborts connections of clients that do not read their answers."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.auto import AutoHTTPProtocol

#: Seconds for which a client may read nothing while an answer waits to be sent. Until then it occupies a connection,
#: a full buffer and the data of the answer.
STALL_TIMEOUT = 60.0

_Protocol: Any = AutoHTTPProtocol


class SlowClientProtocol(_Protocol):  # type: ignore[misc]  # which of uvicorn's it is depends on what is installed
    """uvicorn's protocol with a write timeout: aborts a connection whose buffer stays full for `STALL_TIMEOUT`.

    A normal close would wait for the buffer to be sent.
    """

    _timeout: asyncio.TimerHandle | None = None

    def pause_writing(self) -> None:
        """Start the timeout: the buffer is full."""
        super().pause_writing()
        self._timeout = self.loop.call_later(STALL_TIMEOUT, self.transport.abort)

    def resume_writing(self) -> None:
        """Cancel the timeout: the client has read."""
        self._cancel_timeout()
        super().resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        """Cancel the timeout: the client has disconnected."""
        self._cancel_timeout()
        super().connection_lost(exc)

    def _cancel_timeout(self) -> None:
        if self._timeout is not None:
            self._timeout.cancel()
            self._timeout = None
