"""Attacks on the API: each is refused, and nothing of it is stored or executed."""

from __future__ import annotations

import json
import logging
import re
from typing import Any

import pytest
from fastapi import WebSocket
from fastapi.testclient import TestClient
from starlette.testclient import WebSocketDenialResponse
from starlette.websockets import WebSocketDisconnect

from backend.api.access.middleware import SENDS_ONLY
from backend.api.access.rules import SAFE_METHODS, RouteTable
from backend.kit.access import Entry, requires
from backend.kit.identity import Role
from backend.kit.rate_limiter import RateLimiter
from backend.people.cookies import Cookies
from backend.people.sign_in_limits import FailedAttemptLimiter, FailureLog, Throttle
from tests.backend.people.members import ORIGIN, PASSWORD, Class

API = "/api/v1"


@pytest.fixture(scope="module")
def others(school: Class) -> dict[str, str]:
    """A run and a sweep of somebody else."""
    other = school.join("Other")
    run = other.post(f"{API}/runs", json={"config": {"iterations": 20}}).json()
    sweep = other.post(f"{API}/sweeps", json={"config": {"iterations": 20}, "grid": {"seed": [1, 2]}}).json()
    return {"run_id": run["id"], "sweep_id": sweep["id"]}


def routes(school: Class) -> list[tuple[str, str]]:
    """Every method and address of the API."""
    found = [
        (method.upper(), path)
        for path, methods in school.app.openapi()["paths"].items()
        if path.startswith(API)
        for method in methods
    ]
    assert len(found) > 20
    return found


def role_of(table: RouteTable, method: str, path: str) -> Role | None:
    """The least role that a route declares."""
    access = table.access(method, path)
    return None if access is None else access.role


def is_public(table: RouteTable, method: str, path: str) -> bool:
    """Whether a route needs no sign-in."""
    access = table.access(method, path)
    return access is not None and access.entry is Entry.PUBLIC


def call(client: TestClient, method: str, path: str, **options: Any) -> Any:
    """Call a route; where its address has fields, fill in something plausible."""
    filled = path
    plausible = {"role": "student", "action": "stop"} | dict.fromkeys(("iteration", "layer", "input", "unit"), "0")
    for name, value in (plausible | options.pop("fields", {})).items():
        filled = filled.replace("{" + name + "}", value)
    return client.request(method, re.sub(r"{[^}]*}", "abcdef", filled), **options)


# -- nobody, and somebody who pretends --------------------------------------------------------------------------------


def without_sign_in(school: Class) -> set[tuple[str, str]]:
    """Routes whose requests are authenticated by the cookie of a seat in a class session, or by the code of one."""
    table = RouteTable(school.app)
    found = {(method, path) for method, path in routes(school) if is_public(table, method, path)}
    assert {path.removeprefix(API).split("/")[1] for _, path in found} <= {"seat"}
    return found


def test_no_route_of_the_api_answers_somebody_without_a_sign_in(school: Class) -> None:
    of_seats = without_sign_in(school)
    for method, path in routes(school):
        expected = {401, 404, 422} if (method, path) in of_seats else {401}
        assert call(school.nobody, method, path).status_code in expected, (method, path)


def test_no_page_and_no_callback_answers_somebody_without_a_sign_in(school: Class) -> None:
    pages = {"Accept": "text/html"}
    for path in ("/", "/new", "/runs/x", "/datasets", "/class", "/people", "/settings", "/docs", "/anything"):
        answer = school.nobody.get(path, headers=pages)
        assert (answer.status_code, answer.headers["Location"][:8]) == (303, "/sign-in"), path
    for path in ("/_dash-layout", "/_dash-dependencies", "/openapi.json", "/metrics"):
        assert school.nobody.get(path).status_code == 401, path
    assert school.nobody.post("/_dash-update-component", json={}).status_code == 401


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": "Bearer synrl_wrong"},
        {"Authorization": "Bearer "},
        {"Authorization": f"Basic {PASSWORD}"},
        {"Cookie": "NAME=forged"},
        {"Cookie": "NAME=ImFkbWluIg.aSx.c2lnbmF0dXJl"},
        {"Cookie": "NAME=" + "A" * 5000},
    ],
)
def test_a_wrong_token_and_a_forged_cookie_are_nobody(school: Class, headers: dict[str, str]) -> None:
    name = school.app.state.authentication.cookies.name
    sent = {key: value.replace("NAME", name) for key, value in headers.items()}
    assert school.nobody.get(f"{API}/runs", headers=sent).status_code == 401


