"""Views of a room: the state that the teacher's page, the board and a student's page receive."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from backend.classroom import flags
from backend.classroom.activities.base import END
from backend.classroom.room import SERVER_START, Facts, Room
from backend.classroom.roster import Seat, Situation
from backend.classroom.schemas import (
    ActivityRead,
    BoardView,
    OwnSeat,
    SessionRead,
    StudentView,
    TeacherSeat,
    TeacherView,
)

#: Students who may be silent that long before "idle" is asked of them, by rule: see `flags`.
_ALWAYS_ACTIVE = ("lesson", "free")


def session(found: Facts, seats: int, simulated: int, activities: int, names_hours: float) -> SessionRead:
    """Return a session as the teacher's list shows it."""
    until = None
    if found.closed_at is not None and found.names_removed_at is None:
        until = found.closed_at + timedelta(hours=names_hours)
    return SessionRead(
        **{name: getattr(found, name) for name in Facts.__dataclass_fields__ if name in SessionRead.model_fields},
        names_kept_until=until,
        seats=seats,
        simulated=simulated,
        activities=activities,
    )


def _shared(room: Room, situation: Situation) -> dict[str, Any]:
    return {
        "session_id": room.facts.id,
        "title": room.facts.title,
        "server_start": SERVER_START,
        "version": room.version,
        "now": situation.now,
        "closed": room.facts.closed_at is not None,
        "paused": room.facts.paused,
        "pace": room.facts.pace,
        "gathering": room.facts.gathering,
    }


def student(room: Room, seat: Seat, situation: Situation) -> StudentView:
    """Return the view of a seat's page."""
    hand = room.hand_of(seat)
    return StudentView(
        **_shared(room, situation),
        seat=OwnSeat(id=seat.id, number=seat.number, name=seat.name, hand=None if hand is None else hand.text),
        activity=None if room.activity is None else room.activity.student(seat, situation),
    )


def board(room: Room, situation: Situation) -> BoardView:
    """Return the board's view."""
    return BoardView(
        **_shared(room, situation),
        code=room.facts.code,
        count=len(situation.present) if room.facts.shows_count else None,
        activity=None if room.activity is None else room.activity.board(situation),
        showing=_showing(room),
    )


def _showing(room: Room) -> list[str]:
    """Return the addresses of the scenes that the teacher put up."""
    seats = (room.seats.get(seat_id) for seat_id in room.facts.showing)
    return [str(seat.position["address"]) for seat in seats if seat is not None and seat.position.get("address")]


def teacher(room: Room, situation: Situation, names_hours: float) -> TeacherView:
    """Return the view of the teacher's page."""
    activity = room.activity
    asked = [] if activity is None else activity.asked(situation)
    seats = [(_teacher_seat(room, seat, situation), seat) for seat in situation.seats]
    seats.sort(key=lambda pair: (flags.urgency(pair[0].flags), pair[1].number))
    simulated = sum(seat.simulated for seat in situation.seats)
    return TeacherView(
        **_shared(room, situation),
        session=session(
            room.facts, len(situation.seats) - simulated, simulated, len(room.heads), names_hours
        ),
        seats=[shown for shown, _ in seats],
        answered=0 if activity is None else sum(activity.has_answered(seat) for seat in asked),
        asked=len(asked),
        activity=None if activity is None else activity.teacher(situation),
        actions=[] if activity is None else [*activity.actions(), END],
        activities=[ActivityRead.model_validate(vars(head)) for head in room.heads],
        showing=room.facts.showing,
    )  # fmt: skip


def _teacher_seat(room: Room, seat: Seat, situation: Situation) -> TeacherSeat:
    activity, hand = room.activity, room.hand_of(seat)
    answered = activity is not None and activity.has_answered(seat)
    explores = activity is not None and activity.kind in _ALWAYS_ACTIVE
    waits = explores or (activity is not None and activity.slot(seat) is not None and not answered)
    line = None if hand is None else hand.text
    weights = getattr(activity.state, "weights", {}) if activity is not None and activity.kind == "synapse" else {}
    return TeacherSeat(
        id=seat.id,
        number=seat.number,
        name=seat.name,
        simulated=seat.simulated,
        joined_at=seat.joined_at,
        online=seat.online(situation.now),
        slow_line=seat.polls and seat.feeds == 0,
        idle_seconds=round(seat.idle_seconds(situation.now), 1),
        step=None if activity is None else activity.step(seat),
        address=seat.position.get("address"),
        answered=answered,
        last_answer=None if activity is None else activity.last_answer(seat),
        synapse=weights.get(seat.id),
        hand_id=None if hand is None else hand.id,
        hand=line,
        flags=flags.flags(
            seat,
            situation.now,
            hand=line,
            waits_since=room.led_at if waits and not room.facts.paused else None,
            explores=explores and activity is not None and activity.is_here(seat),
        ),
    )
