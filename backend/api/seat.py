"""/seat: a student's seat in a class session. The seat's cookie says whose it is; nobody signs in here."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Request, Response, WebSocket
from fastapi.responses import JSONResponse

from backend.api.class_feeds import ENDED, ClassroomDependency, send_views
from backend.api.problems import problem
from backend.api.routing import router_under
from backend.classroom.feeds import Feed, Side
from backend.classroom.schemas import (
    Acknowledged,
    AnswerCreate,
    HandRaise,
    PositionUpdate,
    SeatCreate,
    SessionPreview,
    StudentView,
)
from backend.kit.access import public
from backend.kit.errors import NotFoundError

router = router_under("/seat", tags=["class sessions"])


def _cookie(request: Request) -> str | None:
    return request.headers.get("cookie")


def _address(request: Request) -> str:
    """Return the address that attempts are counted for; the access middleware worked it out."""
    return str(request.scope["synrl.address"])


def _is_secure(request: Request) -> bool:
    return request.url.scheme == "https"


def _mark(request: Request, response: Response, classroom: ClassroomDependency) -> None:
    """Give a browser the mark by which its wrong codes are counted."""
    if classroom.cookies.browser(_cookie(request)) is None:
        response.headers.append("Set-Cookie", classroom.cookies.set_browser(secure=_is_secure(request)))


def _wrong_code(request: Request, error: NotFoundError, classroom: ClassroomDependency) -> JSONResponse:
    """Refuse a code, with the mark by which further wrong codes of this browser lock itself and nobody else."""
    answer = problem(request, error.status, error.title, error.detail)
    _mark(request, answer, classroom)
    return answer


@router.get("/preview/{code}", response_model=SessionPreview)
@public()
async def preview_class_session(
    request: Request,
    response: Response,
    code: Annotated[str, Path(max_length=100, description="As typed: small letters, blanks, look-alikes are fine.")],
    classroom: ClassroomDependency,
) -> SessionPreview | JSONResponse:
    """Describe the class session of a code."""
    try:
        found = classroom.seating.preview(code, _cookie(request), _address(request))
    except NotFoundError as error:
        return _wrong_code(request, error, classroom)
    _mark(request, response, classroom)
    return found


@router.post("", status_code=201, response_model=StudentView)
@public()
async def join_class_session(
    request: Request, response: Response, body: SeatCreate, classroom: ClassroomDependency
) -> StudentView | JSONResponse:
    """Take a seat with a code and any name; a browser that has one of this session gets it again."""
    try:
        view, key = await classroom.seating.join(body.code, body.name, _cookie(request), _address(request))
    except NotFoundError as error:
        return _wrong_code(request, error, classroom)
    _mark(request, response, classroom)
    if key is not None:
        response.headers.append("Set-Cookie", classroom.cookies.set_seat(key, secure=_is_secure(request)))
    return view


@router.get("")
@public()
async def get_seat(request: Request, classroom: ClassroomDependency) -> StudentView:
    """Return the view of one's own seat, as the live feed sends it. Pages that can't listen ask again."""
    return classroom.rooms.student_view(*classroom.seating.seat_of(_cookie(request), polls=True))


@router.delete("", status_code=204)
@public()
async def leave_seat(request: Request, response: Response, classroom: ClassroomDependency) -> None:
    """Give the seat up. Answers stay."""
    await classroom.seating.leave(*classroom.seating.seat_of(_cookie(request)))
    response.headers.append("Set-Cookie", classroom.cookies.drop_seat(secure=_is_secure(request)))


@router.post("/answers", status_code=201)
@public()
async def give_answer(request: Request, body: AnswerCreate, classroom: ClassroomDependency) -> Acknowledged:
    """Store an answer. It is stored before this returns; given again with the same value it is there once."""
    return await classroom.seating.answer(*classroom.seating.seat_of(_cookie(request)), body)


@router.put("/position", status_code=204)
@public()
async def report_position(request: Request, body: PositionUpdate, classroom: ClassroomDependency) -> None:
    """Note where the student is: step of a lesson, page, wrong checks in a row."""
    _, seat = classroom.seating.seat_of(_cookie(request))
    await classroom.seating.move(seat, body)


@router.put("/hand")
@public()
async def raise_hand(request: Request, body: HandRaise, classroom: ClassroomDependency) -> StudentView:
    """Raise a hand with a line of text, or change the line."""
    return await classroom.seating.raise_hand(*classroom.seating.seat_of(_cookie(request)), body.text)


@router.delete("/hand", status_code=204)
@public()
async def lower_hand(request: Request, classroom: ClassroomDependency) -> None:
    """Lower the hand."""
    room, seat = classroom.seating.seat_of(_cookie(request))
    hand = room.hand_of(seat)
    await classroom.seating.lower_hand(room, None if hand is None else hand.id)


@router.websocket("/live")
@public()
async def seat_feed(socket: WebSocket, classroom: ClassroomDependency) -> None:
    """Send the student's view whenever it changed."""
    await socket.accept()
    found = classroom.rooms.identify(socket.headers.get("cookie"))
    if found is None:
        await socket.close(ENDED)
        return
    room, seat = found
    await send_views(socket, classroom, room, Feed(Side.SEAT, seat.id))
