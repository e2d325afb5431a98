"""Schemas of class sessions: the teacher's requests, and the views of teacher, board and student.

The views of an activity are discriminated by ``kind``. The live feeds send the same views as text, one a second at
most when something changed, and at once when the phase changed.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from backend.classroom.activities.schemas import (
    BoardActivity,
    Kind,
    StudentActivity,
    TeacherActivity,
)
from backend.kit.fields import Body

#: Letters of a name, of a line with a raised hand, and of a session's title.
LONGEST_NAME, LONGEST_LINE, LONGEST_TITLE = 40, 200, 200
#: Simulated students of one session.
MOST_SIMULATED = 60

Pace = Literal["together", "free"]
Line = Annotated[str, StringConstraints(max_length=LONGEST_LINE, pattern=r"^[^\x00]*$")]
#: An address of this server as a page shows it, path and query.
Address = Annotated[str, StringConstraints(max_length=8000, pattern=r"^/[^/\\\x00-\x20][^\x00-\x20]*$")]


# -- requests of the teacher ------------------------------------------------------------------------------------


class SessionCreate(Body):
    """Request to start a class session."""

    title: Annotated[str, StringConstraints(strip_whitespace=True, max_length=LONGEST_TITLE, pattern=r"^[^\x00]*$")] = (
        Field(default="", description="Shown to who joins, and on the board.")
    )
    shows_count: bool = Field(default=True, description="Whether the board shows how many are in.")


class SessionUpdate(Body):
    """Change of a class session; what is left out stays."""

    title: (
        Annotated[str, StringConstraints(strip_whitespace=True, max_length=LONGEST_TITLE, pattern=r"^[^\x00]*$")] | None
    ) = None
    shows_count: bool | None = Field(default=None, description="Whether the board shows how many are in.")
    paused: bool | None = Field(default=None, description="Pause all: nobody can answer until it is false again.")
    pace: Pace | None = Field(default=None, description="together: at the teacher's step; free: each at their own.")
    joining_open: bool | None = Field(default=None, description="Whether new seats are given; who has one stays.")


class SeatUpdate(Body):
    """Change of a seat by the teacher."""

    name: Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00]*$")] = Field(description="A new name.")


class SimulatedStudents(Body):
    """Request to have this many simulated students; 0 sends them out."""

    students: Annotated[int, Field(ge=0, le=MOST_SIMULATED)]


class Showing(Body):
    """Request to show scenes of these seats on the board, in this order, without names; empty: none."""

    seats: Annotated[list[Annotated[str, Field(max_length=32)]], Field(max_length=6)]


class ActivityAction(Body):
    """A press of the teacher's: one of the actions that the view lists as possible now."""

    action: Annotated[str, Field(max_length=32)]
    value: Annotated[int, Field(ge=0, le=10_000)] | None = Field(
        default=None, description="Of `go`: the step of a lesson."
    )
    phase: Annotated[str, Field(max_length=32)] | None = Field(
        default=None,
        description="The phase that the page showed. When it has changed meanwhile nothing is done, so that a second "
        "press does not skip a phase.",
    )


class PolicyKeep(Body):
    """Request to keep the class's table in the policy library."""

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00]*$")]


# -- requests of a student --------------------------------------------------------------------------------------


class SeatCreate(Body):
    """Request for a seat: the code of a session and any name."""

    code: Annotated[str, Field(max_length=100, description="Six signs; small letters, blanks and dashes are fine.")]
    name: Annotated[str, StringConstraints(max_length=400, pattern=r"^[^\x00]*$")] = Field(
        default="", description=f"Any name, at most {LONGEST_NAME} letters; empty: one is given, such as Blue 7."
    )


class AnswerCreate(Body):
    """An answer: it is stored once and not changed. Sent again with the same value it is acknowledged again."""

    activity_id: Annotated[str, Field(max_length=32)]
    slot: Annotated[str, Field(max_length=32)] = Field(
        description="What it answers, as the student's view of the activity names it (`slot`)."
    )
    value: Annotated[int, Field(ge=0, le=1000)] = Field(
        description="Number of an option, an action code (0 down, 1 stay, 2 up), or 0 to start."
    )


class HandRaise(Body):
    """A raised hand with a line of text."""

    text: Line = ""


