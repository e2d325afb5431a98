"""What a seat opens on a server that requires sign-in: the playground and lessons, and nothing of anybody's."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from tests.backend.classroom.hours import Hour
from tests.backend.people.members import Class, closed


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Class]:
    with closed(tmp_path_factory.mktemp("data"), requests_per_minute=60) as opened:
        yield opened


@pytest.fixture(scope="module")
def lesson(school: Class) -> Hour:
    return Hour(school.teacher)


@pytest.fixture
def seated(school: Class, lesson: Hour) -> TestClient:
    browser = school.visitor()
    assert browser.post("/api/v1/seat", json={"code": lesson.code, "name": "Ada"}).status_code == 201
    return browser


def test_a_seat_opens_the_playground_and_lessons(seated: TestClient) -> None:
    assert seated.get("/playground", headers={"accept": "text/html"}).status_code == 200
    assert seated.get("/api/v1/playground/form").status_code == 200
    assert seated.get("/api/v1/lessons").status_code == 200
    assert seated.post("/api/v1/playground/scenes", json={"samples": 40}).status_code == 200


def test_a_seat_opens_nothing_else(seated: TestClient, lesson: Hour) -> None:
    for path in ("/api/v1/runs", "/api/v1/people", "/api/v1/policies", "/api/v1/me", "/metrics"):
        assert seated.get(path).status_code == 401, path
    assert seated.get("/", headers={"accept": "text/html"}).status_code == 303
    assert seated.get("/people", headers={"accept": "text/html"}).status_code == 303
    assert seated.post("/api/v1/runs", json={"config": {"dataset": "digits"}}).status_code == 401
    assert seated.get(lesson.path).status_code == 401
    assert seated.patch(lesson.path, json={"paused": True}).status_code == 401
    assert seated.get(f"/api/v1/board/{lesson.id}").status_code == 401


def test_a_signed_in_student_can_neither_start_nor_lead_a_session(school: Class, lesson: Hour) -> None:
    student = school.join("Bob")
    assert student.post("/api/v1/class-sessions", json={}).status_code == 403
    assert student.patch(lesson.path, json={"paused": True}).status_code == 403
    assert student.get(f"/api/v1/board/{lesson.id}").status_code == 200


def test_each_seat_of_one_address_has_requests_of_its_own(school: Class, lesson: Hour) -> None:
    busy, other = school.visitor(), school.visitor()
    for browser in (busy, other):
        assert browser.post("/api/v1/seat", json={"code": lesson.code}).status_code == 201
    answers = {busy.get("/api/v1/seat").status_code for _ in range(70)}
    assert answers == {200, 429}
    assert other.get("/api/v1/seat").status_code == 200


def test_a_seat_ends_with_its_session(school: Class) -> None:
    short = Hour(school.teacher)
    browser = school.visitor()
    browser.post("/api/v1/seat", json={"code": short.code})
    assert browser.get("/api/v1/playground/form").status_code == 200
    school.teacher.post(f"{short.path}/close")
    assert browser.get("/api/v1/playground/form").status_code == 401
