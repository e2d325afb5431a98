"""Sending of a room's views over a WebSocket, until the page or the room is closed."""

from __future__ import annotations

from typing import Annotated, Final, cast

from fastapi import Depends, WebSocket
from fastapi.requests import HTTPConnection

from backend.api.sockets import send_text, until_closed
from backend.classroom.feeds import Feed, Side
from backend.classroom.room import Room
from backend.classroom.service import Classroom

#: Close code: the session is closed or gone, or the seat was left. Pages do not come back.
ENDED: Final = 4404
#: Close code: the server ends (RFC 6455's registry: service restart). Pages come back.
_RESTARTS: Final = 1012


def _classroom(connection: HTTPConnection) -> Classroom:
    return cast("Classroom", connection.app.state.classroom)


ClassroomDependency = Annotated[Classroom, Depends(_classroom)]


async def send_session(socket: WebSocket, classroom: Classroom, session_id: str, side: Side) -> None:
    """Send one side's views of a session; close the socket at once where there is no such session."""
    await socket.accept()
    room = classroom.rooms.find(session_id)
    if room is None:
        await socket.close(ENDED)
        return
    await send_views(socket, classroom, room, Feed(side))


async def send_views(socket: WebSocket, classroom: Classroom, room: Room, feed: Feed) -> None:
    """Send the views of a feed; notice at once when the page goes away."""
    leave = classroom.rooms.follow(room, feed)
    try:
        async with until_closed(socket):
            while (text := await feed.next()) is not None:
                await send_text(socket, text)
            await socket.close(ENDED if room.is_over_for(feed.seat_id) else _RESTARTS)
    finally:
        leave()
