"""Room: an open class session as the server keeps it in memory, loaded from the database.

What is here was committed first: the room can be dropped at any time and loaded anew.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from backend.classroom import queries
from backend.classroom.activities import registry
from backend.classroom.activities.base import Activity
from backend.classroom.feeds import Feed
from backend.classroom.roster import Answer, Seat, Situation
from backend.classroom.schemas import Pace
from backend.db.class_tables import ClassActivity, ClassSeat, ClassSession
from backend.kit.errors import NotFoundError

#: Names this start of the server. Pages compare the numbers of views within one start only: another start counts anew,
#: whatever the machine's clock says.
SERVER_START = secrets.token_hex(8)


@dataclass
class Facts:
    """Columns of a session's row."""

    id: str
    code: str | None
    title: str
    owner: str
    created_at: datetime
    closed_at: datetime | None
    names_removed_at: datetime | None
    paused: bool
    pace: Pace
    joining_open: bool
    shows_count: bool
    gathering: int
    showing: list[str]


@dataclass(frozen=True)
class Hand:
    """A hand that is up."""

    id: str
    seat_id: str
    text: str
    raised_at: datetime


@dataclass
class Head:
    """An activity in the list of all."""

    id: str
    number: int
    kind: str
    title: str
    phase: str
    created_at: datetime
    ended_at: datetime | None
    answers: int


class Pending(NamedTuple):
    """An answer that is being committed."""

    value: int
    stored: asyncio.Future[datetime]


@dataclass(eq=False)
class Room:
    """An open class session: seats, raised hands, the current activity, and the open feeds."""

    facts: Facts
    seats: dict[str, Seat]
    hands: dict[str, Hand]
    heads: list[Head]
    activity: Activity[Any, Any] | None
    """The current one; None: there is none, or the last one has ended."""
    version: int = field(default_factory=lambda: time.monotonic_ns() // 1_000_000)
    """Number of the newest view. Pages drop views with a smaller number than they have seen of the same start of the
    server. It begins at the milliseconds of a clock that nobody sets back: a room that was dropped and loaded anew goes
    on above its numbers, as it sends a view at most each 150 ms."""
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held while the state leads on: answers that come meanwhile wait, and are judged by the new state."""
    pending: dict[tuple[str, str], Pending] = field(default_factory=dict)
    """Answers, by slot and seat, that are being committed."""
    feeds: set[Feed] = field(default_factory=set)
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when what all shall see at once has changed."""
    idle_chance: Random = field(default_factory=Random)
    thinking: dict[tuple[str, str, str], datetime] = field(default_factory=dict)
    """When simulated students answer, by activity, slot and seat."""
    led_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    """When the current activity led on last."""
    gone: bool = False
    """Closed or deleted: feeds end."""

    def situation(self) -> Situation:
        """Return the facts about the class that activities need."""
        return Situation(tuple(self.sitting()), datetime.now(UTC))

    def sitting(self) -> list[Seat]:
        """Return the seats that were not left, by their numbers."""
        return [seat for seat in self.seats.values() if seat.left_at is None]

    def seat(self, seat_id: str) -> Seat:
        """Return a seat.

        Raises
        ------
        NotFoundError
            When there is none with this id, or it was left.
        """
        found = self.seats.get(seat_id)
        if found is None or found.left_at is not None:
            raise NotFoundError("There is no seat with this id in the class, or it was left.")
        return found

    def is_over_for(self, seat_id: str | None) -> bool:
        """Whether a page has nothing to come back to: the room is closed, or its seat was left."""
        seat = None if seat_id is None else self.seats.get(seat_id)
        return self.gone or (seat is not None and seat.left_at is not None)

    def hand_of(self, seat: Seat) -> Hand | None:
        """Return the raised hand of a seat; None: it is down."""
        return next((hand for hand in self.hands.values() if hand.seat_id == seat.id), None)


def load(session: Session, row: ClassSession) -> Room:
    """Read a session into memory."""
    counts = queries.answer_counts(session, row.id)
    activities, raised = queries.activities(session, row.id), queries.raised_hands(session, row.id)
    current = activities[-1] if activities and activities[-1].ended_at is None else None
    return Room(
        facts=facts(row),
        seats={one.id: seat(one) for one in queries.seats(session, row.id)},
        hands={one.id: Hand(one.id, one.seat_id, one.text, one.raised_at) for one in raised},
        heads=[head(one, counts.get(one.id, 0)) for one in activities],
        activity=None if current is None else load_activity(session, current),
    )


def load_activity(session: Session, row: ClassActivity) -> Activity[Any, Any]:
    """Read an activity with its answers."""
    answers: dict[str, dict[str, Answer]] = {}
    for one in queries.answers(session, row.id):
        answers.setdefault(one.slot, {})[one.seat_id] = Answer(one.value, one.at)
    return registry.restored(row.kind, row.id, row.number, row.title, row.settings, row.state, answers)


def facts(row: ClassSession) -> Facts:
    """Copy the columns of a session."""
    return Facts(**{name: getattr(row, name) for name in Facts.__dataclass_fields__})


def seat(row: ClassSeat) -> Seat:
    """Copy the columns of a seat."""
    return Seat(
        row.id, row.number, row.name, row.simulated, row.joined_at, row.key_hash, row.left_at, dict(row.position)
    )


def head(row: ClassActivity, answers: int) -> Head:
    """Copy the fields that the list of activities shows."""
    return Head(row.id, row.number, row.kind, row.title, str(row.state["phase"]), row.created_at, row.ended_at, answers)
