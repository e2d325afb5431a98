"""Measure what a server costs that has nothing to do. `python -m benchmarks.idle [seconds]`.

Starts a server with two workers, waits until the workers are ready and have imported what they need, trains a short
run, and then reads from /proc how much processor time the web process and each worker take, with nobody watching and
nothing training, and how much memory they hold (PSS: memory that processes share is divided among them). The processor
time of the start counts until the workers have imported what they need. Linux only.
Results: benchmarks/results/idle.json, and the table in docs/operations.md.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import psutil

from benchmarks import operations
from tests.server import Server, wait_for

#: Worker processes of the server.
WORKERS = 2
#: Seconds over which processor time is measured.
WINDOW = 60.0
#: Seconds after which a process that takes less than `QUIET` of a core meanwhile has come to rest.
SETTLING, QUIET = 4.0, 0.2
#: Share of a core that an idle process may take, in percent.
MOST_PERCENT = 1.0
#: Megabytes (PSS) that the idle server may hold, its workers included.
MOST_MEGABYTES = 400.0

_TICK = os.sysconf("SC_CLK_TCK")


def processor_seconds(pid: int) -> float:
    """Return the processor time of a process, user and system, in seconds."""
    # The name of the program, in brackets, may hold blanks.
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICK


def wakeups(pid: int) -> int:
    """Return how often the threads of a process have waited for something."""
    total = 0
    for status in Path(f"/proc/{pid}/task").glob("*/status"):
        for line in status.read_text().splitlines():
            if line.startswith("voluntary_ctxt_switches"):
                total += int(line.split()[1])
    return total


def proportional_bytes(pid: int) -> int:
    """Return the memory of a process in bytes, its share of what it has in common with others included (PSS)."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    raise ValueError(f"/proc/{pid}/smaps_rollup states no Pss")


def processes(server: Server) -> dict[str, int]:
    """Return the process ids of a server by their part in it."""
    assert server.process is not None
    named = {"web process": server.process.pid}
    workers = others = 0
    for child in psutil.Process(server.process.pid).children(recursive=True):
        if "spawn_main" in " ".join(child.cmdline()):
            workers += 1
            named[f"worker {workers}"] = child.pid
        else:
            others += 1
            named[f"helper process {others}"] = child.pid
    return named


def workers_ready(server: Server) -> int:
    """Return how many workers can be given runs, as /metrics states it."""
    with urllib.request.urlopen(f"{server.url}/metrics", timeout=60) as answer:  # noqa: S310 (our own server)
        for line in answer.read().decode().splitlines():
            if line.startswith("synrl_workers "):
                return int(float(line.split()[1]))
    raise ValueError("/metrics states no synrl_workers")


def settle(server: Server) -> float:
    """Wait until all processes of a server have come to rest; return their processor time so far, in seconds."""
    wait_for(lambda: workers_ready(server), lambda ready: ready == WORKERS, timeout=300)
    used = sum(map(processor_seconds, processes(server).values()))
    while True:
        time.sleep(SETTLING)
        before, used = used, sum(map(processor_seconds, processes(server).values()))
        if used - before < QUIET * SETTLING:
            return used


def train(server: Server) -> None:
    """Train a short run to its end, so that what is measured has been in use."""
    run = server.post("/api/v1/runs", {"config": {"dataset": "iris", "hidden_layers": [4], "iterations": 200}})
    wait_for(lambda: server.get(f"/api/v1/runs/{run['id']}")["status"], lambda status: status == "succeeded", 300)


def measure(server: Server, seconds: float) -> list[dict[str, object]]:
    """Return the rows of the result."""
    started = settle(server)
    train(server)
    settle(server)
    pids = processes(server)
    before = {name: (processor_seconds(pid), wakeups(pid)) for name, pid in pids.items()}
    began = time.monotonic()
    time.sleep(seconds)
    elapsed = time.monotonic() - began
    rows = []
    for name, pid in pids.items():
        used, woken = processor_seconds(pid) - before[name][0], wakeups(pid) - before[name][1]
        rows.append(operations.row(f"{name}: share of a core, %", 100 * used / elapsed, MOST_PERCENT))
        rows.append(operations.row(f"{name}: wake-ups a second", woken / elapsed, None))
    memory = {name: proportional_bytes(pid) / 1e6 for name, pid in pids.items()}
    rows += [operations.row(f"{name}: memory (PSS), MB", size, None) for name, size in memory.items()]
    rows.append(operations.row("all processes: memory (PSS), MB", sum(memory.values()), MOST_MEGABYTES))
    rows.append(operations.row("processor time of a start, workers included, s", started, None))
    return rows


def main(seconds: float) -> None:
    """Measure, print and store."""
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder), {"SYNRL_WORKERS": str(WORKERS)})
        server.start(timeout=300)
        try:
            rows = measure(server, seconds)
        finally:
            server.interrupt()
    operations.publish("idle", rows)


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else WINDOW)
