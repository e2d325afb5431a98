"""Load test of a server with a class: `python -m benchmarks.load [runs] [clients] [watchers]`.

Starts a server with a worker for each core. Clients, each an owner, queue runs and look at them and at the list all
the while; watchers follow live feeds of whatever trains. Measures: whether every run that was acknowledged ends, once
and whole; how long the API takes to answer; the memory of the web process; and, in turns on the same server, how much
slower a run trains while it is watched. Results: benchmarks/results/load.json, and the table in docs/operations.md.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import random
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import psutil
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from benchmarks import operations
from tests.server import Server, running

#: Half as long as the run that the page starts by itself.
CONFIG: dict[str, Any] = {"hidden_layers": [16], "iterations": 10_000, "evaluate_every": 100, "snapshot_every": 2000}
#: Seconds between two looks of a client.
LOOK_EVERY = 1.0
#: Turns of watched and unwatched runs, and runs of a turn.
TURNS, RUNS_A_TURN = 4, 6


@dataclass
class Watched:
    """Measurements from outside the server."""

    milliseconds: list[float] = field(default_factory=list)
    """Of every answer of the API."""
    acknowledged: list[str] = field(default_factory=list)
    megabytes: list[float] = field(default_factory=list)
    """Memory of the web process, every second."""
    frames: int = 0
    refused: list[str] = field(default_factory=list)
    """Answers that were no answers."""


class Client:
    """Client of the API whose latency is measured."""

    def __init__(self, server: Server, seen: Watched) -> None:
        self._http = httpx2.AsyncClient(base_url=server.url, timeout=60)
        self._seen = seen

    async def ask(self, method: str, path: str, **more: Any) -> Any:
        """Send a request; measure until the answer is there."""
        started = time.perf_counter()
        answer = await self._http.request(method, path, **more)
        self._seen.milliseconds.append(1000 * (time.perf_counter() - started))
        if answer.status_code >= 400:
            self._seen.refused.append(f"{method} {path}: {answer.status_code} {answer.text[:200]}")
            return {}
        return answer.json()

    async def close(self) -> None:
        """Let go of the connections."""
        await self._http.aclose()


async def student(server: Server, seen: Watched, name: str, runs: int, chance: random.Random) -> None:
    """Queue runs one after the other, look at the newest and at the list until all have ended."""
    client = Client(server, seen)
    mine: list[str] = []
    left = set(mine)
    while len(mine) < runs or left:
        if len(mine) < runs:
            body = {"name": f"{name} {len(mine)}", "owner": name, "config": CONFIG | {"seed": chance.randrange(2**31)}}
            run = await client.ask("POST", "/api/v1/runs", json=body)
            mine.append(run["id"])
            left.add(run["id"])
            seen.acknowledged.append(run["id"])
        await asyncio.sleep(chance.uniform(0.5, 1.5) * LOOK_EVERY)
        await client.ask("GET", "/api/v1/runs?limit=50")
        for run_id in list(left)[:2]:
            run = await client.ask("GET", f"/api/v1/runs/{run_id}")
            if run.get("status") in ("succeeded", "failed", "stopped"):
                left.discard(run_id)
        if mine:
            await client.ask("GET", f"/api/v1/runs/{mine[-1]}/metrics?max_points=500")
    await client.close()


async def watcher(server: Server, seen: Watched, ended: asyncio.Event, chance: random.Random) -> None:
    """Follow the live feed of a run in training until it ends, then another's."""
    async with httpx2.AsyncClient(base_url=server.url, timeout=60) as http:
        while not ended.is_set():
            listed = (await http.get("/api/v1/runs?status=running&limit=50")).json()["items"]
            if listed:
                await follow(server, chance.choice(listed)["id"], seen, ended)
            await asyncio.sleep(0.2)


async def follow(server: Server, run_id: str, seen: Watched, ended: asyncio.Event) -> None:
    """Read a run's frames until it has ended or nobody is to watch any more."""
    address = f"{server.url.replace('http', 'ws')}/api/v1/runs/{run_id}/live"
    try:
        async with connect(address, max_size=None, open_timeout=60) as socket:
            while not ended.is_set():
                try:
                    frame = await asyncio.wait_for(socket.recv(), 1.0)
                except TimeoutError:
                    continue
                seen.frames += 1
                run = json.loads(frame).get("run") or {}
                if run.get("status") in ("succeeded", "failed", "stopped"):
                    return
    except (ConnectionClosed, OSError):
        return


async def memory(server: Server, seen: Watched) -> None:
    """Note the web process's memory every second."""
    assert server.process is not None
    process = psutil.Process(server.process.pid)
    while True:
        seen.megabytes.append(process.memory_info().rss / 2**20)
        await asyncio.sleep(1)


