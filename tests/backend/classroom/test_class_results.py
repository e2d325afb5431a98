"""What a class computes together: its own table and pooled experiments, trained in the playground's processes."""

from __future__ import annotations

from fastapi.testclient import TestClient

from tests.backend.classroom.hours import hour
from tests.server import wait_for


def test_a_class_makes_a_policy_that_is_trained_and_kept(client: TestClient) -> None:
    with hour(client) as lesson:
        ada, bob = lesson.join("Ada"), lesson.join("Bob")
        lesson.begin({"kind": "synapse", "seconds": None, "automatic": False, "rounds": 4})
        for number in range(4):
            ada.answer(number % 3)
            bob.answer(2 - number % 3)
            wait_for(lesson.phase, lambda phase: phase != "open", 10)
            if number < 3:
                lesson.act("open_round")
        begun = lesson.begin({"kind": "table", "iterations": 256, "seeds": 2})["activity"]
        assert begun["decisions"] == 4
        lesson.act("train")
        wait_for(lesson.phase, lambda phase: phase == "trained", 60)
        board = lesson.board()["activity"]
        assert [(curve["label"], curve["runs"]) for curve in board["curves"]] == [
            ("the class", 2), ("win-stay, lose-shift", 2), ("chance", 2)
        ]  # fmt: skip
        assert all(0 <= point <= 1 for curve in board["curves"] for point in curve["mean"])
        path = f"{lesson.path}/activities/{begun['id']}/policy"
        kept = lesson.teacher.post(path, json={"name": "Class 7b"}).json()["activity"]
        policy = client.get(f"/api/v1/policies/{kept['policy_id']}").json()
        assert (policy["name"], policy["origin"]) == ("Class 7b", "class")
        assert client.delete(f"/api/v1/policies/{kept['policy_id']}").status_code == 204


def test_a_pooled_experiment_gathers_a_dot_of_each_student(client: TestClient) -> None:
    with hour(client) as lesson:
        students = [lesson.join() for _ in range(3)]
        body = {"kind": "pooled", "values": [0.01, 0.1], "iterations": 256, "each_starts": True}
        lesson.begin(body)
        assert students[0].answer(0).status_code == 201
        wait_for(lambda: lesson.board()["activity"]["done"], lambda done: done == 1, 60)
        own = students[0].view()["activity"]["own"]
        assert (own["status"], own["value"]) == ("done", 0.01)
        assert students[1].view()["activity"]["own"]["status"] == "ready"
        lesson.act("start")
        wait_for(lesson.phase, lambda phase: phase == "done", 60)
        board = lesson.board()["activity"]
        assert [(one["x"], one["runs"]) for one in board["groups"]] == [(0.01, 2), (0.1, 1)]
        late = lesson.join()
        wait_for(lambda: late.view()["activity"]["slot"], lambda slot: slot == "run", 10)
        assert late.answer(0).status_code == 201
        wait_for(lambda: late.view()["activity"]["own"]["status"], lambda status: status == "done", 60)