class PositionUpdate(Body):
    """Where a student is: what their page reports when it changes."""

    step: Annotated[int, Field(ge=0, le=1000)] | None = Field(default=None, description="Step of a lesson, from 0.")
    address: Address | None = Field(default=None, description="The page or scene, path and query.")
    wrong: Annotated[int, Field(ge=0, le=1000)] = Field(default=0, description="Wrong checks at this step in a row.")


# -- answers ----------------------------------------------------------------------------------------------------


class SessionRead(BaseModel):
    """A class session."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    code: str | None = Field(description="Null once it is closed.")
    title: str
    owner: str
    created_at: datetime
    closed_at: datetime | None
    names_kept_until: datetime | None = Field(
        description="When the names of its seats are deleted; null while it is open and after they were."
    )
    shows_count: bool
    paused: bool
    pace: Pace
    joining_open: bool
    gathering: int = Field(description="How often all were brought here: pages follow when it grows.")
    seats: int = Field(description="Seats taken, without simulated ones.")
    simulated: int
    activities: int


class SessionPreview(BaseModel):
    """Preview of a session for a browser that has no seat yet."""

    code: str
    title: str
    seated: bool = Field(description="Whether this browser has a seat of this session already.")
    name: str = Field(description="Name of that seat, or one to suggest.")
    names_kept_hours: float = Field(description="Hours after closing for which names are kept.")


class Acknowledged(BaseModel):
    """An answer is stored."""

    activity_id: str
    slot: str
    value: int
    at: datetime


class ActivityRead(BaseModel):
    """An activity of a session, as the list of all shows it."""

    id: str
    number: int
    kind: Kind
    title: str
    phase: str
    created_at: datetime
    ended_at: datetime | None
    answers: int


class OwnSeat(BaseModel):
    """A student's own seat."""

    id: str
    number: int
    name: str
    hand: str | None = Field(description="The line of the raised hand; null: it is down.")


class _View(BaseModel):
    """Fields that all views share."""

    session_id: str
    title: str
    server_start: str = Field(description="Names the start of the server that numbered the view.")
    version: int = Field(description="Grows with every change; of one start of the server, a smaller one is older.")
    now: datetime = Field(description="The server's time, against which deadlines are shown.")
    closed: bool
    paused: bool
    pace: Pace
    gathering: int


class StudentView(_View):
    """All that a student's page shows: the state of the class, and what is their own."""

    seat: OwnSeat
    activity: StudentActivity | None


class BoardView(_View):
    """All that the board shows: no names, no single answers, nothing that gives an answer away."""

    code: str | None
    count: int | None = Field(description="How many are in, simulated ones included; null where that is hidden.")
    activity: BoardActivity | None
    showing: list[str] = Field(description="Addresses of scenes that the teacher puts up, without names.")


class Flag(BaseModel):
    """Why a student may need help, with the rule that says so."""

    rule: Literal["offline", "idle", "wrong", "hand"]
    words: str


class TeacherSeat(BaseModel):
    """A seat as the teacher sees it."""

    id: str
    number: int
    name: str
    simulated: bool
    joined_at: datetime
    online: bool
    slow_line: bool = Field(description="It polls, since WebSockets do not pass.")
    idle_seconds: float = Field(description="Since the last thing that they did.")
    step: int | None
    address: str | None
    answered: bool = Field(description="Whether they have answered what is open now.")
    last_answer: str | None = Field(description="In words.")
    synapse: int | None = Field(description="Their weight, in Be a synapse.")
    hand_id: str | None
    hand: str | None
    flags: list[Flag]


class TeacherView(_View):
    """All that the teacher's page shows, once a second."""

    session: SessionRead
    seats: list[TeacherSeat] = Field(description="Those who may need help first.")
    answered: int = Field(description="Of those who are asked now.")
    asked: int
    activity: TeacherActivity | None
    actions: list[str] = Field(description="What can be pressed now; the first one leads on.")
    activities: list[ActivityRead]
    showing: list[str]


class JoinLock(BaseModel):
    """A browser or an address with many wrong session codes."""

    key: str
    where: Literal["browser", "address"]
    address: str
    failures: int
    seconds_ago: float


class Exported(BaseModel):
    """Everything of a session as JSON: activities with their answers and results."""

    session: SessionRead
    seats: list[dict[str, Any]]
    activities: list[dict[str, Any]]
