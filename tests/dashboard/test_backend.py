"""Dash as we run it: what is slow in a page never holds the live feed."""

from __future__ import annotations

import gzip
import threading
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import dash
import pytest
from dash import html
from fastapi import Request, Response, WebSocket
from fastapi.testclient import TestClient

from dashboard.backend import PagesServer, _Scripts, compressed
from dashboard.first_visit import VISITED
from dashboard.modules import Modules
from tests.dashboard.conftest import Pages

#: Longer than a frame ever takes; a layout that is still held then has held the frame too.
TIMEOUT = 10.0


class Slow:
    """A callback that blocks until it is released."""

    def __init__(self) -> None:
        self.begun, self.released = threading.Event(), threading.Event()
        self.waited_in_vain = False

    def __call__(self, **_: Any) -> html.P:
        self.begun.set()
        self.waited_in_vain = not self.released.wait(TIMEOUT)
        return html.P("at last")


@pytest.fixture
def slow(pages: Pages) -> Iterator[Slow]:
    layout = Slow()

    async def feed(socket: WebSocket) -> None:
        await socket.accept()
        await socket.receive_text()
        await socket.send_text("a frame")
        await socket.close()

    api: Any = pages.app.server
    api.add_api_websocket_route("/feed", feed)
    dash.register_page("slow", path="/slow", layout=layout)
    yield layout
    dash.page_registry.pop("slow")


def test_dash_uses_our_backend(pages: Pages) -> None:
    assert type(pages.app.backend) is PagesServer


def test_no_callback_of_ours_runs_on_the_server(pages: Pages) -> None:
    """Pages fetch JSON; callbacks tell their scripts what is mounted. Only Dash's own router asks for layouts."""
    listed = pages.client.get("/_dash-dependencies").json()
    on_server = [one["output"] for one in listed if one["clientside_function"] is None]
    assert len(on_server) == 1
    assert "_pages_content.children" in on_server[0]


@pytest.mark.parametrize("body", ["{}", "[]", "null", '"a"', '{"output": "nobody"}', '{"output": "\\ud83d"}', "{"])
def test_a_body_that_no_page_sends_is_refused(pages: Pages, body: str) -> None:
    answer = pages.client.post("/_dash-update-component", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422, answer.text


def frame(client: TestClient) -> str:
    with client.websocket_connect("/feed") as socket:
        socket.send_text("please")
        return str(socket.receive_text())


def held_by_nothing(slow: Slow, pages: Pages, ask: Callable[[], Any]) -> Any:
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(ask)
        assert slow.begun.wait(TIMEOUT)
        assert frame(pages.client) == "a frame"
        slow.released.set()
        assert not slow.waited_in_vain
        return answer.result()


def test_a_slow_layout_does_not_delay_a_frame(slow: Slow, pages: Pages) -> None:
    assert "at last" in held_by_nothing(slow, pages, lambda: pages.open("/slow"))


def test_a_slow_index_does_not_delay_a_frame(slow: Slow, pages: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    def index() -> str:
        slow()
        return "<html></html>"

    monkeypatch.setattr(pages.app, "index", index)
    visited = {"Cookie": f"{VISITED}=1"}
    for address in ("/any/deep/link", "/"):
        slow.begun.clear()
        slow.released.clear()
        answer = held_by_nothing(slow, pages, lambda address=address: pages.client.get(address, headers=visited))  # type: ignore[misc]
        assert answer.text == "<html></html>"


@pytest.mark.parametrize(
    ("accepts", "size", "encoding"),
    [("gzip, deflate, br", 5000, "gzip"), ("identity", 5000, None), ("gzip", 100, None)],
    ids=["a browser", "one that can't", "too little to gain"],
)
def test_layouts_travel_compressed_to_browsers_that_take_them_so(accepts: str, size: int, encoding: str | None) -> None:
    request = Request({"type": "http", "headers": [(b"accept-encoding", accepts.encode())]})
    body = b"layout " * (size // 7)
    answer = compressed(request, Response(body))
    assert answer.headers.get("content-encoding") == encoding
    assert int(answer.headers["content-length"]) == len(bytes(answer.body))
    assert (gzip.decompress(bytes(answer.body)) if encoding else bytes(answer.body)) == body
    assert (len(bytes(answer.body)) < 200) == (encoding is not None or size == 100)


@pytest.mark.parametrize(
    "path",
    ["_dash-component-suites/plotly/package_data/plotly.min.js", "assets/synrl.css", Modules().path("run/page.js")],
)
def test_scripts_travel_compressed_and_are_the_same(pages: Pages, path: str) -> None:
    client = TestClient(pages.app.server, base_url="http://localhost")
    plain = client.get(f"/{path}", headers={"Accept-Encoding": "identity"})
    small = client.get(f"/{path}", headers={"Accept-Encoding": "gzip"})
    assert small.content == plain.content
    assert small.headers["Content-Encoding"] == "gzip"
    assert int(small.headers["Content-Length"]) < len(plain.content) / 2
    assert "Content-Encoding" not in plain.headers


def test_a_script_that_many_ask_for_at_once_is_compressed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    compressions: list[int] = []

    def counted(body: bytes, level: int) -> bytes:
        compressions.append(level)
        return zlib.compress(body, level)

    monkeypatch.setattr("dashboard.backend.gzip.compress", counted)
    scripts, body = _Scripts(), b"let x = 1;" * 100_000
    with ThreadPoolExecutor(8) as pool:
        answers = set(pool.map(lambda _: scripts.shrunk("a_package", "script.js", body), range(8)))
    assert len(answers) == len(compressions) == 1
