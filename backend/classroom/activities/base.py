"""Common interface of activities: settings, a state that is written at every step, answers, and three views.

The state machine is the server's. Methods that lead on return the next state and change nothing: the room commits it
to the database before anybody sees it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any, ClassVar, Generic, TypeVar

from pydantic import BaseModel, ConfigDict

from backend.classroom.activities.schemas import BoardActivity, Kind, StudentActivity, TeacherActivity
from backend.classroom.roster import Answer, Seat, Situation
from backend.kit.errors import ConflictError, InvalidError
from backend.kit.fields import Body
from synrl_core.tape import Scene

#: Seconds that `extend` adds.
_EXTENSION = timedelta(seconds=30)
#: Action that ends an activity; the room carries it out.
END = "end"
_EXTEND = "extend"


class State(BaseModel):
    """State of an activity: what must be known to go on after the server was killed."""

    model_config = ConfigDict(extra="forbid")

    phase: str
    closes_at: datetime | None = None
    """When what is open closes by itself."""
    remaining: float | None = None
    """Seconds that were left when the class was paused."""


@dataclass(frozen=True)
class Job:
    """A training that an activity needs: a scene, and how far."""

    scene: Scene
    iterations: int
    person: str
    """Whose turn it takes in the playground."""


@dataclass(frozen=True)
class Trained:
    """Result of a job: evaluations of a scene, or why there are none."""

    iterations: list[int]
    accuracy: list[float]
    """Of the validation points."""
    loss: list[float]
    error: str | None = None


SettingsT = TypeVar("SettingsT", bound=Body)
StateT = TypeVar("StateT", bound=State)


class Activity(ABC, Generic[SettingsT, StateT]):
    """An activity of a room.

    Parameters
    ----------
    id, number, title
        Of its row.
    settings
        As the teacher prepared it.
    state
        As it was written last. The room replaces it after each commit.
    answers
        Stored answers by slot and seat. The room adds to them after each commit.
    """

    kind: ClassVar[Kind]
    settings_type: ClassVar[type[Body]]
    state_type: ClassVar[type[State]]

    def __init__(
        self, id: str, number: int, title: str, settings: SettingsT, state: StateT,  # noqa: A002
        answers: dict[str, dict[str, Answer]],
    ) -> None:  # fmt: skip
        self.id, self.number, self.title = id, number, title
        self.settings, self.state, self.answers = settings, state, answers

    # -- how it goes on

    def prepare(self) -> None:
        """Prepare the first step in a thread, where that takes long: load data, say."""

    def actions(self) -> list[str]:
        """Return the actions that the teacher has now, the one that leads on first."""
        return [_EXTEND] if self.state.closes_at is not None else []

    def act(self, action: str, value: int | None, situation: Situation) -> StateT:
        """Return the state after a press of the teacher's.

        Raises
        ------
        ConflictError
            When the action is not possible now.
        InvalidError
            When its value is out of range.
        """
        if action not in self.actions():
            possible = ", ".join([*self.actions(), END])
            raise ConflictError(f"'{action[:32]}' is not possible in phase {self.state.phase}. Possible: {possible}.")
        if action == _EXTEND:
            state = self.draft()
            assert state.closes_at is not None  # noqa: S101  it is in the actions only then
            state.closes_at += _EXTENSION
            return state
        return self._act(action, value, situation)

    def _act(self, action: str, value: int | None, situation: Situation) -> StateT:
        raise NotImplementedError(f"{action} {value} {situation}")

    def due(self, situation: Situation) -> StateT | None:  # noqa: ARG002
        """Return the state that follows by itself now; None: nothing does."""
        return None

    def next_due(self) -> datetime | None:
        """Return when something follows by itself at the latest."""
        return self.state.closes_at

    def admitted(self, situation: Situation) -> StateT | None:  # noqa: ARG002
        """Return the state in which all seats have their part; None: they have it."""
        return None

    def jobs(self) -> Mapping[str, Job]:
        """Return the trainings that it waits for, by keys of its own."""
        return {}

    def trained(self, key: str, result: Trained) -> StateT:
        """Return the state with the result of a job."""
        raise NotImplementedError(f"{key} {result}")

    def paused(self, now: datetime) -> StateT:
        """Return the state with its clock stopped."""
        state = self.draft()
        if state.closes_at is not None:
            state.remaining = max(0.0, (state.closes_at - now).total_seconds())
            state.closes_at = None
        return state

    def resumed(self, now: datetime) -> StateT:
        """Return the state with its clock running again."""
        state = self.draft()
        if state.remaining is not None:
            state.closes_at = now + timedelta(seconds=state.remaining)
            state.remaining = None
        return state

    def draft(self) -> StateT:
        """Return a copy of the state, to be changed."""
        return self.state.model_copy(deep=True)

    # -- answers

    def slot(self, seat: Seat) -> str | None:  # noqa: ARG002
        """Return the slot that a seat can answer now, whether it has or not; None: nothing."""
        return None

    def limit(self) -> int:
        """Return the highest value of an answer."""
        return 0

    def check(self, seat: Seat, slot: str, value: int) -> None:
        """Refuse an answer that is not due.

        Raises
        ------
        ConflictError
            When this slot is not open for the seat.
        InvalidError
            When the value is out of range.
        """
        if slot != self.slot(seat):
            raise ConflictError(f"'{slot[:32]}' is closed. Answers that came in before it closed are kept.")
        if value > self.limit():
            raise InvalidError.of("value", f"should be from 0 to {self.limit()}", value=value, limit=self.limit())

    def given(self, slot: str | None, seat: Seat) -> int | None:
        """Return the answer of a seat; None: it gave none."""
        found = None if slot is None else self.answers.get(slot, {}).get(seat.id)
        return None if found is None else found.value

    def has_answered(self, seat: Seat) -> bool:
        """True if a seat has answered the question that is open for it."""
        return self.given(self.slot(seat), seat) is not None

    def asked(self, situation: Situation) -> list[Seat]:
        """Return the seats that are asked now: those there, and those that answered before they went."""
        slots = {seat.id: self.slot(seat) for seat in situation.seats}
        present = {seat.id for seat in situation.present}
        return [
            seat
            for seat in situation.seats
            if slots[seat.id] is not None and (seat.id in present or self.has_answered(seat))
        ]

    def simulated_value(self, seat: Seat, chance: Random) -> int:
        """Return the answer of a simulated student."""
        del seat
        return chance.randint(0, self.limit())

    def in_words(self, slot: str, value: int) -> str:
        """Say an answer in words, for the teacher and exports."""
        return f"{slot}: {value}"

    def last_answer(self, seat: Seat) -> str | None:
        """Say the last answer of a seat in words."""
        given = [(one[seat.id].at, slot, one[seat.id].value) for slot, one in self.answers.items() if seat.id in one]
        return self.in_words(*max(given)[1:]) if given else None

    # -- where students are

    def is_here(self, seat: Seat) -> bool:
        """Whether a seat's page reported a place of this activity last, not one of an activity before it."""
        del seat
        return False

    def step(self, seat: Seat) -> int | None:
        """Return the step of this activity's lesson at which a seat's page is; None: it is elsewhere."""
        del seat
        return None

    # -- views

    @abstractmethod
    def board(self, situation: Situation) -> BoardActivity:
        """Return the board's view."""

    @abstractmethod
    def student(self, seat: Seat, situation: Situation) -> StudentActivity:
        """Return the view of a student's page."""

    @abstractmethod
    def teacher(self, situation: Situation) -> TeacherActivity:
        """Return the view of the teacher's page."""

    def results(self) -> list[dict[str, Any]]:
        """Return the results as rows for an export: one a result."""
        return []

    def _head(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "number": self.number,
            "title": self.title,
            "phase": self.state.phase,
            "closes_at": self.state.closes_at,
        }

    def _progress(self, situation: Situation) -> tuple[int, int]:
        """Return how many have answered, of how many who are asked."""
        asked = self.asked(situation)
        return sum(self.has_answered(seat) for seat in asked), len(asked)
