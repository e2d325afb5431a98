"""Timed clicks of a person, for tests and benchmarks."""

from __future__ import annotations

import re

from playwright.sync_api import Page

from tests.server import Server, wait_for


def start_digits(page: Page, url: str) -> float:
    """Start Digits from the menu of the runs page; return the seconds from the click to its first drawn point."""
    page.goto(url)
    page.get_by_role("button", name=re.compile("New run")).click()
    digits = page.get_by_role("menuitem", name=re.compile("^Digits"))
    digits.wait_for()
    page.evaluate(
        "() => document.addEventListener('click', () => { window.clickedAt = performance.now(); }, {capture: true})"
    )
    digits.click()
    page.wait_for_function("Number(document.body?.dataset.points) > 0")
    return float(page.evaluate("(performance.now() - window.clickedAt) / 1000"))


def wait_until_done(server: Server, run_id: str, timeout: float = 120) -> None:
    """Wait until a run has succeeded, however busy the machine is."""
    wait_for(lambda: server.get(f"/api/v1/runs/{run_id}")["status"], lambda seen: seen == "succeeded", timeout)
