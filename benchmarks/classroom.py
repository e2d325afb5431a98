"""Load test of a class session: `python -m benchmarks.classroom [students] [rounds] [--browsers 6]`.

Starts a server with a worker for each core, a run in training, a teacher, a board, and students: some in a real
browser with a profile of their own, the others as clients with a cookie and a WebSocket each. They go through joining,
Be a synapse (30 rounds), the class's table, a pooled experiment and a vote; in the experiment and in the vote the
server is killed with kill -9 and started anew. Measures: how long an answer takes to be acknowledged; how far the board
is behind an answer; how much of the processors the web process and its helpers take, the run in training aside; how
long everybody takes to be back; whether an acknowledged answer is lost or doubled, by the session's export.
Results: benchmarks/results/classroom.json, and the table in docs/operations.md.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import socket
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from itertools import zip_longest
from pathlib import Path
from typing import Any

import psutil
from playwright.async_api import async_playwright

from backend.kit import helper_process
from benchmarks import operations
from benchmarks.class_members import Client, Measured, Member, Phone, Pupil, play_rounds
from tests.browser import chromium
from tests.server import Server, running

STUDENTS, ROUNDS, BROWSERS = 30, 30, 6
#: Trains all the while.
RUN: dict[str, Any] = {"hidden_layers": [16], "iterations": 1_000_000, "evaluate_every": 100}
VOTE: dict[str, Any] = {
    "kind": "vote", "question": "Will the loss fall?", "options": ["at once", "in the end", "never"], "right": 1,
    "explanations": ["no", "yes", "no"],
}  # fmt: skip


async def begin(teacher: Client, path: str, body: dict[str, Any], everybody: list[Member]) -> str:
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


async def hour(server: Server, pupils: list[Pupil], rounds: int) -> dict[str, Any]:
    """Go through a session; return what was measured of each part."""
    found, students = Measured(), len(pupils)
    parts: dict[str, Any] = {}
    teacher = Client(server, "")
    await teacher.ask("POST", "/runs", json={"config": RUN})
    opened = (await teacher.ask("POST", "/class-sessions", json={"title": "Load"})).json()
    path = f"/class-sessions/{opened['id']}"
    watching, board = Client(server, f"{path}/live"), Client(server, f"/board/{opened['id']}/live")
    watching.follow()
    board.follow()
    everybody: list[Member] = [*pupils, board, watching]
    load = _Load(server)

    started = time.perf_counter()
    await asyncio.gather(*(one.join(opened["code"], f"S{n}") for n, one in enumerate(pupils)))
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
    started, half = time.perf_counter(), pupils[::2]
    await asyncio.gather(*(one.answer(found, activity, "run", 0) for one in half))
    parts["pooled"] = _response_times(found) | load.since()
    parts["kill in an experiment"] = await kill(
        server, everybody, half, lambda view: view["own"]["status"] in ("running", "done")
    )  # fmt: skip
    load = _Load(server)
    await asyncio.gather(*(one.answer(found, activity, "run", 0) for one in pupils))
    await board.until(lambda view: view["activity"]["phase"] == "done")
    parts["pooled"] |= {"seconds": time.perf_counter() - started, "dots": len(board.view["activity"]["dots"])}
    _response_times(found)

    activity = await begin(teacher, path, VOTE, everybody)
    found.acknowledged = 0
    await asyncio.gather(*(one.answer(found, activity, "first", n % 3) for n, one in enumerate(half)))
    await board_lag(board, found)
    parts["vote"] = _response_times(found) | load.since()
    parts["kill in a vote"] = await kill(server, everybody, half, lambda view: view["own_first"] is not None)
    load = _Load(server)
    await asyncio.gather(*(one.answer(found, activity, "first", n % 3) for n, one in enumerate(half)))
    await asyncio.gather(*(one.answer(found, activity, "first", n % 3) for n, one in enumerate(pupils[1::2])))
    await board.until(lambda view: view["activity"]["answered"] == students)
    for _ in range(3):
        await act(teacher, path, activity, "next")
    await asyncio.gather(*(one.until(lambda view: view["activity"]["phase"] == "second") for one in pupils))
    found.acknowledged = 0
    await asyncio.gather(*(one.answer(found, activity, "second", 1) for one in pupils))
    await board_lag(board, found)
    for _ in range(3):
        await act(teacher, path, activity, "next")
    await board.until(lambda view: view["activity"]["right"] == 1)
    stored = (await teacher.ask("GET", f"{path}/export?format=json")).json()
    parts["result"] = {"refused": found.refused, "wrong": miscounted(stored, students)}
    parts["board_behind_seconds"] = found.behind
    parts["errors"] = [error for one in pupils if isinstance(one, Phone) for error in one.errors]
    for one in (*everybody, teacher):
        await one.close()
    return parts


async def kill(
    server: Server, everybody: list[Member], answered: list[Pupil], kept: Callable[[dict[str, Any]], bool]
) -> dict[str, Any]:
    """Kill the server in the middle of an activity, start it, and measure until everybody is back at the same step.

    Parameters
    ----------
    answered
        Students whose answers were acknowledged before.
    kept
        Whether a student's view of the activity shows that their answer is there.
    """
    here = {id(one): one.view["activity"] for one in everybody}
    await asyncio.to_thread(server.kill)
    for one in everybody:
        one.view = {}
    await asyncio.to_thread(server.start)
    ready = time.perf_counter()

    def is_back(before: dict[str, Any]) -> Callable[[dict[str, Any]], bool]:
        same = "id", "phase"
        return lambda view: [view["activity"][key] for key in same] == [before[key] for key in same]

    await asyncio.gather(*(one.until(is_back(here[id(one)])) for one in everybody))
    back = time.perf_counter() - ready
    there = sum(kept(one.view["activity"]) for one in answered)
    return {"acknowledged_before": len(answered), "there_after": there, "back_after_ready_seconds": back}


def miscounted(stored: dict[str, Any], students: int) -> list[str]:
    """Return the slots of a session's export in which a student's answer is missing, doubled or another's."""
    wrong = []
    for activity in stored["activities"]:
        slots = Counter(one["slot"] for one in activity["answers"])
        once = Counter((one["slot"], one["seat"]) for one in activity["answers"])
        wrong += [f"{activity['kind']} {slot}: {many}" for slot, many in slots.items() if many != students]
        wrong += [f"{activity['kind']} {slot} {seat}: {many}" for (slot, seat), many in once.items() if many != 1]
    pooled = next(one for one in stored["activities"] if one["kind"] == "pooled")
    return wrong + ([] if len(pooled["results"]) == students else [f"{len(pooled['results'])} results"])


