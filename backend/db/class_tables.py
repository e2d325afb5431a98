"""Tables of class sessions. Nobody but the teacher and the server itself reads them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint, false, true
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.tables import Base, UtcDateTime


class ClassSession(Base):
    """A class session: a teacher's hour with a class, joined by a short code."""

    __tablename__ = "class_sessions"
    __private__ = True
    __table_args__ = (Index(None, "created_at"), Index(None, "closed_at"))

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    code: Mapped[str | None] = mapped_column(String(16), unique=True)
    """Readable, since the board shows it; None once the session is closed: a code lives as long as its session."""
    title: Mapped[str] = mapped_column(String(200), default="", server_default="")
    owner: Mapped[str] = mapped_column(String(100))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    names_removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
    paused: Mapped[bool] = mapped_column(default=False, server_default=false())
    pace: Mapped[str] = mapped_column(String(16), default="together", server_default="together")
    joining_open: Mapped[bool] = mapped_column("door_open", default=True, server_default=true())
    """Whether new seats are given."""
    shows_count: Mapped[bool] = mapped_column(default=True, server_default=true())
    gathering: Mapped[int] = mapped_column(default=0, server_default="0")
    """How often all were brought to the class's place."""
    showing: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")
    """Seats whose scenes the board shows."""


class ClassSeat(Base):
    """A student's seat in a class session."""

    __tablename__ = "class_seats"
    __private__ = True
    __table_args__ = (UniqueConstraint("session_id", "number"), UniqueConstraint("session_id", "name_key"))

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    session_id: Mapped[str] = mapped_column(ForeignKey("class_sessions.id", ondelete="CASCADE"))
    number: Mapped[int]
    """From 1 on, in the order of joining."""
    name: Mapped[str] = mapped_column(String(100))
    name_key: Mapped[str] = mapped_column(String(100))
    """The name without regard to case and width: no two seats may look alike in a list."""
    key_hash: Mapped[str | None] = mapped_column(String(64), unique=True, default=None)
    """SHA-256 of what the seat's cookie holds; None for simulated students and after the seat was left."""
    simulated: Mapped[bool] = mapped_column(default=False, server_default=false())
    position: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict, server_default="{}")
    """Where they are, as their page reported: step, address, wrong checks in a row."""
    joined_at: Mapped[datetime] = mapped_column(UtcDateTime)
    left_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)


class ClassActivity(Base):
    """An activity of a class session, with the state that the server keeps of it."""

    __tablename__ = "class_activities"
    __private__ = True
    __table_args__ = (UniqueConstraint("session_id", "number"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    session_id: Mapped[str] = mapped_column(ForeignKey("class_sessions.id", ondelete="CASCADE"))
    number: Mapped[int]
    """From 1 on, in the order of starting; the last one is the current one unless it has ended."""
    kind: Mapped[str] = mapped_column(String(16))
    title: Mapped[str] = mapped_column(String(200))
    settings: Mapped[dict[str, Any]] = mapped_column(JSON)
    """As the teacher prepared it (`backend.classroom.activities.schemas`)."""
    state: Mapped[dict[str, Any]] = mapped_column(JSON)
    """Phase, and what else the server must know to go on."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)


class ClassAnswer(Base):
    """An answer of a seat in an activity. Its key makes sure that it is there once."""

    __tablename__ = "class_answers"
    __private__ = True

    activity_id: Mapped[str] = mapped_column(ForeignKey("class_activities.id", ondelete="CASCADE"), primary_key=True)
    slot: Mapped[str] = mapped_column(String(32), primary_key=True)
    """What it answers: a vote, a round, a run."""
    seat_id: Mapped[str] = mapped_column(ForeignKey("class_seats.id", ondelete="CASCADE"), primary_key=True)
    value: Mapped[int]
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class ClassHand(Base):
    """A raised hand with a line of text."""

    __tablename__ = "class_hands"
    __private__ = True
    __table_args__ = (Index(None, "session_id"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    session_id: Mapped[str] = mapped_column(ForeignKey("class_sessions.id", ondelete="CASCADE"))
    seat_id: Mapped[str] = mapped_column(ForeignKey("class_seats.id", ondelete="CASCADE"))
    text: Mapped[str] = mapped_column(Text)
    raised_at: Mapped[datetime] = mapped_column(UtcDateTime)
    lowered_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=None)
