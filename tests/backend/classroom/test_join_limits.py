"""Wrong session codes: counted by browser before by address, lifted by the teacher."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from backend.classroom.join_limits import OF_ADDRESS, OF_BROWSER, WINDOW, JoinLimits
from backend.kit.errors import TooManyError
from tests.backend.classroom.hours import Hour, hour


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_browser_locks_itself_and_nobody_else() -> None:
    limits = JoinLimits(clock=Clock())
    for _ in range(OF_BROWSER):
        limits.check("b1", "10.0.0.1")
        limits.failed("b1", "10.0.0.1")
    with pytest.raises(TooManyError, match="this browser"):
        limits.check("b1", "10.0.0.1")
    limits.check("b2", "10.0.0.1")
    limits.check(None, "10.0.0.1")


def test_an_address_is_locked_for_new_browsers_only_until_it_is_lifted() -> None:
    clock = Clock()
    limits = JoinLimits(clock=clock)
    for _ in range(OF_ADDRESS):
        limits.failed(None, "10.0.0.1")
    with pytest.raises(TooManyError, match=r"10\.0\.0\.1"):
        limits.check(None, "10.0.0.1")
    limits.check("b1", "10.0.0.1")
    (found,) = limits.recent()
    assert (found.where, found.address, found.failures) == ("address", "10.0.0.1", OF_ADDRESS)
    limits.lift(found.key)
    limits.check(None, "10.0.0.1")
    assert limits.recent() == []
    limits.failed("b1", "10.0.0.1")
    clock.now += WINDOW + 1
    assert limits.recent() == []


def test_thirty_students_behind_one_router_mistype_and_join(client: TestClient) -> None:
    with hour(client) as lesson:
        for number in range(30):
            browser = lesson.browser()
            wrong = browser.post("/api/v1/seat", json={"code": "222222", "name": "x"})
            assert wrong.status_code == 404
            right = browser.post("/api/v1/seat", json={"code": lesson.code, "name": f"S{number}"})
            assert right.status_code == 201
        assert lesson.view()["session"]["seats"] == 30
        lift_all(lesson)


def test_a_browser_that_guesses_before_it_ever_joined_locks_itself_alone(client: TestClient) -> None:
    with hour(client) as lesson:
        guesser = lesson.browser()
        answers = [guesser.get("/api/v1/seat/preview/222222").status_code for _ in range(OF_BROWSER + 2)]
        assert answers == [404] * (OF_BROWSER + 1) + [429]
        (lock,) = lesson.teacher.get("/api/v1/class-locks").json()
        assert (lock["where"], lock["failures"]) == ("browser", OF_BROWSER)
        assert lesson.browser().post("/api/v1/seat", json={"code": lesson.code}).status_code == 201
        lift_all(lesson)


def test_the_teacher_lifts_the_lock_of_a_browser(client: TestClient) -> None:
    with hour(client) as lesson:
        guesser = lesson.browser()
        guesser.get(f"/api/v1/seat/preview/{lesson.code}")
        answers = [guesser.get("/api/v1/seat/preview/222222").status_code for _ in range(OF_BROWSER + 1)]
        assert answers == [404] * OF_BROWSER + [429]
        assert guesser.post("/api/v1/seat", json={"code": lesson.code}).status_code == 429
        lift_all(lesson)
        assert guesser.post("/api/v1/seat", json={"code": lesson.code}).status_code == 201


def lift_all(lesson: Hour) -> None:
    for lock in lesson.teacher.get("/api/v1/class-locks").json():
        assert lesson.teacher.delete(f"/api/v1/class-locks/{lock['key']}").status_code == 204
