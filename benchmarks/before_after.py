"""The server against an earlier version, side by side in one run: `python -m benchmarks.before_after [part ...]`.

The earlier version (650ede0) is taken from the repository's history. Both serve a folder with 200 runs, in turns, each
with two workers, and the least of several turns counts, as time on a shared machine wanders. Parts:

start
    Processor time of all processes until the page answers, and until the workers have come to rest; seconds from the
    first answer until a run that is queued then has its first point.
memory
    Memory (PSS) of all processes at rest, after a short run.
list
    A browser's first visit to the page of the runs: seconds and bytes until the list is there, and all bytes.
recording
    Processor time of all processes for a run of 10,000 points, less that of the bare trainer that evaluates as often.

Results: benchmarks/results/before_after.json, and a table in docs/operations.md. Linux only.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from benchmarks.idle import WORKERS, processes, processor_seconds, proportional_bytes, settle, train
from benchmarks.operations import PAGE, RESULTS
from benchmarks.pages import browser, weighed
from benchmarks.small_networks import BASE, ROOT, unpacked
from tests.browser import chromium
from tests.server import Server, wait_for

RUNS = 200
#: Turns of each part; the least counts, of seconds in a browser the median.
TURNS = {"start": 4, "memory": 1, "list": 5, "recording": 4}
#: A run of 10,000 points: every iteration is evaluated.
RECORDED: dict[str, Any] = {
    "dataset": "iris", "hidden_layers": [4], "iterations": 10_000, "evaluate_every": 1, "snapshot_every": 10_000,
}  # fmt: skip
#: Program that trains the run without a server, in a process of its own, and prints its processor seconds.
_BARE = """
import json, sys, time
from threadpoolctl import threadpool_limits
from synrl_core import datasets
from synrl_core.config import TrainingConfig
try:
    from synrl_core.learning.factory import make_trainer
except ImportError:  # an earlier version
    from synrl_core.training import make_trainer
config = TrainingConfig(**json.loads(sys.argv[1]))
with threadpool_limits(1, "blas"):
    trainer = make_trainer(config, datasets.load(config.dataset))
    started = time.process_time()
    for event in trainer.events():
        pass
print(time.process_time() - started)
"""
_BEGIN, _END = "<!-- before and after: begin -->", "<!-- before and after: end -->"


class Version:
    """One of the two versions: its source, and a data folder with runs."""

    def __init__(self, source: Path, folder: Path) -> None:
        self.source, self._folder = source, folder
        code = "import sys; from pathlib import Path; from tests.many_runs import store_runs; "
        self.run("-c", f"{code}store_runs(Path(sys.argv[1]), {RUNS})", str(folder / "synrl.db"))

    def run(self, *arguments: str) -> str:
        """Run Python on this version's source, and return what it prints."""
        command = [sys.executable, *arguments]
        return subprocess.run(command, cwd=self.source, capture_output=True, text=True, check=True).stdout  # noqa: S603

    @contextmanager
    def server(self) -> Iterator[Server]:
        """Serve the folder for the length of a block."""
        server = Server(self._folder, {"SYNRL_WORKERS": str(WORKERS)}, source=self.source)
        server.start(timeout=300)
        try:
            yield server
        finally:
            server.interrupt(timeout=60)


def used(server: Server) -> float:
    """Return the processor time of all processes of a server so far, in seconds."""
    return sum(map(processor_seconds, processes(server).values()))


def start(version: Version) -> dict[str, float]:
    """Measure a start on a folder that has been used before."""
    with version.server() as server:
        with urllib.request.urlopen(f"{server.url}/", timeout=300) as answer:  # noqa: S310 (our own server)
            answer.read()
        found = {"processor time until the first answer, s": used(server)}
        answered = time.monotonic()
        config = {"dataset": "xor", "hidden_layers": [4], "iterations": 2_000}
        run = server.post("/api/v1/runs", {"config": config})["id"]
        wait_for(lambda: server.get(f"/api/v1/runs/{run}")["train_accuracy"], lambda it: it is not None, timeout=300)
        found["first answer, until a run queued then has a point, s"] = time.monotonic() - answered
        found["processor time of a start, workers and this run included, s"] = settle(server)
    return found


def memory(version: Version) -> dict[str, float]:
    """Measure memory at rest, after a short run."""
    with version.server() as server:
        settle(server)
        train(server)
        settle(server)
        total = sum(map(proportional_bytes, processes(server).values()))
    return {"memory of the idle server with two workers (PSS), MB": total / 1e6}


