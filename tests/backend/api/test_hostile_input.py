"""Hostile addresses, bodies and names: each is refused, and nothing of it is stored or executed."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient

from tests.backend.people.members import ORIGIN, Class

API = "/api/v1"
#: What people type into names to have it run: on a page, in a spreadsheet, in a terminal, in a log.
MARKUP = "<script>document.title='owned'</script>"
FORMULA = '=HYPERLINK("http://evil.example","x")'
LOG_LINE = "x\r\n2026-01-01 INFO teacher signed in\x1b[2J"


@pytest.mark.parametrize(
    "path",
    [
        "/assets/../../pyproject.toml",
        "/assets/%2e%2e/%2e%2e/pyproject.toml",
        "/assets/..%2f..%2fpyproject.toml",
        "/assets/%2fetc%2fpasswd",
        "/_dash-component-suites/dash/../../../etc/passwd",
        "/_dash-component-suites/dash/%2e%2e%2f%2e%2e%2fetc%2fpasswd",
        "/static-offline-docs/..%2f..%2fcore.py",
        f"{API}/runs/..%2f..%2fsecret.key",
        f"{API}/runs/..%2fsecret.key/snapshots/0?format=npz",
        f"{API}/datasets/..%2f..%2fsecret.key",
    ],
)
def test_no_address_leads_out_of_its_folder(school: Class, path: str) -> None:
    key = (school.app.state.settings.data_dir / "secret.key").read_bytes()
    answer = school.teacher.get(path)
    assert key not in answer.content
    assert b"root:" not in answer.content
    assert b"[build-system]" not in answer.content
    assert answer.status_code in (404, 422, 500) or answer.headers["Content-Type"].startswith("text/html")
    assert answer.status_code != 500


def test_an_uploads_name_does_not_choose_where_it_lies(school: Class, student: TestClient) -> None:
    csv = "a,label\n" + "".join(f"{i * 3},{i % 2}\n" for i in range(40))
    for name in ("../../../evil.csv", "/etc/evil.csv", "..\\..\\evil.csv"):
        answer = student.post(f"{API}/datasets/preview", files={"files": (name, csv)})
        assert answer.status_code == 200
        assert answer.json()["name"] == "evil"
    data_dir = school.app.state.settings.data_dir
    assert not list(data_dir.parent.glob("**/evil*"))


def bomb() -> bytes:
    """A zip whose only picture says that it is a hundred million pixels."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a/1.png", b"\x89PNG\r\n\x1a\n" + bytes(10**6))
    return file.getvalue()


HOSTILE: list[Callable[[], tuple[str, bytes]]] = [
    lambda: ("bomb.zip", bomb()),
    lambda: ("pickle.npz", b"\x80\x04\x95cposix\nsystem\n(S'touch /tmp/owned'\ntR."),
    lambda: ("page.csv", b"<html><script>1</script></html>"),
    lambda: ("empty.npz", b""),
]


@pytest.mark.parametrize("make", HOSTILE)
def test_a_hostile_upload_is_refused_and_leaves_nothing(
    school: Class, student: TestClient, make: Callable[[], tuple[str, bytes]]
) -> None:
    artifacts = school.app.state.settings.data_dir / "artifacts" / "datasets"
    before = sorted(artifacts.glob("**/*"))
    answer = student.post(f"{API}/datasets", files={"files": make()})
    assert answer.status_code == 422
    assert sorted(artifacts.glob("**/*")) == before


def test_an_oversized_body_is_refused_before_it_comes_in(school: Class, student: TestClient) -> None:
    largest = school.app.state.settings.max_body_bytes
    for path in (f"{API}/runs", "/_dash-update-component", "/sign-in"):
        assert student.post(path, content=b"x" * (largest + 1)).status_code == 413, path
        declared = {"Content-Length": str(10**15), "Origin": ORIGIN}
        assert student.post(path, content=b"x", headers=declared).status_code == 413, path
    too_large = {"files": ("big.csv", b"a,label\n" + b"1,0\n" * 2**21)}
    assert student.post(f"{API}/datasets", files=too_large).status_code == 413
    assert student.post(f"{API}/runs", content=iter([b"{", b"}"])).status_code == 411


@pytest.mark.parametrize("text", [MARKUP, FORMULA, LOG_LINE, "‮evil", "a" * 10_000, "\x00"])
def test_a_persons_name_is_one_plain_line_or_refused(school: Class, text: str) -> None:
    code = school.teacher.post(f"{API}/join-links", json={}).json()["code"]
    answer = school.visitor().post(f"/join/{code}", data={"name": text})
    assert answer.status_code in (200, 409, 422)
    assert MARKUP not in answer.text
    for one in school.teacher.get(f"{API}/people").json():
        assert one["name"].isprintable()
        assert len(one["name"]) <= 40


@pytest.mark.parametrize("text", [MARKUP, FORMULA])
def test_names_and_notes_come_back_as_they_were_typed_and_never_as_a_page(
    school: Class, student: TestClient, text: str
) -> None:
    run = student.post(f"{API}/runs", json={"name": text, "notes": text, "config": {"iterations": 10}}).json()
    answer = student.get(f"{API}/runs/{run['id']}")
    assert answer.json()["name"] == text
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert MARKUP not in school.teacher.get(f"/runs/{run['id']}").text


def test_a_wanted_address_with_markup_is_shown_as_text(school: Class) -> None:
    answer = school.nobody.get("/sign-in", params={"next": '"><script>1</script>'})
    assert "<script>1" not in answer.text