def test_a_cookie_signed_by_another_server_is_nobody(school: Class) -> None:
    ours: Cookies = school.app.state.authentication.cookies
    sign_in_id = ours.read(f"{ours.name}={school.teacher.cookies[ours.name]}")
    assert sign_in_id is not None
    elsewhere = Cookies(b"another server's key, 32 bytes..", ours.lifetime, "/")
    theirs = elsewhere.write(sign_in_id, secure=False).split(";")[0].split("=", 1)[1]
    assert school.nobody.get(f"{API}/runs", headers={"Cookie": f"{ours.name}={theirs}"}).status_code == 401


# -- a student where she has no business ------------------------------------------------------------------------------


@pytest.mark.guarantee("Store: authorized")
def test_a_students_every_way_to_anothers_run_is_closed(
    school: Class, student: TestClient, others: dict[str, str]
) -> None:
    before = school.teacher.get(f"{API}/runs/{others['run_id']}").json()
    ways = [(method, path) for method, path in routes(school) if "{run_id}" in path or "{sweep_id}" in path]
    assert len(ways) > 12
    for method, path in ways:
        # 422: the body was wrong for this route; with the right one it must be as if the run were not there.
        answers = [call(student, method, path, fields=others, json=body) for body in ({}, {"iterations": 10})]
        codes = {answer.status_code for answer in answers} - {422}
        assert codes, (method, path)
        assert codes <= {403, 404}, (method, path, [answer.text[:200] for answer in answers])
    for action in ("pause", "stop", "archive", "delete", "restore"):
        answer = student.post(f"{API}/runs/actions", json={"action": action, "ids": [others["run_id"]]})
        assert [one["problem"]["status"] for one in answer.json()["results"]] == [404], action
    after = school.teacher.get(f"{API}/runs/{others['run_id']}").json()
    unchanged = ("name", "owner", "iterations", "archived", "notes", "tags", "requested")
    assert {key: before[key] for key in unchanged} == {key: after[key] for key in unchanged}


def test_a_student_hears_nothing_of_anothers_run_on_any_feed(
    school: Class, student: TestClient, others: dict[str, str]
) -> None:
    with (
        pytest.raises(WebSocketDisconnect) as closed_with,
        student.websocket_connect(f"{API}/runs/{others['run_id']}/live") as socket,
    ):
        socket.receive_text()
    assert closed_with.value.code == 4404
    with student.websocket_connect(f"{API}/runs/live") as socket:
        school.teacher.patch(f"{API}/runs/{others['run_id']}", json={"name": "Secret"})
        own = student.post(f"{API}/runs", json={"config": {"iterations": 20}}).json()
        heard: list[Any] = []
        while own["id"] not in {run["id"] for run in heard}:
            heard += json.loads(socket.receive_text())["runs"]
    assert {run["owner"] for run in heard} == {"Student"}


def test_the_teachers_routes_are_closed_to_students_and_viewers(school: Class, student: TestClient) -> None:
    viewer = school.join("Viewer", Role.VIEWER)
    table = RouteTable(school.app)
    theirs = [(method, path) for method, path in routes(school) if role_of(table, method, path) is Role.TEACHER]
    assert {path for _, path in theirs} >= {f"{API}/people", f"{API}/join-links"}
    for browser in (student, viewer):
        for method, path in theirs:
            assert call(browser, method, path, json={}).status_code == 403, (method, path)


def test_a_viewer_changes_nothing_on_any_route(school: Class, others: dict[str, str]) -> None:
    viewer = school.join("Visitor", Role.VIEWER)
    table = RouteTable(school.app)
    changing = [(method, path) for method, path in routes(school) if method not in SAFE_METHODS]
    open_to_viewers = {(method, path) for method, path in changing if role_of(table, method, path) is Role.VIEWER}
    # A seat changes what is the seat's, whoever else is signed in.
    open_to_viewers -= (of_seats := without_sign_in(school))
    # Scenes of the playground are stored nowhere.
    assert open_to_viewers == {("POST", f"{API}/playground/scenes")}
    for method, path in changing:
        if (method, path) not in open_to_viewers | of_seats:
            assert call(viewer, method, path, fields=others, json={}).status_code == 403, (method, path)


