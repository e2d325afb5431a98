"""Load test of a class session: `python -m benchmarks.classroom [students] [rounds]`.

Starts a server with a worker for each core, a run in training, a teacher, a board, and students, each with a cookie
and a WebSocket of their own. They go through joining, Be a synapse (30 rounds), the class's table, a pooled experiment
and a vote; in the vote the server is killed with kill -9 and started anew. Measures: how long an answer takes to be
acknowledged; how far the board is behind an answer; how much of the processors the web process and its helpers take,
the run in training aside; how long everybody takes to be back; whether an acknowledged answer is lost or doubled.
Results: benchmarks/results/classroom.json,
and the table in docs/operations.md.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import psutil
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from backend.kit import helper_process
from benchmarks import operations
from tests.server import Server, running

STUDENTS, ROUNDS = 30, 30
#: Trains all the while.
RUN: dict[str, Any] = {"hidden_layers": [16], "iterations": 1_000_000, "evaluate_every": 100}
#: Longest that a student thinks before a move, in seconds.
THINKING = 1.0
VOTE: dict[str, Any] = {
    "kind": "vote", "question": "Will the loss fall?", "options": ["at once", "in the end", "never"], "right": 1,
    "explanations": ["no", "yes", "no"],
}  # fmt: skip


@dataclass
class Measured:
    """Measurements from outside the server."""

    milliseconds: list[float] = field(default_factory=list)
    """From sending an answer to its acknowledgement."""
    behind: list[float] = field(default_factory=list)
    """Seconds from an acknowledgement until the board counts the answer."""
    refused: list[str] = field(default_factory=list)
    acknowledged: int = 0


class Client:
    """Page of a student, the board or the teacher: HTTP, and the newest view of its feed."""

    def __init__(self, server: Server, feed: str) -> None:
        self._server, self._feed_path = server, feed
        self.http = httpx2.AsyncClient(timeout=60)
        self.view: dict[str, Any] = {}
        self.changed = asyncio.Event()
        self.connected_at = 0.0
        self._task: asyncio.Task[None] | None = None

    async def ask(self, method: str, path: str, **more: Any) -> httpx2.Response:
        """Send a request to the server where it is now."""
        return await self.http.request(method, f"{self._server.url}/api/v1{path}", **more)

    def follow(self) -> None:
        """Follow the feed from now on, and come back when it breaks."""
        self._task = asyncio.create_task(self._follow())

    async def _follow(self) -> None:
        while True:
            with suppress(ConnectionClosed, OSError, TimeoutError):
                address = f"{self._server.url.replace('http', 'ws')}/api/v1{self._feed_path}"
                cookies = "; ".join(f"{one.name}={one.value}" for one in self.http.cookies.jar)
                async with connect(address, max_size=None, additional_headers={"Cookie": cookies}) as socket:
                    await self._read(socket)
            await asyncio.sleep(0.2)

    async def _read(self, socket: ClientConnection) -> None:
        self.connected_at = 0.0
        async for text in socket:
            self.connected_at = self.connected_at or time.perf_counter()
            self.view = json.loads(text)
            self.changed.set()

    async def until(self, holds: Any, seconds: float = 120) -> None:
        """Wait until the view is as wanted."""
        async with asyncio.timeout(seconds):
            while not (self.view and holds(self.view)):
                self.changed.clear()
                await self.changed.wait()

    async def close(self) -> None:
        """Close the page."""
        if self._task is not None:
            self._task.cancel()
        await self.http.aclose()


async def answer(student: Client, found: Measured, activity: str, slot: str, value: int) -> None:
    """Give an answer as a page does: again until it is acknowledged."""
    body = {"activity_id": activity, "slot": slot, "value": value}
    started = time.perf_counter()
    given = await student.ask("POST", "/seat/answers", json=body)
    found.milliseconds.append(1000 * (time.perf_counter() - started))
    if given.status_code == 201:
        found.acknowledged += 1
    else:
        found.refused.append(f"{given.status_code} {given.text[:200]}")


async def play_rounds(student: Client, found: Measured, chance: random.Random) -> None:
    """Choose a move in every round."""
    done: set[str | None] = {None}
    while True:
        await student.until(
            lambda view: view["activity"]["phase"] == "over" or view["activity"]["slot"] not in done
        )  # fmt: skip
        now = student.view["activity"]
        if now["phase"] == "over":
            return
        await asyncio.sleep(chance.uniform(0.05, THINKING))
        done.add(now["slot"])
        await answer(student, found, now["id"], now["slot"], chance.randrange(3))


async def begin(teacher: Client, path: str, body: dict[str, Any], everybody: list[Client]) -> str:
    """Begin an activity and wait until everybody is there."""
    begun = await teacher.ask("POST", f"{path}/activities", json=body)
    assert begun.status_code == 201, begun.text
    activity: str = begun.json()["activity"]["id"]
    await asyncio.gather(*(
        one.until(lambda view: (view["activity"] or {}).get("id") == activity) for one in everybody
    ))  # fmt: skip
    return activity


async def act(teacher: Client, path: str, activity: str, action: str) -> None:
    """Press a button."""
    done = await teacher.ask("POST", f"{path}/activities/{activity}/actions", json={"action": action})
    assert done.status_code == 200, done.text


async def board_lag(board: Client, found: Measured) -> None:
    """Wait until the board counts all acknowledged answers of the open slot."""
    started, wanted = time.perf_counter(), found.acknowledged
    await board.until(lambda view: view["activity"].get("answered", 0) >= wanted)
    found.behind.append(time.perf_counter() - started)


def processor_seconds(server: Server) -> float:
    """Sum the processor time of the web process and the playground's processes; workers train and are left out."""
    assert server.process is not None
    own = psutil.Process(server.process.pid)
    total = sum(own.cpu_times()[:2])
    for child in own.children(recursive=True):
        with suppress(psutil.Error):
            if child.nice() == own.nice() + helper_process.NICENESS:
                total += sum(child.cpu_times()[:2])
    return total


