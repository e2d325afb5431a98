"""What reaches students and the board before the reveal: recorded traffic of a whole class."""

from __future__ import annotations

import json
from typing import Any

from fastapi.testclient import TestClient

from backend.lessons import service as lessons
from tests.backend.classroom.hours import Hour, Student, hour

NAMES = ["Zebedee", "Yolanda", "Xanthippe"]
MARK = "quicksilver"
QUESTION: dict[str, Any] = {
    "kind": "vote",
    "question": "Which?",
    "options": ["one", "two", "three"],
    "right": 2,
    "explanations": [f"{MARK} {n}" for n in range(3)],
}


def recorded(lesson: Hour, students: list[Student]) -> list[str]:
    """Everything that students and the board can ask for, and what their feeds send first."""
    texts = [json.dumps(lesson.board())]
    with lesson.teacher.websocket_connect(f"/api/v1/board/{lesson.id}/live") as feed:
        texts.append(feed.receive_text())
    for student in students:
        texts.append(student.browser.get("/api/v1/seat").text)
        cookie = "; ".join(f"{name}={value}" for name, value in student.browser.cookies.items())
        with student.browser.websocket_connect("/api/v1/seat/live", headers={"cookie": cookie}) as feed:
            texts.append(feed.receive_text())
    return texts


def test_nothing_gives_an_answer_away_before_the_reveal(client: TestClient) -> None:
    with hour(client) as lesson:
        students = [lesson.join(name) for name in NAMES]
        lesson.begin(QUESTION)
        for phase in ("first", "first_closed", "talk", "second", "second_closed", "distribution"):
            assert lesson.phase() == phase
            if phase in ("first", "second"):
                texts = [student.answer(n).text for n, student in enumerate(students)]
            else:
                texts = []
            for text in texts + recorded(lesson, students):
                assert MARK not in text
                seen = json.loads(text).get("activity")
                if seen is not None:
                    assert (seen["right"], seen["explanations"]) == (None, None)
                    is_shown = phase == "distribution"
                    assert (seen["first"] is not None, seen["second"] is not None) == (is_shown, is_shown)
            lesson.act()
        assert all(MARK in text for text in recorded(lesson, students))


def test_no_name_reaches_the_board_or_another_student(client: TestClient) -> None:
    with hour(client) as lesson:
        students = [lesson.join(name) for name in NAMES]
        students[0].browser.put("/api/v1/seat/hand", json={"text": "I am Zebedee"})
        for body in (QUESTION, {"kind": "synapse", "seconds": None}, {"kind": "free"}, {"kind": "pooled"}):
            lesson.begin(body)
            board, *others = recorded(lesson, students[1:])
            for name in NAMES:
                assert name not in board
            assert all(NAMES[0] not in text for text in others)


def test_scenes_that_are_put_up_come_without_names(client: TestClient) -> None:
    with hour(client) as lesson:
        student = lesson.join(NAMES[0])
        address = "/playground?data=xor&n=200"
        student.browser.put("/api/v1/seat/position", json={"address": address})
        assert lesson.board()["showing"] == []
        lesson.teacher.put(f"{lesson.path}/showing", json={"seats": [student.seat["id"]]})
        assert lesson.board()["showing"] == [address]
        foreign = student.browser.put("/api/v1/seat/position", json={"address": "//evil.example/x"})
        assert foreign.status_code == 422


def test_a_seat_gets_no_answers_of_a_lesson_that_its_class_votes_on(client: TestClient) -> None:
    path = "/api/v1/lessons/one-synapse/answers"
    with hour(client) as lesson:
        student = lesson.join(NAMES[0])
        assert student.browser.get(path).status_code == 200
        lesson.begin({"kind": "vote", "lesson_id": "one-synapse", "twice": False})
        refused = student.browser.get(path)
        assert refused.status_code == 403
        assert "reveal" in refused.json()["detail"]
        right = lessons.get_answer(lessons.list_questions("one-synapse")[0].id)
        for text in recorded(lesson, [student]):
            assert not any(json.dumps(words)[1:-1] in text for words in right.explanations.values())
        while lesson.phase() != "revealed":
            lesson.act()
        assert student.browser.get(path).status_code == 200


def test_the_board_may_hide_how_many_are_in(client: TestClient) -> None:
    with hour(client) as lesson:
        lesson.join(NAMES[0])
        assert lesson.board()["count"] == 1
        lesson.teacher.patch(lesson.path, json={"shows_count": False})
        assert lesson.board()["count"] is None


def test_exports_hold_answers_and_no_names(client: TestClient) -> None:
    with hour(client) as lesson:
        student = lesson.join(NAMES[0])
        lesson.begin(QUESTION | {"title": "=cmd"})
        student.answer(2)
        lesson.teacher.post(f"{lesson.path}/close")
        rows = lesson.teacher.get(f"{lesson.path}/export").text.splitlines()
        assert rows[0] == "activity,kind,title,slot,seat,simulated,value,in_words,at"
        assert rows[1].startswith("1,vote,'=cmd,first,1,false,2,first: three,")
        exported = lesson.teacher.get(f"{lesson.path}/export?format=json")
        assert exported.json()["activities"][0]["results"][2] == {
            "option": "three", "first": 1, "second": 0, "right": True
        }  # fmt: skip
        assert NAMES[0] not in exported.text + "".join(rows)
