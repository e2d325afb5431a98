"""WebSockets that only send: how long a page may take, and how its leaving is noticed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import anyio
from fastapi import WebSocket, WebSocketDisconnect

#: Seconds that a page may take to accept a text.
SEND_TIMEOUT = 10.0


@asynccontextmanager
async def until_closed(socket: WebSocket) -> AsyncIterator[None]:
    """Cancel the body as soon as the page is closed, not at its next text; end it if the page accepts no text."""
    async with anyio.create_task_group() as group:

        async def listen() -> None:
            with suppress(WebSocketDisconnect):
                while True:
                    await socket.receive_text()
            group.cancel_scope.cancel()

        group.start_soon(listen)
        with suppress(WebSocketDisconnect, TimeoutError):
            yield
        group.cancel_scope.cancel()


async def send_text(socket: WebSocket, text: str) -> None:
    """Send a text.

    Raises
    ------
    TimeoutError
        When the page does not accept it in `SEND_TIMEOUT`.
    """
    with anyio.fail_after(SEND_TIMEOUT):
        await socket.send_text(text)
