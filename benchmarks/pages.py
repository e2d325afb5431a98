"""Measure the load times of pages: `python -m benchmarks.pages`.

Fills a database with 10,000 runs, one of them a 784-32-10 network with 500,000 measured points under 10 replicates and
11 snapshots, and 50 of 1,000 points; opens the page of the runs, the page of that long run and the comparison of the 50
in a real Chromium with a profile on disk, as a person's, and measures what they wait for: from asking for the address
until the page's content is drawn and can be used, and how much a visit downloads. From the second visit on
the libraries come from the browser's cache, from the third on it keeps them compiled too.
The live feed of a 784-32-10 network is counted while it trains. Results: benchmarks/results/pages.json, docs/pages.md.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from playwright.sync_api import BrowserContext, Page, Playwright, sync_playwright

from backend.db.migrate import upgrade
from backend.db.store import Store, make_engine
from backend.db.tables import Run, Snapshot
from backend.runs.curves import points as stored_points
from backend.wire import columns
from backend.wire import snapshots as snapshot_format
from backend.wire.artifacts import Artifacts, snapshot_path
from synrl_core import datasets
from synrl_core.config import TrainingConfig
from synrl_core.learning.factory import make_trainer
from tests.browser import chromium
from tests.many_runs import store_runs
from tests.server import Server, running, wait_for

RESULTS = Path(__file__).parent / "results" / "pages.json"
PAGE = Path(__file__).parent.parent / "docs" / "pages.md"
RUNS, COMPARED = 10_000, 50
LONG_POINTS, LONG_REPLICATES = 500_000, 10
SHORT_POINTS = 1000
VISITS = 7
#: What a visit may weigh after the first, in KB, the feed of a 784-32-10 run, in KB a second, and requests of a visit.
WEIGHT, FEED, REQUESTS = 150, 60, 40
FEED_SECONDS = 10


#: Curves, weights and buttons of a run are there.
INTERACTIVE = """Number(document.body.dataset.points) > 50 && document.querySelector('.graph-frame.ready')
    && document.querySelector('#weights-graph .js-plotly-plot')?.calcdata?.[0]?.[0]?.z?.length > 1
    && document.querySelector('#run-extend:not([hidden])')"""


class PageCase(NamedTuple):
    """A page, and the condition under which it is ready."""

    name: str
    path: str
    usable: str
    seconds: float
    """The target."""


class Visit(NamedTuple):
    """What a visit to a page took."""

    seconds: float
    """Until the page can be used."""
    kilobytes: float
    """Downloaded until it rests."""
    requests: int
    """Answered over the network until it rests."""


def main() -> None:
    """Measure, print, store and write down."""
    executable = chromium.find()
    if executable is None:
        sys.exit("no Chromium: run `make browser`")
    with tempfile.TemporaryDirectory() as folder:
        ids = filled(Path(folder) / "synrl.db")
        with running(Path(folder), SYNRL_WORKERS="1") as server, sync_playwright() as playwright:
            rows = [row for case in cases(ids) for row in measured(playwright, executable, server, case)]
            with browser(playwright, executable) as context:
                rows.append(feed(context, server))
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(rows, indent=1) + "\n")
    PAGE.write_text(written(rows))
    width = max(len(row["name"]) for row in rows)
    for row in rows:
        print(f"{row['name']:<{width}}  {row['median']:>9.2f}  {row['unit']}  (target {row['target']})")


def cases(ids: list[str]) -> list[PageCase]:
    """Return the pages to be measured."""
    compared = ",".join(ids[1 : 1 + COMPARED])
    return [
        PageCase(f"page of the runs, {RUNS:,} of them", "/", "document.querySelector('.run-link, .first-list a')", 1.5),
        PageCase(
            f"page of a run of {LONG_POINTS:,} points under {LONG_REPLICATES} replicates",
            f"/runs/{ids[0]}",
            INTERACTIVE,
            1.5,
        ),
        PageCase(
            f"comparison of {COMPARED} runs",
            f"/compare?runs={compared}",
            "document.body.dataset.compared === location.pathname + location.search",
            2.5,
        ),
    ]


# -- what is measured


@contextmanager
def browser(playwright: Playwright, executable: str) -> Iterator[BrowserContext]:
    """Open a browser with a profile on disk: it has never been here before."""
    with tempfile.TemporaryDirectory() as profile:
        context = playwright.chromium.launch_persistent_context(
            profile, executable_path=executable, args=list(chromium.FLAGS), bypass_csp=True,
            viewport={"width": 1440, "height": 2000},
        )  # fmt: skip
        context.set_default_timeout(120_000)
        yield context
        context.close()


def measured(playwright: Playwright, executable: str, server: Server, case: PageCase) -> list[dict[str, Any]]:
    """Visit a page several times; the first two visits, which fill the browser's caches, are told apart."""
    with browser(playwright, executable) as context:
        first, second = visited(context, server, case), visited(context, server, case)
        later = [visited(context, server, case) for _ in range(VISITS)]
    kilobytes, requests = [one.kilobytes for one in later], [one.requests for one in later]
    return [
        row(case.name, "s", [one.seconds for one in later], case.seconds, first=first.seconds, second=second.seconds),
        row(f"{case.name}: downloaded", "KB", kilobytes, WEIGHT, first=first.kilobytes),
        row(f"{case.name}: requests", "requests", requests, REQUESTS, first=first.requests),
    ]


