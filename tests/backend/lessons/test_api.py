"""Lessons over HTTP: the answers come apart from the questions."""

from __future__ import annotations

from fastapi.testclient import TestClient

API = "/api/v1/lessons"


def test_lessons_and_their_answers_are_asked_for_apart(client: TestClient) -> None:
    first = client.get(API).json()[0]
    assert (first["number"], first["id"]) == (1, "one-synapse")
    lesson = client.get(f"{API}/{first['id']}").json()
    assert len(lesson["steps"]) + 1 == first["steps"]
    answers = {one["id"]: one for one in client.get(f"{API}/{first['id']}/answers").json()["answers"]}
    questions = [step["prediction"] for step in lesson["steps"] if step["prediction"]] + lesson["checks"]
    assert answers.keys() == {question["id"] for question in questions}
    for question in questions:
        assert answers[question["id"]]["right"] in [option["id"] for option in question["options"]]


def test_an_unknown_lesson_is_not_found(client: TestClient) -> None:
    for path in ("nothing", "nothing/answers"):
        answer = client.get(f"{API}/{path}")
        assert answer.status_code == 404
        assert "one-synapse" in answer.json()["detail"]
