"""Measure the speed-up by a second worker: `python -m benchmarks.cluster [times]`.

Starts web, scheduler, PostgreSQL and one worker as processes of this machine, with TLS between them, and has them train
the same runs; then the same with two workers. The ratio of the two, measured so many times (three by default), goes
with its median to benchmarks/results/cluster.json and into docs/deploy.md.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil

from tests.topology.parts import running_cluster, wait_until

RESULTS = Path(__file__).parent / "results" / "cluster.json"
PAGE = Path(__file__).parents[1] / "docs" / "deploy.md"
BEGIN, END = "<!-- cluster: begin -->", "<!-- cluster: end -->"
#: Trained side by side; an even number, so that two workers end together.
RUNS = 8
CONFIG: dict[str, Any] = {"hidden_layers": [32], "iterations": 12_000, "evaluate_every": 1000, "snapshot_every": 6000}


def seconds(workers: int) -> float:
    """Return how long so many workers take for all runs, from the first request to the last end."""
    with tempfile.TemporaryDirectory() as folder, running_cluster(Path(folder), workers) as cluster:
        web = cluster.web
        # One run each, so that all have loaded the data.
        for number in range(workers):
            web.ask("/api/v1/runs", {"config": CONFIG | {"seed": 1000 + number, "iterations": 500}})
        wait_until(lambda: _ended(web) == workers, "the first runs")
        started = time.monotonic()
        for number in range(RUNS):
            web.ask("/api/v1/runs", {"config": CONFIG | {"seed": number}})
        wait_until(lambda: _ended(web) == workers + RUNS, "all runs", timeout=1200)
        return time.monotonic() - started


def _ended(web: Any) -> int:
    return int(web.ask("/api/v1/runs?status=succeeded")["total"])


def measure() -> dict[str, float]:
    """Measure once: seconds with one worker and with two, their ratio, and how busy the machine was with other work."""
    busy = psutil.cpu_percent(interval=5) / 100 * (os.cpu_count() or 1)
    one, two = seconds(1), seconds(2)
    return {"one": one, "two": two, "ratio": one / two, "cores_busy_before": busy}


def table(found: list[dict[str, float]]) -> str:
    """Write the figures as a table, and how they were measured."""
    ratios = [one["ratio"] for one in found]
    rows = [f"| {n} | {one['one']:.1f} | {one['two']:.1f} | {one['ratio']:.2f} |" for n, one in enumerate(found, 1)]
    busy = statistics.median(one["cores_busy_before"] for one in found)
    return "\n".join(
        [
            f"Two workers train **{statistics.median(ratios):.2f} times** as much as one (median of {len(found)}): "
            f"{RUNS} runs of 64-32-10 on digits over {CONFIG['iterations']:,} iterations, web process, scheduler, "
            f"PostgreSQL and workers on one machine with {os.cpu_count()} cores, of which other programs kept "
            f"{busy:.1f} busy just before.",
            "",
            "| | one worker, s | two workers, s | ratio |",
            "|---|---|---|---|",
            *rows,
        ]
    )


def main(times: int) -> None:
    """Measure, print, store, and write the page."""
    found = []
    for _ in range(times):
        found.append(measure())
        print(found[-1], flush=True)
    RESULTS.write_text(
        json.dumps({"cores": os.cpu_count(), "runs": RUNS, "config": CONFIG, "measured": found}, indent=1) + "\n"
    )
    before, _, rest = PAGE.read_text("utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    PAGE.write_text(f"{before}{BEGIN}\n{table(found)}\n{END}{after}", "utf-8")
    print(table(found))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
