"""Measure the latency of the live feed: `python -m benchmarks.live [viewers]`.

Starts a server with one worker, opens a run in a real Chromium while further viewers listen to the same feed, and
measures: seconds from the click on a preset to its first point, milliseconds from a point's measurement in the worker
to its drawing, and what watching costs the training. Results: benchmarks/results/live.json.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright
from websockets.asyncio.client import connect

from tests.browser import chromium
from tests.browser.clicks import start_digits
from tests.server import Server, running, wait_for

RESULTS = Path(__file__).parent / "results" / "live.json"
CLICKS = 5
#: A class looks at the run of its teacher.
VIEWERS = 30


def main(viewers: int) -> None:
    """Measure, print and store."""
    executable = chromium.find()
    if executable is None:
        sys.exit("no Chromium: run `make browser`")
    with tempfile.TemporaryDirectory() as folder, running(Path(folder), SYNRL_WORKERS="1") as server:
        unwatched = train(server)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=executable, args=list(chromium.FLAGS))
            clicks = [watch(browser.new_page(bypass_csp=True), server, viewers) for _ in range(CLICKS)]
            browser.close()
        rows = summary(clicks, unwatched, viewers)
    width = max(len(row["name"]) for row in rows)
    for row in rows:
        print(f"{row['name']:<{width}}  {row['value']:>9.3f}  (target {row['target']})")
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(rows, indent=1) + "\n")


def summary(clicks: list[dict[str, Any]], unwatched: float, viewers: int) -> list[dict[str, Any]]:
    """Return the rows of the result."""
    drawn = sorted(latency for click in clicks for latency in click["latencies"])
    watched = statistics.median(click["training_seconds"] for click in clicks)
    values = {
        "click to first point, s, median": (statistics.median(click["first_point"] for click in clicks), 2.0),
        "measured to drawn, ms, median": (statistics.median(drawn), 250),
        "measured to drawn, ms, 95th percentile": (drawn[int(0.95 * len(drawn))], 500),
        f"training time, watched by a page and {viewers} more / unwatched": (watched / unwatched, 1.1),
    }
    return [{"name": n, "value": v, "target": t, "holds": v <= t} for n, (v, t) in values.items()]


def train(server: Server) -> float:
    """Train the default configuration with nobody watching; return its seconds. The first is for warming up."""
    seconds = []
    for _ in range(3):
        run = server.post("/api/v1/runs", {})
        ended = wait_for(lambda r=run: server.get(f"/api/v1/runs/{r['id']}"), lambda r: r["status"] == "succeeded")  # type: ignore[misc]
        seconds.append(ended["training_seconds"])
    return float(statistics.median(seconds[1:]))


def watch(page: Page, server: Server, viewers: int) -> dict[str, Any]:
    """Start Digits by a click and watch it to its end."""
    first_point = start_digits(page, server.url)
    run_id = page.url.rsplit("/", 1)[1]
    audience = threading.Thread(target=asyncio.run, args=(listen(server, run_id, viewers),))
    audience.start()
    page.wait_for_function("document.body.dataset.status === 'succeeded'", timeout=120_000)
    latencies = page.evaluate("window.dash_clientside.synrl.latencies")
    audience.join()
    page.close()
    seconds = server.get(f"/api/v1/runs/{run_id}")["training_seconds"]
    return {"first_point": first_point, "latencies": latencies, "training_seconds": seconds}


async def listen(server: Server, run_id: str, viewers: int) -> None:
    """Follow a run with so many viewers until it has ended."""

    async def one() -> None:
        async with connect(f"{server.url.replace('http', 'ws')}/api/v1/runs/{run_id}/live", max_size=None) as socket:
            async for frame in socket:
                if json.loads(frame).get("run", {}).get("status") == "succeeded":
                    return

    await asyncio.gather(*(one() for _ in range(viewers)))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else VIEWERS)
