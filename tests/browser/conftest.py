"""A real Chromium on a real server. A test fails on any error in the console and any request to another host."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Error,
    Frame,
    Page,
    Request,
    ViewportSize,
    WebError,
    expect,
    sync_playwright,
)

from dashboard.first_visit import VISITED
from tests.browser import chromium
from tests.server import Server, running
from tests.slowness import patience


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave the browser tests out only where that was asked for."""
    if chromium.SKIP:
        for item in items:
            if Path(__file__).parent in item.path.parents:
                item.add_marker(pytest.mark.skip(reason="SYNRL_SKIP_BROWSER=1"))


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests."""
    executable = chromium.find()
    assert executable is not None, "no Chromium: run `make browser`"
    with sync_playwright() as playwright:
        flags = [*chromium.FLAGS, *chromium.SPARING, chromium.ALONE]
        launched = playwright.chromium.launch(executable_path=executable, args=flags)
        yield launched
        launched.close()


#: How long a page may take for what it must do, in milliseconds; more than Playwright's 5 s for a check, since other
#: programs may have the processors. A page that does it sooner is not waited for.
PATIENCE_MS = patience(60_000)
expect.set_options(timeout=PATIENCE_MS / 2)

#: What Chromium and Dash write of connections that fail.
WORDS_OF_AN_ABSENT_SERVER = (
    "ERR_CONNECTION",
    "ERR_INTERNET_DISCONNECTED",
    "WebSocket connection",
    "the server did not respond",
)


class Watch:
    """Collects what must not happen in a browser."""

    def __init__(self) -> None:
        self.faults: list[str] = []
        self.server_is_away = False
        """While a test has stopped the server, words on failing connections are no fault."""

    def observe(self, context: BrowserContext) -> None:
        """Listen to all pages of a context.

        Of its requests to those that fail, as those to other hosts do (`chromium.ALONE`): to be told of each of a
        visit's hundred would take a tenth of its processor time.
        """
        context.on("console", self._console)
        context.on("weberror", self._error)
        context.on("requestfailed", self._failed)

    def leave(self, context: BrowserContext) -> None:
        """Listen no more to a context that others go on with."""
        context.remove_listener("console", self._console)
        context.remove_listener("weberror", self._error)
        context.remove_listener("requestfailed", self._failed)

    def _error(self, error: WebError) -> None:
        self.faults.append(f"page error: {error.error}")

    def _console(self, message: ConsoleMessage) -> None:
        away = self.server_is_away and any(words in message.text for words in WORDS_OF_AN_ABSENT_SERVER)
        # Chromium tells of the page's own address that its status is 404, as it is where there is no page.
        missing = "404" in message.text and message.page and message.location.get("url") == message.page.url
        if message.type == "error" and not away and not missing:
            self.faults.append(f"console: {message.text} ({message.location.get('url')})")

    def _failed(self, request: Request) -> None:
        host = urlsplit(request.url).hostname
        if host not in (None, "127.0.0.1"):
            self.faults.append(f"request to another host: {request.url}")


@pytest.fixture
def watch() -> Iterator[Watch]:
    """Fail the test in the end if something happened that must not."""
    watching = Watch()
    yield watching
    assert watching.faults == []


WIDE = ViewportSize(width=1440, height=1000)


class Profile:
    """A browser profile that many tests use, one after the other, so that scripts are fetched and compiled once.

    Nothing that a test leaves in it is seen by the next: tabs, cookies and what the pages stored are removed. Two tabs
    stay: an empty one, so that the process of the pages lives on with what it compiled, and `tab`.
    """

    def __init__(self, browser: Browser, **options: Any) -> None:
        given: dict[str, Any] = {"viewport": WIDE, "color_scheme": "light"} | options
        self.context = browser.new_context(**given)
        self.context.set_default_timeout(PATIENCE_MS)
        self._as_begun = {name: given[name] for name in ("viewport", "color_scheme")}
        self._stays = self.context.new_page()
        self._stays.route("**/*", lambda route: route.fulfill(body=""))
        self._stays.goto("http://127.0.0.1/")  # any page of this site, whatever its port, has the same process
        self._stays.unroute_all()
        self._tools = self.context.new_cdp_session(self._stays)
        self._tab: Page | None = None
        self._origins: set[str] = set()
        self._visit()
        self.context.on("page", lambda page: page.on("framenavigated", self._remember))

    def _visit(self) -> None:
        """Have been here before: the scripts are in the cache, and the page of the runs comes at once with its grid."""
        self.context.add_cookies([{"name": VISITED, "value": "1", "domain": "127.0.0.1", "path": "/"}])

    def _remember(self, frame: Frame) -> None:
        parts = urlsplit(frame.url)
        if parts.scheme == "http":
            self._origins.add(f"{parts.scheme}://{parts.netloc}")

    def tab(self) -> Page:
        """Return the tab that a test uses after another, as if it were new.

        A visit in a tab that was elsewhere costs half of one in a new tab, since a tab keeps its scripts in memory.
        Listeners and scripts that a test adds to it would stay: such a test makes a tab of its own.
        """
        if self._tab is None:
            self._tab = self.context.new_page()
        return self._tab

    def clean(self) -> None:
        """Forget all that a test left, but for the scripts in the cache."""
        for page in self.context.pages:
            if page not in (self._stays, self._tab):
                page.close()
        if self._tab and not self._is_cleaned(self._tab):
            self._tab.close()
            self._tab = None
        self.context.unroute_all()
        self.context.clear_cookies()
        self._visit()
        for origin in self._origins:
            what = {"origin": origin, "storageTypes": "local_storage,indexeddb"}
            self._tools.send("Storage.clearDataForOrigin", what)
        self._origins.clear()

    def _is_cleaned(self, tab: Page) -> bool:
        """Empty the tab; False: it cannot be, and the next test needs another."""
        if len(self._origins) > 1:
            return False  # what it stored of an origin can be reached from a page of that origin only
        try:
            tab.evaluate("sessionStorage.clear()")
            tab.unroute_all()
            tab.goto("about:blank")
            tab.set_viewport_size(self._as_begun["viewport"])
            tab.emulate_media(color_scheme=self._as_begun["color_scheme"])
        except Error:  # it navigates, or was closed, or crashed
            return False
        return True


@pytest.fixture(scope="package")
def profile(browser: Browser) -> Iterator[Profile]:
    """The profile that tests share."""
    # Playwright's wait_for_function evaluates text, which the policy forbids; test_sign_in.py holds the policy.
    kept = Profile(browser, bypass_csp=True)
    yield kept
    kept.context.close()


@pytest.fixture
def context(profile: Profile, watch: Watch) -> Iterator[BrowserContext]:
    """The shared profile, as if nobody had used it."""
    watch.observe(profile.context)
    yield profile.context
    profile.clean()
    watch.leave(profile.context)


@pytest.fixture
def fresh_context(browser: Browser, watch: Watch) -> Iterator[BrowserContext]:
    """A profile with an empty cache: for first visits. Each costs seconds of the processor."""
    made = Profile(browser, bypass_csp=True)
    watch.observe(made.context)
    yield made.context
    made.context.close()


@pytest.fixture
def page(profile: Profile, context: BrowserContext) -> Page:
    """A tab, which other tests used before."""
    return profile.tab()


@pytest.fixture
def new_tab(context: BrowserContext) -> Page:
    """A tab of this test alone, which may listen to it and add scripts to its pages."""
    return context.new_page()


@pytest.fixture(scope="package")
def shared_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all tests that do not mind each other's runs, so that browsers keep its scripts."""
    with running(tmp_path_factory.mktemp("data"), SYNRL_WORKERS="1") as started:
        yield started


