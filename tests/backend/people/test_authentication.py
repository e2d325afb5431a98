"""Authentication: sign-in, sessions, roles and ownership."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select, update

from backend.db import usage
from backend.db.tables import MetricChunk, Snapshot
from backend.kit.identity import SYSTEM, Role, acting
from backend.wire.artifacts import run_file
from tests.backend.people.members import PASSWORD, Class, closed
from tests.server import wait_for


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Class]:
    with closed(tmp_path_factory.mktemp("data")) as opened:
        yield opened


def start(browser: TestClient, **body: Any) -> Any:
    return browser.post("/api/v1/runs", json={"config": {"iterations": 50}} | body)


def test_the_teacher_signs_in_with_the_password_and_is_the_teacher(school: Class) -> None:
    me = school.teacher.get("/api/v1/me").json()
    assert (me["name"], me["role"], me["signed_in"], me["limits"]) == ("teacher", "teacher", True, None)


def test_a_student_joins_with_the_class_code_and_returns_with_their_own(school: Class) -> None:
    code = school.teacher.post("/api/v1/join-links", json={}).json()["code"]
    ada = school.visitor()
    assert "Your name" in ada.get(f"/join/{code.lower().replace('-', ' ')}").text
    welcome = ada.post(f"/join/{code}", data={"name": "  Ada\u00a0 L. "})
    personal = welcome.text.split('id="personal-code">')[1].split("<")[0]
    assert ada.get("/api/v1/me").json()["name"] == "Ada L."
    elsewhere = school.visitor()
    assert elsewhere.post("/sign-in", data={"given": personal.lower().replace("-", "")}).status_code == 303
    me = elsewhere.get("/api/v1/me").json()
    assert (me["name"], me["role"]) == ("Ada L.", "student")


def test_two_people_never_share_a_name_however_it_is_written(school: Class) -> None:
    school.join("Grace")
    code = school.teacher.post("/api/v1/join-links", json={}).json()["code"]
    for name in ("Grace", "grace", "ＧＲＡＣＥ", "teacher", "System"):
        answer = school.visitor().post(f"/join/{code}", data={"name": name})
        assert answer.status_code == 409, name


def test_a_closed_link_and_an_old_one_let_nobody_in(school: Class) -> None:
    old = school.teacher.post("/api/v1/join-links", json={}).json()["code"]
    new = school.teacher.post("/api/v1/join-links", json={}).json()["code"]
    assert school.visitor().post(f"/join/{old}", data={"name": "Late"}).status_code == 404
    assert school.visitor().get(f"/join/{new}").status_code == 200
    assert school.teacher.delete("/api/v1/join-links/student").status_code == 204
    assert school.visitor().post(f"/join/{new}", data={"name": "Later"}).status_code == 404
    brief = school.teacher.post("/api/v1/join-links", json={"hours": 1e-9}).json()["code"]
    assert school.visitor().get(f"/join/{brief}").status_code == 404


def test_a_student_owns_what_they_make_and_other_students_do_not_see_it(school: Class) -> None:
    mary, joan = school.join("Mary"), school.join("Joan")
    run = start(mary).json()
    assert run["owner"] == "Mary"
    assert mary.get(f"/api/v1/runs/{run['id']}").status_code == 200
    assert joan.get(f"/api/v1/runs/{run['id']}").status_code == 404
    assert joan.get("/api/v1/runs").json()["total"] == 0
    assert school.teacher.get(f"/api/v1/runs/{run['id']}").json()["owner"] == "Mary"


def test_the_teacher_may_make_a_run_somebodys_and_a_student_may_not(school: Class) -> None:
    edith = school.join("Edith")
    run = start(school.teacher, owner="Edith").json()
    assert edith.get(f"/api/v1/runs/{run['id']}").json()["owner"] == "Edith"
    assert start(edith, owner="Mary").status_code == 403
    assert edith.get("/api/v1/runs").json()["total"] == 1


def test_a_viewer_sees_all_and_changes_nothing(school: Class) -> None:
    run = start(school.teacher).json()
    viewer = school.join("Inspector", Role.VIEWER)
    assert viewer.get(f"/api/v1/runs/{run['id']}").status_code == 200
    assert start(viewer).status_code == 403
    assert viewer.patch(f"/api/v1/runs/{run['id']}", json={"name": "Mine"}).status_code == 403
    assert viewer.post("/api/v1/tokens", json={"name": "script"}).status_code == 403


def test_every_view_of_a_run_offers_exactly_the_allowed_actions(school: Class, monkeypatch: pytest.MonkeyPatch) -> None:
    everything_seen = replace(school.app.state.store._limits, students_see_all=True)
    monkeypatch.setattr(school.app.state.store, "_limits", everything_seen)
    owner, other, viewer = school.join("Olga"), school.join("Thea"), school.join("Guest", Role.VIEWER)
    run = start(owner).json()["id"]
    wait_for(lambda: owner.get(f"/api/v1/runs/{run}").json()["status"], lambda status: status == "succeeded")
    everything = ["extend", "rewind", "clone", "delete"]
    for browser, allowed in ((owner, everything), (school.teacher, everything), (other, ["clone"]), (viewer, [])):
        offered = offered_to(browser, run, school.teacher)
        assert offered == dict.fromkeys(offered, allowed)
    assert other.post(f"/api/v1/runs/{run}/clone", json={}).json()["owner"] == "Thea"
    assert other.post(f"/api/v1/runs/{run}/rewind").status_code == 403


def offered_to(browser: TestClient, run_id: str, teacher: TestClient) -> dict[str, list[str]]:
    """Return the actions on a run that each way to look at it offers; the teacher renames it for the live ones."""
    path = f"/api/v1/runs/{run_id}"

    def heard(feed: Any, name: str) -> Any:
        while True:
            frame = json.loads(feed.receive_text())
            shown = [frame["run"]] if "run" in frame else frame.get("runs", [])
            if (found := next((one for one in shown if one["id"] == run_id and one["name"] == name), None)) is not None:
                return found["allowed_actions"]

    with browser.websocket_connect(f"{path}/live") as page, browser.websocket_connect("/api/v1/runs/live") as listed:
        whole = json.loads(page.receive_text())["run"]
        name = f"seen {secrets.token_hex(4)}"
        assert teacher.patch(path, json={"name": name}).status_code == 200
        live = {"page, live": heard(page, name), "list, live": heard(listed, name)}
    (event,) = re.findall(r"event: run\ndata: (.*)", browser.get(f"{path}/events").text)
    rows = browser.get("/api/v1/runs/table").json()["rows"]
    return live | {
        "run": browser.get(path).json()["allowed_actions"],
        "runs": next(one for one in browser.get("/api/v1/runs").json()["items"] if one["id"] == run_id)[
            "allowed_actions"
        ],
        "page": whole["allowed_actions"],
        "events": json.loads(event)["allowed_actions"],
        "table": next(one for one in rows if one["id"] == run_id)["allowed_actions"],
    }


def test_weights_and_checkpoints_count_towards_what_a_student_may_store(
    school: Class, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = school.app.state.store
    nettie = school.join("Nettie")
    config = {"iterations": 200, "snapshot_every": 50, "hidden_layers": [64]}
    run = nettie.post("/api/v1/runs", json={"config": config}).json()["id"]
    wait_for(lambda: nettie.get(f"/api/v1/runs/{run}").json()["status"], lambda status: status == "succeeded")
    with acting(SYSTEM), store.read() as session:
        files = sum(store_files(school, run))
        stored = usage.stored_bytes(session, "Nettie")
        points = session.scalar(select(func.sum(func.length(MetricChunk.data))).where(MetricChunk.run_id == run))
    assert files > 6 * 64 * 64 * 4, "five snapshots and a checkpoint"
    assert stored == files + points
    monkeypatch.setattr(store, "_limits", replace(store._limits, bytes=stored - 1))
    for refused in (start(nettie), nettie.post(f"/api/v1/runs/{run}/extend", json={"iterations": 300})):
        assert refused.status_code == 409
        assert "checkpoints" in refused.json()["detail"]
    monkeypatch.setattr(store, "_limits", replace(store._limits, bytes=stored))
    assert start(nettie).status_code == 201


def store_files(school: Class, run_id: str) -> list[int]:
    """Return the sizes of a run's files among the artifacts."""
    artifacts = school.app.state.jobs.artifacts
    return [artifacts.size(path) for path in artifacts.run_files() if run_file(path).run_id == run_id]


