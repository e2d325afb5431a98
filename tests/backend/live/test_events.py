"""Server-sent events: every point once, despite disconnects, rewinds and restarts."""

from __future__ import annotations

import json
import socket
import threading
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import psutil
import pytest
import uvicorn
from fastapi.testclient import TestClient

from backend.api.main import create_api
from backend.cli.slow_clients import SlowClientProtocol
from backend.kit.settings import Settings
from backend.live import sse
from tests.backend.api.test_runs import create, finished
from tests.server import Server, running, wait_for
from tests.slowness import patience as limit


@dataclass
class Reader:
    """Reads server-sent events off its own socket, at any speed."""

    url: str
    last_event_id: str | None = None
    kinds: list[str] = field(default_factory=list)
    iterations: list[int] = field(default_factory=list)
    data: dict[str, Any] = field(default_factory=dict)
    status: str = ""
    bytes: int = 0

    def open(self, receive_buffer: int | None = None) -> socket.socket:
        parts = urllib.parse.urlsplit(self.url)
        connection = socket.socket()
        if receive_buffer is not None:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        connection.settimeout(limit(60))
        connection.connect((parts.hostname, parts.port))
        head = f"GET {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\n"
        if self.last_event_id is not None:
            head += f"Last-Event-ID: {self.last_event_id}\r\n"
        connection.sendall(f"{head}\r\n".encode())
        return connection

    def events(self, connection: socket.socket) -> Iterator[str]:
        """Yield the kind of each event, and keep what it said."""
        with connection, connection.makefile("rb") as lines:
            self.status = lines.readline().decode().split()[1]
            for header in iter(lines.readline, b"\r\n"):
                if not header:
                    return
            fields: dict[str, str] = {}
            for text in self._text(lines):
                if text:
                    name, _, value = text.partition(": ")
                    fields[name] = value
                elif fields:
                    kind = self._receive_event(fields)
                    fields = {}
                    if kind:
                        yield kind

    def _text(self, lines: Any) -> Iterator[str]:
        """Undo chunked encoding, line by line."""
        rest = b""
        while size := lines.readline().strip():
            count = int(size, 16)
            if count == 0:
                return
            block = lines.read(count)
            lines.readline()
            rest += block
            self.bytes += count
            *whole, rest = rest.split(b"\n")
            for line in whole:
                yield line.decode()

    def _receive_event(self, fields: dict[str, str]) -> str:
        self.last_event_id = fields.get("id", self.last_event_id)
        kind = fields.get("event", "")
        if kind:
            self.kinds.append(kind)
            self.data[kind] = json.loads(fields["data"])
        if kind == "reset":
            self.iterations.clear()
        if kind == "points":
            self.iterations += self.data["points"]["metrics"]["iteration"]
        return kind

    def read(self, until: int | None = None) -> Reader:
        """Read until the feed ends, or so many points have come."""
        for _ in self.events(self.open()):
            if until is not None and len(self.iterations) >= until:
                break
        return self


def events_url(server: Server, run: dict[str, Any]) -> str:
    return f"{server.url}/api/v1/runs/{run['id']}/events"


def start(server: Server, **config: Any) -> dict[str, Any]:
    quick = {"dataset": "digits", "hidden_layers": [8], "iterations": 4000, "evaluate_every": 10}
    run: dict[str, Any] = server.post("/api/v1/runs", {"config": quick | config})
    return run


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("events"), SYNRL_WORKERS="1") as server:
        yield server


@pytest.fixture
def shared(kept: Server) -> Server:
    """One server for all; a test that ended it leaves the next start to the test that needs it."""
    assert kept.process is not None
    if kept.process.poll() is not None:
        kept.start()
        for run in kept.get("/api/v1/runs?status=running")["items"]:
            kept.post(f"/api/v1/runs/{run['id']}/stop")
    return kept


def test_a_reader_gets_every_point_once_and_the_feed_ends_with_the_run(shared: Server) -> None:
    run = start(shared, iterations=20_000, evaluate_every=50)  # seconds, even where 4,000 take half of one
    reader = Reader(events_url(shared, run)).read()
    assert reader.status == "200"
    assert reader.iterations == list(range(0, 20_001, 50))
    assert reader.kinds.count("points") > 1, "they came as they were measured"
    assert reader.kinds[-1] == "end"
    assert reader.data["end"]["status"] == "succeeded"
    stored = shared.get(f"/api/v1/runs/{run['id']}/metrics?max_points=100000")
    late = Reader(events_url(shared, run)).read()
    assert late.iterations == reader.iterations
    assert late.data["points"]["metrics"]["values"]["train_loss"][-1] == stored["values"]["train_loss"][-1]


def test_a_reader_that_comes_back_goes_on_right_behind_what_it_has(shared: Server) -> None:
    run = start(shared, iterations=8000)
    reader = Reader(events_url(shared, run))
    while "end" not in reader.kinds:
        reader.read(until=len(reader.iterations) + 150)
    assert reader.iterations == list(range(0, 8001, 10))
    assert reader.kinds.count("end") == 1


def test_a_browser_with_all_events_of_an_ended_run_gets_no_content(shared: Server) -> None:
    run = start(shared, iterations=50)
    reader = Reader(events_url(shared, run)).read()
    again = Reader(events_url(shared, run), last_event_id=reader.last_event_id).read()
    assert (again.status, again.kinds) == ("204", [])
    assert sse.parse(reader.last_event_id) == sse.Position(0, 1, 50, ended=True)