@pytest.fixture(scope="package")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A second server, whose workers are on a machine that is away: all that is asked for waits, and costs nothing."""
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # taken, and not listened to
        scheduler = f"tcp://127.0.0.1:{nobody.getsockname()[1]}"
        with running(tmp_path_factory.mktemp("data"), SYNRL_SCHEDULER=scheduler) as started:
            yield started


def address(school: Server, path: str) -> str:
    """Return the address of a path on a server whose own address carries a token."""
    return school.url.split("/?token=")[0] + path


def sign_in(teacher: Page, school: Server) -> None:
    """Sign the teacher in by the printed address, without the page of the runs that it leads to."""
    answer = teacher.context.request.get(school.url, max_redirects=0)
    assert answer.status == 303, answer.text()


@pytest.fixture(scope="package")
def school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server on which people sign in."""
    with running(tmp_path_factory.mktemp("data"), SYNRL_SIGN_IN="always", SYNRL_WORKERS="1") as server:
        yield server


@pytest.fixture(scope="package")
def profiles(browser: Browser) -> Iterator[list[Profile]]:
    """Profiles of people who do not share cookies, made as they are needed and kept for the next test."""
    made: list[Profile] = []
    yield made
    for profile in made:
        profile.context.close()


@pytest.fixture
def someone(browser: Browser, profiles: list[Profile], watch: Watch) -> Iterator[Callable[[], Page]]:
    """Make tabs of people who do not share cookies."""
    taken: list[Profile] = []

    def come() -> Page:
        if len(taken) == len(profiles):
            profiles.append(Profile(browser, viewport=ViewportSize(width=1280, height=900)))
        taken.append(profiles[len(taken)])
        watch.observe(taken[-1].context)
        return taken[-1].tab()

    yield come
    for profile in taken:
        profile.clean()
        watch.leave(profile.context)


#: Servers that more than one test uses.
SHARED = ("school", "shared_server")


@pytest.fixture(autouse=True)
def _nothing_left_in_training(request: pytest.FixtureRequest) -> Iterator[None]:
    """Stop the runs that a test left at a server of many: they would take seconds of the processor for nothing."""
    servers: list[Server] = [request.getfixturevalue(name) for name in SHARED if name in request.fixturenames]
    yield
    for server in servers:
        server.stop_runs()
