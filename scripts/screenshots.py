"""Make the pictures of docs/screenshots: `.venv/bin/python -m scripts.screenshots`. Every page in its main states."""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from tests.browser import chromium
from tests.server import Server, running, wait_for

TARGET = Path(__file__).parent.parent / "docs" / "screenshots"
DESKTOP = ViewportSize(width=1280, height=900)
# A page draws only figures that are seen: for a picture of all of it, the window must hold it.
TALL = ViewportSize(width=1280, height=1560)
PHONE = ViewportSize(width=400, height=2900)


def main() -> None:
    """Take all pictures."""
    executable = chromium.find()
    if executable is None:
        sys.exit("no Chromium: run `make browser`")
    TARGET.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        running(Path(folder), SYNRL_WORKERS="1") as server,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=executable, args=list(chromium.FLAGS))
        pages_of_a_first_visit(browser, server)
        other_states(browser, server)
        browser.close()


def pages_of_a_first_visit(browser: Browser, server: Server) -> None:
    """Empty, live and finished, light and dark, wide and narrow."""
    page = browser.new_context(bypass_csp=True, viewport=DESKTOP).new_page()
    page.goto(server.url)
    page.get_by_role("button", name=re.compile("^Digits")).wait_for()
    shoot(page, "runs-empty")
    page.get_by_role("button", name=re.compile("^Digits")).click()
    page.set_viewport_size(TALL)
    page.wait_for_function("Number(document.body.dataset.points) > 90", timeout=120_000)
    shoot(page, "run-live")
    page.wait_for_function("document.body.dataset.status === 'succeeded'", timeout=120_000)
    page.wait_for_function("Number(document.body.dataset.points) > 200")
    shoot(page, "run-finished")
    dark = browser.new_context(bypass_csp=True, viewport=TALL, color_scheme="dark").new_page()
    narrow = browser.new_context(bypass_csp=True, viewport=PHONE).new_page()
    for name, other in (("run-dark", dark), ("run-narrow", narrow)):
        other.goto(page.url)
        other.wait_for_function("Number(document.body.dataset.points) > 200")
        shoot(other, name)
        other.close()
    page.close()


def other_states(browser: Browser, server: Server) -> None:
    """A list with some runs, and a run that failed."""
    configs = [
        {"dataset": "glyphs", "hidden_layers": [], "iterations": 10_000},
        {"activation": "step", "hidden_layers": [64]},
        {"iterations": 500, "give_up_after": 500, "give_up_below": 0.9, "step_size": 1e-6},
        {"dataset": "spirals", "hidden_layers": [32, 32], "activation": "tanh"},
    ]
    names = ["Letters", "Thresholds", "Too small a step", "A name that is much too long for its column " * 3]
    runs = [
        server.post("/api/v1/runs", {"config": config, "name": name.strip()})
        for config, name in zip(configs, names, strict=True)
    ]
    failed = runs[2]["id"]
    wait_for(lambda: server.get(f"/api/v1/runs/{failed}"), lambda run: run["status"] == "failed", timeout=300)
    page = browser.new_context(bypass_csp=True, viewport=DESKTOP).new_page()
    page.goto(server.url)
    page.locator(".ag-row").nth(4).wait_for()
    wait_for(lambda: page.locator(".ag-row", has_text="running").count(), lambda count: count > 0)
    shoot(page, "runs")
    page.goto(f"{server.url}/runs/{failed}")
    page.wait_for_function("document.body.dataset.status === 'failed'")
    page.wait_for_function("Number(document.body.dataset.points) > 1")
    shoot(page, "run-failed")
    page.goto(f"{server.url}/docs")
    page.locator(".opblock").first.wait_for()
    shoot(page, "api")


def shoot(page: Page, name: str) -> None:
    """Take one picture, with the figures drawn to their end."""
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    page.wait_for_timeout(800)  # transitions of the style sheet
    page.screenshot(path=TARGET / f"{name}.png")
    print(f"docs/screenshots/{name}.png")


if __name__ == "__main__":
    main()