def visited(context: BrowserContext, server: Server, case: PageCase) -> Visit:
    """Open a page in a new tab and wait until it rests."""
    page = context.new_page()
    weight, requests = weighed(page), asked(page)
    page.goto(server.url + case.path, wait_until="commit")
    page.wait_for_function(f"Boolean(document.body && ({case.usable}))", polling="raf")
    seconds = page.evaluate("performance.now() / 1000")
    page.wait_for_load_state("networkidle")
    page.close()
    return Visit(float(seconds), weight[0] / 1000, requests[0])


def asked(page: Page) -> list[int]:
    """Count the answers that a tab gets over the network, not from the browser's cache."""
    total = [0]

    def received(event: dict[str, Any]) -> None:
        total[0] += not event["response"].get("fromDiskCache", False)

    def cached(_event: dict[str, Any]) -> None:
        total[0] -= 1

    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.on("Network.responseReceived", received)
    session.on("Network.requestServedFromCache", cached)
    return total


def weighed(page: Page) -> list[float]:
    """Count the bytes that a tab downloads, those of its sockets too."""
    total = [0.0]

    def add(key: str) -> Any:
        return lambda event: total.__setitem__(0, total[0] + key_of(event, key))

    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.on("Network.loadingFinished", add("encodedDataLength"))
    session.on("Network.webSocketFrameReceived", add("payload"))
    return total


def key_of(event: dict[str, Any], key: str) -> float:
    """Return the bytes that an event of the browser tells of."""
    if key == "payload":
        return float(len(event["response"]["payloadData"].encode()))
    return float(event[key])


def feed(context: BrowserContext, server: Server) -> dict[str, Any]:
    """Watch a 784-32-10 network train; return the kilobytes of its feed a second."""
    config = {"dataset": "glyphs", "hidden_layers": [32], "iterations": 1_000_000}
    run = server.post("/api/v1/runs", {"config": config})["id"]
    page = context.new_page()
    page.goto(f"{server.url}/runs/{run}")
    page.wait_for_function("Number(document.body.dataset.points) > 3", timeout=120_000)
    weight = weighed(page)
    begun = page.evaluate("performance.now()")
    rates: list[float] = []
    for stretch in (1, 2, 3):
        before = weight[0]
        page.wait_for_function(f"performance.now() - {begun} > {1000 * FEED_SECONDS * stretch}", timeout=60_000)
        rates.append((weight[0] - before) / 1000 / FEED_SECONDS)
    page.close()
    server.post(f"/api/v1/runs/{run}/stop")
    wait_for(lambda: server.get(f"/api/v1/runs/{run}")["status"], lambda status: status == "stopped")
    return row("live feed of a 784-32-10 run, a second", "KB", rates, FEED)


def row(name: str, unit: str, values: Sequence[float], target: float, **more: float) -> dict[str, Any]:
    """Return a row of the result."""
    median = statistics.median(values)
    figures = {"median": round(median, 3), "least": round(min(values), 3), "most": round(max(values), 3)}
    more = {what: round(value, 3) for what, value in more.items()}
    return {"name": name, "unit": unit, **figures, "target": target, "holds": median <= target, **more}


# -- what it is measured on