class _Load:
    """Processor time of the server between two calls."""

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


def rows(parts: dict[str, Any], students: int, browsers: int) -> list[dict[str, Any]]:
    """Return the figures, with what is aimed at."""
    kills = [part for name, part in parts.items() if name.startswith("kill")]
    lost = sum(one["acknowledged_before"] - one["there_after"] for one in kills)
    lost += len(parts["result"]["refused"]) + len(parts["result"]["wrong"])
    shares = [part["share_of_cores"] for part in parts.values() if isinstance(part, dict) and "share_of_cores" in part]
    return [
        operations.row(
            f"{students} students join at once, {browsers} in browsers, s until the board counts all",
            parts["join"]["seconds"], None,
        ),
        operations.row("an answer is acknowledged, 95th percentile of all rounds, ms", parts["synapse"]["p95_ms"], 250),
        operations.row("the same, median, ms", parts["synapse"]["median_ms"], None),
        operations.row("half the class starts a run in one moment, 95 %, ms", parts["pooled"]["p95_ms"], None),
        operations.row("the board is behind an answer, s at most", max(parts["board_behind_seconds"]), 2),
        operations.row("the class's table trained beside two others, s", parts["table"]["seconds"], None),
        operations.row("a pooled run of each student on the board, a kill among it, s", parts["pooled"]["seconds"], 90),
        operations.row("web process and playground, share of all cores at most", max(shares), 0.7),
        operations.row(
            "everybody back at the same step after kill -9, s from the start, the longer of two",
            max(one["back_after_ready_seconds"] for one in kills), 5,
        ),
        operations.row("answers lost, doubled or refused", lost, 0),
        operations.row("errors on the students' pages", len(parts["errors"]), 0),
    ]  # fmt: skip


async def measured(server: Server, students: int, rounds: int, browsers: int) -> dict[str, Any]:
    """Go through a session with clients and browsers."""
    if browsers == 0:
        return await hour(server, [Client(server, "/seat/live") for _ in range(students)], rounds)
    executable = chromium.find()
    assert executable is not None, "no Chromium: run `make browser`"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable, args=list(chromium.FLAGS))
        phones = [await Phone.open(browser, server) for _ in range(browsers)]
        clients = [Client(server, "/seat/live") for _ in range(students - browsers)]
        # Browsers stand among the others, so that some have answered before a kill and some have not.
        pupils = [one for pair in zip_longest(phones, clients) for one in pair if one is not None]
        parts = await hour(server, pupils, rounds)
        await browser.close()
        return parts


def free_port() -> int:
    """Return a port that is free: a server that is started anew keeps the address that pages know."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def main() -> None:
    """Measure and publish the figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.classroom")
    parser.add_argument("students", nargs="?", type=int, default=STUDENTS)
    parser.add_argument("rounds", nargs="?", type=int, default=ROUNDS)
    parser.add_argument("--browsers", type=int, default=BROWSERS, help="students whose page is in a real browser")
    chosen = parser.parse_args()
    environment = {"SYNRL_WORKERS": str(os.cpu_count()), "SYNRL_PORT": str(free_port())}
    with tempfile.TemporaryDirectory() as folder, running(Path(folder), **environment) as server:
        parts = asyncio.run(measured(server, chosen.students, chosen.rounds, chosen.browsers))
    print(json.dumps(parts, indent=1))
    operations.publish("classroom", rows(parts, chosen.students, chosen.browsers))


if __name__ == "__main__":
    main()
