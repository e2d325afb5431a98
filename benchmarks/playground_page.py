"""How quickly the playground's page draws: `python -m benchmarks.playground_page`.

Starts a server and a Chromium without a graphics card, plays a scene as fast as it goes at 1280 x 720 and measures, in
the page itself: frames drawn a second; milliseconds from a key to the repainted step; milliseconds from a scrub to the
picture of a place within 5,000 iterations that the page has played already, and the same after a reload, when the tape
has to come from the server. Of each also the processor time of the page's main thread, layout and paint included, which
other programs change little. Results: benchmarks/results/playground_page.json.
"""

from __future__ import annotations

import json
import os
import statistics
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import CDPSession, Page, sync_playwright

from tests.browser import chromium
from tests.server import running

RESULTS = Path(__file__).parent / "results" / "playground_page.json"
FAR = 5000
"""Iterations that are played before anything is measured."""
SECONDS = 5
"""For which frames are counted."""
QUERIES = {"2-4-2": "", "2-8-8-2": "hidden=8_8", "2-8-8-8-8-2": "hidden=8_8_8_8"}
FRAMES = """async seconds => {
  const root = document.getElementById("playground");
  let frames = 0, last = root.dataset.iteration;
  const end = performance.now() + 1000 * seconds;
  while (performance.now() < end) {
    await new Promise(requestAnimationFrame);
    if (root.dataset.iteration !== last) { frames += 1; last = root.dataset.iteration; }
  }
  return frames / seconds;
}"""
#: Milliseconds until the page shows an iteration, from when it was asked to.
UNTIL = """const until = (wanted, ask) => new Promise(done => {
  const root = document.getElementById("playground"), start = performance.now();
  const seen = new MutationObserver(() => {
    if (root.dataset.iteration !== String(wanted)) return;
    seen.disconnect();
    done(performance.now() - start);
  });
  seen.observe(root, { attributes: true });
  ask();
});
const root = document.getElementById("playground");"""
STEPS = f"""async count => {{ {UNTIL}
  const times = [];
  for (let step = 0; step < count; step++) {{
    const key = step < count / 2 ? "ArrowLeft" : "ArrowRight";
    const wanted = Number(root.dataset.iteration) + (key === "ArrowLeft" ? -1 : 1);
    const press = new KeyboardEvent("keydown", {{ key, bubbles: true }});
    times.push(await until(wanted, () => document.body.dispatchEvent(press)));
  }}
  return times; }}"""
SCRUBS = f"""async places => {{ {UNTIL}
  const scrub = document.querySelector(".playground-scrub"), times = [];
  for (const place of places) {{
    times.push(await until(place, () => {{
      scrub.max = "20000"; scrub.value = String(place); scrub.dispatchEvent(new Event("input"));
    }}));
  }}
  return times; }}"""


def main_thread_seconds(session: CDPSession) -> float:
    """Processor time of the page's main thread so far."""
    metrics = session.send("Performance.getMetrics")["metrics"]
    return float(next(metric["value"] for metric in metrics if metric["name"] == "TaskDuration"))


def measure(page: Page, address: str) -> dict[str, Any]:
    """Measure one scene."""
    page.goto(address)
    page.wait_for_selector("#playground[data-rests]")
    page.get_by_label("Speed").select_option("as fast as it goes")
    page.get_by_role("button", name="Play", exact=True).click()
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    started = main_thread_seconds(session)
    frames = page.evaluate(FRAMES, SECONDS)
    per_frame = (main_thread_seconds(session) - started) / (frames * SECONDS)
    reached = f"Number(document.getElementById('playground').dataset.iteration) >= {FAR}"
    page.wait_for_function(f"() => {reached}", timeout=120_000)
    page.get_by_role("button", name="Pause").click()
    page.wait_for_selector("#playground[data-rests]")
    started = main_thread_seconds(session)
    steps = page.evaluate(STEPS, 60)
    per_step = (main_thread_seconds(session) - started) / len(steps)
    places = [97 * number % FAR + 1 for number in range(1, 31)]
    started = main_thread_seconds(session)
    scrubs = page.evaluate(SCRUBS, places)
    per_scrub = (main_thread_seconds(session) - started) / len(scrubs)
    session.detach()
    page.goto(f"{address}{'&' if '?' in address else '?'}at=1")
    page.wait_for_selector("#playground[data-rests]")
    anew = page.evaluate(SCRUBS, places)
    return {
        "frames_a_second": frames,
        "frame_main_thread_ms": 1000 * per_frame,
        "step_main_thread_ms": 1000 * per_step,
        "scrub_main_thread_ms": 1000 * per_scrub,
        "step_ms_median": statistics.median(steps),
        "step_ms_p95": sorted(steps)[int(0.95 * len(steps))],
        "scrub_ms_median": statistics.median(scrubs),
        "scrub_ms_p95": sorted(scrubs)[int(0.95 * len(scrubs))],
        "scrub_after_reload_ms_p95": sorted(anew)[int(0.95 * len(anew))],
    }


def main() -> None:
    """Measure, print and store."""
    with (
        tempfile.TemporaryDirectory() as folder,
        running(Path(folder), SYNRL_WORKERS="1") as server,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=list(chromium.FLAGS))
        page = browser.new_context(viewport={"width": 1280, "height": 720}, bypass_csp=True).new_page()
        rows: dict[str, Any] = {
            name: measure(page, f"{server.url}/playground?{query}") for name, query in QUERIES.items()
        }
        browser.close()
    rows["load_average"] = os.getloadavg()[0]
    print(json.dumps(rows, indent=1))
    RESULTS.write_text(json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    main()
