"""Retention: close forgotten sessions, and delete names some hours after a session was closed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

from backend.classroom import queries


def remove_names(session: Session, hours: float) -> int:
    """Delete the names in sessions that were closed at least so many hours ago.

    Seats are called by their numbers from then on; the lines of raised hands and the addresses that pages reported are
    deleted with the names. Answers stay.

    Returns
    -------
    Of how many sessions.
    """
    now = datetime.now(UTC)
    rows = queries.named_before(session, now - timedelta(hours=hours))
    for row in rows:
        for seat in queries.seats(session, row.id):
            seat.name = seat.name_key = f"seat {seat.number}"
            seat.key_hash, seat.position = None, {}
        for hand in queries.hands(session, row.id):
            hand.text = ""
        row.names_removed_at = now
    return len(rows)


def has_names_to_remove(session: Session, hours: float) -> bool:
    """Whether `remove_names` would find any."""
    return bool(queries.named_before(session, datetime.now(UTC) - timedelta(hours=hours)))
