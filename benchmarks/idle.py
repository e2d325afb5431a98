"""Cost of an idle server: processor time and memory. `python -m benchmarks.idle [seconds]`.

Starts a server with two workers, trains one short run so that everything is warm, lets it rest with nobody connected,
and reads /proc before and after: per cent of a core of the web process and of each worker, and memory (PSS, MiB).
Linux only.
Results: benchmarks/results/idle.json.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import psutil

from tests.server import Server, running, wait_for

RESULTS = Path(__file__).parent / "results" / "idle.json"
SECONDS = 60.0
WORKERS = 2


class Cost(NamedTuple):
    """What one process took."""

    process: str
    percent_of_a_core: float
    memory_mib: float


def main(seconds: float) -> None:
    """Measure, print and store."""
    with tempfile.TemporaryDirectory() as folder, running(Path(folder), SYNRL_WORKERS=str(WORKERS)) as server:
        train(server)
        processes = family(server)
        time.sleep(5)  # what the run left to do is done
        before = {process.pid: used(process) for process in processes}
        time.sleep(seconds)
        rows = [
            Cost(
                role(process, server),
                100 * (used(process) - before[process.pid]) / seconds,
                process.memory_full_info().pss / 2**20,
            )
            for process in processes
        ]
    rows.append(Cost("together", sum(row.percent_of_a_core for row in rows), sum(row.memory_mib for row in rows)))
    for name, percent, memory in rows:
        print(f"{name:<16} {percent:6.2f} % of a core  {memory:7.1f} MiB (PSS)")
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps({"seconds": seconds, "processes": [row._asdict() for row in rows]}, indent=1) + "\n")


def train(server: Server) -> None:
    """Train a short run to its end."""
    config = {"dataset": "iris", "hidden_layers": [4], "iterations": 200}
    run = server.post("/api/v1/runs", {"config": config})
    wait_for(lambda: server.get(f"/api/v1/runs/{run['id']}")["status"], lambda seen: seen == "succeeded", 120)


def family(server: Server) -> list[psutil.Process]:
    """Return the web process and all that it started."""
    assert server.process is not None
    web = psutil.Process(server.process.pid)
    return [web, *web.children(recursive=True)]


def used(process: psutil.Process) -> float:
    """Return the processor seconds of a process so far."""
    times = process.cpu_times()
    return float(times.user + times.system)


def role(process: psutil.Process, server: Server) -> str:
    """Return what a process is: the web process, a worker, or a helper of multiprocessing."""
    if server.process is not None and process.pid == server.process.pid:
        return "web"
    command = " ".join(process.cmdline())
    return "helper" if "resource_tracker" in command or "forkserver" in command else "worker"


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS)
