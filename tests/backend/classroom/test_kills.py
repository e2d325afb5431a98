"""kill -9 of the server in mid-vote and in mid-experiment: everybody is back, answers are there once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.backend.classroom.hours import QUESTION
from tests.server import Server, running, wait_for
from tests.slowness import patience

pytestmark = pytest.mark.processes


def ask(server: Server, browser: httpx2.Client, method: str, path: str, **more: Any) -> Any:
    answer = browser.request(method, f"{server.url}/api/v1{path}", **more)
    assert answer.status_code < 300, answer.text
    return answer.json()


def test_a_class_is_back_after_the_server_was_killed(tmp_path: Path) -> None:
    with running(tmp_path / "data", SYNRL_WORKERS="1") as server:
        opened = server.post("/api/v1/class-sessions")
        path = f"/api/v1/class-sessions/{opened['id']}"
        students = [httpx2.Client(timeout=patience(30)) for _ in range(4)]
        for student in students:
            ask(server, student, "POST", "/seat", json={"code": opened["code"]})
        seats = [ask(server, student, "GET", "/seat")["seat"] for student in students]

        vote = server.post(f"{path}/activities", QUESTION)["activity"]
        answers = [{"activity_id": vote["id"], "slot": "first", "value": n % 3} for n in range(4)]
        stored = [ask(server, one, "POST", "/seat/answers", json=answers[n]) for n, one in enumerate(students[:3])]
        before = {ask(server, one, "GET", "/seat")["server_start"] for one in students}
        assert len(before) == 1
        server.kill()
        server.start()
        back = [ask(server, student, "GET", "/seat") for student in students]
        assert [view["seat"] for view in back] == seats
        after = {view["server_start"] for view in back}
        assert len(after) == 1
        assert after != before, "pages would drop views as older than the last they saw, were the clock set back"
        assert {view["activity"]["phase"] for view in back} == {"first"}
        assert [view["activity"]["own_first"] for view in back] == [0, 1, 2, None]
        again = [ask(server, one, "POST", "/seat/answers", json=answers[n]) for n, one in enumerate(students)]
        assert again[:3] == stored
        assert server.get(path)["activity"]["first"] == [2, 1, 1]

        values = [0.01, 0.02, 0.05, 0.1]
        body = {"kind": "pooled", "values": values, "iterations": 1024, "each_starts": True}
        pooled = server.post(f"{path}/activities", body)["activity"]
        run = {"activity_id": pooled["id"], "slot": "run", "value": 0}
        for student in students:
            ask(server, student, "POST", "/seat/answers", json=run)
        wait_for(lambda: server.get(path)["activity"]["done"], lambda done: done >= 1)
        done = server.get(path)["activity"]["done"]
        server.kill()
        server.start()
        assert server.get(path)["activity"]["done"] >= done
        whole = wait_for(lambda: server.get(path)["activity"], lambda now: now["phase"] == "done")
        assert [(one["x"], one["runs"]) for one in whole["groups"]] == [(x, 1) for x in values]
        assert server.get(path)["activities"][-1]["answers"] == 4
        for student in students:
            student.close()