def filled(database: Path) -> list[str]:
    """Store the runs; return their ids: first the long one, then those that are compared, then the rest."""
    ids = store_runs(database, RUNS)
    store = Store(make_engine(f"sqlite:///{database}"))
    upgrade(store.engine)
    add_points(store, ids[0], LONG_POINTS, LONG_REPLICATES)
    add_weights(store, Artifacts((database.parent / "artifacts").as_uri()), ids[0])
    for run_id in ids[1 : 1 + COMPARED]:
        add_points(store, run_id, SHORT_POINTS, 1)
    store.close()
    return ids


def add_points(store: Store, run_id: str, number: int, replicates: int) -> None:
    """Give a run a curve, in batches as its recorder would have stored it."""
    generator = np.random.default_rng(int(run_id, 16))
    for first in range(0, number, 20_000):
        with store.write() as session:
            part = curve(generator, first, min(number, first + 20_000), number, replicates)
            stored_points.append(session, run_id, part)
    with store.write() as session:
        run = session.get(Run, run_id)
        assert run is not None
        run.status, run.error, run.finished_at = "succeeded", None, datetime.now(UTC)
        run.iteration = run.iterations = number
        run.config = run.config | {"iterations": number, "evaluate_every": 1, "replicates": replicates}
        stored_points.settle(session, run_id)


def add_weights(store: Store, artifacts: Artifacts, run_id: str) -> None:
    """Make a run one of 784-32-10 on the letters, with its weights at some iterations."""
    config = TrainingConfig(
        dataset="glyphs", hidden_layers=(32,), replicates=LONG_REPLICATES, iterations=LONG_POINTS, evaluate_every=1,
        snapshot_every=LONG_POINTS // 10, batch_size=1000,
    )  # fmt: skip
    packed = snapshot_format.pack(make_trainer(config, datasets.load("glyphs")).snapshot())
    with store.write() as session:
        run = session.get_one(Run, run_id)
        run.config, run.sample_shape, run.dataset_name = config.model_dump(mode="json"), [28, 28], "glyphs"
        for iteration in range(0, LONG_POINTS + 1, config.snapshot_every):
            path = snapshot_path(run_id, 1, iteration)
            artifacts.write(path, packed)
            session.add(Snapshot(run_id=run_id, iteration=iteration, path=path))


def curve(generator: np.random.Generator, first: int, end: int, number: int, replicates: int) -> columns.Columns:
    """Return points first..end of a curve that rises from 0.1 towards 0.95 and is noisy."""
    at = np.arange(first, end, dtype=np.int64)
    rising = 0.95 - 0.85 * np.exp(-5 * at / number)
    values = (rising[:, None] + generator.normal(0, 0.02, (len(at), replicates))).astype(np.float32)
    made: columns.Columns = {
        "iteration": at,
        "forward_passes": at + 1,
        "seconds": (at / 1000).astype(np.float32),
        "actions": generator.integers(0, 2000, (len(at), 2, 3)),
    }
    for name in columns.METRICS:
        made[name] = 1 - values if name.endswith("loss") else values
    return made


# -- what is written down


def written(rows: list[dict[str, Any]]) -> str:
    """Return docs/pages.md."""
    lines = "\n".join(
        f"| {one['name']} | {cell(one, 'first')} | {cell(one, 'second')} | {cell(one, 'median')} "
        f"| {cell(one, 'least')} to {cell(one, 'most')} | {cell(one, 'target')} | {'yes' if one['holds'] else 'no'} |"
        for one in rows
    )
    load = os.getloadavg()[1]
    return (
        "# How soon the pages are there\n\n"
        f"`python -m benchmarks.pages`, {datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, load {load:.0f} while it "
        "was measured; a real Chromium with a profile of its own.\n\n"
        f"| | first visit | second | median of {VISITS} later ones | least to most | target | holds |\n"
        f"|---|---|---|---|---|---|---|\n{lines}\n\n"
        "From asking for the address until rows or curves are drawn and answer to clicks; of a run its weights and "
        "buttons too. From the second visit on the libraries come from the browser's cache, from the third on it has "
        "them compiled. The targets are for later visits. Downloaded: all that comes over the network on a visit, what "
        "the live feeds send included, until nothing more comes. Requests: those that the browser's cache does not "
        "answer.\n"
    )


def cell(row: dict[str, Any], what: str) -> str:
    """Return a value of a row with its unit; nothing where it has none."""
    if what not in row:
        return ""
    return f"{row[what]:.2f} s" if row["unit"] == "s" else f"{row[what]:,.0f} {row['unit']}"


if __name__ == "__main__":
    main()
