"""Queries on class sessions: the only place of this feature that builds SQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from backend.db.class_tables import ClassActivity, ClassAnswer, ClassHand, ClassSeat, ClassSession
from backend.db.tables import Base


def add(session: Session, row: Base) -> None:
    """Add a row at once."""
    session.add(row)
    session.flush()


def open_ids(session: Session) -> list[str]:
    """Return the ids of the sessions that are open."""
    return list(session.scalars(select(ClassSession.id).where(ClassSession.closed_at.is_(None))))


def find(session: Session, session_id: str) -> ClassSession | None:
    """Return a session; None if there is none."""
    return session.get(ClassSession, session_id)


def listing(session: Session) -> list[ClassSession]:
    """Return all sessions, the newest first."""
    return list(session.scalars(select(ClassSession).order_by(ClassSession.created_at.desc())))


def is_code_in_use(session: Session, code: str) -> bool:
    """Whether an open session has this code."""
    return session.scalar(select(ClassSession.id).where(ClassSession.code == code)) is not None


def seats(session: Session, session_id: str) -> list[ClassSeat]:
    """Return the seats of a session by their numbers."""
    wanted = select(ClassSeat).where(ClassSeat.session_id == session_id).order_by(ClassSeat.number)
    return list(session.scalars(wanted))


def seat_counts(session: Session) -> dict[str, tuple[int, int]]:
    """Return how many seats each session has that were not left: real ones, simulated ones."""
    counted: dict[str, tuple[int, int]] = {}
    wanted = (
        select(ClassSeat.session_id, ClassSeat.simulated, func.count())
        .where(ClassSeat.left_at.is_(None))
        .group_by(ClassSeat.session_id, ClassSeat.simulated)
    )
    for session_id, simulated, count in session.execute(wanted):
        real, made = counted.get(session_id, (0, 0))
        counted[session_id] = (real, made + count) if simulated else (real + count, made)
    return counted


def activities(session: Session, session_id: str) -> list[ClassActivity]:
    """Return the activities of a session in their order."""
    wanted = select(ClassActivity).where(ClassActivity.session_id == session_id).order_by(ClassActivity.number)
    return list(session.scalars(wanted))


def activity_counts(session: Session) -> dict[str, int]:
    """Return how many activities each session has."""
    wanted = select(ClassActivity.session_id, func.count()).group_by(ClassActivity.session_id)
    return {key: count for key, count in session.execute(wanted)}  # noqa: C416  rows are no pairs to mypy


def answers(session: Session, activity_id: str) -> list[ClassAnswer]:
    """Return the answers of an activity in the order in which they came."""
    wanted = select(ClassAnswer).where(ClassAnswer.activity_id == activity_id).order_by(ClassAnswer.at)
    return list(session.scalars(wanted))


def answer_counts(session: Session, session_id: str) -> dict[str, int]:
    """Return how many answers each activity of a session has."""
    wanted = (
        select(ClassAnswer.activity_id, func.count())
        .join(ClassActivity, ClassActivity.id == ClassAnswer.activity_id)
        .where(ClassActivity.session_id == session_id)
        .group_by(ClassAnswer.activity_id)
    )
    return {key: count for key, count in session.execute(wanted)}  # noqa: C416  rows are no pairs to mypy


def raised_hands(session: Session, session_id: str) -> list[ClassHand]:
    """Return the hands of a session that are up, in the order in which they were raised."""
    wanted = select(ClassHand).where(ClassHand.session_id == session_id, ClassHand.lowered_at.is_(None))
    return list(session.scalars(wanted.order_by(ClassHand.raised_at)))


def change(session: Session, kind: type[Base], row_id: str, values: Mapping[str, Any]) -> None:
    """Set columns of a row."""
    key = kind.__mapper__.primary_key[0]
    session.execute(update(kind).where(key == row_id).values(**values))


def remove_session(session: Session, row: ClassSession) -> None:
    """Delete a session with all that hangs on it."""
    session.delete(row)


def named_before(session: Session, closed_before: datetime) -> Sequence[ClassSession]:
    """Return the sessions that were closed before a moment and still hold names."""
    wanted = select(ClassSession).where(ClassSession.closed_at < closed_before, ClassSession.names_removed_at.is_(None))
    return session.scalars(wanted).all()


def hands(session: Session, session_id: str) -> list[ClassHand]:
    """Return all hands of a session that were ever raised."""
    return list(session.scalars(select(ClassHand).where(ClassHand.session_id == session_id)))
