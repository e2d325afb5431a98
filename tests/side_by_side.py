"""Distribution of the tests to processes that run side by side: files, and all browser tests as one."""

from __future__ import annotations

import os

from xdist.scheduler import LoadFileScheduling  # type: ignore[import-untyped]

BROWSER = "tests/browser/"


def needs_browser(nodeid: str) -> bool:
    """Return whether a test is one of those that share a browser and its servers."""
    return nodeid.startswith(BROWSER)


def is_worker() -> bool:
    """Return whether this process is one of those that run tests side by side."""
    return "PYTEST_XDIST_WORKER" in os.environ


class FilesAndBrowser(LoadFileScheduling):  # type: ignore[misc]
    """Scheduler that gives a process whole files, and one process all browser tests.

    These come first, since they take about as long as all others. A second process with browser tests would start
    Chromium and the shared servers once more, and visit their pages with an empty cache.
    """

    def _split_scope(self, nodeid: str) -> str:
        return BROWSER if needs_browser(nodeid) else str(super()._split_scope(nodeid))