async def hour(server: Server, students: int, rounds: int) -> dict[str, Any]:
    """Go through a session; return what was measured of each part."""
    found = Measured()
    parts: dict[str, Any] = {}
    teacher = Client(server, "")
    await teacher.ask("POST", "/runs", json={"config": RUN})
    opened = (await teacher.ask("POST", "/class-sessions", json={"title": "Load"})).json()
    path = f"/class-sessions/{opened['id']}"
    watching, board = Client(server, f"{path}/live"), Client(server, f"/board/{opened['id']}/live")
    watching.follow()
    board.follow()
    pupils = [Client(server, "/seat/live") for _ in range(students)]
    everybody = [*pupils, board, watching]
    load = _Load(server)

    started = time.perf_counter()
    joined = await asyncio.gather(*(
        one.ask("POST", "/seat", json={"code": opened["code"], "name": f"S{n}"}) for n, one in enumerate(pupils)
    ))  # fmt: skip
    assert all(one.status_code == 201 for one in joined)
    for one in pupils:
        one.follow()
    await board.until(lambda view: view["count"] == students)
    parts["join"] = {"seconds": time.perf_counter() - started} | load.since()

    body = {"kind": "synapse", "rounds": rounds, "seconds": 20, "rest_seconds": 0.5}
    activity, started = await begin(teacher, path, body, everybody), time.perf_counter()
    chances = [random.Random(n) for n in range(students)]  # noqa: S311 (nothing secret)
    await asyncio.gather(*(play_rounds(one, found, chance) for one, chance in zip(pupils, chances, strict=True)))
    times = _response_times(found)
    parts["synapse"] = {"seconds": time.perf_counter() - started, "rounds": rounds} | times | load.since()

    activity, started = await begin(teacher, path, {"kind": "table"}, everybody), time.perf_counter()
    decisions = board.view["activity"]["decisions"]
    await act(teacher, path, activity, "train")
    await board.until(lambda view: view["activity"]["phase"] == "trained")
    parts["table"] = {"seconds": time.perf_counter() - started, "decisions": decisions} | load.since()

    activity = await begin(teacher, path, {"kind": "pooled", "each_starts": True}, everybody)
    started = time.perf_counter()
    await asyncio.gather(*(answer(one, found, activity, "run", 0) for one in pupils))
    await board.until(lambda view: view["activity"]["phase"] == "done")
    parts["pooled"] = {"seconds": time.perf_counter() - started, "dots": len(board.view["activity"]["dots"])}
    parts["pooled"] |= _response_times(found) | load.since()

    activity = await begin(teacher, path, VOTE, everybody)
    found.acknowledged = 0
    await asyncio.gather(*(answer(one, found, activity, "first", n % 3) for n, one in enumerate(pupils[::2])))
    await board_lag(board, found)
    parts["vote"] = _response_times(found) | load.since()
    parts["kill"] = await kill(server, pupils, board, found, activity)
    for _ in range(3):
        await act(teacher, path, activity, "next")
    found.acknowledged = 0
    await asyncio.gather(*(answer(one, found, activity, "second", 1) for one in pupils))
    await board_lag(board, found)
    for _ in range(3):
        await act(teacher, path, activity, "next")
    await board.until(lambda view: view["activity"]["right"] == 1)
    last = board.view["activity"]
    parts["result"] = {"first": last["first"], "second": last["second"], "refused": found.refused}
    parts["board_behind_seconds"] = found.behind
    for one in (*everybody, teacher):
        await one.close()
    return parts


