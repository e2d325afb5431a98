"""/class-sessions and /class-locks: a teacher's class sessions."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Path, Query, Response, WebSocket

from backend.api.class_feeds import ClassroomDependency, send_session
from backend.api.dependencies import SettingsDependency
from backend.api.routing import router_under
from backend.classroom.activities.schemas import ActivityCreate
from backend.classroom.feeds import Side
from backend.classroom.schemas import (
    ActivityAction,
    JoinLock,
    PolicyKeep,
    SeatUpdate,
    SessionCreate,
    SessionRead,
    SessionUpdate,
    Showing,
    SimulatedStudents,
    TeacherView,
)
from backend.kit.access import requires
from backend.kit.identity import Role, current_person
from backend.runs.sweeps.schemas import SweepRead

router = router_under(tags=["class sessions"])

SessionId = Annotated[str, Path(min_length=1, max_length=32, description="Id of a class session.")]
ActivityId = Annotated[str, Path(min_length=1, max_length=32)]
SeatId = Annotated[str, Path(min_length=1, max_length=32)]
JoinAddress = Annotated[
    str,
    Query(min_length=1, max_length=300, description="The address that the page shows; ends in /join/ and the code."),
]
PICTURE: dict[int | str, dict[str, Any]] = {200: {"content": {"image/svg+xml": {}}, "description": "The QR code."}}


@router.post("/class-sessions", status_code=201)
@requires(Role.TEACHER)
async def start_class_session(body: SessionCreate, classroom: ClassroomDependency) -> SessionRead:
    """Start a class session with a code of its own, which opens nothing but a student's seat."""
    return await classroom.sessions.create(body, current_person().name)


@router.get("/class-sessions")
@requires(Role.TEACHER)
async def list_class_sessions(classroom: ClassroomDependency) -> list[SessionRead]:
    """Return all class sessions, the newest first."""
    return await classroom.sessions.listing()


@router.get("/class-sessions/{session_id}")
@requires(Role.TEACHER)
async def get_class_session(session_id: SessionId, classroom: ClassroomDependency) -> TeacherView:
    """Return all that the teacher's page shows of an open session, as its live feed sends it."""
    return classroom.rooms.teacher_view(classroom.rooms.get(session_id))


@router.patch("/class-sessions/{session_id}")
@requires(Role.TEACHER)
async def update_class_session(
    session_id: SessionId, body: SessionUpdate, classroom: ClassroomDependency
) -> TeacherView:
    """Change title or pace, pause all, open or close admission, show or hide how many are in."""
    return await classroom.sessions.update(session_id, body)


@router.delete("/class-sessions/{session_id}", status_code=204)
@requires(Role.TEACHER)
async def delete_class_session(session_id: SessionId, classroom: ClassroomDependency) -> None:
    """Delete a session, open or closed, with its seats and answers."""
    await classroom.sessions.delete(session_id)


@router.post("/class-sessions/{session_id}/gather")
@requires(Role.TEACHER)
async def gather_class(session_id: SessionId, classroom: ClassroomDependency) -> TeacherView:
    """Bring all here: pages go to the class's place and stay at the teacher's pace."""
    return await classroom.sessions.gather(session_id)


@router.post("/class-sessions/{session_id}/close")
@requires(Role.TEACHER)
async def close_class_session(session_id: SessionId, classroom: ClassroomDependency) -> SessionRead:
    """Close a session: its code and its seats end. Names are deleted some hours later (SYNRL_CLASS_NAMES_HOURS)."""
    return await classroom.sessions.end(session_id)


@router.get("/class-sessions/{session_id}/qr.svg", response_class=Response, responses=PICTURE)
@requires(Role.TEACHER)
async def show_class_qr_code(session_id: SessionId, classroom: ClassroomDependency, address: JoinAddress) -> Response:
    """Return the QR code of the session's address, for a projector or a print."""
    return qr_code(classroom, session_id, address)


def qr_code(classroom: ClassroomDependency, session_id: str, address: str) -> Response:
    """Answer with the QR code of an address that leads to a session."""
    picture = classroom.sessions.qr_code(session_id, address)
    return Response(picture, media_type="image/svg+xml", headers={"Cache-Control": "no-store"})


@router.put("/class-sessions/{session_id}/simulated")
@requires(Role.TEACHER)
async def set_simulated_students(
    session_id: SessionId, body: SimulatedStudents, classroom: ClassroomDependency
) -> TeacherView:
    """Have this many simulated students, to rehearse alone."""
    return await classroom.seating.simulate(session_id, body.students)


