"""A class session for tests: a teacher and students at a server that runs in this process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from fastapi.testclient import TestClient

from tests.server import wait_for

QUESTION: dict[str, Any] = {
    "kind": "vote",
    "question": "Will the loss fall?",
    "options": ["at once", "in the end", "never"],
    "right": 1,
    "explanations": ["no: it wavers", "yes: most moves help", "no: they are paid"],
}


class Student:
    """A student's browser with a seat."""

    def __init__(self, browser: TestClient, code: str, name: str) -> None:
        self.browser = browser
        self.joined = browser.post("/api/v1/seat", json={"code": code, "name": name})
        assert self.joined.status_code == 201, self.joined.text
        self.seat = self.joined.json()["seat"]

    def view(self) -> Any:
        answer = self.browser.get("/api/v1/seat")
        assert answer.status_code == 200, answer.text
        return answer.json()

    def answer(self, value: int, slot: str | None = None, activity: str | None = None) -> Any:
        """Answer what is open, or what is named."""
        if slot is None or activity is None:
            open_now = self.view()["activity"]
            slot, activity = slot or open_now["slot"], activity or open_now["id"]
        body = {"activity_id": activity, "slot": slot, "value": value}
        return self.browser.post("/api/v1/seat/answers", json=body)


class Hour:
    """An open class session."""

    def __init__(self, teacher: TestClient, **body: Any) -> None:
        self.teacher = teacher
        answer = teacher.post("/api/v1/class-sessions", json=body)
        assert answer.status_code == 201, answer.text
        self.id, self.code = answer.json()["id"], answer.json()["code"]
        self.path = f"/api/v1/class-sessions/{self.id}"

    def browser(self) -> TestClient:
        """Return a browser without cookies at the same server."""
        visitor = TestClient(self.teacher.app, raise_server_exceptions=False, follow_redirects=False)
        visitor.headers["Origin"] = "http://testserver"
        visitor.portal = self.teacher.portal  # the lifespan runs once
        return visitor

    def join(self, name: str = "") -> Student:
        return Student(self.browser(), self.code, name)

    def view(self) -> Any:
        answer = self.teacher.get(self.path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def board(self) -> Any:
        return self.teacher.get(f"/api/v1/board/{self.id}").json()

    def begin(self, body: dict[str, Any]) -> Any:
        answer = self.teacher.post(f"{self.path}/activities", json=body)
        assert answer.status_code == 201, answer.text
        return answer.json()

    def act(self, action: str = "next", **more: Any) -> Any:
        answer = self.try_to(action, **more)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def try_to(self, action: str, **more: Any) -> Any:
        activity = self.view()["activity"]["id"]
        return self.teacher.post(f"{self.path}/activities/{activity}/actions", json={"action": action, **more})

    def phase(self) -> str:
        return str(self.view()["activity"]["phase"])

    def reaches(self, phase: str) -> None:
        wait_for(self.phase, lambda now: now == phase, 10)


@contextmanager
def hour(teacher: TestClient, **body: Any) -> Iterator[Hour]:
    """Open a session and close it at the end, so that no clock of it runs on."""
    opened = Hour(teacher, **body)
    try:
        yield opened
    finally:
        teacher.delete(opened.path)