def test_a_rewound_run_tells_its_readers_to_forget_what_they_have(shared: Server) -> None:
    run = start(shared, iterations=300)
    reader = Reader(events_url(shared, run)).read()
    shared.post(f"/api/v1/runs/{run['id']}/rewind")
    reader.read()
    assert reader.kinds.count("reset") == 1
    assert reader.iterations == list(range(0, 301, 10))
    assert sse.parse(reader.last_event_id) == sse.Position(1, 2, 300, ended=True)


def test_a_reader_misses_nothing_when_the_server_is_killed(shared: Server) -> None:
    run = start(shared, iterations=20_000, evaluate_every=50)  # a quick machine must not end it before the kill
    reader = Reader(events_url(shared, run)).read(until=20)
    shared.kill()
    shared.start()
    reader.url = events_url(shared, run)
    reader.read()
    assert reader.iterations == list(range(0, 20_001, 50))
    assert "reset" not in reader.kinds
    assert sse.parse(reader.last_event_id) == sse.Position(0, 2, 20_000, ended=True)


def test_an_open_feed_does_not_hold_up_the_end_of_the_server(shared: Server) -> None:
    run = start(shared, iterations=10_000_000)
    reader = Reader(events_url(shared, run))
    followed = reader.events(reader.open())
    while not reader.iterations:
        next(followed)
    assert shared.interrupt() == 0
    for _ in followed:
        pass
    assert "end" not in reader.kinds
    # What uvicorn says when its patience is over.
    assert "graceful shutdown exceeded" not in "".join(shared.output)


@pytest.fixture(scope="module")
def served_app() -> list[Any]:
    """What `small_buffers` serves."""
    return []


@pytest.fixture(scope="module")
def small_buffers(tmp_path_factory: pytest.TempPathFactory, served_app: list[Any]) -> Iterator[Server]:
    """The API under uvicorn in this process, on a socket whose buffer is soon full."""
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 8192)
    listening.bind(("127.0.0.1", 0))
    folder = tmp_path_factory.mktemp("small")
    app = create_api(Settings(data_dir=folder, workers=1))
    served_app.append(app)
    served = uvicorn.Server(
        uvicorn.Config(app, http=SlowClientProtocol, log_level="error", timeout_graceful_shutdown=1)
    )
    thread = threading.Thread(target=served.run, kwargs={"sockets": [listening]})
    thread.start()
    wait_for(lambda: served.started, bool)
    yield Server(folder, url=f"http://127.0.0.1:{listening.getsockname()[1]}")
    served.should_exit = True
    thread.join()
    listening.close()


def test_a_stalled_reader_holds_no_memory_and_gets_all_in_its_own_time(small_buffers: Server) -> None:
    many = 5000
    run = start(small_buffers, dataset="xor", hidden_layers=[2], iterations=many, evaluate_every=1, replicates=2)
    stalled = Reader(events_url(small_buffers, run))
    connections = [stalled.open(receive_buffer=4096) for _ in range(50)]
    attentive = Reader(events_url(small_buffers, run))
    followed = attentive.events(attentive.open())
    while len(attentive.iterations) < many / 10:
        next(followed)
    early = psutil.Process().memory_info().rss
    for _ in followed:
        pass
    grown = psutil.Process().memory_info().rss - early
    assert attentive.iterations == list(range(many + 1))
    assert attentive.bytes > 50 * 8192
    # A page and a queue may be held for each, not all that it has not read.
    assert grown < 50 * attentive.bytes / 2, (
        f"50 stalled readers of {attentive.bytes:,} bytes made the server grow by {grown:,} bytes"
    )
    for _ in stalled.events(connections[0]):
        pass
    assert stalled.iterations == list(range(many + 1))
    for connection in connections:
        connection.close()


def test_a_stalled_reader_is_disconnected_after_the_write_timeout(
    small_buffers: Server, served_app: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backend.cli.slow_clients.STALL_TIMEOUT", 0.5)
    hub = served_app[0].state.jobs.hub
    wait_for(lambda: hub.subscriber_counts["events"], lambda count: count == 0)
    run = start(small_buffers, dataset="xor", hidden_layers=[2], iterations=5000, evaluate_every=1, replicates=2)
    connection = Reader(events_url(small_buffers, run)).open(receive_buffer=4096)
    wait_for(lambda: hub.subscriber_counts["events"], lambda count: count == 1)
    wait_for(lambda: hub.subscriber_counts["events"], lambda count: count == 0)
    with connection, connection.makefile("rb") as lines:
        assert b"event: end" not in lines.read(), "it was sent all, not cut off"


def test_a_silent_feed_is_kept_open_by_comments(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backend.api.events.HEARTBEAT", 0.001)
    blocking = create(client, iterations=10_000_000)
    queued = create(client)
    wait_for(lambda: client.get(f"/api/v1/runs/{blocking['id']}").json(), lambda seen: seen["iteration"] > 100)
    client.post(f"/api/v1/runs/{blocking['id']}/stop")
    text = client.get(f"/api/v1/runs/{queued['id']}/events").text
    assert finished(client, queued)["status"] == "succeeded"
    assert text.startswith("retry: 2000\n\n")
    assert ": keep-alive\n\n" in text
    assert {"event: end", "id: 0.1.300.end"} <= set(text.rstrip().split("\n\n")[-1].split("\n"))


def test_events_of_an_unknown_run_are_a_problem(client: TestClient) -> None:
    answer = client.get("/api/v1/runs/nobody/events")
    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("event_id", ["", "x", "1.2", "1.2.3.4", "-1.0.5", "1.2.3.end.end", "9" * 90, "０.1.2"])
def test_ids_that_are_not_ours_begin_at_the_beginning(event_id: str) -> None:
    assert sse.parse(event_id) is None


def test_positions_are_read_as_they_are_written() -> None:
    for position in (sse.Position(), sse.Position(3, 2, 10**17, ended=True)):
        assert sse.parse(str(position)) == position
