"""Seats of a room in memory: their names, presence and last answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

#: A student whose page has not been heard of for so long is offline: three polls that failed.
OFFLINE_AFTER: Final = timedelta(seconds=12)


@dataclass
class Seat:
    """A seat of a class session."""

    id: str
    number: int
    name: str
    simulated: bool
    joined_at: datetime
    key_hash: str | None = None
    left_at: datetime | None = None
    position: dict[str, Any] = field(default_factory=dict)
    """``step``, ``address``, ``wrong``: as its page reported them last."""
    heard_at: datetime | None = None
    """When its page was last heard of; None: not since the server started."""
    acted_at: datetime | None = None
    """When its student did something."""
    feeds: int = 0
    """Open WebSockets."""
    polls: bool = False
    """Whether its page asked again and again instead of listening."""

    def online(self, now: datetime) -> bool:
        """Whether its page is there."""
        if self.left_at is not None:
            return False
        return self.simulated or self.feeds > 0 or (self.heard_at is not None and now - self.heard_at < OFFLINE_AFTER)

    def offline_seconds(self, now: datetime) -> float:
        """Seconds for which its page was not heard of."""
        return max(0.0, (now - (self.heard_at or self.joined_at)).total_seconds())

    def idle_seconds(self, now: datetime) -> float:
        """Seconds since its student did something."""
        return max(0.0, (now - (self.acted_at or self.joined_at)).total_seconds())


@dataclass(frozen=True)
class Answer:
    """An answer as it is stored."""

    value: int
    at: datetime


@dataclass(frozen=True)
class Situation:
    """Facts about the class that an activity needs when it advances: the seats, who is there, and the time."""

    seats: tuple[Seat, ...]
    """Those that were not left, in the order of their numbers."""
    now: datetime

    @property
    def present(self) -> tuple[Seat, ...]:
        """The seats whose pages are there, simulated ones included."""
        return tuple(seat for seat in self.seats if seat.online(self.now))
