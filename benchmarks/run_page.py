"""How heavy and how slow is the page of a run? `python -m benchmarks.run_page [points]`.

Two runs of 784-32-10 on the letters:

long   finished, 10 replicates, 500,000 iterations measured one by one, snapshots every 50,000: kilobytes that a visit
       costs once the files of the pages are in the browser's cache, and seconds from the address to curves, weights
       and buttons on the screen.
live   training: kilobytes a second that its feed sends.

Results: benchmarks/results/run_page.json.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import BrowserContext, sync_playwright
from sqlalchemy import insert
from websockets.asyncio.client import connect

from backend import looks
from backend.artifacts import Artifacts, snapshot_path
from backend.db.migrate import upgrade
from backend.db.store import Store, make_engine
from backend.db.tables import Run, Snapshot
from backend.schemas.runs import RunStatus
from backend.services import points
from backend.settings import Settings
from benchmarks.store import BATCH, POINTS, REPLICATES, a_run, long_run
from synrl_core import datasets
from synrl_core.config import TrainingConfig
from synrl_core.training import make_trainer
from tests.browser import chromium
from tests.server import Server, running, wait_for

RESULTS = Path(__file__).parent / "results" / "run_page.json"
CONFIG = TrainingConfig(dataset="glyphs", hidden_layers=(32,), replicates=REPLICATES, batch_size=1000)
SNAPSHOTS, VISITS, LISTEN = 11, 5, 15.0
#: Curves, weights and buttons are there.
INTERACTIVE = """() => Number(document.body.dataset.points) > 0
    && document.querySelector('#weights-graph .js-plotly-plot')?.calcdata?.[0]?.[0]?.z?.length > 1
    && document.querySelector('#run-extend:not([hidden])')"""


def main(count: int) -> None:
    """Measure, print and store."""
    executable = chromium.find()
    if executable is None:
        sys.exit("no Chromium: run `make browser`")
    with tempfile.TemporaryDirectory() as folder:
        fill(Path(folder), count)
        with running(Path(folder), SYNRL_WORKERS="1") as server, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=executable, args=list(chromium.FLAGS))
            context = browser.new_context(viewport={"width": 1440, "height": 2000}, bypass_csp=True)
            visits = [visit(context, f"{server.url}/runs/r00000") for _ in range(VISITS)]
            browser.close()
        with running(Path(folder), SYNRL_WORKERS="1") as server:
            feed = asyncio.run(listen(server))
    rows = [
        row(f"long run of {count:,} points, seconds to interactive, median", median(visits, "seconds"), 1.5),
        row(
            f"long run of {count:,} points, KB a visit, files of the pages cached", median(visits, "bytes") / 1000, 150
        ),
        row("feed of a run of 784-32-10, KB a second", feed / 1000, 60),
    ]
    for one in rows:
        print(f"{one['name']:<72} {one['value']:>9.2f}  (target {one['target']})")
    RESULTS.write_text(json.dumps(rows, indent=1) + "\n")


def row(name: str, value: float, target: float) -> dict[str, Any]:
    """One measured value."""
    return {"name": name, "value": round(value, 3), "target": target, "holds": value <= target}


def median(visits: list[dict[str, float]], what: str) -> float:
    """Over all visits but the first, which fills the browser's cache."""
    return statistics.median(one[what] for one in visits[1:])


def fill(folder: Path, count: int) -> None:
    """Store a finished run as recorder and worker leave it."""
    settings = Settings(data_dir=folder)
    store, artifacts = Store(make_engine(settings.resolved_database_url)), Artifacts(settings.resolved_artifacts_url)
    upgrade(store.engine)
    config = CONFIG.model_copy(update={"iterations": count, "evaluate_every": 1, "snapshot_every": count // 10})
    about = a_run(0, status=RunStatus.PAUSED, iterations=count) | {
        "config": config.model_dump(mode="json"), "sample_shape": [28, 28], "name": "784-32-10, ten seeds",
    }  # fmt: skip
    with store.write() as session:
        session.execute(insert(Run).values(**about))
    generator = np.random.default_rng(0)
    for first in range(0, count, BATCH):
        with store.write() as session:
            points.append(session, "r00000", long_run(first, min(first + BATCH, count), generator))
    snapshot = looks.pack(make_trainer(config, datasets.load("glyphs")).snapshot())
    with store.write() as session:
        for iteration in np.linspace(0, count, SNAPSHOTS).astype(int).tolist():
            path = snapshot_path("r00000", 1, iteration)
            artifacts.write(path, snapshot)
            session.add(Snapshot(run_id="r00000", iteration=iteration, path=path))
    store.close()


def visit(context: BrowserContext, address: str) -> dict[str, float]:
    """Open the page and return the seconds until it can be used, and the bytes that came, of the feed too."""
    page = context.new_page()
    network = context.new_cdp_session(page)
    network.send("Network.enable")
    received: list[float] = []
    network.on("Network.loadingFinished", lambda event: received.append(event["encodedDataLength"]))
    network.on("Network.webSocketFrameReceived", lambda event: received.append(len(event["response"]["payloadData"])))
    begun = time.perf_counter()
    page.goto(address)
    page.wait_for_function(INTERACTIVE, timeout=60_000)
    seconds = time.perf_counter() - begun
    page.wait_for_function("document.querySelectorAll('#time-slider').length")
    page.wait_for_timeout(1000)  # what it still fetches afterwards counts too
    page.close()
    return {"seconds": seconds, "bytes": sum(received)}


async def listen(server: Server) -> float:
    """Train a run of 784-32-10 and return the bytes a second of its feed, once it is on its way."""
    config = CONFIG.model_copy(update={"replicates": 1, "iterations": 1_000_000}).model_dump(mode="json")
    run = server.post("/api/v1/runs", {"config": config})
    wait_for(lambda: server.get(f"/api/v1/runs/{run['id']}"), lambda seen: seen["iteration"] > 0, timeout=120)
    async with connect(f"{server.url.replace('http', 'ws')}/api/v1/runs/{run['id']}/live", max_size=None) as socket:
        await socket.recv()  # all that is known; what is new follows
        received, begun = 0, time.perf_counter()
        while time.perf_counter() - begun < LISTEN:
            received += len(await socket.recv())
        seconds = time.perf_counter() - begun
    server.post(f"/api/v1/runs/{run['id']}/stop")
    return received / seconds


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else POINTS)
