"""Class of people on a server that requires sign-in, for tests: the server runs in this process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient

from backend.kit.identity import SYSTEM, Role, acting
from backend.kit.settings import Settings
from backend.people import service as people
from dashboard.serve import assemble

PASSWORD = "correct horse battery"  # noqa: S105
ORIGIN = "http://testserver"


@contextmanager
def closed(data_dir: Path, **settings: Any) -> Iterator[Class]:
    """Start a server, pages and all, that asks who comes."""
    given: dict[str, Any] = {"teacher_password": PASSWORD, "workers": 1, "sign_in_attempts": 1000} | settings
    app = assemble(Settings(data_dir=data_dir, **given))
    with TestClient(app, raise_server_exceptions=False, follow_redirects=False) as client:
        yield Class(client)


class Class:
    """A class at its server."""

    def __init__(self, nobody: TestClient) -> None:
        self.nobody = nobody
        """Somebody who did not sign in."""
        self.app: Any = nobody.app
        self.teacher = self.visitor()
        answer = self.teacher.post("/sign-in", data={"given": PASSWORD})
        assert answer.status_code == 303, answer.text

    def visitor(self) -> TestClient:
        """A browser of its own, on the same server; not signed in."""
        browser = TestClient(self.app, raise_server_exceptions=False, follow_redirects=False)
        browser.headers["Origin"] = ORIGIN
        # The lifespan runs once, and so does its event loop.
        browser.portal = self.nobody.portal
        return browser

    def join(self, name: str, role: Role = Role.STUDENT) -> TestClient:
        """Have somebody join, and return her browser."""
        code = self.teacher.post("/api/v1/join-links", json={"role": role}).json()["code"]
        browser = self.visitor()
        answer = browser.post(f"/join/{code}", data={"name": name})
        assert answer.status_code == 200, answer.text
        return browser

    def person_id(self, name: str) -> str:
        """The id of somebody who joined."""
        with acting(SYSTEM), self.app.state.store.read() as session:
            return next(one.id for one in people.listing(session) if one.name == name)
