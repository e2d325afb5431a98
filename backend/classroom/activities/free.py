"""Free play with the teacher's scene: its address holds settings, hidden and locked controls."""

from __future__ import annotations

from typing import Any

from backend.classroom.activities.base import Activity, State
from backend.classroom.activities.schemas import BoardFree, FreeCreate, StudentFree, TeacherFree
from backend.classroom.roster import Seat, Situation


class FreeState(State):
    """State of free play."""

    phase: str = "open"


class FreePlay(Activity[FreeCreate, FreeState]):
    """Free play. Its only phase ends with the activity."""

    kind = "free"
    settings_type, state_type = FreeCreate, FreeState

    @classmethod
    def begin(cls, settings: FreeCreate, situation: Situation) -> FreeState:
        """Return the state at the start."""
        del settings, situation
        return FreeState()

    def is_here(self, seat: Seat) -> bool:
        """Students may go anywhere, a lesson among it."""
        del seat
        return True

    def _shared(self) -> dict[str, Any]:
        return {**self._head(), "address": self.settings.address, "note": self.settings.note}

    def board(self, situation: Situation) -> BoardFree:
        """Return the task for the board."""
        del situation
        return BoardFree(**self._shared())

    def student(self, seat: Seat, situation: Situation) -> StudentFree:
        """Return the scene's address."""
        del seat, situation
        return StudentFree(**self._shared())

    def teacher(self, situation: Situation) -> TeacherFree:
        """Return the students' task, and the address of its scene."""
        del situation
        return TeacherFree(**self._shared())