async def kill(
    server: Server, pupils: list[Client], board: Client, found: Measured, activity: str
) -> dict[str, Any]:  # fmt: skip
    """Kill the server in mid-vote, start it, and measure until everybody is back; then the others answer."""
    acknowledged = found.acknowledged
    await asyncio.to_thread(server.kill)
    for one in (*pupils, board):
        one.view = {}
        one.connected_at = 0.0
    await asyncio.to_thread(server.start)
    ready = time.perf_counter()
    await asyncio.gather(*(one.until(lambda view: view["activity"]["phase"] == "first") for one in (*pupils, board)))
    back = time.perf_counter() - ready
    kept = sum(one.view["activity"]["own_first"] is not None for one in pupils)
    await asyncio.gather(*(answer(one, found, activity, "first", n % 3) for n, one in enumerate(pupils[::2])))
    await asyncio.gather(*(answer(one, found, activity, "first", n % 3) for n, one in enumerate(pupils[1::2])))
    await board.until(lambda view: view["activity"]["answered"] == len(pupils))
    return {"acknowledged_before": acknowledged, "there_after": kept, "back_after_ready_seconds": back}


class _Load:
    """Processor time of the server between two looks."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._at, self._seconds = time.perf_counter(), processor_seconds(server)

    def since(self) -> dict[str, float]:
        """Return the share of all cores since the last call."""
        now, seconds = time.perf_counter(), processor_seconds(self._server)
        share = (seconds - self._seconds) / (now - self._at) / (os.cpu_count() or 1)
        self._at, self._seconds = now, seconds
        return {"share_of_cores": share}


def _response_times(found: Measured) -> dict[str, float]:
    times, found.milliseconds = sorted(found.milliseconds), []
    return {
        "answers": len(times), "median_ms": times[len(times) // 2], "p95_ms": times[int(0.95 * len(times))],
        "most_ms": times[-1],
    }  # fmt: skip


def rows(parts: dict[str, Any], students: int) -> list[dict[str, Any]]:
    """Return the figures, with what is aimed at."""
    vote, killed = parts["result"], parts["kill"]
    lost = abs(sum(vote["first"]) - students) + abs(sum(vote["second"]) - students)
    lost += killed["acknowledged_before"] - killed["there_after"] + len(vote["refused"])
    shares = [part["share_of_cores"] for part in parts.values() if isinstance(part, dict) and "share_of_cores" in part]
    return [
        operations.row(
            f"{students} students join at once, s until the board counts all", parts["join"]["seconds"], None
        ),
        operations.row("an answer is acknowledged, 95th percentile of all rounds, ms", parts["synapse"]["p95_ms"], 250),
        operations.row("the same, median, ms", parts["synapse"]["median_ms"], None),
        operations.row("all answer in one moment, 95th percentile, ms", parts["pooled"]["p95_ms"], None),
        operations.row("the board is behind an answer, s at most", max(parts["board_behind_seconds"]), 2),
        operations.row("the class's table trained beside two others, s", parts["table"]["seconds"], None),
        operations.row("a pooled run of each student on the board, s", parts["pooled"]["seconds"], 90),
        operations.row("web process and playground, share of all cores at most", max(shares), 0.7),
        operations.row("everybody back after kill -9, s from the start", killed["back_after_ready_seconds"], 5),
        operations.row("answers lost, doubled or refused", lost, 0),
    ]


def main() -> None:
    """Measure and publish the figures."""
    students = int(sys.argv[1]) if len(sys.argv) > 1 else STUDENTS
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else ROUNDS
    with tempfile.TemporaryDirectory() as folder, running(Path(folder), SYNRL_WORKERS=str(os.cpu_count())) as server:
        parts = asyncio.run(hour(server, students, rounds))
    print(json.dumps(parts, indent=1))
    operations.publish("classroom", rows(parts, students))


if __name__ == "__main__":
    main()
