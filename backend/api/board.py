"""/board: the view of a class session for the projector. Nothing here names a student or tells a single answer."""

from __future__ import annotations

from fastapi import Response, WebSocket

from backend.api.class_feeds import ClassroomDependency, send_session
from backend.api.class_sessions import PICTURE, JoinAddress, SessionId, qr_code
from backend.api.routing import router_under
from backend.classroom.feeds import Side
from backend.classroom.schemas import BoardView
from backend.kit.access import requires
from backend.kit.identity import Role

router = router_under("/board", tags=["class sessions"])


@router.get("/{session_id}")
@requires(Role.VIEWER)
async def get_board(session_id: SessionId, classroom: ClassroomDependency) -> BoardView:
    """Return the board's view, as its live feed sends it."""
    return classroom.rooms.board_view(session_id)


@router.get("/{session_id}/qr.svg", response_class=Response, responses=PICTURE)
@requires(Role.VIEWER)
async def show_board_qr_code(session_id: SessionId, classroom: ClassroomDependency, address: JoinAddress) -> Response:
    """Return the QR code of the session's address."""
    return qr_code(classroom, session_id, address)


@router.websocket("/{session_id}/live")
@requires(Role.VIEWER)
async def board_feed(socket: WebSocket, session_id: str, classroom: ClassroomDependency) -> None:
    """Send the board's view, once a second at most."""
    await send_session(socket, classroom, session_id, Side.BOARD)
