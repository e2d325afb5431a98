"""A real Chromium on a real server. A test fails on any error in the console and any request to another host."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    WebError,
    expect,
    sync_playwright,
)

from tests.browser import chromium
from tests.server import Server, running


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave the browser tests out only where that was asked for."""
    if chromium.SKIP:
        for item in items:
            if Path(__file__).parent in item.path.parents:
                item.add_marker(pytest.mark.skip(reason="SYNRL_SKIP_BROWSER=1"))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests."""
    executable = chromium.find()
    assert executable is not None, "no Chromium: run `make browser`"
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=executable, args=list(chromium.FLAGS))
        yield launched
        launched.close()


#: How long a page may take for what it must do, in milliseconds; more than Playwright's 5 s for a check, since other
#: programs may have the processors. A page that does it sooner is not waited for.
PATIENCE_MS = 60_000
expect.set_options(timeout=PATIENCE_MS / 2)

#: What Chromium and Dash write of connections that fail.
WORDS_OF_AN_ABSENT_SERVER = ("ERR_CONNECTION", "WebSocket connection", "the server did not respond")


class Watch:
    """Collects what must not happen in a browser."""

    def __init__(self) -> None:
        self.faults: list[str] = []
        self.server_is_away = False
        """While a test has stopped the server, words on failing connections are no fault."""

    def observe(self, context: BrowserContext) -> None:
        """Listen to all pages of a context."""
        context.on("console", self._console)
        context.on("weberror", self._error)
        context.on("request", self._request)

    def leave(self, context: BrowserContext) -> None:
        """Listen no more to a context that others go on with."""
        context.remove_listener("console", self._console)
        context.remove_listener("weberror", self._error)
        context.remove_listener("request", self._request)

    def _error(self, error: WebError) -> None:
        self.faults.append(f"page error: {error.error}")

    def _console(self, message: ConsoleMessage) -> None:
        away = self.server_is_away and any(words in message.text for words in WORDS_OF_AN_ABSENT_SERVER)
        if message.type == "error" and not away:
            self.faults.append(f"console: {message.text} ({message.location.get('url')})")

    def _request(self, request: Request) -> None:
        host = urlsplit(request.url).hostname
        if host not in (None, "127.0.0.1"):
            self.faults.append(f"request to another host: {request.url}")


@pytest.fixture
def watch() -> Iterator[Watch]:
    """Fail the test in the end if something happened that must not."""
    watching = Watch()
    yield watching
    assert watching.faults == []


@pytest.fixture
def context(browser: Browser, watch: Watch) -> Iterator[BrowserContext]:
    """A browser profile of its own for each test."""
    opened = browser.new_context(
        viewport={"width": 1440, "height": 1000},
        # Playwright's wait_for_function evaluates text, which the policy forbids; test_door.py holds the policy.
        bypass_csp=True,
    )
    opened.set_default_timeout(PATIENCE_MS)
    watch.observe(opened)
    yield opened
    opened.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """A tab."""
    return context.new_page()


@pytest.fixture(scope="module")
def shared_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for the tests of a module that do not mind each other's runs."""
    with running(tmp_path_factory.mktemp("data"), SYNRL_WORKERS="1") as started:
        yield started