def test_data_of_others_can_be_trained_on_but_not_renamed_or_deleted(school: Class, student: TestClient) -> None:
    files = {"files": ("t.csv", "a,label\n" + "".join(f"{i},{i % 2}\n" for i in range(40)))}
    brought = school.teacher.post(f"{API}/datasets", files=files).json()
    assert student.patch(f"{API}/datasets/{brought['id']}", json={"name": "Mine"}).status_code == 403
    assert student.delete(f"{API}/datasets/{brought['id']}").status_code == 403
    assert school.teacher.get(f"{API}/datasets/{brought['id']}").json()["name"] == "t"
    assert student.get(f"{API}/datasets/{brought['id']}").json()["owner"] == "teacher"
    run = student.post(f"{API}/runs", json={"config": {"dataset": brought["id"], "iterations": 10}})
    assert run.status_code == 201


# -- from another site -------------------------------------------------------------------------------------------------

CROSS_SITE: list[dict[str, str]] = [
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://testserver.evil.example"},
    {"Origin": "http://testserver:81"},
    {"Origin": "https://testserver"},
    {"Origin": "", "Sec-Fetch-Site": "cross-site"},
    {"Origin": "", "Sec-Fetch-Site": "same-site"},
    {"Origin": ""},
]


def sent_by(browser: TestClient, headers: dict[str, str]) -> TestClient:
    """The browser's cookies, with what a page elsewhere makes it send; an empty header is left out."""
    page = TestClient(browser.app, raise_server_exceptions=False, follow_redirects=False)
    page.portal = browser.portal
    page.cookies.update(browser.cookies)
    page.headers.update({name: value for name, value in headers.items() if value})
    return page


@pytest.mark.parametrize("headers", CROSS_SITE)
def test_a_page_of_another_site_posts_nothing(school: Class, headers: dict[str, str]) -> None:
    page = sent_by(school.teacher, headers)
    before = school.teacher.get(f"{API}/runs").json()["total"]
    form = {"Content-Type": "text/plain"}
    assert page.post(f"{API}/runs", content="{}", headers=form).status_code == 403
    assert page.post(f"{API}/runs", json={}).status_code == 403
    assert page.post("/_dash-update-component", json={}).status_code == 403
    assert page.post("/sign-out").status_code == 403
    assert page.delete(f"{API}/join-links/student").status_code == 403
    assert school.teacher.get(f"{API}/runs").json()["total"] == before


@pytest.mark.parametrize("headers", CROSS_SITE)
@pytest.mark.parametrize("path", [f"{API}/runs/live", f"{API}/runs/abc/live"])
def test_a_page_of_another_site_opens_no_websocket(school: Class, headers: dict[str, str], path: str) -> None:
    with (
        pytest.raises(WebSocketDenialResponse) as refused,
        sent_by(school.teacher, headers).websocket_connect(path),
    ):
        pass
    assert refused.value.status_code == 403


def test_a_websocket_without_a_sign_in_is_refused(school: Class) -> None:
    with pytest.raises(WebSocketDenialResponse) as refused, school.nobody.websocket_connect(f"{API}/runs/live"):
        pass
    assert refused.value.status_code == 401


def test_a_websocket_that_only_sends_is_closed_on_a_message(school: Class) -> None:
    with school.teacher.websocket_connect(f"{API}/runs/live") as socket:
        socket.send_text("{}")
        with pytest.raises(WebSocketDisconnect) as closed_with:
            while True:
                socket.receive_text()
    assert closed_with.value.code == SENDS_ONLY


def test_a_websocket_that_receives_asks_for_the_role_it_declares(school: Class, student: TestClient) -> None:
    @requires(Role.STUDENT, receives=True)
    async def echo(socket: WebSocket) -> None:
        await socket.accept()
        await socket.send_text(await socket.receive_text())
        await socket.close()

    school.app.add_api_websocket_route(f"{API}/echo", echo)
    with student.websocket_connect(f"{API}/echo") as socket:
        socket.send_text("heard")
        assert socket.receive_text() == "heard"
    viewer = school.join("Listener", Role.VIEWER)
    with pytest.raises(WebSocketDenialResponse) as refused, viewer.websocket_connect(f"{API}/echo"):
        pass
    assert refused.value.status_code == 403