def test_sizes_of_older_snapshots_are_measured_at_the_next_start(school: Class) -> None:
    store, jobs = school.app.state.store, school.app.state.jobs
    run = start(school.teacher).json()["id"]
    wait_for(lambda: school.teacher.get(f"/api/v1/runs/{run}").json()["status"], lambda status: status == "succeeded")

    def sizes() -> list[int | None]:
        with acting(SYSTEM), store.read() as session:
            return list(session.scalars(select(Snapshot.bytes).where(Snapshot.run_id == run).order_by(Snapshot.path)))

    stored = sizes()
    assert all(stored)
    with acting(SYSTEM), store.write() as session:
        session.execute(update(Snapshot).where(Snapshot.run_id == run).values(bytes=None))
    with acting(SYSTEM):
        jobs._housekeeping.remove_orphans()
    assert sizes() == stored


def test_a_removed_person_is_signed_out_and_returns_with_a_new_code(school: Class) -> None:
    lise = school.join("Lise")
    token = lise.post("/api/v1/tokens", json={"name": "script"}).json()["token"]
    script = {"Authorization": f"Bearer {token}"}
    assert school.nobody.get("/api/v1/me", headers=script).json()["name"] == "Lise"
    run = start(lise).json()
    assert school.teacher.delete(f"/api/v1/people/{school.person_id('Lise')}").status_code == 204
    assert lise.get("/api/v1/me").status_code == 401
    assert school.nobody.get("/api/v1/me", headers=script).status_code == 401
    code = school.teacher.post(f"/api/v1/people/{school.person_id('Lise')}/code").json()["code"]
    assert lise.post("/sign-in", data={"given": code}).status_code == 303
    assert lise.get(f"/api/v1/runs/{run['id']}").status_code == 200


