"""Flags of the teacher's page: who may need help, and the rule that says so. A flag goes when its rule fails."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from backend.classroom.roster import Seat
from backend.classroom.schemas import Flag

#: Seconds without a sign of a page, without anything done while something is asked, and wrong checks in a row.
OFFLINE, IDLE, WRONG = 40, 90, 3
#: Which flag is looked at first.
_ORDER: Final = ("hand", "wrong", "idle", "offline")


def flags(
    seat: Seat, now: datetime, *, hand: str | None, waits_since: datetime | None, explores: bool = True
) -> list[Flag]:
    """Return the flags of a seat, the most urgent first.

    Parameters
    ----------
    hand
        The line of the raised hand; None: it is down.
    waits_since
        Since when something is open that they have not answered, or a lesson goes on; None: nothing is.
    explores
        Whether a lesson or free play goes on: wrong checks of one that is over are nobody's concern.
    """
    found = []
    if hand is not None:
        found.append(Flag(rule="hand", words=f"hand up: “{hand}”" if hand else "hand up"))
    wrong = int(seat.position.get("wrong") or 0)
    if explores and wrong >= WRONG:
        found.append(Flag(rule="wrong", words=f"{wrong} wrong checks in a row"))
    if not seat.online(now):
        away = seat.offline_seconds(now)
        if away >= OFFLINE:
            found.append(Flag(rule="offline", words=f"offline {_duration(away)}"))
    elif waits_since is not None and not seat.simulated:
        idle = min(seat.idle_seconds(now), (now - waits_since).total_seconds())
        if idle >= IDLE:
            found.append(Flag(rule="idle", words=f"no action for {_duration(idle)}"))
    return found


def urgency(found: list[Flag]) -> int:
    """Return a number to sort by: the smaller, the sooner somebody should look."""
    return min((_ORDER.index(flag.rule) for flag in found), default=len(_ORDER))


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
