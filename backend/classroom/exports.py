"""Exports of class sessions: answers and results as CSV and JSON. Names are in neither: seats go by their numbers."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from backend.classroom import queries
from backend.classroom import room as rooms
from backend.classroom.schemas import Exported
from backend.classroom.views import session as session_read
from backend.db.class_tables import ClassActivity, ClassSeat, ClassSession
from backend.exchange.csv_cells import row as csv_row
from backend.kit.errors import InvalidError, NotFoundError

_COLUMNS = ("activity", "kind", "title", "slot", "seat", "simulated", "value", "in_words", "at")


def export(
    session: Session, session_id: str, activity_id: str | None, format_: str, names_hours: float
) -> tuple[str, bytes]:
    """Return a session, or one activity of it, as a file.

    Parameters
    ----------
    format_
        ``csv``: a row an answer; ``json``: settings, answers and results.

    Raises
    ------
    NotFoundError
        When there is no such session or activity.
    InvalidError
        For another format.
    """
    row = queries.find(session, session_id)
    if row is None:
        raise NotFoundError("There is no class session with this id.")
    chosen = [one for one in queries.activities(session, session_id) if activity_id in (None, one.id)]
    if activity_id is not None and not chosen:
        raise NotFoundError("There is no activity with this id in the session.")
    seats = {one.id: one for one in queries.seats(session, session_id)}
    name = f"class-{row.created_at:%Y-%m-%d}-{row.id}"
    if format_ == "csv":
        return f"{name}.csv", _csv(session, chosen, seats)
    if format_ == "json":
        return f"{name}.json", _json(session, row, chosen, seats, names_hours)
    raise InvalidError.of("format", "should be csv or json", value=format_[:20])


def _answers(session: Session, activity: ClassActivity, seats: dict[str, ClassSeat]) -> list[dict[str, Any]]:
    read = rooms.load_activity(session, activity)
    return [
        {
            "slot": one.slot,
            "seat": seats[one.seat_id].number,
            "simulated": seats[one.seat_id].simulated,
            "value": one.value,
            "in_words": read.in_words(one.slot, one.value),
            "at": one.at.isoformat(),
        }
        for one in queries.answers(session, activity.id)
    ]


def _csv(session: Session, activities: list[ClassActivity], seats: dict[str, ClassSeat]) -> bytes:
    lines = [csv_row(_COLUMNS)]
    for activity in activities:
        for one in _answers(session, activity, seats):
            of_activity = {"activity": activity.number, "kind": activity.kind, "title": activity.title}
            lines.append(csv_row((of_activity | one)[column] for column in _COLUMNS))
    return "".join(lines).encode()


def _json(
    session: Session, row: ClassSession, activities: list[ClassActivity], seats: dict[str, ClassSeat], hours: float
) -> bytes:
    real = sum(not one.simulated for one in seats.values())
    exported = Exported(
        session=session_read(rooms.facts(row), real, len(seats) - real, len(activities), hours),
        seats=[
            {"seat": one.number, "simulated": one.simulated, "joined_at": one.joined_at.isoformat()}
            for one in seats.values()
        ],
        activities=[
            {
                "number": activity.number,
                "kind": activity.kind,
                "title": activity.title,
                "settings": activity.settings,
                "created_at": activity.created_at.isoformat(),
                "answers": _answers(session, activity, seats),
                "results": rooms.load_activity(session, activity).results(),
            }
            for activity in activities
        ],
    )
    return exported.model_dump_json(indent=1).encode() + b"\n"