def test_signing_out_ends_the_sign_in_and_not_only_the_cookie(school: Class) -> None:
    rosa = school.join("Rosa")
    stolen = dict(rosa.cookies)
    assert rosa.post("/sign-out").status_code == 303
    assert rosa.get("/api/v1/me").status_code == 401
    thief = school.visitor()
    thief.cookies.update(stolen)
    assert thief.get("/api/v1/me").status_code == 401


def test_a_token_acts_for_its_owner_until_revoked_and_is_stored_as_a_hash(school: Class) -> None:
    made = school.teacher.post("/api/v1/tokens", json={"name": "notebook"}).json()
    script = {"Authorization": f"Bearer {made['token']}"}
    assert school.nobody.post("/api/v1/runs", json={"config": {"iterations": 10}}, headers=script).status_code == 201
    database = b"".join(path.read_bytes() for path in school.app.state.settings.data_dir.glob("synrl.db*"))
    assert made["id"].encode() in database
    assert made["token"].encode() not in database
    listed = school.teacher.get("/api/v1/tokens").json()
    assert made["id"] in {one["id"] for one in listed}
    assert all("token" not in one for one in listed)
    assert school.teacher.delete(f"/api/v1/tokens/{made['id']}").status_code == 204
    assert school.nobody.get("/api/v1/me", headers=script).status_code == 401


