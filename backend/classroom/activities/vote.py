"""Vote: predict, talk, predict again, then show the distribution, then reveal the right answer.

Before the distribution is shown neither a student nor the board is sent a count of any option; before the reveal
neither is sent the right answer or an explanation.
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from random import Random
from typing import Any

from backend.classroom.activities.base import Activity, State
from backend.classroom.activities.schemas import BoardVote, StudentVote, TeacherVote, VoteCreate
from backend.classroom.roster import Seat, Situation

_TWICE = ("first", "first_closed", "talk", "second", "second_closed", "distribution", "revealed")
_ONCE = ("first", "first_closed", "distribution", "revealed")
_OPEN = ("first", "second")
#: Share of simulated students who find the right answer the second time.
_PERSUADED = 0.6


class VoteState(State):
    """State of a vote."""

    phase: str = "first"


class Vote(Activity[VoteCreate, VoteState]):
    """A vote. Its phases lead one way; each is left by `next`, an open one also by its clock."""

    kind = "vote"
    settings_type, state_type = VoteCreate, VoteState

    @classmethod
    def begin(cls, settings: VoteCreate, situation: Situation) -> VoteState:
        """Return the state at the start: the first vote is open."""
        return _opened(VoteState(), settings, situation)

    @property
    def phases(self) -> tuple[str, ...]:
        """Phases in their order; a question without right answer and explanations ends with the distribution."""
        phases = _TWICE if self.settings.twice else _ONCE
        has_answer = self.settings.right is not None or bool(self.settings.explanations)
        return phases if has_answer else phases[:-1]

    @property
    def is_revealed(self) -> bool:
        """Whether all was shown that there is."""
        return self.state.phase == self.phases[-1]

    def actions(self) -> list[str]:
        """Return `next` until the end."""
        return ["next"] * (not self.is_revealed) + super().actions()

    def _act(self, action: str, value: int | None, situation: Situation) -> VoteState:
        del action, value
        return self._next(situation)

    def _next(self, situation: Situation) -> VoteState:
        state = self.draft()
        state.phase = self.phases[self.phases.index(state.phase) + 1]
        state.closes_at = state.remaining = None
        return _opened(state, self.settings, situation) if state.phase in _OPEN else state

    def due(self, situation: Situation) -> VoteState | None:
        """Close a vote whose time is over."""
        closes = self.state.closes_at
        return self._next(situation) if closes is not None and closes <= situation.now else None

    def slot(self, seat: Seat) -> str | None:
        """Return the vote that is open."""
        del seat
        return self.state.phase if self.state.phase in _OPEN else None

    def limit(self) -> int:
        """Return the number of the last option."""
        return len(self._options) - 1

    def simulated_value(self, seat: Seat, chance: Random) -> int:
        """Guess at first; the second time most have found the right answer."""
        before, right = self.given("first", seat), self.settings.right
        if before is None or self.state.phase == "first":
            return chance.randint(0, self.limit())
        return right if right is not None and chance.random() < _PERSUADED else before

    def in_words(self, slot: str, value: int) -> str:
        """Say which option was chosen."""
        return f"{slot}: {self._options[value]}"

    # -- views

    @property
    def _options(self) -> list[str]:
        return self.settings.options or []

    def _counts(self, slot: str) -> list[int]:
        counted = Counter(answer.value for answer in self.answers.get(slot, {}).values())
        return [counted[option] for option in range(len(self._options))]

    def _shared(self, situation: Situation, *, teacher: bool = False) -> dict[str, Any]:
        """Return the fields that all may see in this phase; the teacher sees all of it in any."""
        at = self.phases.index(self.state.phase)
        shows = teacher or at >= self.phases.index("distribution")
        tells = teacher or self.state.phase == "revealed"
        answered, asked = self._progress(situation)
        if self.state.phase not in _OPEN:
            last = "second" if self.settings.twice and at >= self.phases.index("second") else "first"
            answered = asked = len(self.answers.get(last, {}))
        return {
            **self._head(),
            "question": self.settings.question or "",
            "options": self._options,
            "twice": self.settings.twice,
            "answered": answered,
            "asked": asked,
            "first": self._counts("first") if shows else None,
            "second": self._counts("second") if shows and self.settings.twice else None,
            "right": self.settings.right if tells else None,
            "explanations": self.settings.explanations if tells else None,
        }

    def board(self, situation: Situation) -> BoardVote:
        """Return question and options; distribution and answer once they are shown."""
        return BoardVote(**self._shared(situation))

    def student(self, seat: Seat, situation: Situation) -> StudentVote:
        """Return the board's view and the student's own choices."""
        return StudentVote(
            **self._shared(situation),
            slot=self.slot(seat),
            own_first=self.given("first", seat),
            own_second=self.given("second", seat),
        )

    def teacher(self, situation: Situation) -> TeacherVote:
        """Return all of it."""
        return TeacherVote(**self._shared(situation, teacher=True), changed=self._changed())

    def _changed(self) -> list[list[int]]:
        table = [[0] * len(self._options) for _ in self._options]
        second = self.answers.get("second", {})
        for seat_id, first in self.answers.get("first", {}).items():
            if seat_id in second:
                table[first.value][second[seat_id].value] += 1
        return table

    def results(self) -> list[dict[str, Any]]:
        """Return the votes for each option."""
        first, second = self._counts("first"), self._counts("second")
        return [
            {"option": text, "first": first[n], "second": second[n], "right": n == self.settings.right}
            for n, text in enumerate(self._options)
        ]


def _opened(state: VoteState, settings: VoteCreate, situation: Situation) -> VoteState:
    if settings.seconds is not None:
        state.closes_at = situation.now + timedelta(seconds=settings.seconds)
    return state