@router.put("/class-sessions/{session_id}/showing")
@requires(Role.TEACHER)
async def show_scenes(session_id: SessionId, body: Showing, classroom: ClassroomDependency) -> TeacherView:
    """Put chosen students' scenes on the board, without names; with no seats, take them off."""
    return await classroom.sessions.show(session_id, body.seats)


@router.patch("/class-sessions/{session_id}/seats/{seat_id}")
@requires(Role.TEACHER)
async def rename_seat(
    session_id: SessionId, seat_id: SeatId, body: SeatUpdate, classroom: ClassroomDependency
) -> TeacherView:
    """Give a seat another name."""
    return await classroom.seating.rename(session_id, seat_id, body.name)


@router.delete("/class-sessions/{session_id}/seats/{seat_id}")
@requires(Role.TEACHER)
async def send_out(session_id: SessionId, seat_id: SeatId, classroom: ClassroomDependency) -> TeacherView:
    """Remove a seat. Its answers stay."""
    return await classroom.seating.send_out(session_id, seat_id)


@router.delete("/class-sessions/{session_id}/hands/{hand_id}")
@requires(Role.TEACHER)
async def lower_students_hand(
    session_id: SessionId, hand_id: Annotated[str, Path(max_length=32)], classroom: ClassroomDependency
) -> TeacherView:
    """Lower a student's hand."""
    room = classroom.rooms.get(session_id)
    await classroom.seating.lower_hand(room, hand_id)
    return classroom.rooms.teacher_view(room)


@router.post("/class-sessions/{session_id}/activities", status_code=201)
@requires(Role.TEACHER)
async def begin_activity(session_id: SessionId, body: ActivityCreate, classroom: ClassroomDependency) -> TeacherView:
    """Begin an activity; the current one ends."""
    return await classroom.leading.begin(session_id, body)


@router.post("/class-sessions/{session_id}/activities/{activity_id}/actions")
@requires(Role.TEACHER)
async def lead_activity(
    session_id: SessionId, activity_id: ActivityId, body: ActivityAction, classroom: ClassroomDependency
) -> TeacherView:
    """Lead an activity on: one of the actions that the view lists as possible now, or `end`."""
    return await classroom.leading.act(session_id, activity_id, body)


@router.post("/class-sessions/{session_id}/activities/{activity_id}/policy")
@requires(Role.TEACHER)
async def keep_class_policy(
    session_id: SessionId, activity_id: ActivityId, body: PolicyKeep, classroom: ClassroomDependency
) -> TeacherView:
    """Keep the class's table in the policy library."""
    return await classroom.leading.keep_policy(session_id, activity_id, body.name, current_person().name)


@router.post("/class-sessions/{session_id}/activities/{activity_id}/runs", status_code=201)
@requires(Role.TEACHER)
async def queue_pooled_runs(
    session_id: SessionId, activity_id: ActivityId, classroom: ClassroomDependency, settings: SettingsDependency
) -> SweepRead:
    """Queue a pooled experiment as ordinary runs, one for each student's value and seed, without names."""
    owner = current_person().name
    return await classroom.leading.queue_runs(session_id, activity_id, owner, settings.max_sweep_runs)


@router.get("/class-sessions/{session_id}/export", response_class=Response)
@requires(Role.TEACHER)
async def export_class_session(
    session_id: SessionId,
    classroom: ClassroomDependency,
    format: Annotated[  # noqa: A002 (the query parameter's name)
        Literal["csv", "json"], Query(description="csv: a row an answer; json: settings, answers and results.")
    ] = "csv",
    activity_id: Annotated[str | None, Query(max_length=32, description="One activity alone.")] = None,
) -> Response:
    """Return answers and results of a session, open or closed, without names."""
    name, data = await classroom.sessions.export(session_id, activity_id, format)
    kind = "text/csv; charset=utf-8" if format == "csv" else "application/json"
    return Response(data, media_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


@router.websocket("/class-sessions/{session_id}/live")
@requires(Role.TEACHER)
async def teacher_feed(socket: WebSocket, session_id: str, classroom: ClassroomDependency) -> None:
    """Send the teacher's view, once a second."""
    await send_session(socket, classroom, session_id, Side.TEACHER)


@router.get("/class-locks")
@requires(Role.TEACHER)
async def list_class_locks(classroom: ClassroomDependency) -> list[JoinLock]:
    """Return the browsers and addresses with many wrong session codes in the last minutes."""
    return [JoinLock.model_validate(one, from_attributes=True) for one in classroom.seating.limits.recent()]


@router.delete("/class-locks/{key}", status_code=204)
@requires(Role.TEACHER)
async def lift_class_lock(key: Annotated[str, Path(max_length=32)], classroom: ClassroomDependency) -> None:
    """Let a browser or an address begin anew."""
    classroom.seating.limits.lift(key)