def first_list(version: Version) -> dict[str, float]:
    """Measure first visits of browsers that were never here."""
    executable = chromium.find()
    if executable is None:
        sys.exit("no Chromium: run `make browser`")
    seconds, early, whole = [], [], []
    with version.server() as server, sync_playwright() as playwright:
        settle(server)
        for _ in range(TURNS["list"]):
            with browser(playwright, executable) as context:
                page = context.new_page()
                weight = weighed(page)
                page.goto(server.url, wait_until="commit")
                listed = "document.body && document.querySelector('.run-link, .first-list a')"
                page.wait_for_function(f"Boolean({listed})", polling="raf")
                seconds.append(page.evaluate("performance.now() / 1000"))
                early.append(weight[0] / 1000)
                page.wait_for_selector(".run-link")
                page.wait_for_load_state("networkidle")
                whole.append(weight[0] / 1000)
    return {
        f"first visit, {RUNS} runs: until the list is there, s": statistics.median(seconds),
        f"first visit, {RUNS} runs: downloaded until then, KB": statistics.median(early),
        f"first visit, {RUNS} runs: downloaded in all, KB": statistics.median(whole),
    }


def recording(version: Version) -> dict[str, float]:
    """Measure the runs of 10,000 points beside the bare trainer, in turns."""
    bare, served = [], []
    with version.server() as server:
        train(server)
        settle(server)
        for _ in range(TURNS["recording"]):
            bare.append(float(version.run("-c", _BARE, json.dumps(RECORDED))))
            before = used(server)
            run = server.post("/api/v1/runs", {"config": RECORDED})["id"]
            while server.get(f"/api/v1/runs/{run}")["status"] != "succeeded":
                time.sleep(0.5)
            time.sleep(1)
            served.append(used(server) - before)
    return {
        "10,000 points: processor time of the bare trainer, s": min(bare),
        "10,000 points: of worker and web process beyond it, s": min(served) - min(bare),
    }


PARTS: dict[str, Callable[[Version], dict[str, float]]] = {
    "start": start, "memory": memory, "list": first_list, "recording": recording,
}  # fmt: skip
#: What is aimed at: a share of what was, or at most so much.
SHARES = {
    "processor time until the first answer, s": 0.5,
    "first answer, until a run queued then has a point, s": 1.0,
    f"first visit, {RUNS} runs: until the list is there, s": 0.5,
    f"first visit, {RUNS} runs: downloaded until then, KB": 0.5,
}
MOST = {
    "memory of the idle server with two workers (PSS), MB": 400.0,
    "10,000 points: of worker and web process beyond it, s": 1.0,
}


def main(*parts: str) -> None:
    """Measure, print, store and write down. What is not measured this time stays as it was stored."""
    path = RESULTS / "before_after.json"
    rows: dict[str, dict[str, Any]] = (
        {one["name"]: one for one in json.loads(path.read_text())} if path.exists() else {}
    )
    with tempfile.TemporaryDirectory() as folder:
        versions = []
        for name, source in (("before", unpacked(BASE, Path(folder) / "source")), ("now", ROOT)):
            if source is None:
                sys.exit(f"{BASE} is not in the history")
            (Path(folder) / name).mkdir()
            versions.append(Version(source, Path(folder) / name))
        for part in parts or PARTS:
            for one in compared(PARTS[part], versions, TURNS[part] if part == "start" else 1):
                rows[one["name"]] = one
    path.write_text(json.dumps(list(rows.values()), indent=1) + "\n")
    text = PAGE.read_text()
    PAGE.write_text(f"{text.split(_BEGIN)[0]}{_BEGIN}\n{table(list(rows.values()))}\n{_END}{text.split(_END)[1]}")
    print(table(list(rows.values())))


def compared(
    measure: Callable[[Version], dict[str, float]], versions: list[Version], turns: int
) -> list[dict[str, Any]]:
    """Measure both versions in turns, and return the least of each figure side by side."""
    found: list[list[dict[str, float]]] = [[], []]
    for _ in range(turns):
        for place, version in enumerate(versions):
            found[place].append(measure(version))
            print(place, found[place][-1], file=sys.stderr, flush=True)
    least = [{name: min(one[name] for one in each) for name in each[0]} for each in found]
    return [figure(name, least[0][name], least[1][name]) for name in least[0]]


def figure(name: str, before: float, now: float) -> dict[str, Any]:
    """Return a figure before and now, with what is aimed at."""
    most = MOST.get(name, SHARES[name] * before if name in SHARES else None)
    return {"name": name, "before": before, "now": now, "target": most, "load_average": round(os.getloadavg()[0], 1)}


def table(rows: list[dict[str, Any]]) -> str:
    """Return the figures as a table."""
    lines = [f"| | {BASE} | now | now / before | aimed at |", "|---|---|---|---|---|"]
    for one in rows:
        aim = "" if one["target"] is None else f"at most {one['target']:.3g}"
        missed = " (missed)" if aim and one["now"] > one["target"] else ""
        ratio = f"{one['now'] / one['before']:.2f}" if one["before"] > 0 else ""
        lines.append(f"| {one['name']} | {one['before']:.3g} | {one['now']:.3g} | {ratio} | {aim}{missed} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main(*sys.argv[1:])