def test_a_route_that_declares_no_access_is_closed_to_all(school: Class) -> None:
    async def undeclared() -> str:
        return "reached"

    async def undeclared_socket(socket: WebSocket) -> None:
        await socket.accept()

    school.app.add_api_route("/undeclared", undeclared, methods=["POST"])
    school.app.add_api_websocket_route(f"{API}/undeclared", undeclared_socket)
    assert school.teacher.post("/undeclared").status_code == 403
    assert school.nobody.post("/undeclared", headers={"Origin": ORIGIN}).status_code == 403
    with (
        pytest.raises(WebSocketDenialResponse) as refused,
        school.teacher.websocket_connect(f"{API}/undeclared"),
    ):
        pass
    assert refused.value.status_code == 403


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "testserver.evil.example",
        "evil.example:80",
        "testserver@evil.example",
        "a b",
        "127.0.0.1.nip.io",
        "",
    ],
)
def test_a_forged_host_is_refused(school: Class, host: str) -> None:
    answer = school.teacher.get(f"{API}/runs", headers={"Host": host})
    assert answer.status_code == 421
    assert "SYNRL_ALLOWED_HOSTS" in answer.json()["detail"]


# -- guessing ----------------------------------------------------------------------------------------------------------


def test_failed_sign_ins_lock_nobody_of_the_same_address_out(school: Class, monkeypatch: pytest.MonkeyPatch) -> None:
    authentication = school.app.state.authentication
    slept: list[float] = []
    token = school.teacher.post(f"{API}/tokens", json={"name": "notebook"}).json()["token"]
    code = school.teacher.post(f"{API}/join-links", json={"role": "student"}).json()["code"]
    with monkeypatch.context() as patched:
        patched.setattr(authentication, "attempt_limiter", FailedAttemptLimiter(5, 50, 600))
        patched.setattr(authentication, "failures", FailureLog(10, 600))
        patched.setattr(authentication, "_throttle", Throttle(1.0, 8, sleep=slept.append))
        prankster = school.visitor()
        assert {prankster.post("/sign-in", data={"given": f"guess {i}"}).status_code for i in range(8)} == {401}
        assert {prankster.get("/join/AAAA-AAAA").status_code for _ in range(30)} == {404}
        assert prankster.get(f"{API}/runs", headers={"Authorization": "Bearer synrl_guess"}).status_code == 401
        assert slept, "passwords are checked slowly by now"
        # The same address: a valid token, the class code, the password.
        assert prankster.get(f"{API}/runs", headers={"Authorization": f"Bearer {token}"}).status_code == 200
        joined = school.visitor().post(f"/join/{code}", data={"name": "Nadia"})
        assert joined.status_code == 200
        personal = re.search(r'id="personal-code">([^<]+)<', joined.text)
        assert personal is not None
        assert school.visitor().post("/sign-in", data={"given": personal.group(1)}).status_code == 303
        assert school.visitor().post("/sign-in", data={"given": PASSWORD}).status_code == 303
        # The teacher sees it and lifts it.
        [guessing] = school.teacher.get(f"{API}/guesses").json()
        assert guessing["failures"] == 38
        assert school.teacher.delete(f"{API}/guesses/{guessing['address']}").status_code == 204
        assert school.teacher.get(f"{API}/guesses").json() == []
        assert authentication.attempt_limiter.throttle_key(guessing["address"]) is None
        assert prankster.get(f"{API}/guesses").status_code == 401


def test_more_requests_than_allowed_are_refused_for_a_while(school: Class, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(school.app.state.authentication, "request_limiter", RateLimiter(60, 60))
        codes = [school.nobody.get(f"{API}/runs").status_code for _ in range(70)]
        assert codes[:50] == [401] * 50
        assert codes[-1] == 429


# -- refusals are written down -----------------------------------------------------------------------------------------


def test_every_refusal_is_one_line_in_the_log_and_holds_no_secret(
    school: Class, student: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, logger="synrl.authentication"):
        school.nobody.get(f"{API}/runs")
        school.nobody.get("/x%0d%0aINFO%20forged%1b[2J", headers={"Host": "evil.example"})
        school.visitor().post("/sign-in", data={"given": "my secret guess"})
        school.visitor().get("/join/SECR-ETCO")
        school.visitor().get("/?token=synrl_secretguess", headers={"Accept": "text/html"})
        student.get(f"{API}/people")
        sent_by(school.teacher, {"Origin": "https://evil.example"}).post(f"{API}/runs", json={})
    lines = [record.getMessage() for record in caplog.records]
    assert len(lines) == 7
    assert all(line.startswith("refused ") and line.isprintable() for line in lines)
    assert not [line for line in lines if "secret" in line.casefold() or "SECR" in line]
    assert "Student" in lines[5]
