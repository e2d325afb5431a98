"""Steps of tests of a run's page: open it, wait for what it shows."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page, ViewportSize

from tests.server import Server

#: What nobody sees is neither drawn nor fetched: these windows hold the whole page.
TALL = ViewportSize(width=1440, height=2800)
WINDOW = ViewportSize(width=1440, height=1000)
SMALL: dict[str, Any] = {"dataset": "digits", "hidden_layers": [8], "evaluate_every": 20, "snapshot_every": 100}
#: A run that no machine ends within a test.
LONG: dict[str, Any] = SMALL | {"iterations": 50_000_000, "evaluate_every": 5000, "snapshot_every": 5_000_000}


def opened(page: Page, server: Server, run: dict[str, Any], size: ViewportSize = TALL) -> None:
    page.set_viewport_size(size)
    page.goto(f"{server.url}/runs/{run['id']}")
    page.wait_for_function("Number(document.body?.dataset.points) > 0")


def status(page: Page, wanted: str) -> None:
    page.wait_for_function("wanted => document.body?.dataset.status === wanted", arg=wanted)


def moment(page: Page, iteration: int) -> None:
    page.wait_for_function("wanted => Number(document.body?.dataset.moment) === wanted", arg=iteration)


def shown(page: Page) -> list[str]:
    """The words of the buttons that can be pressed."""
    return page.locator("#run-actions button:visible").all_inner_texts()
