"""What the teacher sees of the class, and the QR code of its link."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from backend.kit.identity import Role
from tests.backend.people.members import Class, closed
from tests.server import wait_for


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Class]:
    with closed(tmp_path_factory.mktemp("data")) as opened:
        yield opened


def seen(school: Class, name: str) -> dict[str, Any]:
    return next(one for one in school.teacher.get("/api/v1/people").json() if one["name"] == name)


def start(browser: TestClient, iterations: int, name: str) -> dict[str, Any]:
    config = {"iterations": iterations, "hidden_layers": [], "evaluate_every": 20}
    started: dict[str, Any] = browser.post("/api/v1/runs", json={"name": name, "config": config}).json()
    return started


def test_the_teacher_sees_who_trains_and_whose_run_is_best(school: Class) -> None:
    ada, bo = school.join("Ada"), school.join("Bo")
    assert seen(school, "Ada") | {"runs": 0, "training": 0, "waiting": 0, "best": None} == seen(school, "Ada")
    short = start(ada, 60, "Short")
    done = wait_for(lambda: seen(school, "Ada"), lambda one: one["training"] == 0 and one["best"] is not None)
    assert (done["runs"], done["best"]["id"], done["best"]["name"]) == (1, short["id"], "Short")
    run = ada.get(f"/api/v1/runs/{short['id']}").json()
    assert done["best"]["validation_accuracy"] == run["best_validation_accuracy"]
    long = start(bo, 1_000_000, "Long")
    wait_for(lambda: seen(school, "Bo"), lambda one: one["training"] == 1)
    waits = start(ada, 60, "Waits")
    assert seen(school, "Ada")["waiting"] == 1
    bo.post(f"/api/v1/runs/{long['id']}/stop")
    wait_for(lambda: seen(school, "Ada"), lambda one: one["waiting"] == 0 and one["training"] == 0)
    for run_id in (short["id"], waits["id"]):
        assert ada.delete(f"/api/v1/runs/{run_id}").is_success
    assert (seen(school, "Ada")["runs"], seen(school, "Ada")["best"]) == (0, None), "runs in the trash count"


def test_the_qr_code_is_the_address_of_the_open_link_and_of_no_other(school: Class) -> None:
    code = school.teacher.post("/api/v1/join-links", json={}).json()["code"]
    path, address = "/api/v1/join-links/student/qr.svg", f"http://192.168.0.2:8050/join/{code}"
    answer = school.teacher.get(path, params={"address": address})
    assert answer.headers["content-type"] == "image/svg+xml"
    assert answer.text.count("<svg") == 1
    for wrong in ("javascript:/join/" + code, "http://192.168.0.2:8050/", "http://elsewhere/join/AAAA-AAAA"):
        refused = school.teacher.get(path, params={"address": wrong})
        assert refused.status_code == 422, wrong
        assert f"/join/{code}" in refused.json()["detail"]
    assert school.join("Cy").get(path, params={"address": address}).status_code == 403
    school.teacher.delete("/api/v1/join-links/student")
    assert school.teacher.get(path, params={"address": address}).status_code == 404


def test_viewers_are_seen_as_viewers(school: Class) -> None:
    school.join("Guest", Role.VIEWER)
    assert (seen(school, "Guest")["role"], seen(school, "Guest")["runs"]) == ("viewer", 0)
