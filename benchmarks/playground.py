"""Measure the cost of playing: `python -m benchmarks.playground [seconds]`.

Starts a server with one worker and its playground processes, and lets thirty clients play thirty scenes at 100
iterations a second, each asking for the next chunk when its cursor enters the one before, as the page does. Measured:
how long a chunk takes, whether each client keeps its pace, the speed of a training run beside them, the processor time
of thirty clients on one scene, and how long the tape is away when the process is killed. Linux only.
Results: benchmarks/results/playground.json.
"""

from __future__ import annotations

import json
import os
import signal
import statistics
import sys
import tempfile
import threading
import time
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from synrl_core.tape import CHUNK, split_chunks
from tests.server import Server, running, wait_for

RESULTS = Path(__file__).parent / "results" / "playground.json"
CLIENTS = 30
PACE = 100.0
"""Iterations a second."""
RUN: dict[str, Any] = {
    "dataset": "digits", "hidden_layers": [32], "iterations": 2_000_000, "batch_size": 1000, "evaluate_every": 1000,
}  # fmt: skip


@dataclass
class Client:
    """Client that plays one scene at a steady pace, one chunk ahead."""

    server: Server
    scene: dict[str, Any]
    latencies: list[float] = field(default_factory=list)
    late: float = 0.0
    """Seconds by which a chunk came after its first iteration was due, at worst; the first chunk starts the clock."""
    received: int = 0

    def play(self, until: float) -> None:
        """Ask for chunk after chunk until a moment of the monotonic clock."""
        tape = self.server.post("/api/v1/playground/scenes", self.scene)["tape"]
        start, number = 0.0, 0
        while (now := time.monotonic()) < until and (number + 1) * CHUNK <= 20_000:
            asked = now
            self.received += len(fetch(self.server, tape, number * CHUNK, (number + 1) * CHUNK))
            done = time.monotonic()
            self.latencies.append(done - asked)
            if number == 0:
                start = done
            due = start + number * CHUNK / PACE
            self.late = max(self.late, done - due)
            number += 1
            # The next chunk is asked for when the cursor enters this one.
            time.sleep(max(0.0, min(due, until) - time.monotonic()))


def fetch(server: Server, tape: str, start: int, stop: int) -> bytes:
    """Ask for iterations, compressed as a browser does; the bytes that travelled."""
    query = urllib.parse.urlencode({"from": start, "to": stop})
    request = urllib.request.Request(  # noqa: S310 (our own server)
        f"{server.url}/api/v1/playground/tapes/{tape}?{query}", headers={"Accept-Encoding": "gzip"}
    )
    with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 (our own server)
        data: bytes = answer.read()
    return data


def play_together(server: Server, scenes: list[dict[str, Any]], seconds: float) -> list[Client]:
    """Have one client a scene play at once."""
    clients = [Client(server, scene) for scene in scenes]
    until = time.monotonic() + seconds
    threads = [threading.Thread(target=client.play, args=(until,)) for client in clients]
    for thread in threads:  # people don't press Play in the same moment
        thread.start()
        time.sleep(CHUNK / PACE / len(threads))
    for thread in threads:
        thread.join()
    return clients


def used(processes: list[psutil.Process]) -> float:
    """Seconds of processor time so far."""
    return sum(sum(process.cpu_times()[:2]) for process in processes if process.is_running())


def percentile_95(values: list[float]) -> float:
    """Return the value that 95 % stay below."""
    return sorted(values)[int(0.95 * len(values))]


def speed(server: Server, run: str, seconds: float) -> float:
    """Iterations a second of a run."""
    before, at = server.get(f"/api/v1/runs/{run}")["iteration"], time.monotonic()
    time.sleep(seconds)
    return float((server.get(f"/api/v1/runs/{run}")["iteration"] - before) / (time.monotonic() - at))


def kill(server: Server, scene: dict[str, Any], before: set[int]) -> float:
    """Kill the playground's processes while a chunk is asked for; seconds until it is there, checked byte by byte."""
    tape = server.post("/api/v1/playground/scenes", scene)["tape"]
    plain = f"{server.url}/api/v1/playground/tapes/{tape}?from=0&to=512"
    first = urllib.request.urlopen(plain, timeout=60).read()  # noqa: S310 (our own server)
    for process in children(server):
        if process.pid not in before:
            os.kill(process.pid, signal.SIGKILL)
    at = time.monotonic()
    longer = urllib.request.urlopen(plain.replace("512", "1024"), timeout=60).read()  # noqa: S310 (our own server)
    away = time.monotonic() - at
    assert longer[: len(first)] == first
    assert len(list(split_chunks(longer))) == 4
    return away


def children(server: Server) -> list[psutil.Process]:
    """All processes that the server started."""
    assert server.process is not None
    return psutil.Process(server.process.pid).children(recursive=True)


def main(seconds: float) -> None:
    """Measure, print and store."""
    scenes = [{"hidden_layers": [4], "dataset": name, "seed": seed} for seed in range(10)
              for name in ("circles", "moons", "gaussians")]  # fmt: skip
    with (
        tempfile.TemporaryDirectory() as folder,
        running(Path(folder), SYNRL_WORKERS="1", SYNRL_PLAYGROUND_SCENES_PER_MINUTE="1000") as server,
    ):
        run = server.post("/api/v1/runs", {"config": RUN})["id"]
        wait_for(lambda: server.get(f"/api/v1/runs/{run}")["iteration"], lambda done: done > 5000, 120)
        before = {process.pid for process in children(server)}
        alone = speed(server, run, seconds / 2)
        Client(server, {"seed": 99}).play(time.monotonic() + 0.5)  # the process starts here
        helpers = [process for process in children(server) if process.pid not in before]
        beside: list[float] = []
        watching = threading.Thread(target=lambda: beside.append(speed(server, run, seconds * 0.9)))
        watching.start()
        cost = used(helpers)
        clients = play_together(server, scenes[:CLIENTS], seconds)
        many = used(helpers) - cost
        watching.join()
        alone_again = speed(server, run, seconds / 2)
        server.post(f"/api/v1/runs/{run}/stop")
        cost = used(helpers)
        one = play_together(server, [{"seed": 1234}] * CLIENTS, seconds)
        shared = used(helpers) - cost
        cost = used(helpers)
        play_together(server, [{"seed": 1235}], seconds)
        single = used(helpers) - cost
        away = kill(server, {"seed": 4321}, before)
    latencies = [latency for client in clients for latency in client.latencies[1:]]
    chunks = sum(len(client.latencies) for client in clients)
    rows = {
        "clients": CLIENTS,
        "seconds": seconds,
        "chunk_ms_median": 1000 * statistics.median(latencies),
        "chunk_ms_p95": 1000 * percentile_95(latencies),
        "first_chunk_ms_p95": 1000 * percentile_95([client.latencies[0] for client in clients]),
        "clients_that_waited": sum(client.late > 0.0 for client in clients),
        "longest_wait_ms": 1000 * max(client.late for client in clients),
        "bytes_an_iteration": sum(client.received for client in clients) / (chunks * CHUNK),
        "playground_ms_of_processor_a_chunk": 1000 * many / chunks,
        "training_speed_beside": beside[0] / statistics.mean([alone, alone_again]),
        "thirty_on_one_scene_over_one_alone": shared / single,
        "one_scene_chunk_ms_p95": 1000 * percentile_95([latency for client in one for latency in client.latencies[1:]]),
        "killed_process_seconds_away": away,
    }
    for name, value in rows.items():
        print(f"{name:<38} {value:10.3f}")
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 20.0)