async def crowd(server: Server, runs: int, clients: int, watchers: int) -> Watched:
    """Let all of them do what they do until every run has ended."""
    seen, ended = Watched(), asyncio.Event()
    shares = [runs // clients + (place < runs % clients) for place in range(clients)]
    students = [
        student(server, seen, f"student {place}", share, random.Random(place))  # noqa: S311 (nothing secret)
        for place, share in enumerate(shares)
    ]
    others = [
        asyncio.create_task(watcher(server, seen, ended, random.Random(place)))  # noqa: S311
        for place in range(watchers)
    ]
    others.append(asyncio.create_task(memory(server, seen)))
    await asyncio.gather(*students)
    ended.set()
    others[-1].cancel()
    await asyncio.gather(*others, return_exceptions=True)
    return seen


def wrong_runs(server: Server, seen: Watched) -> list[str]:
    """Return what is wrong with runs: lost, doubled, not at their end, or with a hole in their curve."""
    wrong = [f"refused: {one}" for one in seen.refused]
    whole = list(range(0, CONFIG["iterations"] + 1, CONFIG["evaluate_every"]))
    stored = [run for page in pages(server) for run in page]
    ids = [run["id"] for run in stored]
    if sorted(ids) != sorted(seen.acknowledged):
        wrong.append(f"{len(seen.acknowledged)} runs were acknowledged, {len(ids)} are listed")
    wrong += [f"run {run['id']}: {run['status']}, {run['error']}" for run in stored if run["status"] != "succeeded"]
    for run_id in ids:
        points = server.get(f"/api/v1/runs/{run_id}/metrics?max_points=100000")["iteration"]
        if points != whole:
            wrong.append(f"run {run_id}: its curve is not whole")
    return wrong


def pages(server: Server) -> list[list[dict[str, Any]]]:
    """Return the whole list of runs, page by page."""
    found: list[list[dict[str, Any]]] = []
    for offset in itertools.count(0, 200):
        items = server.get(f"/api/v1/runs?limit=200&offset={offset}")["items"]
        if not items:
            return found
        found.append(items)
    return found


async def turn(server: Server, watchers: int) -> float:
    """Train a few runs, watched or not; return the median of their seconds of training."""
    seen, ended = Watched(), asyncio.Event()
    audience = [
        asyncio.create_task(watcher(server, seen, ended, random.Random(place)))  # noqa: S311
        for place in range(watchers)
    ]
    client = Client(server, seen)
    longer = CONFIG | {"iterations": 2 * CONFIG["iterations"]}
    runs = [await client.ask("POST", "/api/v1/runs", json={"config": longer}) for _ in range(RUNS_A_TURN)]
    seconds: list[float] = []
    for run in runs:
        while (now := await client.ask("GET", f"/api/v1/runs/{run['id']}")).get("status") != "succeeded":
            await asyncio.sleep(0.5)
        seconds.append(now["training_seconds"])
    ended.set()
    await asyncio.gather(*audience)
    await client.close()
    return statistics.median(seconds)


async def slowdown(server: Server, watchers: int) -> float:
    """Return how much longer training takes while it is watched, in turns, so that other work hits both alike."""
    ratios = []
    for _ in range(TURNS):
        unwatched = await turn(server, 0)
        ratios.append(await turn(server, watchers) / unwatched)
    return statistics.median(ratios)


def main(runs: int, clients: int, watchers: int) -> None:
    """Measure, print and store."""
    workers = os.cpu_count() or 1
    with tempfile.TemporaryDirectory() as folder, running(Path(folder), SYNRL_WORKERS=str(workers)) as server:
        started = time.monotonic()
        seen = asyncio.run(crowd(server, runs, clients, watchers))
        seconds = time.monotonic() - started
        wrong = wrong_runs(server, seen)
        slower = asyncio.run(slowdown(server, watchers))
    for problem in wrong[:20]:
        print(problem)
    waits = sorted(seen.milliseconds)
    third = len(seen.megabytes) // 3
    operations.publish(
        "load",
        [
            operations.row(f"runs queued by {clients} clients, {watchers} more watching", len(seen.acknowledged), None),
            operations.row("of them lost, doubled, refused, not at their end, or with a hole", len(wrong), 0),
            operations.row("seconds until all had ended", seconds, None),
            operations.row("answers of the API", len(waits), None),
            operations.row("an answer: median, ms", waits[len(waits) // 2], None),
            operations.row("an answer: 95th percentile, ms", waits[int(0.95 * len(waits))], 100),
            operations.row("frames that watchers got, a second", seen.frames / seconds, None),
            operations.row("training time, watched / unwatched", slower, 1.1),
            operations.row("memory of the web process after a third, MB", seen.megabytes[third], None),
            operations.row("memory at the end / after a third", seen.megabytes[-1] / seen.megabytes[third], 1.1),
        ],
    )
    sys.exit(bool(wrong))


if __name__ == "__main__":
    asked = [int(one) for one in sys.argv[1:]]
    main(*(asked + [200, 30, 30][len(asked) :]))
