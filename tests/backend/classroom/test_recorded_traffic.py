"""All that reaches students and the board in a whole class: every frame and every HTTP answer, to the end."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from backend.lessons import service as lessons
from tests.backend.classroom.hours import Hour, Student
from tests.backend.people.members import closed
from tests.server import wait_for
from tests.slowness import patience

NAMES = ["Zebedee", "Yolanda", "Xanthippe"]
VOTE: dict[str, Any] = {
    "kind": "vote",
    "question": "Which?",
    "options": ["one", "two", "three", "four", "five"],
    "right": 3,
    "explanations": [f"quicksilver {n}" for n in range(5)],
}
#: What the three choose, and how that is counted.
FIRST, FIRST_COUNTS = (4, 1, 4), [0, 1, 0, 0, 2]
SECOND, SECOND_COUNTS = (3, 3, 1), [0, 1, 0, 2, 0]
SHORT = {"iterations": 256}
#: What every page must have been seen in, else the test proves nothing.
RECORDED = {
    *(("vote", phase) for phase in ("first", "first_closed", "talk", "second", "second_closed", "distribution")),
    ("vote", "revealed"), ("synapse", "over"), ("table", "trained"), ("pooled", "done"), ("lesson", "open"),
}  # fmt: skip


class Recorder:
    """Recorder of one page: its feed, read to the end, and the HTTP answers that its browser gets."""

    def __init__(self, browser: TestClient, feed: str) -> None:
        self.browser = browser
        self.texts: list[str] = []
        self._feed = feed
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def record_answers(self) -> Recorder:
        """Record what its browser asks for too."""
        self.browser.event_hooks["response"].append(self._answered)
        return self

    def _answered(self, response: Any) -> None:
        response.read()
        self.texts.append(response.text)

    def _listen(self) -> None:
        cookie = "; ".join(f"{name}={value}" for name, value in self.browser.cookies.items())
        try:
            with self.browser.websocket_connect(self._feed, headers={"cookie": cookie}) as feed:
                while True:
                    self.texts.append(feed.receive_text())
        except WebSocketDisconnect:
            pass

    def views(self) -> list[dict[str, Any]]:
        """Return what held a view, as it came."""
        read = [json.loads(text) for text in self.texts if text.startswith("{")]
        return [one for one in read if "version" in one]

    def reaches(self, kind: str, phase: str) -> None:
        """Wait until its feed has brought a phase."""
        wanted = (kind, phase)
        wait_for(lambda: [_phase(view) for view in self.views()[-3:]], lambda seen: wanted in seen, 60)

    def ends(self) -> None:
        """Wait until its feed was closed."""
        self._thread.join(patience(30))
        assert not self._thread.is_alive()


def _phase(view: dict[str, Any]) -> tuple[str, str]:
    activity = view["activity"] or {"kind": "", "phase": ""}
    return activity["kind"], activity["phase"]


class Classroom:
    """A class whose pages are all recorded."""

    def __init__(self, lesson: Hour) -> None:
        self.lesson = lesson
        self.students = [lesson.join(name) for name in NAMES]
        self.seats = [Recorder(student.browser, "/api/v1/seat/live").record_answers() for student in self.students]
        self.board = Recorder(lesson.teacher, f"/api/v1/board/{lesson.id}/live")
        self.everybody = [*self.seats, self.board]

    def reach(self, kind: str, phase: str) -> None:
        """Wait until all pages show a phase, then ask for it by HTTP too."""
        for one in self.everybody:
            one.reaches(kind, phase)
        for student in self.students:
            student.view()
        self.board.texts.append(json.dumps(self.lesson.board()))  # the teacher's browser asks for more than that

    def answer(self, values: tuple[int, ...]) -> None:
        for student, value in zip(self.students, values, strict=True):
            assert student.answer(value).status_code == 201

    def secrets_until_now(self, kind: str) -> list[Any]:
        """Return what tells of the answer in all that has come of a kind of activity."""
        found = []
        for one in self.everybody:
            views = [view["activity"] for view in one.views() if _phase(view)[0] == kind]
            assert len(views) > 2
            found += [view[name] for view in views for name in ("right", "explanations")]
            found += [text for text in one.texts if "quicksilver" in text]
        return [one for one in found if one is not None]


@pytest.fixture(scope="module")
def lesson(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hour]:
    folder: Path = tmp_path_factory.mktemp("data")
    with closed(folder, requests_per_minute=5000) as school:
        yield Hour(school.teacher)


def vote_to_the_reveal(room: Classroom) -> None:
    """Vote twice; nothing may be told before its time, in any frame or answer."""
    lesson = room.lesson
    lesson.begin(VOTE)
    room.reach("vote", "first")
    room.answer(FIRST)
    for phase in ("first_closed", "talk", "second"):
        lesson.act()
        room.reach("vote", phase)
    room.answer(SECOND)
    lesson.act()
    room.reach("vote", "second_closed")
    for one in room.everybody:
        votes = [view["activity"] for view in one.views() if _phase(view)[0] == "vote"]
        assert all(view["first"] is None and view["second"] is None for view in votes)
        assert not any(str(counts) in text for text in one.texts for counts in (FIRST_COUNTS, SECOND_COUNTS))
    lesson.act()
    room.reach("vote", "distribution")
    assert room.board.views()[-1]["activity"]["first"] == FIRST_COUNTS
    assert room.secrets_until_now("vote") == []
    lesson.act()
    room.reach("vote", "revealed")
    for one in room.everybody:
        assert one.views()[-1]["activity"]["right"] == VOTE["right"]  # it was recorded, once it was told


def opens(student: Student, slot: str) -> None:
    """Wait until a student can answer a slot."""
    wait_for(lambda: student.view()["activity"]["slot"], lambda now: bool(now == slot), 30)


def play_rounds(room: Classroom, rounds: int) -> None:
    """Move weights round after round."""
    room.lesson.begin({"kind": "synapse", "rounds": rounds, "seconds": None, "rest_seconds": 0})
    for number in range(rounds):
        for student in room.students:
            opens(student, str(number + 1))
            assert student.answer((number + student.seat["number"]) % 3).status_code == 201
    room.reach("synapse", "over")


def go_through_a_lesson(room: Classroom) -> list[str]:
    """Go through a lesson; return the explanations that a seat must not get with it."""
    steps = room.lesson.begin({"kind": "lesson", "lesson_id": "one-synapse"})["activity"]["steps"]
    for student in room.students:
        assert student.browser.get("/api/v1/lessons/one-synapse").status_code == 200
    for _ in range(steps - 1):
        room.lesson.act()
    room.reach("lesson", "open")
    answers = [lessons.get_answer(one.id) for one in lessons.list_questions("one-synapse")]
    return [words for answer in answers for words in answer.explanations.values()]


def refused(lesson: Hour, one: Student, activity: str) -> None:
    """Try what a student may not do: pause, lead, close, send out, and answer for another.

    Refusals repeat what was asked, so that no id of another stands in it: it would be found in the recording.
    """
    for method, path, body in (
        ("PATCH", lesson.path, {"paused": True}),
        ("POST", f"{lesson.path}/gather", {}),
        ("POST", f"{lesson.path}/close", {}),
        ("POST", f"{lesson.path}/activities", VOTE),
        ("POST", f"{lesson.path}/activities/{activity}/actions", {"action": "next"}),
        ("DELETE", f"{lesson.path}/seats/{one.seat['id']}", None),
        ("GET", lesson.path, None),
        ("GET", f"{lesson.path}/export", None),
        ("GET", f"/api/v1/board/{lesson.id}", None),
    ):
        assert one.browser.request(method, path, json=body).status_code == 401, path
    body = {"activity_id": activity, "slot": "first", "value": 0, "seat_id": "another"}
    assert one.browser.post("/api/v1/seat/answers", json=body).status_code == 422
    assert not lesson.view()["paused"]


def test_no_frame_and_no_answer_of_a_whole_class_tells_too_much(lesson: Hour) -> None:
    room = Classroom(lesson)
    room.students[0].browser.put("/api/v1/seat/hand", json={"text": f"I am {NAMES[0]}"})
    vote_to_the_reveal(room)
    play_rounds(room, 4)
    lesson.begin({"kind": "table", "seeds": 2, **SHORT})
    lesson.act("train")
    room.reach("table", "trained")
    lesson.begin({"kind": "pooled", **SHORT})
    lesson.act("start")
    room.reach("pooled", "done")
    explanations = go_through_a_lesson(room)
    activity = lesson.begin(VOTE)["activity"]["id"]
    room.reach("vote", "first")
    refused(lesson, room.students[0], activity)
    assert room.students[0].answer(2).status_code == 201
    assert room.students[0].answer(1, "first", activity).status_code == 409  # twice
    assert lesson.view()["activity"]["first"] == [0, 0, 1, 0, 0]
    lesson.teacher.post(f"{lesson.path}/close")
    for one in room.everybody:
        one.ends()
    for student in room.students:
        assert student.answer(1, "first", activity).status_code == 401
    ids = {student.seat["id"] for student in room.students}
    for one, own in zip(room.everybody, (*room.students, None), strict=True):
        assert {_phase(view) for view in one.views()} >= RECORDED
        name, seat_id = (own.seat["name"], own.seat["id"]) if own else ("", "")
        for text in one.texts:
            assert not [other for other in NAMES if other != name and other in text]
            assert not [other for other in ids - {seat_id} if other in text]
            assert not [words for words in explanations if json.dumps(words)[1:-1] in text]
