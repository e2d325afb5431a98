from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session
from starlette.websockets import WebSocketDisconnect

from backend.db.store import Store
from backend.kit.status import RunStatus
from backend.live.hub import LiveHub
from backend.live.mirror import Mirrors
from backend.live.subscribers import QUEUE_FRAMES, Subscriber
from backend.runs.schemas import RunRead
from tests.backend.api.test_runs import create, finished
from tests.backend.system.test_control import do, jobs, training, until_status
from tests.server import wait_for
from tests.slowness import patience


def subscribe_to(client: TestClient, run_id: str) -> list[dict[str, Any]]:
    """Collect the frames of a run until it has ended."""
    frames = []
    with client.websocket_connect(f"/api/v1/runs/{run_id}/live") as socket:
        while True:
            frames.append(json.loads(socket.receive_text()))
            if frames[-1].get("run", {}).get("status") in ("succeeded", "stopped", "failed"):
                return frames


@pytest.mark.guarantee("Jobs: whole-curve")
def test_a_viewer_sees_every_point_once_whenever_it_joins(client: TestClient) -> None:
    run = create(client, iterations=9000, evaluate_every=60)
    first = subscribe_to(client, run["id"])
    assert first[0]["reset"] is True
    seen: list[int] = []
    for frame in first:
        if frame.get("reset"):
            seen.clear()
        seen += [i for i in frame.get("metrics", {}).get("iteration", []) if not seen or i > seen[-1]]
    assert seen == list(range(0, 9001, 60))
    assert sum("metrics" in frame for frame in first) > 1, "the curve came in pieces, as it was measured"
    assert any("weights" in frame for frame in first)
    [whole] = subscribe_to(client, run["id"])
    assert whole["metrics"]["iteration"] == seen
    assert whole["weights"]["iteration"] == 9000


def test_the_feed_of_an_unknown_run_is_closed_with_its_own_code(client: TestClient) -> None:
    with client.websocket_connect("/api/v1/runs/nobody/live") as socket, pytest.raises(WebSocketDisconnect) as closed:
        socket.receive_text()
    assert closed.value.code == 4404


def test_the_list_feed_sends_new_changed_and_deleted_runs(client: TestClient) -> None:
    with client.websocket_connect("/api/v1/runs/live") as socket:
        run = create(client)
        states: list[str] = []
        while "succeeded" not in states:
            news = json.loads(socket.receive_text())
            states += [seen["status"] for seen in news["runs"] if seen["id"] == run["id"]]
        finished(client, run)
        client.patch(f"/api/v1/runs/{run['id']}", json={"name": "renamed"})
        names: list[str] = []
        while "renamed" not in names:
            names += [seen["name"] for seen in json.loads(socket.receive_text())["runs"]]
        client.delete(f"/api/v1/runs/{run['id']}")
        removed: list[str] = []
        while run["id"] not in removed:
            removed += json.loads(socket.receive_text())["removed"]


def test_subscribers_of_a_deleted_run_are_notified(client: TestClient) -> None:
    run = finished(client, create(client))
    with client.websocket_connect(f"/api/v1/runs/{run['id']}/live") as socket:
        socket.receive_text()
        client.delete(f"/api/v1/runs/{run['id']}")
        assert json.loads(socket.receive_text())["deleted"] is True


class HeldBack:
    """A store whose first read returns late."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.has_read, self.may_return = threading.Event(), threading.Event()

    @contextmanager
    def read(self) -> Iterator[Session]:
        with self._store.read() as session:
            yield session
        if not self.has_read.is_set():
            self.has_read.set()
            assert self.may_return.wait(patience(30))


@pytest.mark.guarantee("Jobs: never-older")
def test_a_late_read_from_before_a_runs_end_is_not_shown(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    run = training(client, {"dataset": "digits", "hidden_layers": [8], "iterations": 10_000_000})
    held_back = HeldBack(client.app.state.store)  # type: ignore[attr-defined]
    monkeypatch.setattr(jobs(client), "_store", held_back)
    with client.websocket_connect(f"/api/v1/runs/{run['id']}/live") as socket:
        socket.receive_text()
        do(client, run, "stop")
        assert held_back.has_read.wait(patience(10))
        until_status(client, run, "stopped")
        held_back.may_return.set()
        wait_for(lambda: jobs(client)._shown._under_way, lambda shown: not shown)
        shown = jobs(client).hub.channels._by_run[run["id"]].run
        assert shown is not None
        assert shown.status == "stopped"


def test_a_run_in_training_is_not_shown_as_it_was_while_it_waited(client: TestClient) -> None:
    mirrors = Mirrors()
    hub = LiveHub(mirrors)
    queued = RunRead.model_validate(create(client)).model_copy(update={"status": RunStatus.QUEUED})
    running = queued.model_copy(update={"status": RunStatus.RUNNING, "allowed_actions": ["pause", "stop"]})
    hub.begin(running.model_copy(), attempt=2)
    hub.show(queued)
    hub.show_end(queued, attempt=1)
    assert mirrors.state(queued.id)[0] == running, "what was read before its training began is no news"
    hub.show(running.model_copy(update={"requested": "stop"}))
    seen, _ = mirrors.state(queued.id)
    assert seen is not None
    assert seen.requested == "stop"


@pytest.mark.guarantee("Jobs: bounded")
def test_a_slow_subscriber_skips_forward_within_its_bounded_queue() -> None:
    async def scenario() -> None:
        subscriber: Subscriber[str] = Subscriber()
        subscriber.catch_up()
        for number in range(QUEUE_FRAMES * 3):
            subscriber.offer(f"frame {number}")
        assert subscriber.behind
        assert await subscriber.next() is None
        subscriber.catch_up()
        subscriber.offer("the next")
        assert await subscriber.next() == "the next"

    asyncio.run(scenario())