def test_a_token_can_be_read_only_and_never_exceeds_its_owners_role(school: Class) -> None:
    token = school.teacher.post("/api/v1/tokens", json={"name": "wall", "role": "viewer"}).json()["token"]
    script = {"Authorization": f"Bearer {token}"}
    assert school.nobody.get("/api/v1/runs", headers=script).status_code == 200
    assert school.nobody.post("/api/v1/runs", json={}, headers=script).status_code == 403
    emmy = school.join("Emmy")
    assert emmy.post("/api/v1/tokens", json={"name": "more", "role": "teacher"}).status_code == 403


def test_students_see_and_revoke_their_own_tokens_only(school: Class) -> None:
    ida, vera = school.join("Ida"), school.join("Vera")
    made = ida.post("/api/v1/tokens", json={"name": "hers"}).json()
    assert [one["id"] for one in ida.get("/api/v1/tokens").json()] == [made["id"]]
    assert vera.get("/api/v1/tokens").json() == []
    assert vera.delete(f"/api/v1/tokens/{made['id']}").status_code == 404
    assert ida.delete(f"/api/v1/tokens/{made['id']}").status_code == 204


def test_a_new_password_ends_the_teachers_sessions_and_no_students(school: Class) -> None:
    nora = school.join("Nora")
    authentication = school.app.state.authentication
    before = authentication._credential
    try:
        authentication._credential = "of another password"
        assert school.teacher.get("/api/v1/me").status_code == 401
        assert nora.get("/api/v1/me").status_code == 200
    finally:
        authentication._credential = before


def test_cookies_are_kept_from_scripts_and_other_sites(school: Class) -> None:
    cookie = school.visitor().post("/sign-in", data={"given": PASSWORD}).headers["Set-Cookie"]
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= {part.strip() for part in cookie.split(";")}


def test_a_page_leads_to_the_sign_in_and_back_and_never_elsewhere(school: Class) -> None:
    visitor = school.visitor()
    school.join("Sofja")
    code = school.teacher.post(f"/api/v1/people/{school.person_id('Sofja')}/code").json()["code"]
    answer = visitor.get("/compare?runs=a,b", headers={"Accept": "text/html"})
    assert answer.headers["Location"] == "/sign-in?next=%2Fcompare%3Fruns%3Da%2Cb"
    for wanted, leads_to in (
        ("/compare?runs=a,b", "/compare?runs=a,b"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example", "/"),
        ("/a\r\nSet-Cookie: b=c", "/"),
    ):
        answer = visitor.post("/sign-in", data={"given": code, "next": wanted})
        assert answer.headers["Location"] == leads_to


def test_student_limits_name_the_excess_and_do_not_bind_the_teacher(school: Class) -> None:
    hedy = school.join("Hedy")
    for setting, value in (("iterations", 2_000_000), ("replicates", 21), ("hidden_layers", [1000, 1000])):
        answer = hedy.post("/api/v1/runs", json={"config": {setting: value}})
        assert answer.status_code == 422, setting
        assert answer.json()["errors"][0]["field"] == f"config.{setting}"
    run = start(hedy).json()
    longer = hedy.post(f"/api/v1/runs/{run['id']}/extend", json={"iterations": 2_000_000})
    assert longer.status_code == 422
    assert hedy.patch(f"/api/v1/runs/{run['id']}", json={"name": "x" * 101}).status_code == 422
    assert start(school.teacher, config={"iterations": 2_000_000}, name="x" * 150).status_code == 201


def test_a_students_place_in_the_queue_counts_everybodys_runs(school: Class) -> None:
    for _ in range(3):
        start(school.teacher, config={"iterations": 1_000_000})
    chien = school.join("Chien")
    first, second = start(chien).json(), start(chien).json()
    positions = [chien.get(f"/api/v1/runs/{run['id']}").json()["queue_position"] for run in (first, second)]
    own = chien.get("/api/v1/runs").json()["total"]
    assert own == 2
    assert positions[1] is None or positions[1] > 2 or positions[0] is None
